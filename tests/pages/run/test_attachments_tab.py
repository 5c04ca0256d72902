from __future__ import annotations

from sitegen.derive.attachments.facts import (
    AttachmentFacts,
    AttachmentsFacts,
    ListedFile,
    SeriesFacts,
)
from sitegen.derive.attachments.series import SeriesStep
from sitegen.derive.attachments.views import Column, View
from sitegen.derive.sink import PublishedFile
from sitegen.pages.run.attachments_tab import AttachmentsTab, TreeNode, attachments_tab

SHA256 = "5d20" + "0" * 56 + "c9f1"


def facts_of(*rows: AttachmentFacts, series: tuple[SeriesFacts, ...] = ()) -> AttachmentsFacts:
    unpublished = [one for one in rows if one.published is None]
    return AttachmentsFacts(
        count=len(rows),
        size_bytes=sum(one.size_bytes for one in rows),
        rows=rows,
        series=series,
        has_figures=False,
        files_listed=tuple(
            ListedFile(path=one.path, size_bytes=one.size_bytes, sha256=one.sha256, published=None)
            for one in rows
        ),
        unpublished_count=len(unpublished),
        unpublished_bytes=sum(one.size_bytes for one in unpublished),
        publish_limit_bytes=25_000_000,
        listing=None,
        more=None,
        files=(),
    )


def file(path: str, **changes: object) -> AttachmentFacts:
    published = PublishedFile(file=f"files/run/{path.replace('/', '-')}", size_bytes=1)
    fields = {
        "path": path, "size_bytes": 1000, "sha256": SHA256, "detail": "", "facts": "",
        "published": published, "unpublished_reason": None, "preview_reason": "", "data": None,
        "excerpt": None,
    }  # fmt: skip
    return AttachmentFacts(**(fields | changes))  # type: ignore[arg-type]


def tab(*rows: AttachmentFacts) -> AttachmentsTab:
    return attachments_tab(facts_of(*rows), slug="run-1", root="../")


def names(nodes: tuple[TreeNode, ...]) -> list[object]:
    return [[node.name, names(node.children)] if node.file is None else node.name for node in nodes]


def test_folders_stand_first_and_names_are_sorted_without_case() -> None:
    result = tab(file("b.txt"), file("a/z.txt"), file("a/B/c.txt"), file("A.txt"), file("a/y.txt"))

    assert names(result.nodes) == [["a", [["B", ["c.txt"]], "y.txt", "z.txt"]], "A.txt", "b.txt"]


def test_a_folder_sums_what_is_in_it() -> None:
    folder = tab(file("a/b.txt"), file("a/c/d.txt")).nodes[0]

    assert folder.detail == "2 files"
    assert folder.size_exact == "2,000 bytes"
    assert folder.is_open


def test_a_name_cannot_turn_the_direction_of_text() -> None:
    folder = tab(file("a\u2066/x\u202egnp.exe")).nodes[0]

    assert names((folder,)) == [["a\ufffd", ["x\u202egnp.exe"]]]
    assert folder.children[0].file is not None
    assert folder.children[0].file.name == "x\ufffdgnp.exe"


def test_a_folder_of_unpublished_files_is_closed_at_first() -> None:
    large = {"published": None, "unpublished_reason": "6 GB is over the limit of 25 MB a file"}

    assert not tab(file("a/b.pt", **large)).nodes[0].is_open


def test_a_file_has_its_address_its_key_and_a_short_digest() -> None:
    view = tab(file("a b.txt", data="attachments-0")).nodes[0].file

    assert view is not None
    assert view.url == "../files/run/a b.txt"
    assert view.data == "run-1/attachments-0"
    assert view.sha256_short == "5d20…c9f1"
    assert view.href == "#tab=attachments&file=a%20b.txt"


def test_one_unpublished_file_is_named_and_several_are_counted() -> None:
    large = {"published": None, "unpublished_reason": "6 GB is over the limit of 25 MB a file"}

    one, two = tab(file("m.pt", **large)), tab(file("m.pt", **large), file("n.pt", **large))

    assert one.notice_subject == "m.pt"
    assert one.notice == (
        "is listed, not published: 6 GB is over the limit of 25 MB a file."
        " Digest and size are kept."
    )
    assert two.notice_subject == "2 files"
    assert "each is over the limit of 25" in two.notice


def test_cells_without_text_have_a_word_and_nan_a_colour() -> None:
    columns = (
        Column(name="x", type="float", is_right=True),
        Column(name="s", type="text", is_right=False),
        Column(name="b", type="bytes", is_right=True),
    )
    rows = (("NaN", "", "1000"), ("", "nan", ""), ("1", None, "x"))
    small = View(kind="table", name="Table", note="", columns=columns, rows=rows)

    view = tab(file("a.csv", excerpt=small)).previews[0]

    assert [[(cell.text, cell.tone) for cell in row] for row in view.excerpt_rows] == [
        [("NaN", "bad"), ("empty", "faint"), ("1\u00a0kB", "")],
        [("empty", "faint"), ("nan", ""), ("empty", "faint")],
        [("1", ""), ("missing", "faint"), ("x", "")],
    ]


def test_a_series_is_one_leaf_of_the_tree_with_its_first_steps() -> None:
    steps = tuple(
        SeriesStep(step=step, path=f"media/s/{step}.png", kind="image", width=2, height=3,
                   published=PublishedFile(file=f"files/{step}.png", size_bytes=1))
        for step in (0, 1000)
    )  # fmt: skip
    series = SeriesFacts(path="media/s", detail="9 steps, 0 to 8,000", size_bytes=18,
                         data="attachments-0", steps=steps, count=9)  # fmt: skip

    result = attachments_tab(
        facts_of(file("a.txt"), series=(series,)), slug="run-1", root="../"
    )  # fmt: skip

    assert names(result.nodes) == [["media", ["s"]], "a.txt"]
    assert result.nodes[0].detail == "9 files"
    (view,) = result.previews
    assert [(step.step, step.url) for step in view.steps] == [
        ("0", "../files/0.png"), ("1,000", "../files/1000.png"),
    ]  # fmt: skip
    assert view.steps_left_out == "7 more steps"
    assert view.data == "run-1/attachments-0"


def test_an_empty_tab_says_what_would_appear() -> None:
    result = tab()

    assert result.empty is not None
    assert result.empty.title == "This run has no attachments."
    assert result.notice == ""
