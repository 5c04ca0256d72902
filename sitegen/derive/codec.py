"""Columns of numbers as the text that a data file of the site holds.

Floor 3. A column is a JSON object; its twin that reads it in the browser is `js/page/codec.js`, and
a test holds both to the same columns. `k` names the form:

    {"k": "range", "start": 0, "step": 1, "n": 5000}             an arithmetic progression
    {"k": "json", "v": [0.5, "NaN", "-Infinity"]}                short columns, readable as they are
    {"k": "int", "n": 5000, "w": 4, "start": 17, "b": "…"}       int64
    {"k": "f64", "n": 5000, "b": "…"}                            float64, bit for bit

`b` is base64 of raw deflate. In `int` it holds the n − 1 differences between neighbours, modulo
2^64, zigzagged (0, −1, 1, −2 … become 0, 1, 2, 3 …), as little-endian unsigned integers of `w`
bytes: 4 if all fit, else 8. `start` is the first value, as text beyond ±2^53, where a JSON number
would lose digits. (Kept out of the differences: wall times begin at 10^15 and differ by little.)
In `f64` it holds the little-endian values byte-shuffled: all first bytes, then all second ones …;
the shuffle alone makes logged float32 values half as large (measured: 7.5 to 4.6 MB per 10^6).
In long columns each of these planes is deflated by what does best on its beginning: of noise, six
of eight are stored as they are (measured: twice as fast as Huffman coding all, and not larger).
"""

from __future__ import annotations

import base64
import math
import struct
import zlib
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Final, TypeAlias

from sitegen.units import exact_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from sitegen.model import Json

Column: TypeAlias = "dict[str, Json]"
"""An encoded column, ready for JSON."""

CODEC_VERSION: Final = 1
"""Part of every key that covers encoded columns; raise it when the bytes change."""

_SHORT: Final = 64
_FEW: Final = 16_384
"""Values up to which a column is encoded without numpy, whose import takes longer: 70 ms of the CPU
of a build with one changed run."""
_TRIAL_BYTES: Final = 16_384
_HUFFMAN_MARGIN: Final = 1.01
"""Huffman coding alone takes a third of the time of level 6: worth one per cent of size."""
_EXACT: Final = 2**53
_WRAP: Final = 2**63
_PLANED: Final = 4_096
"""Values from which on each byte plane is worth a choice of its own."""
_PLANE_TRIAL_BYTES: Final = 2_048
_NOISE_RATIO: Final = 0.98
"""A plane that shrinks by less is stored."""
_STORED: Final = -1


