"""What the features tell groups of their members."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np

from research.strategies.sample import INSTRUMENT, tape
from schemas.enums import Liquidity, Side, StatusKind
from schemas.frames import FeatureFrame, TapeFrame
from schemas.ledger import Fill
from schemas.records import Clock, Status
from streams.operators.features.features import Features, FeaturesConfig

BAR = "time:1s"
ALONE = FeaturesConfig(BAR, 12, 26, 14, 60)
MEMBER = replace(ALONE, groups={INSTRUMENT: ("G", "H")}, hearers={"mine": "G"})


def test_the_same_vectors_go_to_each_group_which_they_name() -> None:
    alone, member = Features(ALONE), Features(MEMBER)
    for message in list(tape(BAR, 1, 1))[:20]:
        expected, made = alone.apply(message), member.apply(message)
        assert list(map(repr, made[: len(expected)])) == list(map(repr, expected))
        told = made[len(expected) :]
        if not isinstance(message, TapeFrame | Clock):
            assert told == []
            continue
        assert [(o.topic, o.key) for o in told] == [("baskets", "G"), ("baskets", "H")]
        for output in told:
            match output.message:
                case FeatureFrame() as frame:
                    assert frame.basket == output.key
                    same = zip(frame.vectors, vectors_of(expected), strict=True)
                    assert all(np.array_equal(a, b, equal_nan=True) for a, b in same)
                case Clock() as clock:
                    assert clock.key == output.key


def vectors_of(outputs: list[Any]) -> Any:
    return next(o.message.vectors for o in outputs if isinstance(o.message, FeatureFrame))


def test_what_became_of_an_order_goes_to_the_group_of_its_strategy_alone() -> None:
    operator = Features(MEMBER)
    assert [(o.topic, o.key) for o in operator.apply(fill("mine"))] == [("baskets", "G")]
    assert [(o.topic, o.key) for o in operator.apply(fill("other"))] == [("features", INSTRUMENT)]


def test_groups_are_told_of_no_status() -> None:
    gone = Status(INSTRUMENT, 1, 1, StatusKind.DISCONNECTED, "")
    assert [o.topic for o in Features(MEMBER).apply(gone)] == ["features"]


def fill(strategy: str) -> Fill:
    return Fill(
        *("paper", strategy, "s", "c", "x", INSTRUMENT, 1),
        side=Side.BUY,
        price=1,
        size=1,
        price_scale=0,
        size_scale=0,
        fee=Decimal(0),
        liquidity=Liquidity.TAKER,
        realised_pnl=Decimal(0),
    )
