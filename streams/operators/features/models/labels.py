"""Labels: what became of the mid after a vector, told when it is known and never earlier.

| kind | known | side | return |
| --- | --- | --- | --- |
| horizon | at the first vector at least ``horizon_ns`` later | up or down | ln of the mids |
| bars | ``bars`` vectors later | the same | the same |
| triple_barrier | when the mid touches one, or after ``horizon_ns`` | the barrier's | the same |

The triple barrier is de Prado's, *Advances in Financial Machine Learning*, chapter 3: ``up`` and
``down`` lie that many basis points away, or that many times the width that a row gives
(a volatility as a log return); where time runs out first, the side is that of the return, or none
with ``vertical = "none"``. A mid that did not move has no side. A row without a mid tells nothing,
so labels that fall due there are known at the next row with one.

One kernel folds rows as they come (``Waiting``) and a whole history (``over``).
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from streams.kernels import kernel

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

KINDS = ("horizon", "triple_barrier", "bars")
_HORIZON, _TRIPLE, _BARS = range(3)
_HEAD, _TAIL, _VECTORS = range(3)  # of counts


@dataclass(frozen=True, slots=True)
class Label:
    """``up`` and ``down`` in basis points, or in widths where rows give one."""

    kind: str = "horizon"
    horizon_ns: int = 10 * 10**9
    bars: int = 10
    up: float = 10.0
    down: float = 10.0
    vertical: str = "sign"

    def check(self) -> None:
        """Raises ValueError, which says what is wrong."""
        if self.kind not in KINDS:
            raise ValueError(f"label {self.kind!r}: use {', '.join(KINDS)}")
        if self.kind != "bars" and self.horizon_ns <= 0:
            raise ValueError("horizon must be longer than nothing")
        if self.kind == "bars" and self.bars < 1:
            raise ValueError(f"bars {self.bars}: at least 1")
        if self.kind == "triple_barrier" and not (self.up > 0 and self.down > 0):
            raise ValueError(f"up {self.up:g}, down {self.down:g}: barriers must be over 0")
        if self.vertical not in ("sign", "none"):
            raise ValueError(f"vertical {self.vertical!r}: use sign or none")

    def spec(self, widths: bool) -> tuple[int, int, int, float, float, int]:
        """As the kernel takes it: of Python's own numbers, which numba tells in a tenth of the
        time that a subclass takes."""
        unit = 1.0 if widths else 1e-4
        kind, signed = KINDS.index(self.kind), int(self.vertical == "sign")
        return kind, int(self.horizon_ns), self.bars, self.up * unit, self.down * unit, signed


class Known(NamedTuple):
    """Labels in the order in which they became known. ``row``: at which of the rows; ``entry``: of
    which vector, by its number; ``side`` 1, -1 or 0; ``ret`` a log return."""

    row: Any
    entry: Any
    side: Any
    ret: Any


class _Rings(NamedTuple):
    """A vector waits at its number modulo the capacity: its time, its place among all vectors, its
    mid and the mids of its barriers, and whether its label is still open."""

    times: Any
    at: Any
    mid: Any
    upper: Any
    lower: Any
    open: Any


_DTYPES = ("i8", "i8", "f8", "f8", "f8", "u1")


class Waiting:
    """Vectors that wait for their label, each with ``carried`` numbers that its owner keeps there
    until then. Vectors that wait are numbered, from 0, without a hole."""

    def __init__(self, label: Label, carried: int = 0, widths: bool = False) -> None:
        self._spec = label.spec(widths)
        self._counts = np.zeros(3, np.int64)
        self._rings = _empty(8)
        self.carried = np.zeros((8, carried))

    @property
    def number(self) -> int:
        """That the next vector gets."""
        return int(self._counts[_TAIL])

    @property
    def capacity(self) -> int:
        return len(self.carried)

    def fold(self, ts: IntArray, mid: FloatArray, width: FloatArray, usable: Any) -> Known:
        """What became known at these rows; where ``usable`` says so, a row waits from now on.
        ``width``: of each row, where barriers are in widths. What was carried for the vectors that
        became known stays until the next call."""
        self._reserve(len(ts))
        most = int(self._counts[_TAIL] - self._counts[_HEAD]) + len(ts)
        known = Known(
            np.empty(most, np.int64),
            np.empty(most, np.int64),
            np.empty(most, np.int8),
            np.empty(most),
        )
        count = _fold(ts, mid, width, usable, self._spec, self._counts, self._rings, known)
        return Known(*(column[:count] for column in known))

    def _reserve(self, rows: int) -> None:
        """No place is taken twice within a call."""
        head, tail = int(self._counts[_HEAD]), int(self._counts[_TAIL])
        size = self.capacity
        while size < tail - head + rows:
            size *= 2
        if size > self.capacity:
            here, there = np.arange(head, tail) % self.capacity, np.arange(head, tail) % size
            rings, carried = _empty(size), np.zeros((size, self.carried.shape[1]))
            for new, old in zip(rings, self._rings, strict=True):
                new[there] = old[here]
            carried[there] = self.carried[here]
            self._rings, self.carried = rings, carried

    def state(self) -> dict[str, Any]:
        """Of what waits, in its order."""
        here = np.arange(self._counts[_HEAD], self._counts[_TAIL]) % self.capacity
        rings = {name: ring[here] for name, ring in self._rings._asdict().items()}
        return {"counts": self._counts, "rings": rings, "carried": self.carried[here]}

    def restore(self, state: dict[str, Any]) -> None:
        self._counts = state["counts"].copy()
        head, tail = int(self._counts[_HEAD]), int(self._counts[_TAIL])
        size = 8
        while size < tail - head:
            size *= 2
        here = np.arange(head, tail) % size
        self._rings, self.carried = _empty(size), np.zeros((size, self.carried.shape[1]))
        for name, ring in self._rings._asdict().items():
            ring[here] = state["rings"][name]
        self.carried[here] = state["carried"]


class Labels(NamedTuple):
    """A label a row of a history. ``t1``: when it was known, 0 where it is not: ``side`` is then 0
    and ``ret`` NaN."""

    side: npt.NDArray[np.int8]
    ret: FloatArray
    t1: IntArray


def over(label: Label, ts: Any, mid: Any, width: Any = None) -> Labels:
    """The labels of a whole history. Barriers are in widths where ``width`` is given; a row whose
    mid or width is no number over 0 has no label."""
    label.check()
    times, mids = np.ascontiguousarray(ts, np.int64), np.ascontiguousarray(mid, np.float64)
    widths = np.ones(len(times)) if width is None else np.ascontiguousarray(width, np.float64)
    usable = (mids > 0) & (widths > 0) & np.isfinite(mids) & np.isfinite(widths)
    known = Waiting(label, widths=width is not None).fold(times, mids, widths, usable)
    of = np.flatnonzero(usable)[known.entry]
    made = Labels(
        np.zeros(len(times), np.int8), np.full(len(times), np.nan), np.zeros(len(times), np.int64)
    )
    made.side[of], made.ret[of], made.t1[of] = known.side, known.ret, times[known.row]
    return made


def _empty(size: int) -> _Rings:
    return _Rings._make(np.zeros(size, dtype) for dtype in _DTYPES)


@kernel
def _fold(ts, mid, width, usable, spec, counts, rings, known):  # type: ignore[no-untyped-def]
    count = 0
    for row in range(len(ts)):
        if mid[row] > 0:
            count = _tell(ts[row], mid[row], row, spec, counts, rings, known, count)
        if usable[row]:
            _wait(ts[row], mid[row], width[row], spec, counts, rings)
        counts[_VECTORS] += 1
    return count


@kernel
def _tell(now, mid, row, spec, counts, rings, known, count):  # type: ignore[no-untyped-def]
    """The labels that this row decides, oldest first."""
    kind, horizon, bars, _, _, signed = spec
    size = len(rings.times)
    for entry in range(counts[_HEAD], counts[_TAIL]):
        at = entry % size
        if not rings.open[at]:
            continue
        if kind == _BARS:
            due = counts[_VECTORS] - rings.at[at] >= bars
        else:
            due = now - rings.times[at] >= horizon
        then, side = rings.mid[at], 0
        if kind == _TRIPLE:
            side = 1 if mid >= rings.upper[at] else -1 if mid <= rings.lower[at] else 0
        elif not due:
            break  # those behind it came later
        if side == 0 and not due:
            continue
        if side == 0 and (signed or kind != _TRIPLE):
            side = 1 if mid > then else -1 if mid < then else 0
        known.row[count], known.entry[count] = row, entry
        known.side[count], known.ret[count] = side, np.log(mid / then)
        rings.open[at] = 0
        count += 1
    while counts[_HEAD] < counts[_TAIL] and not rings.open[counts[_HEAD] % size]:
        counts[_HEAD] += 1
    return count


@kernel
def _wait(now, mid, width, spec, counts, rings):  # type: ignore[no-untyped-def]
    _, _, _, up, down, _ = spec
    at = counts[_TAIL] % len(rings.times)
    rings.times[at], rings.at[at], rings.open[at] = now, counts[_VECTORS], 1
    rings.mid[at] = mid
    rings.upper[at], rings.lower[at] = mid * np.exp(up * width), mid * np.exp(-down * width)
    counts[_TAIL] += 1
