"""The stylesheets of the default theme: contrast of the tokens, one source of colours."""

import re
from pathlib import Path

import pytest

CSS = Path(__file__).parents[2] / "themes" / "default" / "css"
SHEETS = sorted(CSS.glob("*.css"))
GROUNDS = ("bg", "bg-sub", "bg-inset", "bg-hover", "bg-selected")
TEXTS = ("fg", "fg-muted", "fg-faint", "accent", "good", "bad", "warn", "odd", "code-name")


def _without_comments(text: str) -> str:
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


def _blocks() -> list[dict[str, str]]:
    """The colours of tokens.css: light, dark by system, dark by choice."""
    text = _without_comments((CSS / "tokens.css").read_text())
    bodies = [body for body in re.findall(r"\{([^{}]*)\}", text) if "--bg:" in body]
    return [dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", body)) for body in bodies]


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_both_dark_blocks_say_the_same() -> None:
    light, by_system, by_choice = _blocks()

    assert by_system == by_choice
    assert by_system.keys() == light.keys()


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("text", TEXTS)
def test_text_reads_on_every_ground(theme: int, text: str) -> None:
    """WCAG 2.2 AA, 1.4.3."""
    colours = _blocks()[theme]

    assert min(_contrast(colours[text], colours[ground]) for ground in GROUNDS) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("mark", ["line-strong", *(f"series-{n}" for n in range(1, 9))])
def test_marks_and_borders_of_controls_are_seen(theme: int, mark: str) -> None:
    """WCAG 2.2 AA, 1.4.11."""
    colours = _blocks()[theme]

    assert min(_contrast(colours[mark], colours[ground]) for ground in ("bg", "bg-sub")) >= 3.0


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("tone", ["good", "bad", "warn"])
def test_a_notice_reads_on_its_own_tint(theme: int, tone: str) -> None:
    colours = _blocks()[theme]

    assert _contrast(colours[tone], colours[f"{tone}-bg"]) >= 4.5
    assert _contrast(colours["fg"], colours[f"{tone}-bg"]) >= 4.5


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_a_sheet_has_no_shadow_no_gradient_no_force_and_nothing_remote(sheet: Path) -> None:
    text = _without_comments(sheet.read_text())

    # stripes with hard edges (hatching, guides) are drawing, not decoration
    forbidden = (
        r"!important|box-shadow|(?<!repeating-linear-)gradient\(|url\(|@import|#[a-z][\w-]*\s*[{,]"
    )
    assert re.findall(forbidden, text) == []


@pytest.mark.parametrize(
    "sheet", [one for one in SHEETS if one.name != "tokens.css"], ids=lambda sheet: sheet.name
)
def test_colours_come_from_the_tokens(sheet: Path) -> None:
    text = _without_comments(sheet.read_text())

    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(|\boklch\(", text) == []


def test_every_token_that_is_used_is_defined() -> None:
    defined: set[str] = set()
    used: set[str] = set()
    for sheet in SHEETS:
        text = _without_comments(sheet.read_text())
        defined |= set(re.findall(r"(?<![\w-])--([\w-]+)\s*:", text))
        used |= set(re.findall(r"var\(--([\w-]+)\)", text))

    assert used - defined == set()
