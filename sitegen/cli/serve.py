"""`sitegen serve RUNS`: look at runs while they run, and write annotations into their files."""

from __future__ import annotations

import webbrowser
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sitegen.cli.terminal import plain_text
from sitegen.errors import SitegenError
from sitegen.units import plural

if TYPE_CHECKING:
    from sitegen.serve import Built

_EXTRA = ("starlette", "uvicorn", "watchfiles")


@click.command("serve")
@click.argument("runs", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8765,
    show_default=True,
    help="Port on 127.0.0.1; 0 takes a free one.",
)
@click.option("--open", "opens", is_flag=True, help="Open the site in the browser.")
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Settings file. [nearest sitegen.toml upward]",
)
@click.option("--theme", type=click.Path(path_type=Path), help="Theme directory over the default.")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes. [one for each core]")
@click.option(
    "--cache",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the site and derived parts are kept. [.sitegen-cache]",
)
def command(
    runs: tuple[Path, ...],
    *,
    port: int,
    opens: bool,
    config: Path | None,
    theme: Path | None,
    workers: int | None,
    cache: Path | None,
) -> None:
    """Serve the site of all runs below RUNS on 127.0.0.1, until Ctrl-C.

    What changes is built again and its pages reload; a run that is being logged grows as it is
    looked at. Annotations go straight into their files. Needs sitegen-reports[serve].

    \b
    sitegen serve runs/ --open
    sitegen serve runs/ --port 0
    ssh -L 8765:127.0.0.1:8765 host     then open http://127.0.0.1:8765/ here
    """
    missing = [name for name in _EXTRA if find_spec(name) is None]
    if missing:
        raise SitegenError(
            f"sitegen serve needs {', '.join(missing)}",
            hint='pip install "sitegen-reports[serve]"',
        )
    from sitegen.serve import ADDRESS, Built, Failed, Message, bound_socket, project_of, serve_site

    project = project_of(runs, config=config, theme=theme, cache=cache, workers=workers)
    listening = bound_socket(port)
    address = f"http://{ADDRESS}:{listening.getsockname()[1]}/"
    click.echo(f"Serving {address} until Ctrl-C", err=True)

    def tell(message: Message) -> None:
        match message:
            case Built():
                click.echo(_built_line(message), err=True)
            case Failed():
                click.echo(f"error: {plain_text(message.message)}", err=True)
                if message.hint:
                    click.echo(f"  hint: {plain_text(message.hint)}", err=True)
            case _:
                pass

    if opens:
        webbrowser.open(address)
    try:
        serve_site(project, listening, tell)
    except KeyboardInterrupt:
        pass  # the way it is meant to end
    finally:
        listening.close()


def _built_line(built: Built) -> str:
    problems = ", ".join(
        plural(count, word)
        for count, word in ((built.errors, "error"), (built.warnings, "warning"))
        if count
    )
    derived = f"{built.derived_count:,} read again" if built.derived_count else "none read again"
    line = (
        f"Built {plural(built.runs, 'run')}, {derived}, {problems or 'no problems'},"
        f" {plural(built.changed, 'file')} changed in {built.seconds:.1f} s"
    )
    return plain_text(line)
