"""What the builder tells a basket of its members."""

from dataclasses import replace
from typing import Any

from connectors.batch import Batch
from connectors.events import DepthEvent, Instrument, TradeEvent
from schemas.enums import StatusKind
from schemas.frames import BOOK, MarketFrame, TapeFrame
from schemas.records import Clock, Status
from streams.operator import Output
from streams.operators.market.bars import parse
from streams.operators.market.builder import Builder, BuilderConfig

XY = Instrument("X:Y", 2, 3)
ALONE = BuilderConfig((parse("time:1s"),), 3, ("paper",), 10**9, 0)
MEMBER = replace(ALONE, baskets={"X:Y": "B"})
SECOND = 10**9


def depth(seq: int, prev: int, bid: int, size: int = 1) -> DepthEvent:
    asks = [] if prev else [(200, 1)]
    return DepthEvent(XY, seq * SECOND, seq * SECOND, seq, prev, not prev, [(bid, size)], asks)


def trade(second: int) -> TradeEvent:
    return TradeEvent(XY, second * SECOND, second * SECOND, second, 100, 1, 1)


def frame(*events: Any) -> MarketFrame:
    batch = Batch(XY)
    for event in events:
        batch.add(event)
    return batch.frame()


def status(kind: StatusKind) -> Status:
    return Status("X:Y", 9 * SECOND, 9 * SECOND, kind, "")


def legs(operator: Builder, message: Any) -> list[Output]:
    return [output for output in operator.apply(message) if output.topic == "baskets"]


def told(operator: Builder, message: Any) -> list[Any]:
    """Best bids, kinds of statuses and clocks, in order."""
    found: list[Any] = []
    for output in legs(operator, message):
        assert output.key == "B"
        match output.message:
            case TapeFrame() as tape:
                found += tape.books.bid_price[:: tape.levels].tolist()
            case Status():
                found.append(output.message.kind)
            case Clock():
                found.append(output.message)
    return found


def test_an_instrument_in_no_basket_tells_none() -> None:
    operator = Builder(ALONE)
    messages = [frame(depth(1, 0, 90)), Clock("X:Y", SECOND), status(StatusKind.GAP)]
    assert [leg for message in messages for leg in legs(operator, message)] == []


def test_a_basket_changes_nothing_that_others_read() -> None:
    messages = [
        frame(depth(1, 0, 90), trade(2), trade(4), depth(2, 1, 91), depth(7, 6, 92)),
        Clock("X:Y", 9 * SECOND),
        status(StatusKind.DISCONNECTED),
    ]
    alone, member = Builder(ALONE), Builder(MEMBER)
    for message in messages:
        others = [o for o in member.apply(message) if o.topic != "baskets"]
        assert list(map(repr, others)) == list(map(repr, alone.apply(message)))
    assert alone.snapshot() == member.snapshot()


def test_a_basket_sees_book_rows_and_troubles_in_their_order_and_no_bars() -> None:
    operator = Builder(MEMBER)
    events = frame(
        depth(1, 0, 90), trade(2), trade(4), depth(2, 1, 91), depth(7, 6, 92), depth(8, 0, 93)
    )
    made = legs(operator, events)
    tapes = [o for o in made if isinstance(o.message, TapeFrame)]
    for output in tapes:
        assert isinstance(output.message, TapeFrame)
        assert output.message.kinds.tolist() == [BOOK] * len(output.message)
        output.message.check()
    assert [o.rows.tolist() for o in tapes if o.rows is not None] == [[0, 3], [5]]
    assert [o.event for o in made] == [3, 4, 5]
    assert told(Builder(MEMBER), events) == [90, 91, StatusKind.GAP, 93]


def test_the_clock_says_that_a_book_is_still_there() -> None:
    operator, clock = Builder(MEMBER), Clock("B", 9 * SECOND)
    assert told(operator, replace(clock, key="X:Y")) == [clock]
    told(operator, frame(depth(1, 0, 90), depth(2, 1, 80)))
    assert told(operator, replace(clock, key="X:Y")) == [90, clock]
    restated = legs(operator, replace(clock, key="X:Y"))[0].message
    assert isinstance(restated, TapeFrame)
    assert restated.books.ts_event.tolist() == [2 * SECOND]
    assert restated.books.bid_price.tolist() == [90, 80, 0]


