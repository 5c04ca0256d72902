"""What is served: the pages of `sitegen build` with a policy and scripts more, and nothing else."""

from __future__ import annotations

import html
import os
import re
import signal
import socket
import time
from pathlib import Path

import pytest

from tests.conftest import contents, run_command
from tests.factories import REPOSITORY, sample_document, write_eval, write_run, write_sidecar
from tests.serve.conftest import Server, StartServer


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with two runs, an attachment, an annotation, and a secret beside them."""
    root = tmp_path_factory.mktemp("project")
    bundle = write_run(root / "runs" / "e" / "a", id="a", name="a")
    write_eval(bundle, [sample_document(id="q-1")], name="e")
    write_sidecar(bundle, 1)
    (bundle / "attachments").mkdir()
    (bundle / "attachments" / "page.html").write_text("<script>alert(1)</script>")
    (bundle / "attachments" / "notes.txt").write_text("plain")
    write_run(root / "runs" / "e" / "b", id="b", name="b")
    (root / "secret.txt").write_text("secret")
    return root


@pytest.fixture(scope="module")
def server(project: Path, start_server: StartServer) -> Server:
    server = start_server(project / "runs", project)
    server.wait("^Built 2 runs")
    return server


def site_of(project: Path) -> Path:
    """The built site that is served."""
    (found,) = (project / ".sitegen-cache" / "serve").glob("*/sitegen-manifest.json")
    return found.parent


def without_ours(page: str) -> str:
    """The page without what is served in addition."""
    policy = "; connect-src &#39;self&#39;"
    assert page.count(policy) == 1
    page = page.replace(policy, "")
    ours = re.compile(
        r'<link rel="stylesheet" href="/-/assets/serve-\w+\.css">\n'
        r'(?:<script src="/-/assets/(?:serve|view|renew|saving)-\w+\.js" defer></script>\n){4}'
        r'<meta name="sitegen-serve" content="1" data-token="[\w-]+" data-page="[\w./-]+"'
        r' data-digest="[0-9a-f]{64}">\n(?=</head>)'
    )
    assert len(ours.findall(page)) == 1
    return ours.sub("", page)


def test_pages_differ_from_built_ones_in_the_policy_and_our_script_only(
    server: Server, project: Path
) -> None:
    done = run_command("build", project / "runs", "-o", project / "site", cwd=project)
    assert done.returncode == 0, done.stderr
    built = contents(project / "site")

    pages = [path for path in built if path.endswith(".html")]
    assert len(pages) >= 8
    for path in pages:
        served = server.get(f"/{path}").body.decode()
        assert without_ours(served) == built[path].decode(), path
    for path, content in built.items():
        if path not in pages:
            assert server.get(f"/{path}").body == content, path


def test_built_pages_load_nothing_of_the_server(project: Path, server: Server) -> None:
    site = site_of(project)
    texts = contents(site)

    assert b"connect-src" not in b"".join(texts.values())
    assert not [path for path in texts if re.search(r"(serve|saving)-\w+\.(js|css)$", path)]


def test_the_site_of_the_cache_passes_its_own_check(project: Path, server: Server) -> None:
    site = site_of(project)

    assert run_command("verify", site, cwd=project).returncode == 0


def test_only_a_request_of_our_own_page_writes(server: Server, project: Path) -> None:
    """DNS rebinding, a form of another site, a page that does not know the token: over the wire."""
    page = next(one for one in server.pages() if "/b-" in one)
    said = {"kind": "feedback", "target": {"type": "run"}, "name": "helpful", "value": True}
    request = {"op": "add", "page": page, "said": said}
    folder = project / "runs" / "e" / "b" / "annotations"

    refused = [
        server.write(request, Host=f"attacker.example:{server.port}"),
        server.write(request, Origin="http://attacker.example"),
        server.write(request, Origin=None),
        server.write(request, Content_Type="text/plain"),
        server.write(request, Content_Type="application/x-www-form-urlencoded"),
        server.write(request, X_Sitegen_Token=None),
        server.write(request, X_Sitegen_Token="guessed"),
        server.write(request, Sec_Fetch_Site="cross-site"),
        server.write(b"x" * 300_000),
        server.write(request, Content_Length=None, Transfer_Encoding="chunked"),
        server.request("OPTIONS", "/-/annotations", headers={"Origin": "http://attacker.example"}),
    ]
    statuses = [one.status for one in refused]
    assert statuses == [421, 403, 403, 415, 415, 403, 403, 403, 413, 411, 403]
    assert not folder.exists()
    assert server.get("/", Host="attacker.example").status == 421

    reply = server.write(request, Sec_Fetch_Site="same-origin")
    (path,) = folder.iterdir()
    assert (reply.status, reply.said["file"]) == (200, f"b/annotations/{path.name}")
    path.unlink()
    folder.rmdir()


TRAVERSALS = [
    "/../secret.txt", "/../../secret.txt", "/%2e%2e/secret.txt", "/%2e%2e%2fsecret.txt",
    "/..%2f..%2f..%2fsecret.txt", "/assets/..%5c..%5csecret.txt", "/%252e%252e/secret.txt",
    "//etc/passwd", "/%2fetc%2fpasswd", "/etc/passwd", "/./index.html", "/assets", "/assets/",
    "/assets/%00", "/index.html%00.txt", "/index.html/", "/C:%5cindex.html", "/a" * 3000,
    "/leak/secret.txt", "/leak.txt", "/%ff%fe", "/index.html.", "/-/", "/-/state/../../secret.txt",
]  # fmt: skip


@pytest.mark.parametrize("path", TRAVERSALS, ids=range(len(TRAVERSALS)))
def test_nothing_but_files_of_the_site_is_found(server: Server, project: Path, path: str) -> None:
    site = site_of(project)
    links = {site / "leak": project, site / "leak.txt": project / "secret.txt"}
    for link, target in links.items():
        link.symlink_to(target)

    reply = server.get(path)
    for link in links:
        link.unlink()

    assert reply.status in {400, 403, 404, 405}, reply
    assert b"secret" not in reply.body
    assert b"root:" not in reply.body


def test_what_an_attachment_holds_is_never_served_as_a_page(server: Server) -> None:
    listed = contents_of_site(server)
    files = [path for path in listed if path.startswith("files/")]

    assert files
    for path in files:
        reply = server.get(f"/{path}")
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["content-type"].split(";")[0] in {
            "text/plain", "text/csv", "application/octet-stream",
        }  # fmt: skip


def contents_of_site(server: Server) -> list[str]:
    return sorted(server.get("/sitegen-manifest.json").said["files"])


def test_every_answer_keeps_other_sites_out(server: Server) -> None:
    for path in ("/", "/report.json", "/nothing", "/-/state"):
        headers = server.get(path).headers

        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["content-security-policy"] == "frame-ancestors 'self'"
        assert headers["referrer-policy"] == "no-referrer"
        assert not [name for name in headers if name.startswith("access-control")]


def test_a_part_of_a_file_can_be_asked_for(server: Server) -> None:
    """Browsers move in audio and video by ranges."""
    (path,) = [path for path in contents_of_site(server) if path.endswith("page-html.txt")] or [
        next(path for path in contents_of_site(server) if path.startswith("files/"))
    ]

    reply = server.get(f"/{path}", Range="bytes=1-3")

    assert reply.status == 206
    assert reply.body == server.get(f"/{path}").body[1:4]


def test_the_token_is_new_at_each_start(
    server: Server, project: Path, start_server: StartServer
) -> None:
    other = start_server(project / "runs", project, "--cache", project / "other")

    assert other.token != server.token
    assert other.get("/-/state", **{"X-Sitegen-Token": server.token}).status == 403


def test_a_waiting_page_is_told_of_a_change_and_of_nothing_before(
    server: Server, project: Path
) -> None:
    page = "runs/" + next(one for one in server.pages()).rpartition("/")[2]
    before = server.state(page)
    served = server.get(f"/{page}").body.decode()
    assert f'data-digest="{before["digest"]}"' in html.unescape(served)

    run = project / "runs" / "e" / before_run(page)
    (run / "notes.md").write_text("Something new.")
    seen, now = before["version"], before
    until = time.monotonic() + 60
    while now["digest"] == before["digest"] and time.monotonic() < until:
        now = server.state(page, seen)
        assert now["version"] > seen
        seen = now["version"]

    assert now["digest"] != before["digest"]
    assert "Something new." in server.get(f"/{page}").body.decode()


def before_run(page: str) -> str:
    return page.removeprefix("runs/").partition("-")[0]


def test_a_build_that_cannot_be_done_is_told_and_leaves_the_pages(
    tmp_path: Path, start_server: StartServer
) -> None:
    write_run(tmp_path / "runs" / "a")
    (tmp_path / "sitegen.toml").write_text('[site]\ntitle = "Ours"\n')
    server = start_server(tmp_path / "runs", tmp_path)
    server.wait("^Built 1 run")
    page = server.get("/").body

    (tmp_path / "sitegen.toml").write_text('[site]\ntitel = "Ours"\n')
    server.wait("error: .*titel")
    state = server.state()
    after = server.get("/").body
    (tmp_path / "sitegen.toml").write_text('[site]\ntitle = "Yours"\n')
    server.wait("^Built 1 run", after=len(server.lines) - 1)

    assert state["phase"] == "failed"
    assert "titel" in state["failed"]["message"]
    assert after == page
    assert "Yours" in server.get("/").body.decode()


def test_a_directory_without_runs_waits_for_the_first(
    tmp_path: Path, start_server: StartServer
) -> None:
    (tmp_path / "runs").mkdir()
    server = start_server(tmp_path / "runs", tmp_path)
    server.wait("error: .*no run found")
    waiting = server.get("/").body.decode()
    digest = re.search(r'data-digest="([0-9a-f]{64})"', waiting)

    write_run(tmp_path / "runs" / "first")
    server.wait("^Built 1 run")

    assert "There is no site yet" in waiting
    assert digest is not None
    assert server.state()["digest"] != digest[1]
    assert "There is no site yet" not in server.get("/").body.decode()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_at_once_though_pages_wait(
    tmp_path: Path, start_server: StartServer, number: int
) -> None:
    write_run(tmp_path / "runs" / "a")
    server = start_server(tmp_path / "runs", tmp_path)
    server.wait("^Built 1 run")
    version, token = server.state()["version"], server.token
    with socket.create_connection(("127.0.0.1", server.port)) as waiting:
        waiting.sendall(
            f"GET /-/state?page=index.html&seen={version} HTTP/1.1\r\n"
            f"Host: 127.0.0.1:{server.port}\r\nX-Sitegen-Token: {token}\r\n\r\n".encode()
        )
        time.sleep(0.3)
        code = server.end(number)

        assert waiting.recv(100).startswith(b"HTTP/1.1 200")
    assert code == 0
    assert not [line for line in server.lines if "Traceback" in line]
    names = {path.name for path in (tmp_path / ".sitegen-cache" / "serve").iterdir()}
    assert not [name for name in names if "building" in name]


def test_a_taken_port_and_a_missing_directory_are_told(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run_command("serve", tmp_path / "runs", "--port", str(port), cwd=tmp_path)
    missing = run_command("serve", tmp_path / "none", cwd=tmp_path)

    assert done.returncode == 2
    assert f"port {port} of 127.0.0.1 is taken" in done.stderr
    assert "--port" in done.stderr
    assert missing.returncode == 2
    assert "no such directory" in missing.stderr


def test_without_the_extra_its_name_is_told(tmp_path: Path) -> None:
    """Python without its site-packages but for click: as if nothing had been installed."""
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text(
        "import importlib.util as one\nfind = one.find_spec\n"
        "one.find_spec = lambda name, *rest: None if name == 'watchfiles' else find(name, *rest)\n"
    )
    path = os.pathsep.join((str(hidden), str(REPOSITORY)))
    done = run_command("serve", tmp_path, cwd=tmp_path, env={"PYTHONPATH": path})

    assert done.returncode == 2
    assert "needs watchfiles" in done.stderr
    assert 'pip install "sitegen-reports[serve]"' in done.stderr


def test_two_servers_of_the_same_runs_take_turns(tmp_path: Path, start_server: StartServer) -> None:
    """Reached through a link, too: the bundles that it leads to are the ones that are written."""
    write_run(tmp_path / "there" / "a", id="a")
    (tmp_path / "runs").symlink_to(tmp_path / "there")
    servers = [start_server(tmp_path / "runs", tmp_path) for _ in range(2)]
    for one in servers:
        one.wait("^Built 1 run")
    (page,) = servers[0].pages()
    said = {"kind": "feedback", "target": {"type": "run"}, "name": "helpful", "value": True}

    replies = [one.write({"op": "add", "page": page, "said": said}) for one in servers]

    assert [one.status for one in replies] == [200, 200]
    assert len(list((tmp_path / "there" / "a" / "annotations").iterdir())) == 2
    until = time.monotonic() + 60
    pages = [b""]
    while not all(page.count(b"data-sidecar=") == 2 for page in pages):
        assert time.monotonic() < until
        time.sleep(0.2)
        pages = [one.get(f"/{page}").body for one in servers]
    assert not [line for one in servers for line in one.lines if line.startswith("error")]
