"""A latency model for delays that were seen."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.compare.fit_latency import LatencyFit, fit_latency
from streams.operators.paper_venue.latency import Latency

MS = 10**6


def drawn(model: Latency, n: int = 300) -> LatencyFit:
    return fit_latency([model.draw(f"order {i}") for i in range(n)])


@pytest.mark.parametrize(
    "model",
    [
        Latency(25 * MS),
        Latency(20 * MS, "uniform", jitter_ns=60 * MS),
        Latency(80 * MS, "lognormal", sigma=Decimal("0.3")),
        Latency(15 * MS, "lognormal", sigma=Decimal("0.8")),
    ],
    ids=lambda m: m.model,
)
def test_the_model_that_made_the_delays_is_found(model: Latency) -> None:
    found = drawn(model).model
    assert found is not None
    assert found.model == model.model
    assert abs(found.ns / model.ns - 1) < 0.1
    assert abs(found.jitter_ns - model.jitter_ns) <= 2 * MS
    assert abs(found.sigma - model.sigma) < Decimal("0.05")


def test_few_delays_give_a_median_and_fewer_nothing() -> None:
    assert fit_latency([MS] * 4).model is None
    found = fit_latency([n * 10 * MS for n in range(1, 10)])
    assert found.model == Latency(50 * MS)
    assert "only the median" in found.verdict


def test_an_answer_before_its_order_is_left_out_and_counted() -> None:
    found = fit_latency([-5 * MS] * 3 + [7 * MS] * 6)
    assert (found.model, found.seen, found.impossible) == (Latency(7 * MS), 6, 3)


def test_what_no_model_fits_is_said_to_fit_badly() -> None:
    found = fit_latency([MS] * 100 + [900 * MS] * 100)
    assert "fits badly" in found.verdict


@given(st.lists(st.integers(-(10**9), 10**13), max_size=60))
def test_any_delays_give_a_model_that_can_be_drawn_from(delays: list[int]) -> None:
    found = fit_latency(delays)
    assert found.seen + found.impossible == len(delays)
    if found.model:
        assert found.model.draw("x") >= 0
        assert found.model.ns % MS == found.model.jitter_ns % MS == 0
