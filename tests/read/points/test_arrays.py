"""Headers of arrays: names, types and shapes, never a value and never a pickle."""

from __future__ import annotations

import contextlib
import io
import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.bundle.limits import DEFAULT_LIMITS
from sitegen.read.content import ListingContent
from sitegen.read.points.arrays import ArrayError, read_npy, read_npz, read_safetensors


def npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=True)
    return stream.getvalue()


def safetensors(header: object) -> bytes:
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text


@pytest.mark.parametrize(
    ("array", "row"),
    [
        (np.zeros((100, 32), "f4"), ("array", "float32", "100 × 32", "3200", "12800")),
        (np.zeros(3, "i8"), ("array", "int64", "3", "3", "24")),
        (np.array(True), ("array", "bool", "scalar", "1", "1")),
        (np.array(["ab"]), ("array", "text", "1", "1", "8")),
        (np.array([{}], dtype=object), ("array", "pickled object", "1", "1", None)),
        (np.zeros(2, [("a", "f4"), ("b", "i4")]), ("array", "2 fields", "2", "2", None)),
    ],
)
def test_an_npy_is_told_by_its_header(array: np.ndarray, row: tuple[str | None, ...]) -> None:
    assert read_npy(io.BytesIO(npy(array))).rows == (row,)


def test_an_npz_lists_its_arrays_and_other_members() -> None:
    stream = io.BytesIO()
    np.savez_compressed(stream, w=np.zeros((3, 4)), b=np.zeros(3))

    found = read_npz(stream, DEFAULT_LIMITS)

    assert [row[:3] for row in found.rows] == [("w", "float64", "3 × 4"), ("b", "float64", "3")]
    assert found.facts == "2 arrays, 15 values, 120\u00a0bytes"


def test_safetensors_are_listed_in_order_without_their_metadata() -> None:
    content = safetensors({
        "__metadata__": {"format": "pt"},
        "w": {"dtype": "BF16", "shape": [64, 32], "data_offsets": [0, 4096]},
        "odd": {"dtype": 7, "shape": "x"},
    })  # fmt: skip

    found = read_safetensors(io.BytesIO(content), len(content), DEFAULT_LIMITS)

    assert found.rows == (
        ("w", "bf16", "64 × 32", "2048", "4096"), ("odd", "unknown", "scalar", "1", None),
    )  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [b"", b"\x93NUMPY\1\0\xff\xff", b"\x93NUMPY\1\0\x05\0__im", b"\x93NUMPY\2\0\xff\xff\xff\xff"],
)
def test_a_wrong_npy_says_why(content: bytes) -> None:
    with pytest.raises(ArrayError):
        read_npy(io.BytesIO(content))


@pytest.mark.parametrize("content", [b"", b"\xff" * 8, safetensors([]), b"\x02\0\0\0\0\0\0\0{["])
def test_wrong_safetensors_say_why(content: bytes) -> None:
    with pytest.raises(ArrayError):
        read_safetensors(io.BytesIO(content), len(content), DEFAULT_LIMITS)


def test_a_claim_of_any_size_costs_nothing() -> None:
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (10000000000000, 10000000000000)}"

    found = read_npy(io.BytesIO(b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header))

    assert found.rows[0][3:] == (None, None)


@given(st.sampled_from([b"\x93NUMPY\1\0", b"\x93NUMPY\2\0", b""]), st.binary(max_size=200))
def test_any_bytes_are_a_list_or_a_reason(start: bytes, rest: bytes) -> None:
    for read in (
        read_npy,
        lambda stream: read_npz(stream, DEFAULT_LIMITS),
        lambda stream: read_safetensors(stream, len(start + rest), DEFAULT_LIMITS),
    ):
        try:
            assert isinstance(read(io.BytesIO(start + rest)), ListingContent)
        except ArrayError:
            continue


SHAPES = st.lists(st.integers(-5, 2**70) | st.text(max_size=2) | st.none(), max_size=40)


@given(st.text(max_size=8), SHAPES)
def test_any_header_is_a_row_or_a_reason(kind: str, shape: list[object]) -> None:
    header = repr({"descr": kind, "fortran_order": False, "shape": tuple(shape)}).encode()
    content = b"\x93NUMPY\2\0" + struct.pack("<I", len(header)) + header
    with contextlib.suppress(ArrayError):
        assert len(read_npy(io.BytesIO(content)).rows) == 1
    tensors = safetensors({"t": {"dtype": kind, "shape": [one for one in shape if one]}})
    read_safetensors(io.BytesIO(tensors), len(tensors), DEFAULT_LIMITS)
