"""Labels by hand, incrementally and at once, and when they were known."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams import canonical
from streams.operators.features.models.labels import Label, Waiting, over
from tests.features.market import rows

SECOND = 10**9
LABELS = (
    Label(horizon_ns=4 * SECOND),
    Label("bars", bars=3),
    Label("triple_barrier", horizon_ns=6 * SECOND, up=2.0, down=1.0),
    Label("triple_barrier", horizon_ns=6 * SECOND, up=3.0, down=3.0, vertical="none"),
)


def by_hand(label: Label, ts: Any, mid: Any, row: int, width: float) -> tuple[int, float, int]:
    """(side, return, known at) of one row, by looking at all that follow."""
    for later in range(row + 1, len(ts)):
        if not mid[later] > 0:
            continue
        ret = np.log(mid[later] / mid[row])
        due = ts[later] - ts[row] >= label.horizon_ns
        if label.kind == "bars":
            due = later - row >= label.bars
        touched = 0
        if label.kind == "triple_barrier":
            touched = int(mid[later] >= mid[row] * np.exp(label.up * width))
            touched -= int(mid[later] <= mid[row] * np.exp(-label.down * width))
        if touched:
            return touched, ret, ts[later]
        if due:
            signed = label.kind != "triple_barrier" or label.vertical == "sign"
            return int(np.sign(mid[later] - mid[row])) if signed else 0, ret, ts[later]
    return 0, np.nan, 0


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("widths", [False, True])
def test_a_label_is_what_looking_ahead_finds(label: Label, widths: bool) -> None:
    ts, mid, x = rows(300)
    width = 1e-4 * (1 + np.abs(np.nan_to_num(x[:, 2]))) if widths else None
    found = over(label, ts, mid, width)
    for row in range(300):
        one = width[row] if width is not None else 1e-4
        wanted = by_hand(label, ts, mid, row, one) if mid[row] > 0 else (0, np.nan, 0)
        np.testing.assert_allclose((found.side[row], found.ret[row], found.t1[row]), wanted)
    assert (found.t1 > 0).sum() > 250
    assert {-1, 1} <= set(found.side.tolist())


@given(st.lists(st.integers(1, 40), min_size=1, max_size=10), st.sampled_from(LABELS))
def test_labels_may_be_found_row_by_row_and_across_a_snapshot(
    pieces: list[int], label: Label
) -> None:
    ts, mid, _ = rows(sum(pieces), seed=5)
    usable, width = mid > 0, np.ones(len(ts))
    whole = Waiting(label, carried=1).fold(ts, mid, width, usable)
    waiting, at, found = Waiting(label, carried=1), 0, []
    for piece in pieces:
        part = slice(at, at + piece)
        known = waiting.fold(ts[part], mid[part], width[part], usable[part])
        found += list(zip(known.row + at, known.entry, known.side, known.ret, strict=True))
        packed = canonical.pack(waiting.state())
        waiting = Waiting(label, carried=1)
        waiting.restore(canonical.unpack(packed))
        assert canonical.pack(waiting.state()) == packed
        at += piece
    assert found == list(zip(*whole, strict=True))


@pytest.mark.parametrize(
    ("label", "said"),
    [
        (Label("tomorrow"), "use horizon, triple_barrier, bars"),
        (Label(horizon_ns=0), "longer than nothing"),
        (Label("bars", bars=0), "at least 1"),
        (Label("triple_barrier", up=0.0), "over 0"),
        (Label(vertical="up"), "sign or none"),
    ],
)
def test_a_label_that_makes_no_sense_is_refused(label: Label, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        over(label, [1], [1.0])
