"""Permutation tests that flip signs, exact where few values differ, and their stream of bits.

Floor 3. Under the hypothesis that two runs are alike each paired difference (or, when samples come
in clusters, each cluster's sum of differences) is as likely to be positive as negative. The p value
is the share of sign patterns whose sum is at least as far from 0 as the one seen; drawn patterns
give (b + 1)/(B + 1), see Phipson & Smyth, SAGMB 9 (2010). Bits come from Philox4x32-10 (Salmon et
al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011), a counter-based generator that
`js/statistics-flip.js` computes alike, so that the build and the page give one p value.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_EXACT: Final = 14
"""Non-zero sums up to which all 2^m patterns are counted."""
MOST_FLIPPED: Final = 2_000
"""Non-zero sums up to which patterns are drawn; beyond, the t test is as good and instant."""
DRAWS: Final = 9_999
_DRAWS_AT_ONCE: Final = 500
_TIE: Final = 1e-10
"""Sums that differ by less, relative to the largest possible sum, count as equal."""
_WORD_BITS: Final = 32
_LANES: Final = 4
_MULTIPLIERS: Final = (0xD2511F53, 0xCD9E8D57)
_KEY_STEPS: Final = (0x9E3779B9, 0xBB67AE85)
_ROUNDS: Final = 10

Key = tuple[int, int]
"""Two 32-bit numbers that seed the stream."""


def seed_of(run_id: str, other_id: str) -> Key:
    """The key of a comparison of two runs, the same in whichever order they are named.

    The first 32 bits of SHA-256 of each id, the smaller one first: pages know them from the sha10
    that ends the name of a run's page.
    """
    one, other = sorted(
        int.from_bytes(hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()[:4], "big")
        for name in (run_id, other_id)
    )
    return one, other


def philox(key: Key, first: int, count: int) -> NDArray[np.uint32]:
    """Words *first* to *first* + *count* of the stream; word 4n + i is lane i of counter n."""
    import numpy as np

    start, end = first // _LANES, -(-(first + count) // _LANES)
    counters = np.arange(start, end, dtype=np.uint64)
    low = np.uint64(0xFFFFFFFF)
    shift = np.uint64(_WORD_BITS)
    lanes = [counters & low, counters >> shift, np.zeros_like(counters), np.zeros_like(counters)]
    keys = list(key)
    for _ in range(_ROUNDS):
        left = lanes[0] * np.uint64(_MULTIPLIERS[0])
        right = lanes[2] * np.uint64(_MULTIPLIERS[1])
        lanes = [
            (right >> shift) ^ lanes[1] ^ np.uint64(keys[0]),
            right & low,
            (left >> shift) ^ lanes[3] ^ np.uint64(keys[1]),
            left & low,
        ]
        keys = [(one + step) & 0xFFFFFFFF for one, step in zip(keys, _KEY_STEPS, strict=True)]
    words = np.stack(lanes, axis=1).astype(np.uint32).ravel()
    return words[first - start * _LANES :][:count]


def sign_flip_p(sums: NDArray[np.float64], key: Key) -> float:
    """Two-sided p value of the hypothesis that *sums* are symmetric about 0.

    *sums*: finite, non-zero, at most `MOST_FLIPPED`.
    """
    import numpy as np

    if len(sums) == 0:
        return 1.0
    sizes = np.sort(np.abs(sums))  # in this order the draws are the same however pairs come
    least = abs(float(sums.sum())) - _TIE * float(sizes.sum())
    if len(sums) <= MOST_EXACT:
        totals = np.zeros(1)
        for value in sizes:
            totals = np.concatenate([totals + value, totals - value])
        return float(np.mean(np.abs(totals) >= least))
    as_far = sum(int(np.sum(np.abs(totals) >= least)) for totals in _drawn_totals(sizes, key))
    return (as_far + 1) / (DRAWS + 1)


def _drawn_totals(sizes: NDArray[np.float64], key: Key) -> Iterator[NDArray[np.float64]]:
    """Sums under drawn signs: bit i of a draw's words, from the lowest, is the sign of value i."""
    import numpy as np

    words = -(-len(sizes) // _WORD_BITS)
    total = sizes.sum()
    for first in range(0, DRAWS, _DRAWS_AT_ONCE):
        draws = min(_DRAWS_AT_ONCE, DRAWS - first)
        stream = philox(key, first * words, draws * words).astype("<u4").reshape(draws, words)
        bits = np.unpackbits(stream.view(np.uint8), axis=1, bitorder="little")[:, : len(sizes)]
        yield 2 * (bits @ sizes) - total
