"""Mirror trading: its rules by numbers worked out by hand, on hand-made vectors, and by the log."""

import math
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from config.errors import ConfigError
from schemas.codec import Message
from schemas.enums import DisclosedAction, Liquidity, Side
from schemas.frames import FeatureFrame, Vectors
from schemas.ledger import Fill
from schemas.records import Clock, DeadLetter, Disclosure
from streams.operators.period import Period
from streams.operators.strategies.config import StrategiesConfig, StrategyConfig
from streams.operators.strategies.mirror import Mirror, mirror, part, timing
from streams.operators.strategies.parameters import check
from streams.operators.strategies.sizing.fixed import Fixed
from streams.operators.strategies.sources import belief, of_role
from streams.operators.strategies.strategies import Strategies
from tests.strategies.made import configured

NAME, SECOND, DAY = "TEST:A-B", 10**9, 86_400 * 10**9
START = 1_000 * DAY
NEW, INCREASED = DisclosedAction.NEW, DisclosedAction.INCREASED
REDUCED, SOLD = DisclosedAction.REDUCED, DisclosedAction.SOLD
TRUSTED = "Renaissance"


def test_confidence_is_the_mean_of_a_beta_posterior() -> None:
    assert belief(0.7052, 0, 0).mean == pytest.approx(0.7052)
    after = belief(0.5, 30, 10)
    assert after.mean == pytest.approx(80 / 140)
    assert after.deviation == pytest.approx(math.sqrt(80 * 60 / (140**2 * 141)))


@pytest.mark.parametrize(
    ("confidence", "size"),
    # odds 0.4: Kelly = c - (1 - c) / 0.4
    [(0.5, 0.0), (0.714, 0.0), (0.72, 0.02), (0.7155, 0.0051), (0.9, 0.0329), (1.0, 0.0329)],
)
def test_a_position_is_kellys_part_within_bounds_and_none_where_kelly_says_none(
    confidence: float, size: float
) -> None:
    assert part(Mirror(), confidence) == pytest.approx(size)


def test_the_score_of_an_entry() -> None:
    assert timing(0, 0, 1.5, 0, 0.02) == pytest.approx(1.0)
    assert timing(15, 0.05, 0.75, 0.025, 0.0) == pytest.approx(0.5)
    assert timing(60, -0.2, 2.0, 0.1, -0.1) == pytest.approx(0.0)
    assert timing(0, 0, 1.8, 0, 0.02) == pytest.approx(0.75 + 0.25 * 0.2)


def stage(follows: tuple[str, ...] = (), **keys: Any) -> Strategies:
    params = Mirror(**keys)
    check(params)
    columns = {name: name for name in ("volatility", "volume", "momentum")}
    sizing = Fixed(units_each=Decimal(100))
    config = StrategyConfig(
        "m", mirror, params, "paper", ("TEST:*",), sizing, columns, follows=follows
    )
    return Strategies(StrategiesConfig((config,)))


def frame(*mids: float, first: float = 0, volume: float = 1.5) -> FeatureFrame:
    """Vectors a day apart, calm and busy: the best moment to enter."""
    n = len(mids)
    mid = np.round(np.array(mids) * 100).astype(np.int64)
    ts = START + (np.arange(n) * DAY + int(first * DAY)).astype(np.int64)
    values = np.tile([0.001, volume, 0.02], n)
    names = ("volatility", "volume", "momentum")
    return FeatureFrame(NAME, 2, 3, "t", names, Vectors(ts, mid - 1, mid + 1, values))


def told(action: DisclosedAction, day: float, side: Side = Side.BUY, **keys: Any) -> Disclosure:
    ts = START + int(day * DAY)
    return replace(Disclosure(NAME, TRUSTED, ts, ts, action, side, math.nan, math.nan), **keys)


def said(operator: Strategies, *messages: Message) -> list[Any]:
    found = [o.message for message in messages for o in operator.apply(message)]
    assert not [m for m in found if isinstance(m, DeadLetter)], found
    return found


