"""Estimates of cost against published numbers and against a naive walk."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.operators.execution import impact

IBM = {"volume": 6.561e6, "volatility": 0.0157, "outstanding": 1728e6}
DRI = {"volume": 1.929e6, "volatility": 0.0226, "outstanding": 168e6}


@pytest.mark.parametrize(
    ("stock", "permanent", "days", "temporary", "realised"),
    [
        (IBM, 20, 0.1, 22, 32),
        (IBM, 20, 0.2, 15, 25),
        (IBM, 20, 0.5, 8, 18),
        (DRI, 22, 0.1, 32, 43),
        (DRI, 22, 0.2, 21, 32),
        (DRI, 22, 0.5, 12, 23),
    ],
)
def test_the_examples_of_almgren_et_al_2005(
    stock: dict[str, float], permanent: int, days: float, temporary: int, realised: int
) -> None:
    """10 % of a day's volume; basis points, as the paper rounds them."""
    size, volume, volatility = stock["volume"] / 10, stock["volume"], stock["volatility"]
    lasting = impact.permanent(size, volume, volatility, stock["outstanding"])
    passing = impact.temporary(size, volume, volatility, days)
    paid = impact.realised(size, volume, volatility, days, stock["outstanding"])
    assert [round(x * 1e4) for x in (lasting, passing, paid)] == [permanent, temporary, realised]


def test_the_square_root_law() -> None:
    assert impact.square_root(0.01, 1.0, 0.02) == pytest.approx(0.002)
    assert impact.square_root(4, 100, 0.02) == 2 * impact.square_root(1, 100, 0.02)
    assert impact.square_root(1, 0, 0.02) == math.inf


levels = st.lists(st.tuples(st.integers(1, 500), st.integers(1, 20)), max_size=6)


@given(levels, st.integers(0, 80), st.sampled_from([1, -1]), st.none() | st.integers(1, 500))
def test_walking_takes_unit_after_unit(
    shown: list[tuple[int, int]], size: int, side: int, limit: int | None
) -> None:
    shown = sorted(dict(shown).items(), key=lambda level: side * level[0])
    units = [price for price, there in shown for _ in range(there)]
    if limit is not None:
        units = [price for price in units if side * price <= side * limit]
    taken = units[:size]
    walked = impact.walk(shown, size, side, limit)
    assert walked == (len(taken), taken[-1] if taken else 0, sum(taken))


def test_slippage_of_a_market_order() -> None:
    bids, asks = [(99, 10), (98, 10)], [(101, 10), (103, 10)]
    assert impact.slippage_bps(bids, asks, 1, 10) == pytest.approx(100)
    assert impact.slippage_bps(bids, asks, 1, 20) == pytest.approx(200)
    assert impact.slippage_bps(bids, asks, -1, 20) == pytest.approx(150)
    assert impact.slippage_bps(bids, asks, 1, 21) == math.inf
    assert math.isnan(impact.slippage_bps([], asks, 1, 1))
