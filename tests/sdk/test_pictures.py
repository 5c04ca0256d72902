"""Pictures of arrays are PNG files that decode to the same pixels; figures are told by methods."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import sitegen
from sitegen.read.documents.media import sniff_image
from sitegen.sdk.faults import LogValueError
from sitegen.sdk.pictures import figure_file, picture_file
from tests.factories import PNG


def decoded(content: bytes) -> np.ndarray[Any, Any]:
    """The pixels of a PNG without filters."""
    width, height = struct.unpack_from(">2I", content, 16)
    channels = {0: 1, 4: 2, 2: 3, 6: 4}[content[25]]
    at, packed = 8, b""
    while at < len(content):
        (length,) = struct.unpack_from(">I", content, at)
        kind, data = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        assert zlib.crc32(kind + data) == struct.unpack_from(">I", content, at + 8 + length)[0]
        packed += data if kind == b"IDAT" else b""
        at += 12 + length
    rows = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(height, 1 + width * channels)
    assert not rows[:, 0].any()
    return rows[:, 1:].reshape(height, width, channels)


@given(arrays.arrays(np.uint8, st.tuples(
    st.integers(5, 9), st.integers(5, 9), st.sampled_from([1, 2, 3, 4]),
)))  # fmt: skip
def test_bytes_of_an_array_are_the_pixels(pixels: np.ndarray[Any, Any]) -> None:
    content, suffix = picture_file("p", pixels)

    assert suffix == ".png"
    assert (decoded(content) == pixels).all()
    head = sniff_image(content)
    assert head is not None
    assert (head.format, head.width, head.height) == ("png", pixels.shape[1], pixels.shape[0])


@pytest.mark.parametrize(
    ("array", "pixels"),
    [
        (np.array([[0.0, 0.5], [1.0, np.nan]]), [[0, 128], [255, 0]]),
        (np.array([[True, False]]), [[255, 0]]),
        (np.array([[-3, 300]]), [[0, 255]]),
        (np.array([[0.5, 1.0]], dtype=np.float16), [[128, 255]]),
    ],
)
def test_floats_are_0_to_1_and_integers_0_to_255(
    array: np.ndarray[Any, Any], pixels: list[list[int]]
) -> None:
    content, _ = picture_file("p", array)

    assert decoded(content)[:, :, 0].tolist() == pixels


def test_an_array_that_was_logged_is_not_changed() -> None:
    array = np.array([[np.nan, 2.0]])
    picture_file("p", array)

    assert np.isnan(array[0, 0])


class Tensor:
    """A stand-in for a tensor of torch on another device."""

    def __init__(self, array: np.ndarray[Any, Any]) -> None:
        self._array = array

    def detach(self) -> Tensor:
        return self

    def cpu(self) -> Tensor:
        return self

    def numpy(self) -> np.ndarray[Any, Any]:
        return self._array


def test_a_tensor_with_channels_first_is_turned() -> None:
    pixels = np.arange(3 * 5 * 7, dtype=np.uint8).reshape(3, 5, 7)

    content, _ = picture_file("p", Tensor(pixels))

    assert (decoded(content) == pixels.transpose(1, 2, 0)).all()


@pytest.mark.parametrize("shape", [(3,), (2, 2, 5), (0, 4), (1, 2, 3, 4)])
def test_an_array_of_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(LogValueError, match="shape"):
        picture_file("p", np.zeros(shape))


def test_files_and_bytes_are_copied_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "a.PNG").write_bytes(PNG)

    assert picture_file("p", tmp_path / "a.PNG") == (PNG, ".png")
    assert picture_file("p", PNG) == (PNG, ".png")
    with pytest.raises(LogValueError, match="no PNG, JPEG"):
        picture_file("p", b"text")


class Figure:
    """A stand-in for a figure of matplotlib."""

    def savefig(self, stream: Any, **options: Any) -> None:
        assert options["format"] == "png"
        stream.write(PNG)


def test_figures_of_both_libraries_are_saved(tmp_path: Path) -> None:
    with sitegen.start_run("e", "one", directory=tmp_path, git=False, system_metrics=False) as run:
        paths = [
            run.log_figure("curve", go.Figure(go.Scatter(y=[1, 2]))),
            run.log_figure("loss", Figure()),
            run.log_figure("loss", Figure(), step=3),
            run.log_artifact(Figure(), "again"),
        ]

    assert paths == [
        "attachments/curve.plotly.json", "attachments/loss.png", "attachments/media/loss/3.png",
        "attachments/again.png",
    ]  # fmt: skip
    assert figure_file("curve", go.Figure())[1] == ".plotly.json"


def test_pictures_of_one_name_are_a_series(tmp_path: Path, sitegen: Callable[..., Any]) -> None:
    import sitegen as library

    with library.start_run("e", "one", directory=tmp_path / "runs", git=False) as run:
        first = run.log_image("epoch/sample", PNG)
        second = run.log_image("epoch/sample", np.zeros((4, 4)))
        chosen = run.log_image("epoch/sample", np.zeros((4, 4, 3)), step=100)

    assert [first, second, chosen] == [
        f"attachments/media/epoch/sample/{step}.png" for step in (0, 1, 100)
    ]
    assert sitegen("build", "runs", "-o", "site", "--strict").code == 0
