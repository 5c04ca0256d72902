"""Times, sizes and numbers as people read them (the formats of the interface, one place).

Floor 0. `js/page/core.js` holds the twin of these rules; `tests/browser` holds both to one table.
Times are integers of nanoseconds since the Unix epoch, UTC; durations integers of nanoseconds.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

NS_PER_S = 1_000_000_000
NS_PER_US = 1_000
MINUS = "\u2212"
NARROW_SPACE = "\u202f"
SPACE = "\u00a0"
"""Between a number and its unit: no line break there."""
_FIRST_STRONG_ISOLATE = "\u2068"
_POP_ISOLATE = "\u2069"
_MOST_PARAM = 9
_PARAM_DIGITS = 6
"""A param of more characters than the first is shown in tables to as many digits as the second."""

_RFC3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9})\d*)?)?\s*"
    r"([Zz]|[+-]\d\d:?\d\d)?",
    re.ASCII,
)

_NO_ZONES = {None, "Z", "z"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse_rfc3339_ns(text: str) -> int | None:
    """Nanoseconds since the epoch of an RFC 3339 time; UTC if it names no zone; None if it is none.

    Seconds may be left out and 60 (a leap second) counts as 59.
    """
    match = _RFC3339.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    try:
        moment = datetime(
            int(year),
            int(month),
            int(day),
            int(hour),
            int(minute),
            min(int(second or 0), 59),
            tzinfo=UTC,
        )
        if zone not in _NO_ZONES:
            moment -= _zone_offset(zone)
    except (ValueError, OverflowError):
        return None
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * NS_PER_S + int((fraction or "0").ljust(9, "0"))


def _zone_offset(zone: str) -> timedelta:
    sign = -1 if zone[0] == "-" else 1
    return sign * timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))


def _moment(time_ns: int) -> datetime | None:
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time_ns // NS_PER_US)
    except OverflowError:
        return None


def rfc3339(time_ns: int) -> str:
    """`2026-11-20T14:02:00.123Z`: UTC, as many decimals as are not zero."""
    moment = _moment(time_ns)
    if moment is None:
        return f"{time_ns} ns"
    fraction = f"{time_ns % NS_PER_S:09d}".rstrip("0")
    return moment.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0") + (
        f".{fraction}Z" if fraction else "Z"
    )


_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def date_text(time_ns: int) -> str:
    """`20 Nov 2026`, in UTC and in English whatever the locale."""
    moment = _moment(time_ns)
    if moment is None:
        return rfc3339(time_ns)
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def time_text(time_ns: int) -> str:
    """`20 Nov 2026, 14:02 UTC`."""
    moment = _moment(time_ns)
    if moment is None:
        return rfc3339(time_ns)
    return f"{date_text(time_ns)}, {moment.hour:02d}:{moment.minute:02d} UTC"


def short_time_text(time_ns: int, latest_year: int | None) -> str:
    """`20 Nov 14:02` within the site's latest year, else `20 Nov 2025`."""
    moment = _moment(time_ns)
    if moment is None:
        return rfc3339(time_ns)
    if moment.year != latest_year:
        return date_text(time_ns)
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.hour:02d}:{moment.minute:02d}"


def year_of(time_ns: int) -> int | None:
    """The calendar year in UTC, None beyond year 9999."""
    moment = _moment(time_ns)
    return None if moment is None else moment.year


def duration_text(duration_ns: int) -> str:
    """`312 µs`, `780 ms`, `4.82 s`, `36 min 52 s`, `4 h 15 min`, `3 d 4 h`; negative with a
    minus.
    """
    if duration_ns < 0:
        return MINUS + duration_text(-duration_ns)
    if duration_ns == 0:
        return f"0{SPACE}s"
    for unit_ns, unit in ((1, "ns"), (10**3, "µs"), (10**6, "ms"), (10**9, "s")):
        value = duration_ns / unit_ns
        if value < 999.5 and unit != "s":
            return f"{_significant(value, 3)}{SPACE}{unit}"
        if unit == "s" and value < 59.995:
            return f"{_significant(value, 3)}{SPACE}{unit}"
    return _long_duration_text(round(duration_ns / NS_PER_S))


def _long_duration_text(seconds: int) -> str:
    steps = ((86_400, "d", 3_600, "h"), (3_600, "h", 60, "min"), (60, "min", 1, "s"))
    for unit_s, unit, rest_s, rest_unit in steps:
        if seconds >= unit_s:
            whole, rest = divmod(seconds, unit_s)
            rest //= rest_s
            return (
                f"{whole}{SPACE}{unit}{SPACE}{rest}{SPACE}{rest_unit}"
                if rest
                else f"{whole}{SPACE}{unit}"
            )
    return f"{seconds}{SPACE}s"


def _significant(value: float, digits: int) -> str:
    text = f"{value:.{digits}g}"
    if "e" in text:
        return f"{value:.0f}"
    return text


def bytes_text(size_bytes: int) -> str:
    """`412 kB`, `6.18 GB`: decimal units, three significant digits; `1 byte`, `999 bytes`."""
    if size_bytes < 1000:
        return f"{size_bytes}{SPACE}byte{'' if size_bytes == 1 else 's'}"
    value, units = float(size_bytes), ["PB", "TB", "GB", "MB", "kB"]
    while value >= 999.5 and units:
        value, unit = value / 1000, units.pop()
    return f"{_significant(value, 3)}{SPACE}{unit}"


def count_text(count: int) -> str:
    """`1,319`: whole, with thousands commas."""
    return f"{count:,}".replace("-", MINUS)


