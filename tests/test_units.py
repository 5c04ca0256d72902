"""Texts of numbers, times and sizes; browser/test_format_js.py holds format.js to the same."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen import units
from sitegen.units import parse_rfc3339_ns, rfc3339

NS = 1_000_000_000
NOON = 1_795_176_000 * NS
"""20 November 2026, 12:00:00 UTC."""


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("2026-11-20T12:00:00Z", 1_795_176_000),
        ("2026-11-20t12:00:00z", 1_795_176_000),
        ("2026-11-20 12:00:00", 1_795_176_000),
        ("2026-11-20T12:00", 1_795_176_000),
        ("2026-11-20T12:00:00+00:00", 1_795_176_000),
        ("2026-11-20T13:30:00+01:30", 1_795_176_000),
        ("2026-11-20T04:00:00-0800", 1_795_176_000),
        ("  2026-11-20T12:00:00Z ", 1_795_176_000),
        ("1969-12-31T23:59:59Z", -1),
        ("2016-12-31T23:59:60Z", 1_483_228_799),
    ],
)
def test_a_time_is_read(text: str, seconds: int) -> None:
    assert parse_rfc3339_ns(text) == seconds * NS


@pytest.mark.parametrize(
    ("text", "rest_ns"),
    [
        ("1970-01-01T00:00:00.5Z", 500_000_000),
        ("1970-01-01T00:00:00,25Z", 250_000_000),
        ("1970-01-01T00:00:00.123456789Z", 123_456_789),
        ("1970-01-01T00:00:00.1234567899999Z", 123_456_789),
    ],
)
def test_fractions_are_exact_to_the_nanosecond(text: str, rest_ns: int) -> None:
    assert parse_rfc3339_ns(text) == rest_ns


@pytest.mark.parametrize(
    "text",
    [
        "", "now", "2026-11-20", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z",
        "2026-11-20T24:00:00Z", "0000-01-01T00:00:00Z", "2026-11-20T12:00:00+25:00x",
        "2026-11-20T12:00:00 PM", "\u0662026-11-20T12:00:00Z", "2026-11-20T12:00:00.Z",
        "0001-01-01T00:00:00+10:00", "9999-12-31T23:59:59-10:00",
    ],
)  # fmt: skip
def test_what_is_no_time_is_none(text: str) -> None:
    assert parse_rfc3339_ns(text) is None


@given(st.text())
def test_any_text_is_a_time_or_none(text: str) -> None:
    found = parse_rfc3339_ns(text)

    assert found is None or isinstance(found, int)


@given(st.integers(-62_135_596_800 * NS, 253_402_300_799 * NS))
def test_a_time_is_written_so_that_it_reads_back(time_ns: int) -> None:
    assert parse_rfc3339_ns(rfc3339(time_ns)) == time_ns


@given(st.integers())
def test_times_beyond_the_calendar_are_told_in_numbers(time_ns: int) -> None:
    for text in (units.rfc3339, units.date_text, units.time_text):
        assert text(time_ns)
    assert units.short_time_text(time_ns, 2026)
    units.year_of(time_ns)


def test_a_time_beyond_the_calendar_keeps_its_number() -> None:
    assert rfc3339(10**30) == f"{10**30} ns"
    assert units.year_of(10**30) is None


@pytest.mark.parametrize(
    ("time_ns", "text"),
    [
        (NOON, "2026-11-20T12:00:00Z"),
        (NOON + 123_000_000, "2026-11-20T12:00:00.123Z"),
        (NOON + 1, "2026-11-20T12:00:00.000000001Z"),
        (-1, "1969-12-31T23:59:59.999999999Z"),
    ],
)
def test_exact_times(time_ns: int, text: str) -> None:
    assert rfc3339(time_ns) == text


def test_dates_are_english_and_utc() -> None:
    assert units.date_text(NOON) == "20 Nov 2026"
    assert units.time_text(NOON) == "20 Nov 2026, 12:00 UTC"
    assert units.short_time_text(NOON, 2026) == "20 Nov 12:00"
    assert units.short_time_text(NOON, 2025) == "20 Nov 2026"
    assert units.short_time_text(NOON, None) == "20 Nov 2026"


@pytest.mark.parametrize(
    ("duration_ns", "text"),
    [
        (0, "0 s"),
        (1, "1 ns"),
        (312_000, "312 µs"),
        (999_400, "999 µs"),
        (999_600, "1 ms"),
        (780_000_000, "780 ms"),
        (4_820_000_000, "4.82 s"),
        (59_990_000_000, "60 s"),
        (59_999_000_000, "1 min"),
        (60 * NS, "1 min"),
        (2212 * NS, "36 min 52 s"),
        (15_300 * NS, "4 h 15 min"),
        (3600 * NS, "1 h"),
        (273_600 * NS, "3 d 4 h"),
        (86_400 * NS, "1 d"),
        (-4_820_000_000, "\u22124.82 s"),
    ],
)
def test_durations(duration_ns: int, text: str) -> None:
    assert units.duration_text(duration_ns).replace("\u00a0", " ") == text


@given(st.integers())
def test_every_duration_has_a_text(duration_ns: int) -> None:
    assert units.duration_text(duration_ns)


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [
        (0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (1000, "1 kB"), (412_000, "412 kB"),
        (999_499, "999 kB"), (999_500, "1 MB"), (6_180_000_000, "6.18 GB"), (10**12, "1 TB"),
        (10**18, "1000 PB"),
    ],
)  # fmt: skip
def test_sizes(size_bytes: int, text: str) -> None:
    assert units.bytes_text(size_bytes).replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"), (0.0, "0"), (-0.0, "0"), (1, "1"), (1.0, "1"), (0.21432, "0.2143"),
        (1204, "1,204"), (1234567, "1,234,567"), (9_999_999, "9,999,999"), (10_000_000, "1e7"),
        (12_345_678, "1.235e7"), (0.0001, "0.0001"), (0.000099, "9.9e-5"), (1.2e-5, "1.2e-5"),
        (-0.5, "\u22120.5"), (1234.5678, "1,235"), (99.996, "100"), (0.1 + 0.2, "0.3"),
        (math.nan, "NaN"), (math.inf, "∞"), (-math.inf, "\u2212∞"), (True, "true"),
        (False, "false"), (1e300, "1e300"), (5e-324, "4.941e-324"),
    ],
)  # fmt: skip
def test_numbers(value: float, text: str) -> None:
    assert units.number_text(value) == text


@given(st.one_of(st.floats(), st.integers()))
def test_every_number_has_a_text(value: float) -> None:
    assert units.number_text(value)


@given(st.one_of(st.floats(allow_nan=False), st.integers()))
def test_the_exact_text_reads_back_as_the_same_number(value: float) -> None:
    assert float(units.exact_text(value)) == value or isinstance(value, int)
    assert isinstance(value, float) or int(units.exact_text(value)) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.0, "1"), (0.1, "0.1"), (1e22, "1e+22"), (True, "true"), (math.nan, "NaN"),
     (-math.inf, "-Infinity"), (3, "3")],
)  # fmt: skip
def test_exact_numbers(value: float, text: str) -> None:
    assert units.exact_text(value) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0"), (999, "999"), (6100, "6.1 k"), (99_400, "99 k"), (142_000, "142 k"),
     (1_420_000, "1.42 M"), (3_000_000_000, "3 G")],
)  # fmt: skip
def test_token_counts(count: int, text: str) -> None:
    assert units.short_count_text(count).replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("cost_usd", "text"),
    [(0, "$0.00"), (3.874, "$3.87"), (0.0184, "$0.0184"), (-2.5, "\u2212$2.50"),
     (3.1e-5, "$0.000031"),
     (1234.5, "$1,234.50"), (math.nan, "NaN"), (math.inf, "∞")],
)  # fmt: skip
def test_money(cost_usd: float, text: str) -> None:
    assert units.money_text(cost_usd) == text


@pytest.mark.parametrize(
    ("ratio", "text"),
    [(0.842, "84.2\u202f%"), (0, "0.0\u202f%"), (1, "100.0\u202f%"), (-0.034, "\u22123.4\u202f%"),
     (math.nan, "NaN")],
)  # fmt: skip
def test_percentages(ratio: float, text: str) -> None:
    assert units.percent_text(ratio) == text


@pytest.mark.parametrize(
    ("digest", "text"),
    [
        ("sha256:81c4aaaaaaaa9d07", "sha256:81c4…9d07"),
        ("9c1ee04bd9a04f8f8a9d1c2b3e4f51d2", "9c1ee04b…51d2"),
        ("abc", "abc"),
        ("md5:12345", "md5:12345"),
        ("", ""),
    ],
)
def test_short_digests(digest: str, text: str) -> None:
    assert units.short_digest(digest) == text


@pytest.mark.parametrize(("count", "text"), [(0, "0 runs"), (1, "1 run"), (1319, "1,319 runs")])
def test_plurals(count: int, text: str) -> None:
    assert units.plural(count, "run") == text
    assert units.plural(2, "index", "indices") == "2 indices"


@pytest.mark.parametrize(
    ("values", "decimals", "texts"),
    [
        ([0.9567, 0.98, 0.97], 4, ["0.9567", "0.9800", "0.9700"]),
        ([0.09333, 0.97, 0.96], 4, ["0.0933", "0.9700", "0.9600"]),
        ([0.1443, 0.09571, 966.0], 4, ["0.1443", "0.0957", "966"]),
        ([255.14, 205.8, 183.6], 1, ["255.1", "205.8", "183.6"]),
        ([21.0, 19.9, 21.0], 1, ["21.0", "19.9", "21.0"]),
        ([1.0, 2.0, 1000.0], 0, ["1", "2", "1,000"]),
        ([0.5, 0.00021, 0.4], 4, ["0.5000", "0.00021", "0.4000"]),
        ([0.0, -0.25], 2, ["0.00", "\u22120.25"]),
        ([math.nan, math.inf], 0, ["NaN", "\u221e"]),
    ],
)
def test_a_column_of_numbers_has_the_same_decimals(values, decimals, texts):
    assert units.decimals_of(values) == decimals
    assert [units.column_text(value, decimals) for value in values] == texts


def test_a_column_of_numbers_shares_its_decimals() -> None:
    values = [0.2143, 0.5, 12.0]
    decimals = units.decimals_of(values, 4)

    assert [units.column_text(value, decimals, 4) for value in values] == [
        "0.2143", "0.5000", "12.0000"
    ]  # fmt: skip
    assert units.decimals_of([], 4) == 0
    assert units.column_text(math.nan, 2, 4) == "NaN"


def test_names_from_right_to_left_are_kept_from_what_follows() -> None:
    assert units.isolated("run-1 über") == "run-1 über"
    assert units.isolated("תוצאה 1") == "\u2068תוצאה 1\u2069"