def entered(**keys: Any) -> Strategies:
    operator = stage(**keys)
    made = said(operator, frame(100), told(NEW, 0.5), frame(100, first=1))
    assert [(m.side, m.target) for m in made] == [(Side.BUY, 100_000)]
    return operator


def test_it_follows_a_new_position_and_says_why() -> None:
    (made,) = said(stage(), frame(100), told(NEW, 0.5, Side.SELL), frame(100, first=1))
    assert (made.side, made.target) == (Side.SELL, -100_000)
    assert made.reason == "Renaissance: new, confidence 0.93, immediate"
    assert made.probability == pytest.approx(0.9307)
    assert {"volatility", "confidence", "deviation", "timing"} <= made.features.keys()


@pytest.mark.parametrize(
    "what",
    [told(NEW, 0.5, who="nobody knows"), told(SOLD, 0.5), told(REDUCED, 0.5)],
)
def test_it_does_not_follow_who_it_does_not_trust_nor_sales_of_what_it_lacks(
    what: Disclosure,
) -> None:
    assert said(stage(), frame(100), what, frame(100, 100, first=1)) == []


def test_a_disclosure_counts_from_when_it_is_known_and_after_its_lag() -> None:
    (made,) = said(stage(), told(NEW, 2.5, ts_traded=START), frame(100, 100, 100, 100, 100))
    assert made.ts_event == START + 3 * DAY
    lag = stage(lag=Period(2 * DAY))
    (made,) = said(lag, told(NEW, 0.5), frame(100, 100, 100, 100, 100))
    assert made.ts_event == START + 3 * DAY


def test_what_it_does_before_a_disclosure_is_known_does_not_depend_on_it() -> None:
    early = [told(NEW, 0.5), told(SOLD, 2.5)]
    later = [told(NEW, 6.5, side=Side.SELL), told(SOLD, 8.5)]
    mids = frame(*range(100, 112))
    without = [m for m in said(stage(), *early, mids) if m.ts_event < START + 6 * DAY]
    whole = said(stage(), *later, *early, mids)
    assert [m for m in whole if m.ts_event < START + 6 * DAY] == without
    assert len(without) == 2
    assert len(whole) == 4


def test_it_waits_for_its_price_and_gives_up_in_the_end() -> None:
    """What was done 40 days ago at half the price: .25 of volume, .147 of calm and .15 of momentum
    let it pay 1 % more; without volume it wants 1 % less."""
    old = told(NEW, 0.5, ts_traded=START - 40 * DAY, price=50.0)
    busy = frame(101.5, 101.5, 100.9, first=2)
    said(patient := stage(), frame(100), old, frame(100, first=0.6, volume=0.0))
    assert [m.ts_event for m in said(patient, busy)] == [START + 4 * DAY]
    dull = frame(100, 100, 98.9, first=1, volume=0.0)
    assert [m.ts_event for m in said(stage(), frame(100), old, dull)] == [START + 3 * DAY]
    assert said(stage(patience=Period(DAY)), frame(100), old, dull) == []


@pytest.mark.parametrize(
    ("did", "mid", "target"),
    [
        (SOLD, 100.0, 0),
        (REDUCED, 94.0, 0),
        (REDUCED, 96.0, None),
        (INCREASED, 70.0, None),
        (None, 76.0, 0),
        (None, 78.0, None),
        (None, 118.0, 50_000),
        (None, 116.0, None),
    ],
)
def test_when_it_leaves(did: DisclosedAction | None, mid: float, target: int | None) -> None:
    operator = entered()
    news = [told(did, 1.5)] if did else []
    made = said(operator, *news, frame(mid, mid, first=2))
    assert [m.target for m in made] == ([] if target is None else [target])