def encode_ints(values: NDArray[np.int64]) -> Column:
    """The column of *values*, exact over all of int64."""
    import numpy as np

    count = len(values)
    with np.errstate(over="ignore"):
        deltas = np.diff(values)
    if count > 2 and (deltas == deltas[0]).all() and _is_progression(values):
        step = int(values[1]) - int(values[0])
        return {"k": "range", "start": int(values[0]), "step": step, "n": count}
    if count < _SHORT:
        return {"k": "json", "v": [_json_int(value) for value in values.tolist()]}
    zigzagged = ((deltas << 1) ^ (deltas >> 63)).view(np.uint64)
    width = 4 if int(zigzagged.max()) < 2**32 else 8
    stored = zigzagged.astype(f"<u{width}")
    return {
        "k": "int",
        "n": count,
        "w": width,
        "start": _json_int(int(values[0])),
        "b": _deflated(stored.tobytes(), trial=stored[: _TRIAL_BYTES // width].tobytes()),
    }


def encode_int_list(values: Sequence[int]) -> Column:
    """The column that `encode_ints` gives of the same values."""
    count = len(values)
    if count > _FEW:
        import numpy as np

        return encode_ints(np.array(values, dtype=np.int64))
    deltas = [(one - before + _WRAP) % (2 * _WRAP) - _WRAP for before, one in pairwise(values)]
    if count > 2 and len(set(deltas)) == 1 and _is_progression(values):
        return {"k": "range", "start": values[0], "step": values[1] - values[0], "n": count}
    if count < _SHORT:
        return {"k": "json", "v": [_json_int(value) for value in values]}
    zigzagged = [(delta << 1 ^ delta >> 63) % (2 * _WRAP) for delta in deltas]
    width = 4 if max(zigzagged) < 2**32 else 8
    stored = struct.pack(f"<{count - 1}{'I' if width == 4 else 'Q'}", *zigzagged)
    text = _deflated(stored, trial=stored[:_TRIAL_BYTES])
    return {"k": "int", "n": count, "w": width, "start": _json_int(values[0]), "b": text}


def encode_float_list(values: Sequence[float]) -> Column:
    """The column that `encode_floats` gives of the same values."""
    count = len(values)
    if count > _FEW:
        import numpy as np

        return encode_floats(np.array(values, dtype=np.float64))
    if count < _SHORT:
        return {"k": "json", "v": [_json_float(float(value)) for value in values]}
    raw = struct.pack(f"<{count}d", *values)
    shuffled, trial = (
        b"".join(piece[at::8] for at in range(8)) for piece in (raw, raw[:_TRIAL_BYTES])
    )
    if count >= _PLANED:
        return {"k": "f64", "n": count, "b": _deflated_planes(shuffled, count)}
    return {"k": "f64", "n": count, "b": _deflated(shuffled, trial=trial)}


def encode_floats(values: NDArray[np.float64]) -> Column:
    """The column of *values*, exact to the bit in the `f64` form (`json` keeps no NaN payloads)."""
    if len(values) < _SHORT:
        return {"k": "json", "v": [_json_float(value) for value in values.tolist()]}
    if len(values) >= _PLANED:
        text = _deflated_planes(_shuffled(values), len(values))
    else:
        text = _deflated(_shuffled(values), trial=_shuffled(values[: _TRIAL_BYTES // 8]))
    return {"k": "f64", "n": len(values), "b": text}


def decode_column(column: Mapping[str, Json]) -> NDArray[np.int64] | NDArray[np.float64]:
    """The values that were encoded, by their form: the twin of `js/page/codec.js`."""
    import numpy as np

    match column["k"]:
        case "range":
            start, step, count = column["start"], column["step"], column["n"]
            return np.array([start + step * index for index in range(count)], dtype=np.int64)
        case "json":
            return _decode_json(column["v"])
        case "int":
            return _decode_ints(column)
        case "f64":
            shuffled = np.frombuffer(_inflated(column["b"]), dtype=np.uint8)
            raw = np.ascontiguousarray(shuffled.reshape(8, column["n"]).T)
            return raw.view("<f8").ravel().astype(np.float64)
        case form:
            raise ValueError(f"unknown form of column {form!r}")


def _is_progression(values: NDArray[np.int64] | Sequence[int]) -> bool:
    """Whether equal differences did not wrap around and the ends are exact in a browser."""
    first, second, last = int(values[0]), int(values[1]), int(values[-1])
    in_order = first + (second - first) * (len(values) - 1) == last
    return in_order and max(abs(first), abs(last)) <= _EXACT


def _json_int(value: int) -> int | str:
    return value if abs(value) <= _EXACT else str(value)


def _json_float(value: float) -> float | str:
    return value if math.isfinite(value) else exact_text(value)


def _shuffled(values: NDArray[np.float64]) -> bytes:
    import numpy as np

    rows = np.ascontiguousarray(values, dtype="<f8").view(np.uint8).reshape(len(values), 8)
    return rows.T.tobytes()


def _deflated(content: bytes, *, trial: bytes) -> str:
    """Base64 of *content* deflated by the strategy that did better on *trial*, its beginning."""
    by_level = _deflate(trial, zlib.Z_DEFAULT_STRATEGY)
    by_huffman = _deflate(trial, zlib.Z_HUFFMAN_ONLY)
    is_noise = len(by_huffman) <= len(by_level) * _HUFFMAN_MARGIN
    if len(trial) == len(content):
        packed = by_huffman if is_noise else by_level
    else:
        packed = _deflate(content, zlib.Z_HUFFMAN_ONLY if is_noise else zlib.Z_DEFAULT_STRATEGY)
    return base64.b64encode(packed).decode("ascii")


def _deflated_planes(content: bytes, count: int) -> str:
    """Base64 of the deflated planes of *count* bytes: neighbours of one strategy are one stream.

    A full flush ends a stream at a byte, so that deflate streams can follow each other.
    """
    strategies = [
        _strategy(content[at : at + _PLANE_TRIAL_BYTES]) for at in range(0, len(content), count)
    ]
    pieces = []
    for strategy, planes in groupby(range(8), key=strategies.__getitem__):
        numbers = list(planes)
        level, how = (0, zlib.Z_DEFAULT_STRATEGY) if strategy == _STORED else (6, strategy)
        stream = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS, 9, how)
        part = content[numbers[0] * count : (numbers[-1] + 1) * count]
        pieces.append(stream.compress(part))
        pieces.append(stream.flush(zlib.Z_FINISH if numbers[-1] == 7 else zlib.Z_FULL_FLUSH))
    return base64.b64encode(b"".join(pieces)).decode("ascii")


def _strategy(plane: bytes) -> int:
    """How a plane that begins so is deflated best."""
    if plane.count(plane[0]) == len(plane):
        return zlib.Z_DEFAULT_STRATEGY
    by_level = len(_deflate(plane, zlib.Z_DEFAULT_STRATEGY, level=1))  # noise takes level 6 long
    by_huffman = len(_deflate(plane, zlib.Z_HUFFMAN_ONLY))
    if min(by_level, by_huffman) > len(plane) * _NOISE_RATIO:
        return _STORED
    is_noise = by_huffman <= by_level * _HUFFMAN_MARGIN
    return zlib.Z_HUFFMAN_ONLY if is_noise else zlib.Z_DEFAULT_STRATEGY


def _deflate(content: bytes, strategy: int, *, level: int = 6) -> bytes:
    stream = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS, 9, strategy)
    return stream.compress(content) + stream.flush()


def _inflated(text: str) -> bytes:
    return zlib.decompress(base64.b64decode(text), -zlib.MAX_WBITS)


def _decode_ints(column: Mapping[str, Json]) -> NDArray[np.int64]:
    import numpy as np

    stored = np.frombuffer(_inflated(column["b"]), dtype=f"<u{column['w']}").astype(np.uint64)
    deltas = ((stored >> np.uint64(1)) ^ (np.uint64(0) - (stored & np.uint64(1)))).view(np.int64)
    values = np.empty(column["n"], dtype=np.int64)
    values[0] = int(column["start"])
    values[1:] = deltas
    return np.cumsum(values, dtype=np.int64)


def _decode_json(values: list[float | str]) -> NDArray[np.int64] | NDArray[np.float64]:
    import numpy as np

    if values and all(_is_int(value) for value in values):
        return np.array([int(value) for value in values], dtype=np.int64)
    return np.array([float(value) for value in values], dtype=np.float64)


def _is_int(value: float | str) -> bool:
    return isinstance(value, int) or (isinstance(value, str) and value.lstrip("-").isdigit())
