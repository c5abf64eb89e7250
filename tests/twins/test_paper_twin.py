"""The paper venue against the obvious one, on random sequences; and what must hold for them all."""

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from schemas.frames import MarketFrame
from streams.operators.paper_venue.latency import Latency
from streams.operators.paper_venue.venue import PaperVenue, PaperVenueConfig
from tests.twins.paper_by_hand import ByHand, Report
from tests.twins.paper_market import TERMS
from tests.twins.paper_scripts import Both, long_script, steps, told

EXAMPLES, SEEDS = 60, 25
KINDS = {
    *("NEW", "TRADE", "REJECTED", "EXPIRED", "CANCELED", "TRIGGERED"),
    *("REPLACED", "CANCEL_REJECTED", "REPLACE_REJECTED"),
}


def both(twin: ByHand, script: list[tuple[int, tuple[Any, ...]]]) -> Both:
    pair = Both(twin)
    for wait, step in script:
        pair.now += wait
        pair.step(step)
    return pair


def fold(config: PaperVenueConfig, messages: list[Any]) -> list[Report]:
    venue = PaperVenue(config)
    return [report for message in messages for report in told(venue.apply(message))]


TWINS = (
    {},
    {"latency": 5, "self_trade": "cancel_newest"},
    {"latency": 3, "self_trade": "cancel_oldest", "model": "power"},
    {"latency": 1, "self_trade": "decrement", "model": "log", "stop_by_quote": True},
    {"hidden": 50, "stop_by_quote": True, "model": "power", "power": 1},
)


def config_of(latency: int = 0, model: str = "conservative", **rest: Any) -> PaperVenueConfig:
    by_quote = rest.pop("stop_by_quote", False)
    return PaperVenueConfig(
        TERMS,
        Latency(latency),
        queue_model=model,
        stop_trigger="quote" if by_quote else "trade",
        power=rest.get("power", 3),
        hidden=Decimal(rest.get("hidden", 0)) / 100,
        self_trade=rest.get("self_trade", "allow"),
    )


@pytest.mark.parametrize("choice", TWINS, ids=lambda c: "-".join(map(str, c.values())) or "plain")
@given(script=steps)
@settings(max_examples=EXAMPLES)
def test_the_venue_does_what_the_obvious_one_does(choice: dict[str, Any], script: Any) -> None:
    pair = both(ByHand(**choice), script)
    assert fold(config_of(**choice), pair.messages) == pair.twin.told
    check_invariants(pair.twin)


@pytest.mark.parametrize("choice", TWINS, ids=lambda c: "-".join(map(str, c.values())) or "plain")
def test_so_it_does_over_long_sequences_in_which_everything_happens(choice: dict[str, Any]) -> None:
    seen: set[str] = set()
    for seed in range(SEEDS):
        pair = both(ByHand(**choice), long_script(seed, 400))
        assert fold(config_of(**choice), pair.messages) == pair.twin.told, seed
        check_invariants(pair.twin)
        seen.update(kind for _, kind, *_ in pair.twin.told)
    assert seen == KINDS


def check_invariants(twin: ByHand) -> None:
    """No order fills more than it asks or ends twice, and nothing but refusals follows an end."""
    for order in twin.orders:
        kinds = [kind for name, kind, *_ in twin.told if name == order.name]
        ends = [k for k in kinds if k in ("REJECTED", "EXPIRED", "CANCELED")]
        assert 0 <= order.filled <= order.size or ends
        assert len(ends) + (order.filled == order.size and not ends) <= 1
        if ends:
            after = kinds[kinds.index(ends[0]) + 1 :]
            assert all(kind.endswith("_REJECTED") for kind in after)


@given(script=steps)
@settings(max_examples=EXAMPLES)
def test_frames_may_be_joined_and_the_venue_restored_anywhere(script: Any) -> None:
    """Books and trades that follow each other are one frame, and each record meets a venue that
    was just restored."""
    messages = both(ByHand(latency=3), script).messages
    config = config_of(latency=3, self_trade="decrement", model="power")
    joined, found = [], []
    for message in messages:
        if joined and isinstance(message, MarketFrame) and isinstance(joined[-1], list):
            joined[-1].append(message)
        else:
            joined.append([message] if isinstance(message, MarketFrame) else message)
    venue = PaperVenue(config)
    for item in joined:
        again = PaperVenue(config)
        again.restore(venue.snapshot())
        assert again.snapshot() == venue.snapshot()
        venue = again
        found += told(venue.apply(one_frame(item) if isinstance(item, list) else item))
    assert found == fold(config, messages)


def one_frame(frames: list[MarketFrame]) -> MarketFrame:
    """Frames of one event each as one."""
    first = frames[0]
    sections = [
        type(getattr(first, name))(
            *(np.concatenate(c) for c in zip(*(getattr(f, name) for f in frames), strict=True))
        )
        for name in ("trades", "quotes", "depth")
    ]
    kinds = np.concatenate([f.kinds for f in frames])
    return MarketFrame("X:Y", 0, 0, kinds, *sections)