def test_a_lost_book_is_not_restated() -> None:
    operator = Builder(MEMBER)
    told(operator, frame(depth(1, 0, 90)))
    told(operator, status(StatusKind.DISCONNECTED))
    assert told(operator, Clock("X:Y", 9 * SECOND)) == [Clock("B", 9 * SECOND)]


def test_a_halted_venue_shows_its_basket_nothing_until_it_trades_again() -> None:
    operator, clock = Builder(MEMBER), Clock("X:Y", 9 * SECOND)
    told(operator, frame(depth(1, 0, 90)))
    assert told(operator, status(StatusKind.HALTED)) == [StatusKind.HALTED]
    assert told(operator, frame(depth(2, 1, 91))) == []
    assert told(operator, clock) == [replace(clock, key="B")]
    assert told(operator, status(StatusKind.TRADING)) == [StatusKind.TRADING]
    assert told(operator, clock) == [91, replace(clock, key="B")]


GROUPED = replace(MEMBER, groups={"X:Y": ("G", "H")})


def of_group(operator: Builder, message: Any, group: str = "G") -> list[TapeFrame]:
    outputs = [o for o in operator.apply(message) if o.key == group]
    assert all(isinstance(o.message, TapeFrame) for o in outputs)
    return [o.message for o in outputs if isinstance(o.message, TapeFrame)]


def test_groups_are_told_of_books_which_name_them() -> None:
    made = legs(Builder(GROUPED), frame(depth(1, 0, 90), trade(2), depth(2, 1, 91)))
    assert sorted(o.key for o in made) == ["B", "G", "H"]
    for output in made:
        assert isinstance(output.message, TapeFrame)
        assert output.message.basket == output.key
        assert output.message.books.bid_price[::3].tolist() == [90, 91]


def test_a_basket_is_told_the_same_with_groups_as_without() -> None:
    messages = [
        frame(depth(1, 0, 90), depth(2, 1, 91), depth(7, 6, 92)),
        Clock("X:Y", 9 * SECOND),
        status(StatusKind.DISCONNECTED),
    ]
    alone, grouped = Builder(MEMBER), Builder(GROUPED)
    for message in messages:
        there = [o for o in grouped.apply(message) if o.key not in ("G", "H")]
        assert list(map(repr, there)) == list(map(repr, alone.apply(message)))


def test_a_group_is_told_of_an_empty_book_where_it_is_lost() -> None:
    operator = Builder(GROUPED)
    of_group(operator, frame(depth(1, 0, 90)))
    (lost,) = of_group(operator, status(StatusKind.DISCONNECTED))
    lost.check()
    assert lost.books.bid_size.tolist() == lost.books.ask_size.tolist() == [0, 0, 0]
    assert of_group(operator, status(StatusKind.TRADING)) == []


def test_a_gap_in_a_frame_empties_the_groups_book_between_two_rows() -> None:
    made = of_group(Builder(GROUPED), frame(depth(1, 0, 90), depth(7, 6, 92), depth(8, 0, 93)))
    assert [tape.books.bid_price[::3].tolist() for tape in made] == [[90], [0], [93]]


def test_the_clock_restates_a_groups_book() -> None:
    operator = Builder(GROUPED)
    of_group(operator, frame(depth(1, 0, 90)))
    (restated,) = of_group(operator, Clock("X:Y", 9 * SECOND), "H")
    assert (restated.basket, restated.books.bid_price[0]) == ("H", 90)


def test_an_instrument_of_no_basket_may_be_in_groups() -> None:
    operator = Builder(replace(ALONE, groups={"X:Y": ("G",)}))
    assert len(of_group(operator, frame(depth(1, 0, 90)))) == 1
    assert [o.key for o in legs(operator, Clock("X:Y", SECOND))] == ["G"]
