"""The window of returns, whatever order closes come in."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams import canonical
from streams.operators.risk.returns import ReturnWindow, UnknownReturns

closes = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 120), st.integers(1, 1000)),
    max_size=60,
    unique_by=lambda close: close[:2],
)


def window(made: list[tuple[str, int, int]], length: int = 5) -> ReturnWindow:
    of = ReturnWindow(10, length)
    for name, ts, close in made:
        of.add(name, ts, float(close))
    return of


def by_hand(made: list[tuple[str, int, int]], names: list[str], length: int) -> np.ndarray:
    """Sorts all closes by time and looks at each period's last."""
    periods = sorted({ts // 10 for _, ts, _ in made})
    rows = []
    for period in periods:
        row = []
        for name in names:
            until = sorted((ts, c) for n, ts, c in made if n == name and ts // 10 <= period)
            row.append(until[-1][1] if until else None)
        rows.append(row)
    rows = rows[:-1][-(length + 1) :]
    both = [(a, b) for a, b in pairwise(rows) if None not in a]
    return np.array([[y / x - 1 for x, y in zip(a, b, strict=True)] for a, b in both])


@settings(deadline=None)
@given(closes, st.randoms(use_true_random=False))
def test_it_equals_the_closes_sorted_by_time_in_whatever_order_they_came(
    made: list[tuple[str, int, int]], order: object
) -> None:
    names = sorted({name for name, _, _ in made})
    expected = by_hand(made, names, 5)
    shuffled = list(made)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    for of in (window(made), window(shuffled)):
        if not names:
            continue
        if len(expected):
            np.testing.assert_array_equal(of.returns(names), expected)
        else:
            with pytest.raises(UnknownReturns, match="0 returns"):
                of.returns(names)


@settings(deadline=None)
@given(closes, st.integers(0, 60))
def test_a_snapshot_goes_on_as_if_nothing_had_been(
    made: list[tuple[str, int, int]], cut: int
) -> None:
    first, second = window(made[:cut]), ReturnWindow(10, 5)
    second.unpack(canonical.unpack(canonical.pack(first.pack())))
    for name, ts, close in made[cut:]:
        second.add(name, ts, float(close))
    assert canonical.pack(second.pack()) == canonical.pack(window(made).pack())


def test_rules_of_the_window() -> None:
    of = window([("a", 5, 100), ("a", 15, 110), ("b", 15, 50), ("a", 45, 121), ("a", 95, 121)])
    # 20 … 40 and 50 … 90 had no close and count for nothing; b kept its price at 45
    np.testing.assert_allclose(of.returns(["a"]), [[0.1], [0.1]])
    np.testing.assert_allclose(of.returns(["b", "a"]), [[0.0, 0.1]])
    of.add("b", 44, 55.0)  # late, where it belongs
    np.testing.assert_allclose(of.returns(["b", "a"]), [[0.1, 0.1]])
    of.add("b", 43, 99.0)  # not the last of its period
    np.testing.assert_allclose(of.returns(["b", "a"]), [[0.1, 0.1]])
    of.add("b", 44, 60.0)  # a revision
    np.testing.assert_allclose(of.returns(["b", "a"]), [[0.2, 0.1]])


def test_what_is_not_known_is_an_error() -> None:
    of = window([("a", 5, 100), ("a", 15, 110), ("a", 25, 110)])
    with pytest.raises(UnknownReturns, match="no closes of b, c"):
        of.returns(["a", "b", "c"])
    with pytest.raises(UnknownReturns, match="1 returns of a are known together, 2 are needed"):
        of.returns(["a"], least=2)
    with pytest.raises(UnknownReturns, match="no closes of a"):
        ReturnWindow(10, 5).returns(["a"])
    for price in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="above zero"):
            of.add("a", 35, price)
    with pytest.raises(ValueError, match="holds nothing"):
        ReturnWindow(0, 5)