def short_count_text(count: int) -> str:
    """`6.1 k`, `1.42 M`: for tokens only."""
    if count < 1000:
        return count_text(count)
    for unit_size, unit in ((10**3, "k"), (10**6, "M"), (10**9, "G")):
        value = count / unit_size
        if value < 999.5 or unit == "G":
            digits = 2 if unit == "k" and value < 99.5 else 3
            return f"{_significant(value, digits)}{SPACE}{unit}"
    raise AssertionError


def number_text(value: float, digits: int = 4) -> str:
    """`0.2143`, `1,204`, `1.2e−5`: *digits* significant digits, a true minus, NaN and ∞ as such.

    Integers keep all their digits below 10^7, exponents begin below 1e-4 and at 1e7.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    text = _finite_text(abs(value), digits)
    return MINUS + text if value < 0 and text != "0" else text


def _finite_text(size: float, digits: int) -> str:
    if size == 0:
        return "0"
    if size < 1e-4 or size >= 1e7:
        mantissa, exponent = f"{size:.{digits - 1}e}".split("e")
        if "." in mantissa:
            mantissa = mantissa.rstrip("0").rstrip(".")
        return f"{mantissa}e{int(exponent)}"
    if float(size).is_integer():
        return f"{int(size):,}"
    decimals = max(0, digits - 1 - math.floor(math.log10(size)))
    text = f"{size:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def decimals_of(values: Iterable[float], digits: int = 4) -> int:
    """Decimals for a column: *digits* significant ones at its median, fewer if none needs them."""
    sizes = sorted(abs(value) for value in values if _is_plain(value) and value)
    if not sizes:
        return 0
    wanted = max(0, digits - 1 - math.floor(math.log10(sizes[len(sizes) // 2])))
    texts = (_finite_text(size, digits) for size in sizes)
    return min(wanted, max(len(text.partition(".")[2]) for text in texts))


def column_text(value: float, decimals: int, digits: int = 4) -> str:
    """`0.9700`: *value* with the decimals of its column, or as alone where they suit it badly.

    They do where they would leave it one significant digit or give it more than *digits* + 2.
    """
    if not _is_plain(value):
        return number_text(value, digits)
    text = f"{abs(value):,.{decimals}f}"
    significant = len(text.replace(",", "").replace(".", "").lstrip("0"))
    is_lossy = value != 0 and significant < 2 and _finite_text(abs(value), digits) != text
    if is_lossy or significant > digits + 2:
        return number_text(value, digits)
    return MINUS + text if value < 0 else text


def _is_plain(value: float) -> bool:
    return math.isfinite(value) and (value == 0 or 1e-4 <= abs(value) < 1e7)


def exact_text(value: float) -> str:
    """The shortest text that reads back as the same number (for hover and CSV)."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    return repr(value)


def percent_text(ratio: float, decimals: int = 1) -> str:
    """`84.2 %` of a ratio 0–1, with a narrow no-break space."""
    if not math.isfinite(ratio):
        return number_text(ratio)
    return f"{100 * ratio:.{decimals}f}{NARROW_SPACE}%".replace("-", MINUS)


def points_text(ratio: float, decimals: int = 1) -> str:
    """`+3.4 pts`: a difference of two ratios."""
    if not math.isfinite(ratio):
        return number_text(ratio)
    text = f"{100 * ratio:.{decimals}f}".replace("-", MINUS)
    return f"{'+' if ratio > 0 else ''}{text}{SPACE}pts"


def money_text(cost_usd: float) -> str:
    """`$3.87`, four decimals below one dollar: `$0.0184`; six and eight for what is tiny."""
    if not math.isfinite(cost_usd):
        return number_text(cost_usd)
    size = abs(cost_usd)
    decimals = 2 if size >= 1 or size == 0 else 4 if size >= 1e-3 else 6 if size >= 1e-5 else 8
    text = f"${size:,.{decimals}f}"
    return MINUS + text if cost_usd < 0 else text


def short_digest(digest: str) -> str:
    """`sha256:81c4…9d07`, `9c1ee04b…51d2`: short ids and digests stay whole."""
    prefix, colon, rest = digest.rpartition(":")
    keep = 4 if colon else 8
    if len(rest) <= keep + 5:
        return digest
    return f"{prefix}{colon}{rest[:keep]}…{rest[-4:]}"


def plural(count: int, word: str, words: str | None = None) -> str:
    """`1 run`, `21 runs`, `1,319 rows`."""
    return f"{count_text(count)} {word if count == 1 else words or word + 's'}"


def isolated(name: str) -> str:
    """*name* between marks that keep letters written from right to left from what follows it."""
    from unicodedata import bidirectional

    if name.isascii() or not any(bidirectional(letter) in {"R", "AL"} for letter in name):
        return name
    return f"{_FIRST_STRONG_ISOLATE}{name}{_POP_ISOLATE}"


def param_text(value: object) -> str:
    """A param as it was logged, in JSON: `1e-6`, `"adamw"`, `true`, `null`, `[1,2]`."""
    import json

    if isinstance(value, float):
        return repr(value).replace("e-0", "e-").replace("e+0", "e+")
    return json.dumps(value, ensure_ascii=False)


def short_param_text(value: object) -> str:
    """A param in a table: as it was logged, but of a long number six digits: `0.00146317`."""
    text = param_text(value)
    if isinstance(value, float) and not value.is_integer() and len(text) > _MOST_PARAM:
        return number_text(value, _PARAM_DIGITS)
    return text
