"""``compare`` on sessions of which the venue is known: what was planted is found again."""

from dataclasses import replace
from decimal import Decimal

import pytest

from research.compare import session as sessions
from research.compare.causes import CAUSES, Parts
from research.compare.comparison import Comparison
from research.compare.play import with_orders
from streams.operators.paper_venue.latency import Latency
from streams.operators.paper_venue.terms import Terms
from streams.operators.paper_venue.venue import PaperVenue, PaperVenueConfig
from streams.operators.risk.instruments import Reference
from tests.research.live_world import ACCOUNT, MS, PLANTED, World, traded

CONFIGURED = PaperVenueConfig(Terms(Decimal("0.0002"), Decimal("0.0005")), Latency(10 * MS))
ORDERS = 150


@pytest.fixture(scope="module")
def found() -> Comparison:
    return traded(World(PLANTED), ORDERS).compare(CONFIGURED)


def test_the_fit_finds_the_latency_the_queue_and_the_fees_that_were_planted(
    found: Comparison,
) -> None:
    latency, queue, fees = found.fit.latency, found.fit.queue, found.fit.fees
    assert latency.model is not None
    assert latency.model.model == "lognormal"
    assert abs(latency.model.ns / (40 * MS) - 1) < 0.1
    assert abs(float(latency.model.sigma) - 0.5) < 0.08
    assert (queue.model, queue.power) == ("power", 2)
    assert queue.distances["power 2"] == 0
    assert (fees.maker, fees.taker) == (Decimal("0.0001"), Decimal("0.0004"))


def test_the_fitted_venue_comes_nearer_than_the_configured_one(found: Comparison) -> None:
    assert found.after.same > found.before.same
    assert found.after.seconds < found.before.seconds / 2
    assert abs(found.after.pnl_off) < abs(found.before.pnl_off)


def test_the_parts_add_up_to_the_whole_difference_of_each_order(found: Comparison) -> None:
    for one in found.orders:
        assert one.explained.pnl.total == one.live.worth.pnl - one.paper.worth.pnl
        assert one.explained.filled.total == one.live.worth.filled - one.paper.worth.filled


def test_with_all_causes_planted_each_has_its_part_and_nothing_is_left(found: Comparison) -> None:
    assert found.causes.latency
    assert found.causes.queue
    assert found.causes.fee > 0  # live was cheaper
    assert found.causes.missing_data == found.causes.remainder == 0


@pytest.mark.parametrize(
    ("cause", "venue"),
    [
        ("latency", replace(CONFIGURED, entry=Latency(400 * MS))),
        ("queue", replace(CONFIGURED, queue_model="power", power=1)),
        ("fee", replace(CONFIGURED, terms=Terms(Decimal("-0.0001"), Decimal("0.001")))),
    ],
)
def test_the_one_cause_that_was_planted_explains_everything(
    cause: str, venue: PaperVenueConfig
) -> None:
    found = traded(World(venue), 100, seed=8).compare(CONFIGURED)
    parts = [one.explained.pnl for one in found.orders]
    assert any(getattr(part, cause) for part in parts)
    for other in set(CAUSES) - {cause}:
        assert not any(getattr(part, other) for part in parts), other


def test_a_session_that_equals_its_replay_differs_in_nothing() -> None:
    found = traded(World(CONFIGURED), 20).compare(CONFIGURED)
    assert found.causes == Parts()
    assert found.before.same == len(found.orders) == 20
    assert found.before.seconds == 0
    assert {one.explained.main for one in found.orders} == {""}


def test_too_few_orders_are_not_fitted_and_it_says_so() -> None:
    found = traded(World(PLANTED), 6).compare(CONFIGURED)
    assert found.fit.queue.model is None
    assert "are needed" in found.fit.queue.verdict
    assert "only the median" in found.fit.latency.verdict
    assert "queue_model" not in found.fit.toml()


def test_joining_frames_changes_no_outcome() -> None:
    world = traded(World(PLANTED), 30)
    session = sessions.read(
        ACCOUNT,
        Reference(),
        [message for _, message, _ in world.log["execution"]],
        [(writer, message) for _, message, writer in world.log["orders"]],
    )
    found = []
    for most in (1, 7, 20_000):
        market = [message for _, message, _ in world.log["ticks"]]
        records = list(with_orders(market, session.orders.values(), most))  # type: ignore[arg-type]
        venue = PaperVenue(PLANTED)
        reports = [output.message for record in records for output in venue.apply(record)]
        found.append((len(records), reports))
    assert found[0][1] == found[1][1] == found[2][1]
    assert found[0][0] > found[2][0]
