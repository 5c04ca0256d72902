"""The standard library's HTML parser for text that anybody wrote: it neither fails nor stalls.

Floor 3. Two faults of `html.parser` are gone round: it asserts on some marked sections (`<![>`),
and constructs without an end cost it quadratic time (CVE-2025-6069). So comments, declarations and
what follows the last `>` are taken out before it sees the text, in one pass.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

_MOST_ATTRIBUTES = 10_000
_MOST_SPACES = 200_000  # a data URL may be in lines, a style may be long
_BEGINNINGS = re.compile(r"<!--|<[!?]")


class MarkupParser(HTMLParser):
    """Calls `handle_starttag`, `handle_endtag` and `handle_data` over a whole text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def parse(self, text: str) -> None:
        """Reads all of *text*."""
        self.feed(_well_ended(_without_declarations(text)))
        self.close()

    def parse_starttag(self, i: int) -> int:
        """A tag of more attributes than anybody writes is passed over: 500,000 took 450 MB."""
        end = self.check_for_whole_start_tag(i)
        if end - i > _MOST_ATTRIBUTES:
            values = self.rawdata.count("=", i, end)
            spaces = sum(self.rawdata.count(space, i, end) for space in " \t\n\r\f/")
            if values > _MOST_ATTRIBUTES or spaces > _MOST_SPACES:
                return end
        return super().parse_starttag(i)

    def parse_marked_section(self, i: int, report: int = 1) -> int:
        """A marked section is a comment up to the next `>`, as in browsers."""
        return self.parse_bogus_comment(i, bool(report))


def _without_declarations(text: str) -> str:
    """*text* without comments, declarations and processing instructions; an open one ends it."""
    parts, at = [], 0
    while found := _BEGINNINGS.search(text, at):
        parts.append(text[at : found.start()])
        ending = "-->" if found[0] == "<!--" else ">"
        end = text.find(ending, found.end())
        if end < 0:
            return "".join(parts)
        at = end + len(ending)
    return "".join([*parts, text[at:]])


def _well_ended(text: str) -> str:
    """*text* without a tag at its end that does not end."""
    end = text.rfind(">") + 1
    rest = text[end:]
    return text[:end] + rest.partition("<")[0]
