"""PNG and SVG without a plotting library."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

GLYPHS = (
    "111101101101111", "010110010010111", "111001111100111", "111001111001111", "101101111001001",
    "111100111001111", "111100111101111", "111001010010010", "111101111101111", "111101111001111",
)  # fmt: skip
"""Digits 0 to 9, three columns by five rows."""
WHITE, INK, BLUE, RED = (255, 255, 255), (26, 31, 38), (44, 75, 163), (192, 40, 45)
CELL = 40
SERIES = (("#2f49c4", ""), ("#bb7f2b", "6 3"), ("#035620", "2 2.5"), ("#dc4190", "7 3 2 3"))


def png_bytes(pixels: Pixels) -> bytes:
    """A PNG of rows x columns x 3 bytes (https://www.w3.org/TR/png/)."""
    height, width, _ = pixels.shape
    rows = np.zeros((height, 1 + width * 3), dtype=np.uint8)
    rows[:, 1:] = pixels.reshape(height, width * 3)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


def draw_number(
    pixels: Pixels, number: int, center: tuple[int, int], color: Sequence[int], scale: int
) -> None:
    """Writes a number around a (row, column), in place."""
    text = str(number)
    top = center[0] - 5 * scale // 2
    left = center[1] - (4 * len(text) - 1) * scale // 2
    for place, character in enumerate(text):
        for bit, is_set in enumerate(GLYPHS[int(character)]):
            if is_set == "1":
                row = top + bit // 3 * scale
                column = left + (4 * place + bit % 3) * scale
                pixels[row : row + scale, column : column + scale] = color


def confusion_png(counts: NDArray[np.int64]) -> bytes:
    """Rows are the true digit, columns the answer; right ones blue, wrong ones red."""
    size = len(counts)
    side = CELL * (size + 1) + 8
    pixels = np.full((side, side, 3), 255, dtype=np.uint8)
    for row in range(size):
        for center in ((CELL // 2, CELL * (row + 1)), (CELL * (row + 1), CELL // 2)):
            middle = tuple(place + (CELL // 2 if place >= CELL else 0) for place in center)
            draw_number(pixels, row, (middle[0], middle[1]), INK, 4)
        for column in range(size):
            _draw_cell(pixels, counts, row, column)
    return png_bytes(pixels)


def _draw_cell(pixels: Pixels, counts: NDArray[np.int64], row: int, column: int) -> None:
    count = int(counts[row, column])
    share = min(1.0, count / max(1, int(counts[row].sum())) * (1 if row == column else 12))
    color = np.array(BLUE if row == column else RED)
    tint = np.array(WHITE) + (color - np.array(WHITE)) * (0.04 + 0.9 * share if count else 0.03)
    top, left = CELL * (row + 1), CELL * (column + 1)
    pixels[top : top + CELL - 2, left : left + CELL - 2] = tint.astype(np.uint8)
    if count:
        center = (top + CELL // 2 - 1, left + CELL // 2 - 1)
        draw_number(pixels, count, center, WHITE if share > 0.6 else INK, 3)


def filters_png(weights: NDArray[Any], columns: int = 8, scale: int = 5) -> bytes:
    """What each hidden unit looks at: 8 x 8 weights, blue below zero, red above."""
    count = weights.shape[1]
    rows = -(-count // columns)
    side = 8 * scale + 3
    pixels = np.full((rows * side + 3, columns * side + 3, 3), 255, dtype=np.uint8)
    for unit in range(count):
        values = weights[:, unit].reshape(8, 8)
        strength = np.round(np.clip(values / np.abs(values).max(), -1, 1), 2)[:, :, None]
        color = np.where(strength < 0, np.array(BLUE), np.array(RED))
        tile = np.array(WHITE) + (color - np.array(WHITE)) * np.abs(strength)
        top, left = unit // columns * side + 3, unit % columns * side + 3
        pixels[top : top + 8 * scale, left : left + 8 * scale] = np.kron(
            tile.astype(np.uint8), np.ones((scale, scale, 1), dtype=np.uint8)
        )
    return png_bytes(pixels)


def curves_svg(title: str, curves: Mapping[str, Sequence[float]], low: float, high: float) -> str:
    """Lines over the epochs, named at their end."""
    width, height, left, right, top, bottom = 640, 320, 52, 130, 36, 32
    inner_w, inner_h = width - left - right, height - top - bottom
    last = max(len(values) for values in curves.values())

    def y_of(value: float) -> float:
        return round(top + inner_h * (high - value) / (high - low), 1)

    def x_of(epoch: int) -> float:
        return round(left + inner_w * (epoch - 1) / max(1, last - 1), 1)

    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" font-family="sans-serif" font-size="11">'
        ),
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text x="{left}" y="20" font-size="13" font-weight="600">{title}</text>',
    ]
    for tick in np.linspace(low, high, 5):
        y = y_of(float(tick))
        parts.append(f'<path d="M{left} {y}H{width - right}" stroke="#e7eaee"/>')
        parts.append(f'<text x="{left - 6}" y="{y + 4}" text-anchor="end">{tick:.2f}</text>')
    parts += [
        f'<text x="{x_of(epoch)}" y="{height - 12}" text-anchor="middle">epoch {epoch}</text>'
        for epoch in (1, (1 + last) // 2, last)
    ]
    ends = _spread([y_of(values[-1]) for values in curves.values()], 14.0)
    for (name, values), (color, dash), end in zip(curves.items(), SERIES, ends, strict=False):
        points = " ".join(
            f"{x_of(epoch)},{y_of(min(max(value, low), high))}"
            for epoch, value in enumerate(values, 1)
        )
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="1.8" '
            f'stroke-dasharray="{dash}"/>'
        )
        parts.append(f'<text x="{width - right + 8}" y="{end + 4}">{name}</text>')
    return "\n".join([*parts, "</svg>"])


def _spread(places: Sequence[float], gap: float) -> list[float]:
    """The places, moved down where labels would touch."""
    moved = list(places)
    previous = -gap
    for index in sorted(range(len(moved)), key=lambda index: moved[index]):
        moved[index] = max(moved[index], previous + gap)
        previous = moved[index]
    return moved