def test_it_halves_what_it_held_for_a_year() -> None:
    operator = entered()
    assert said(operator, frame(116, first=360)) == []
    assert [m.target for m in said(operator, frame(116, 116, first=367))] == [50_000]


def test_a_source_that_changes_sides_is_left_and_followed_to_the_other() -> None:
    operator = entered()
    made = said(operator, told(NEW, 1.5, Side.SELL), frame(100, 100, first=2))
    assert [m.target for m in made] == [0, -100_000]


def test_it_learns_who_is_right_from_what_followed() -> None:
    """200 disclosures of somebody unknown, all of them right, make 0.5 to 250 of 300."""
    operator = stage(judged=Period(DAY), lag=Period(0))
    day = 0
    for _ in range(200):
        said(operator, told(REDUCED, day, Side.SELL, who="desk2"), frame(100, 101, first=day))
        day += 2
    (made,) = said(operator, told(NEW, day, who="desk2"), frame(100, first=day))
    assert made.features["confidence"] == pytest.approx(250 / 300)
    wrong = stage(judged=Period(DAY))
    for day in range(0, 100, 2):
        said(wrong, told(SOLD, day), frame(100, 101, first=day))  # it rose after the sale
    assert said(wrong, told(NEW, 100), frame(100, 100, first=100)) == []  # 93.07 of 150


def test_what_is_long_known_is_neither_entered_nor_judged() -> None:
    operator = stage()
    assert said(operator, told(NEW, -40), frame(100, 100, 100)) == []
    assert b"trials" in operator.snapshot()
    restored = stage()
    restored.restore(operator.snapshot())
    assert restored.snapshot() == operator.snapshot()


@pytest.mark.parametrize(
    ("title", "score"),
    [
        ("CEO", 0.9),
        ("President and Chief Executive Officer", 0.9),
        ("Chief Financial Officer", 0.8),
        ("President, Europe", 0.85),
        ("Executive Vice President", 0.65),
        ("Director", 0.7),
        ("Chief Operating Officer", 0.65),
        ("10% Owner", 0.75),
        ("General Counsel", 0.6),
    ],
)
def test_an_insider_is_believed_by_the_office(title: str, score: float) -> None:
    assert of_role(title) == score


def bought(
    role: str, shares: float, day: float = 0.5, action: DisclosedAction = INCREASED
) -> Disclosure:
    return told(action, day, who="A. Smith", role=role, shares=shares)


@pytest.mark.parametrize(
    ("role", "shares", "confidence", "target"),
    [
        # Kelly at odds 0.4: 0.81 - 0.19 / 0.4 is more than the most, 3.29 %
        ("CEO", 5_000, 0.9, 100_000),
        ("CEO", 150_000, 0.99, 100_000),
        ("CEO", 900, 0.72, 60_790),  # 0.72 - 0.28 / 0.4 = 2 % of 3.29 %, not strong
        ("Director", 150_000, 0.77, 100_000),
        ("Director", 5_000, 0.7, None),  # Kelly says none
        ("Director", 900, 0.56, None),
        ("General Counsel", 150_000, 0.66, None),
    ],
)
def test_an_insiders_purchase_counts_by_office_and_shares(
    role: str, shares: float, confidence: float, target: int | None
) -> None:
    made = said(stage(), frame(100), bought(role, shares), frame(100, first=1))
    assert [m.target for m in made] == ([] if target is None else [target])
    for m in made:
        assert m.features["confidence"] == pytest.approx(confidence)
        assert m.reason.startswith(f"A. Smith ({role}): increased")


def test_a_strong_purchase_is_a_fifth_larger() -> None:
    """Of one who is believed as a fund of 0.9 is, so that Kelly's part lies below the most."""
    calm = {"target": 0.01, "portfolio": 1.0}
    operator, plain = stage(**calm), stage(unknown=0.9, **calm)
    (strong,) = said(operator, frame(100), bought("CEO", 5_000), frame(100, first=1))
    of_fund = told(NEW, 0.5, who="a fund")
    (fund,) = said(plain, frame(100), of_fund, frame(100, first=1))
    assert strong.target == pytest.approx(1.2 * fund.target, abs=1)


