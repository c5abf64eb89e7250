"""The stage: from what a strategy says to signals and commands, and what it is told."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from schemas.codec import Message
from schemas.enums import CommandAction, Liquidity, OrdStatus, OrdType, Side, StatusKind
from schemas.frames import FeatureFrame, Vectors
from schemas.inbox import OrderCommand, Signal
from schemas.ledger import Decision, Fill, OrderUpdate
from schemas.records import Clock, DeadLetter, Status
from streams.operator import Refused
from streams.operators.strategies.config import StrategiesConfig, StrategyConfig
from streams.operators.strategies.kind import Kind, NoParams, strategy
from streams.operators.strategies.sizing.fixed import Fixed
from streams.operators.strategies.strategies import Strategies
from streams.operators.strategies.view import View
from streams.operators.strategies.wants import Signal as Said

NAME, SECOND = "TEST:A-B", 10**9
Body = Callable[[View], Iterable[Said]]


@dataclass
class Log:
    seen: list[Any] = field(default_factory=list)


def kind(body: Body, **keys: Any) -> Kind:
    def run(params: NoParams, view: View) -> Iterable[Said]:
        return body(view)

    return strategy("test", needs={"x": "x"}, **keys)(run)


def config(its: Kind, name: str = "mine", **keys: Any) -> StrategyConfig:
    given = {"instruments": ("TEST:*",), "sizing": Fixed(notional=Decimal(1000)), **keys}
    return StrategyConfig(name, its, NoParams(), "paper", columns={"x": "x"}, **given)


def stage(*configs: StrategyConfig) -> Strategies:
    return Strategies(StrategiesConfig(configs))


def frame(*xs: float, first: int = 1, bid: int = 9_990, ask: int = 10_010) -> FeatureFrame:
    """Vectors a second apart at a mid of 100.00, of the feature x; sizes in thousandths."""
    n = len(xs)
    ts = np.arange(first, first + n) * SECOND
    vectors = Vectors(ts, np.full(n, bid), np.full(n, ask), np.array(xs, float))
    return FeatureFrame(NAME, 2, 3, "test", ("x",), vectors)


def said(operator: Strategies, *messages: Message) -> list[Any]:
    return [o.message for message in messages for o in operator.apply(message)]


def follow(view: View) -> Iterable[Said]:
    yield view.target(view["x"], f"x is {view['x']:g}", probability=0.6, doubled=2 * view["x"])


def fact(signal: Signal, what: str) -> Message:
    order = (signal.account, signal.strategy, signal.signal_id, "c")
    at = (NAME, signal.ts_event)
    match what:
        case "approved" | "refused":
            return Decision(*order, *at, what == "approved", "", "", "", "")
        case "filled":
            terms = (signal.side, 1, signal.size, 2, 3, Decimal(0), Liquidity.TAKER, Decimal(0))
            return Fill(*order, "x", *at, *terms)
    ended = (OrdStatus.NEW, OrdStatus(what), "", 0, 0, 3, "", "")
    return OrderUpdate(*order, *at, *ended)


def test_a_target_becomes_a_signal_with_its_reason_and_what_it_saw() -> None:
    made = said(stage(config(kind(follow))), frame(1.0))
    assert made == [
        Signal(
            *("paper", "mine", f"mine-{NAME}-{SECOND}", NAME, SECOND, Side.BUY),
            *(OrdType.MARKET, made[0].time_in_force, 0, 10_000, 2, 3, 10_000, 0.6, "x is 1"),
            features={"x": 1.0, "doubled": 2.0},
        )
    ]


def test_only_another_target_is_said_again() -> None:
    made = said(stage(config(kind(follow))), frame(0, 1, 1, 0.5, 0, -1, -1))
    assert [s.target for s in made] == [10_000, 5_000, 0, -10_000]
    assert [s.side for s in made] == [Side.BUY, Side.SELL, Side.SELL, Side.SELL]
    assert [s.size for s in made] == [10_000, 5_000, 5_000, 10_000]


def test_a_position_is_resized_when_it_is_off_by_more_than_the_band() -> None:
    made = said(
        stage(config(kind(follow), rebalance=0.1)),
        frame(1),
        frame(1, first=2, bid=10_490, ask=10_510),
        frame(1, first=3, bid=12_490, ask=12_510),
    )
    assert [s.target for s in made] == [10_000, 8_000]


def test_it_is_not_called_while_a_feature_or_the_book_is_not_there() -> None:
    seen: list[float] = []
    operator = stage(config(kind(lambda view: seen.append(view["x"]) or ())))
    said(operator, frame(math.nan, 1.0), frame(2.0, first=3, bid=0), frame(3.0, first=4))
    assert seen == [1.0, 3.0]


def test_what_may_lack_is_shown_as_not_a_number() -> None:
    seen: list[float] = []
    its = kind(lambda view: seen.append(view["x"]) or (), may_lack=("x",))
    said(stage(config(its)), frame(math.nan, 1.0))
    assert math.isnan(seen[0])
    assert seen[1] == 1.0


def test_it_sees_as_much_history_as_it_asked_for() -> None:
    seen: list[list[float]] = []

    def look(view: View) -> Iterable[Said]:
        seen.append([*view.history("x"), float(view.seen)])
        assert view.history()[-1] == view.mid
        return ()

    said(stage(config(kind(look, history=3))), frame(1, 2), frame(3, 4, first=3))
    assert seen == [[1, 1], [1, 2, 2], [1, 2, 3, 3], [2, 3, 4, 3]]


def test_it_knows_what_it_wanted_since_when_and_at_which_price() -> None:
    seen: list[tuple[float, float, int]] = []

    def look(view: View) -> Iterable[Said]:
        seen.append((view.wanted, view.entry, view.held_ns))
        yield from follow(view)

    said(stage(config(kind(look))), frame(0, 1, 1, 0, 0))
    assert str(seen[0]) == "(0.0, nan, 0)"
    assert seen[2:4] == [(1.0, 100.0, SECOND), (1.0, 100.0, 2 * SECOND)]
    assert str(seen[4]) == "(0.0, nan, 0)"


def test_fills_are_its_position_from_the_next_clock_record_on() -> None:
    seen: list[Decimal] = []

    def look(view: View) -> Iterable[Said]:
        seen.append(view.position)
        yield from follow(view)

    operator = stage(config(kind(look, hears=True)))
    (signal,) = said(operator, frame(1))
    said(operator, fact(signal, "filled"), frame(1, first=2))
    said(operator, Clock(NAME, 3 * SECOND), frame(1, first=4))
    assert seen == [0, 0, 10]
    others = config(kind(look, hears=True), "other")
    assert said(stage(others), fact(signal, "filled"), Clock(NAME, 9), frame(0)) == []
    assert seen[-1] == 0


def quote(view: View) -> Iterable[Said]:
    """x is how far from the mid it bids and offers; 0: it does not."""
    x = view["x"]
    if x:
        yield view.quote(view.mid - x, view.mid + 2.0, "making a market", bid_size=1, ask_size=2)
    else:
        yield view.quote(None, None, "no quotes")


def test_quotes_are_post_only_limit_orders_that_are_replaced_when_they_change() -> None:
    operator = stage(config(kind(quote, hears=True)))
    bid, ask = said(operator, frame(1.0))
    assert (bid.side, bid.price, bid.size, bid.post_only) == (Side.BUY, 9_900, 1_000, True)
    assert (ask.side, ask.price, ask.size, ask.target) == (Side.SELL, 10_200, 2_000, None)
    assert said(operator, frame(1.0, first=2)) == []
    said(operator, *(fact(s, "approved") for s in (bid, ask)), Clock(NAME, 3 * SECOND))
    cancel, again = said(operator, frame(1.5, first=4))
    assert (cancel.action, cancel.signal_id) == (CommandAction.CANCEL, bid.signal_id)
    assert (again.price, again.signal_id != bid.signal_id) == (9_850, True)


def test_a_quote_that_nobody_confirmed_cannot_be_named_so_all_go() -> None:
    operator = stage(config(kind(quote, hears=True)))
    said(operator, frame(1.0))
    cancel, bid, ask = said(operator, frame(1.5, first=2))
    assert (cancel.action, cancel.strategy) == (CommandAction.CANCEL_ALL, "mine")
    assert (bid.price, ask.price) == (9_850, 10_200)
    assert len({cancel.command_id, bid.signal_id, ask.signal_id}) == 3


@pytest.mark.parametrize("end", ["FILLED", "CANCELED", "REJECTED", "EXPIRED", "refused"])
def test_a_quote_that_is_gone_is_made_again(end: str) -> None:
    operator = stage(config(kind(quote, hears=True)))
    bid, _ = said(operator, frame(1.0))
    said(operator, fact(bid, end), Clock(NAME, 2 * SECOND))
    (again,) = said(operator, frame(1.0, first=3))
    assert (again.side, again.price) == (Side.BUY, 9_900)


def test_quotes_go_when_it_wants_none_and_when_the_feed_is_lost() -> None:
    for end in (frame(0.0, first=2), Status(NAME, 9, 9, StatusKind.DISCONNECTED, "why")):
        operator = stage(config(kind(quote, hears=True)))
        said(operator, frame(1.0))
        (command,) = said(operator, end)
        assert isinstance(command, OrderCommand)
        assert command.action is CommandAction.CANCEL_ALL
        assert said(operator, Status(NAME, 10, 10, StatusKind.GAP, "")) == []


def test_prices_and_sizes_leave_as_whole_ticks_never_better_than_asked() -> None:
    def order(view: View) -> Iterable[Said]:
        yield view.order(+1, 99.999, "buy", size=Decimal("1.23456"))
        yield view.order(-1, 100.001, "sell", size=0.5, post_only=True)

    buy, sell = said(stage(config(kind(order))), frame(1))
    assert (buy.price, buy.size, buy.post_only) == (9_999, 1_234, False)
    assert (sell.price, sell.size, sell.post_only) == (10_001, 500, True)
    assert buy.signal_id != sell.signal_id


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (lambda view: [view.target(2.0, "")], "a direction lies in"),
        (lambda view: [view.target(math.nan, "")], "a direction lies in"),
        (lambda view: [view.order(1, -5.0, "")], "above 0"),
        (lambda view: [view.order(1, 5.0, "", size=0.0001)], "smallest"),
        (lambda view: [view.quote(1.0, None, "")], "hears=True"),
        (lambda view: [view["y"]], r"view\['y'\].*needs x"),
        (lambda view: [view.position], "hears=True"),
        (lambda view: view.history("y"), "there are mid, x"),
        (lambda view: ["buy"], "nothing that a strategy may say"),
        (lambda view: [1 / 0], r"ZeroDivisionError.*test_stage.py:\d+"),
    ],
)
def test_one_that_fails_is_switched_off_and_told_of_while_others_go_on(
    body: Body, says: str
) -> None:
    operator = stage(config(kind(body), "broken"), config(kind(follow), "sound"))
    letter, first = said(operator, frame(1.0))
    assert isinstance(letter, DeadLetter)
    assert letter.error.startswith(f"strategies.broken is switched off in {NAME}: ")
    with pytest.raises(AssertionError, match=says):
        raise AssertionError(letter.error)
    second = said(operator, frame(0.0, first=2))
    assert [first.strategy, *(s.strategy for s in second)] == ["sound", "sound"]


def test_one_that_was_switched_off_works_again_when_it_was_rewritten() -> None:
    broken = stage(config(kind(lambda view: [1 / 0])))
    said(broken, frame(1.0))
    mended = kind(follow)
    mended.version = "2"
    for its, expected in ((kind(follow), 0), (mended, 1)):
        operator = stage(config(its))
        operator.restore(broken.snapshot())
        assert len(said(operator, frame(1.0, first=2))) == expected


def test_vectors_that_lack_what_a_strategy_needs_are_refused_before_anything_is_touched() -> None:
    operator = stage(config(kind(follow)))
    said(operator, frame(1.0))
    before = operator.snapshot()
    old = frame(0.0, first=2)
    object.__setattr__(old, "names", ("z",))
    with pytest.raises(Refused, match=r"lack x, which strategies\.mine needs"):
        operator.apply(old)
    assert operator.snapshot() == before


def test_instruments_that_it_does_not_trade_are_left_alone() -> None:
    assert said(stage(config(kind(follow), instruments=("OTHER:*",))), frame(1.0)) == []
