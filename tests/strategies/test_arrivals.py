"""What the market maker learns of the orders of others: made streams of which A and k are known."""

import math

import numpy as np
import pytest

from streams.operators.strategies import arrivals
from streams.operators.strategies.arrivals import Arrivals, Intensity, intensity

SECOND, MID = 10**9, 1000.0
GIVEN = Intensity(2.0, 0.1)


def streamed(
    k: float, a: float, halves: tuple[float, ...], tick: float, seconds: int, memory: float
) -> Arrivals:
    """Orders of both sides as two Poisson processes of intensity a exp(-k d); distances in basis
    points of a mid of 1000, so a tenth of a price each. The spread changes each second, and what
    does not reach the best price does not trade."""
    rng, of, now = np.random.default_rng(11), Arrivals(), 0
    memory_ns, basis_point = int(memory * SECOND), MID / 1e4
    for second in range(seconds):
        half = halves[second % len(halves)]
        arrivals.passed(of, now, intensity(of, GIVEN, 50, tick).k, memory_ns)
        arrivals.quoted(of, now + 1, half)
        for at in np.sort(rng.uniform(0, 1, rng.poisson(2 * a))):
            side = int(rng.choice([-1, 1]))
            reached = rng.exponential(1 / k)
            if reached < half:
                continue
            ts = now + int(at * SECOND)
            arrivals.passed(of, ts, intensity(of, GIVEN, 50, tick).k, memory_ns)
            ticks = math.floor((reached - half) / tick)
            best = MID + side * half * basis_point
            for n in {0, ticks // 2, ticks}:  # it walks through the book
                price = best + side * n * tick * basis_point
                arrivals.traded(of, ts, side, best, price, tick * basis_point)
        now = (second + 1) * SECOND
    return of


@pytest.mark.parametrize(
    ("k", "a", "halves", "tick"),
    [
        (0.8, 3.0, (0.5,), 0.01),
        (0.8, 3.0, (0.2, 1.0, 1.8), 0.01),  # a spread that breathes
        (0.8, 3.0, (0.5,), 1.0),  # ticks as coarse as the distances
        (5.0, 2.0, (0.05, 0.1), 0.01),
    ],
)
def test_k_and_a_of_a_poisson_stream_are_found(
    k: float, a: float, halves: tuple[float, ...], tick: float
) -> None:
    of = streamed(k, a, halves, tick, 4000, 600)
    found = intensity(of, GIVEN, 50, tick)
    sure = 1 / math.sqrt(of.orders)  # one relative standard error of an exponential's rate
    assert of.orders > 500
    assert found.k == pytest.approx(k, rel=3 * sure)
    assert found.a == pytest.approx(a, rel=4 * sure)


def test_what_is_given_stands_until_enough_was_seen() -> None:
    of = Arrivals()
    assert intensity(of, GIVEN, 50, 0.1) == pytest.approx(GIVEN)
    arrivals.quoted(of, SECOND, 0.0)
    for n in range(1, 51):
        arrivals.passed(of, (n + 1) * SECOND, 0.0, 10**9 * SECOND)
        arrivals.traded(of, (n + 1) * SECOND, 1, 100.0, 100.0 + 0.4, 0.1)
        found = intensity(of, GIVEN, 50, 0.1)
        # both are weighed by orders; 4 ticks a trade, one order a second
        ticks = ((50 - n) / math.expm1(0.2) + 4 * n) / 50
        assert found.k == pytest.approx(math.log1p(1 / ticks) / 0.1, rel=1e-6)
        assert found.a == pytest.approx(50 / ((50 - n) / 0.1 + 2 * n), rel=1e-6)
    assert found.a == pytest.approx(0.5)


def test_an_order_that_walks_through_prices_counts_once_by_the_furthest() -> None:
    of = Arrivals()
    arrivals.quoted(of, SECOND, 1.0)
    for price in (99.9, 99.8, 99.5):
        arrivals.traded(of, SECOND, -1, 99.9, price, 0.1)
    assert (of.orders, of.beyond) == (1, 4)
    arrivals.traded(of, SECOND, 1, 100.1, 100.0, 0.1)  # between the quotes: reached none
    assert (of.orders, of.beyond) == (1, 4)
    arrivals.traded(of, SECOND, 1, 100.1, 100.1, 0.1)
    assert (of.orders, of.beyond) == (2, 4)


def test_a_silent_market_is_one_where_few_orders_come_and_a_lost_one_is_not_known() -> None:
    of, lost = (streamed(0.8, 3.0, (0.5,), 0.01, 300, 60) for _ in range(2))
    before = intensity(of, GIVEN, 20, 0.01)
    arrivals.passed(of, 360 * SECOND, before.k, 60 * SECOND)
    assert intensity(of, GIVEN, 20, 0.01).a < before.a / 1.5
    arrivals.lost(lost)
    arrivals.passed(lost, 360 * SECOND, before.k, 60 * SECOND)
    arrivals.quoted(lost, 360 * SECOND, 0.5)
    assert intensity(lost, GIVEN, 20, 0.01) == before


def test_where_no_order_ever_goes_beyond_the_best_price_k_stays_finite() -> None:
    of = Arrivals()
    arrivals.quoted(of, SECOND, 0.5)
    for n in range(1, 1001):
        arrivals.passed(of, n * SECOND, 1.0, 10**6 * SECOND)
        arrivals.traded(of, n * SECOND, 1, 100.0, 100.0, 0.01)
    assert intensity(of, GIVEN, 50, 1.0).k == pytest.approx(math.log1p(2 * of.orders))
