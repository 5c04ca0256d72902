from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sitegen.derive.attachments.document import Element, Node
from sitegen.derive.attachments.patch import MOST_LINES, patch_view
from sitegen.derive.attachments.views import View

PATCH = """\
From 1234 Mon Sep 17 00:00:00 2001
Subject: a change

diff --git a/train.py b/train.py
index 1..2 100644
--- a/train.py
+++ b/train.py
@@ -1,3 +1,4 @@
 import torch
-lr = 1e-3
+lr = 3e-4
+--- looks like a head
 done
diff --git a/new file.txt b/new file.txt
new file mode 100644
--- /dev/null
+++ b/new file.txt
@@ -0,0 +1 @@
+<script>
\\ No newline at end of file
"""


def text_of(node: Node) -> str:
    return node if isinstance(node, str) else "".join(map(text_of, node.children))


def marked(view: View, tag: str) -> list[str]:
    found = []
    waiting = list(view.nodes)
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, Element):
            if node.tag == tag:
                found.append(text_of(node))
            waiting = [*node.children, *waiting]
    return found


def test_files_lines_and_counts_are_those_of_the_diff() -> None:
    found = patch_view(PATCH, [])

    assert found is not None
    view, facts = found
    assert facts == "2 files, +3 −1"
    assert marked(view, "del") == ["-lr = 1e-3\n"]
    assert marked(view, "ins") == ["+lr = 3e-4\n", "+--- looks like a head\n", "+<script>\n"]
    assert marked(view, "summary") == ["train.py +2 −1", "new file.txt +1 −0"]


def test_no_line_is_lost_and_signs_stay() -> None:
    found = patch_view(PATCH, [])

    assert found is not None
    shown = "".join(
        text_of(child)
        for node in found[0].nodes
        for child in ([node] if getattr(node, "tag", "") == "pre" else node.children[1:])
    )
    assert shown == PATCH


def test_what_changes_nothing_is_no_diff() -> None:
    assert patch_view("words\n+ more words\n", []) is None


def test_a_long_diff_is_cut_and_says_so() -> None:
    lines = "".join(f"+{number}\n" for number in range(MOST_LINES + 5))

    found = patch_view(f"--- a/x\n+++ b/x\n@@ -0,0 +1,{MOST_LINES + 5} @@\n{lines}", [])

    assert found is not None
    assert found[0].note == "The first 5,000 of 5,008 lines."


@given(st.lists(st.sampled_from(["--- a/x", "+++ b/x", "@@ -1,2 +1 @@", "@@ -1", "+a", "-b", " c",
                                 "", "diff --git ", "\\ No", "Binary files ",
                                 "@@ -9999999999 +0 @@"])))  # fmt: skip
def test_any_lines_are_a_diff_or_none(lines: list[str]) -> None:
    patch_view("\n".join(lines), [])