def test_an_insiders_sale_is_no_reason_to_be_short_but_to_leave() -> None:
    sale = told(SOLD, 1.5, who="A. Smith", role="CEO", shares=5_000)
    alone = stage(least=0.0)
    assert said(alone, frame(100), replace(sale, ts_event=START), frame(100, 100, first=1)) == []
    operator = stage()
    said(operator, frame(100), bought("CEO", 5_000), frame(100, first=1))
    (left,) = said(operator, sale, frame(100, first=2))
    assert (left.target, left.reason) == (0, "A. Smith: sold, return +0.00%")


def test_an_insiders_sales_are_not_judged_and_purchases_are() -> None:
    operator = stage(judged=Period(DAY))
    for day in range(0, 60, 2):
        sale = told(REDUCED, day, who="A. Smith", role="CEO", shares=5_000)
        said(operator, sale, frame(100, 120, first=day))  # it rose after each sale
    (made,) = said(operator, bought("CEO", 5_000, 60, action=NEW), frame(120, first=60))
    assert made.features["confidence"] == pytest.approx(0.9)
    (gone,) = said(operator, frame(90, first=61))  # down by a quarter
    assert gone.target == 0
    assert said(operator, bought("CEO", 5_000, 62), frame(90, first=62))[0].features[
        "confidence"
    ] == pytest.approx(90 / 101)


def test_what_was_done_long_before_it_became_known_is_not_followed() -> None:
    for days, follows in ((134, True), (136, False)):
        late = told(NEW, 0.5, ts_traded=START - days * DAY)
        made = said(stage(), frame(100), late, frame(100, first=1))
        assert bool(made) == follows


def test_a_source_that_falls_silent_is_left() -> None:
    operator = entered(silence=Period(90 * DAY))
    assert said(operator, told(INCREASED, 50), frame(100, 100, first=139)) == []
    (left,) = said(operator, frame(100, 100, first=141))
    assert (left.target, left.reason) == (0, "Renaissance: says nothing any more, return +0.00%")
    assert said(entered(), frame(100, first=300)) == []


def fill(side: Side, size: int, day: float, account: str = "desk2") -> Fill:
    return Fill(
        *(account, "hand", "s", "c", f"x{day}", NAME, START + int(day * DAY), side),
        *(10_000, size, 2, 3, Decimal(0), Liquidity.TAKER, Decimal(0)),
    )


def test_fills_of_an_account_that_it_follows_are_disclosed_with_the_next_clock() -> None:
    operator = stage(follows=("desk2",), unknown=0.9)
    said(operator, frame(100), fill(Side.SELL, 5, 0.1, "desk3"), fill(Side.BUY, 5, 0.2))
    assert said(operator, frame(100, first=0.5)) == []
    said(operator, Clock(NAME, START + DAY))
    (made,) = said(operator, frame(100, first=1))
    assert made.reason.startswith("desk2: new")
    said(operator, fill(Side.SELL, 2, 1.1), Clock(NAME, START + 2 * DAY))
    assert said(operator, frame(100, first=2)) == []
    said(operator, fill(Side.SELL, 3, 2.1), Clock(NAME, START + 3 * DAY))
    (left,) = said(operator, frame(100, first=3))
    assert (left.target, left.reason[:11]) == (0, "desk2: sold")


@pytest.mark.parametrize(
    ("kind", "keys", "says"),
    [
        ("mirror", 'follows = ["paper"]', "its own account"),
        ("momentum", 'follows = ["desk2"]', "follows nobody"),
        ("mirror", "smallest = 0.5", "smallest 0.5 lies above largest"),
    ],
)
def test_what_cannot_be_followed_is_refused(
    kind: str, keys: str, says: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=says):
        configured(kind, tmp_path, keys)
