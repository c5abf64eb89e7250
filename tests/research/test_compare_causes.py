"""``compare`` on small sessions that are written down: what is a cause, and what is left over."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from connectors.events import DepthEvent
from research.compare import session as sessions
from research.compare.comparison import Compared, Comparison
from research.compare.outcome import Outcome, apart
from schemas.enums import ExecType, Liquidity, OrdStatus, OrdType, Side, StatusKind, TimeInForce
from schemas.execution import ReplaceRequest
from schemas.inbox import ExecutionReport, Mark
from schemas.records import Status
from streams.operators.paper_venue.latency import Latency
from streams.operators.paper_venue.venue import PaperVenueConfig
from streams.operators.risk.contracts import Contract
from streams.operators.risk.instruments import Instrument, Reference
from tests.research.live_world import ACCOUNT, World, approved, cancel
from tests.twins.paper_market import BOOK, TERMS, XY, frame, trade

CONFIG = PaperVenueConfig(TERMS, Latency(10))
MARKET: dict[str, Any] = {
    "instrument": "X:Y",
    "side": Side.BUY,
    "ord_type": OrdType.MARKET,
    "time_in_force": TimeInForce.IOC,
    "price": 0,
    "size": 5,
    "price_scale": 0,
    "size_scale": 0,
}
REST: dict[str, Any] = MARKET | {
    "ord_type": OrdType.LIMIT,
    "time_in_force": TimeInForce.GTC,
    "price": 99,
}


def report(kind: ExecType, ts: int, price: int = 0, size: int = 0, **more: Any) -> ExecutionReport:
    """Fees by the schedule of ``TERMS``."""
    maker = more.get("liquidity") is Liquidity.MAKER
    values: dict[str, Any] = {
        "cum_size": 0,
        "leaves_size": 0,
        "fee": price * size * (TERMS.maker_fee if maker else TERMS.taker_fee),
        "liquidity": Liquidity.TAKER if size else Liquidity.NONE,
        "text": "",
    }
    return ExecutionReport(
        account=ACCOUNT,
        instrument="X:Y",
        cl_ord_id="o",
        exec_id=more.pop("exec_id", f"{kind}-{ts}-{price}"),
        ts_event=ts,
        exec_type=kind,
        side=Side.BUY,
        last_price=price,
        last_size=size,
        price_scale=0,
        size_scale=0,
        **(values | more),
    )


class Script(World):
    """A venue that says what the test tells it to say."""

    def _told(self, message: Any) -> list[ExecutionReport]:
        return []


def world(terms: dict[str, Any], *steps: Any) -> Script:
    """An order at 100 into ``BOOK``; then market events, statuses and reports of the venue."""
    made = Script(CONFIG)
    made.market(frame(BOOK))
    made.mark(Mark(ACCOUNT, "X:Y", 1, 99, 101, 0))
    made.send(approved("o", 100, **terms))
    for step in steps:
        match step:
            case ExecutionReport():
                made.report(step)
            case Status():
                made.market(step)
            case _:
                made.market(frame(step))
    return made


def compared(made: World, config: PaperVenueConfig = CONFIG) -> tuple[Compared, Comparison]:
    found = made.compare(config)
    (one,) = found.orders
    parts = one.explained
    assert parts.pnl.total == one.live.worth.pnl - one.paper.worth.pnl
    assert parts.filled.total == one.live.worth.filled - one.paper.worth.filled
    return one, found


def diff(ts: int, seq: int, bids: Any = (), asks: Any = ()) -> DepthEvent:
    return DepthEvent(XY, ts, ts, seq, seq - 1, False, list(bids), list(asks))


LATE = trade(900, 103, 1, 0)
NEW = report(ExecType.NEW, 110)
TAKEN = (report(ExecType.TRADE, 110, 101, 3), report(ExecType.TRADE, 110, 102, 2))


def test_a_market_that_ran_away_before_the_order_came_is_latency() -> None:
    ran = diff(150, 2, [], [(101, 0)])
    late = (report(ExecType.NEW, 160), report(ExecType.TRADE, 160, 102, 4))
    rest = (report(ExecType.TRADE, 160, 105, 1),)
    one, _ = compared(world(MARKET, ran, LATE, *late, *rest))
    assert one.live_delay_ns == 60
    assert one.explained.pnl.latency == -(4 * 102 + 105 - 3 * 101 - 2 * 102) * Decimal("1.1")
    assert one.explained.pnl.remainder == 0
    assert one.explained.main == "latency"


def test_a_fill_at_a_price_that_was_never_shown_is_missing_data() -> None:
    one, _ = compared(world(MARKET, LATE, NEW, report(ExecType.TRADE, 110, 104, 5)))
    assert "104, which the recording never showed" in one.explained.why_missing
    assert one.explained.main == "missing_data"
    assert one.explained.pnl.remainder == one.explained.pnl.queue == 0


def test_a_price_that_was_shown_a_moment_later_is_no_missing_data() -> None:
    shown = diff(300, 2, [], [(104, 2)])
    one, _ = compared(world(MARKET, shown, LATE, NEW, report(ExecType.TRADE, 110, 104, 5)))
    assert one.explained.why_missing == ""
    assert one.explained.main == "remainder"


def test_a_resting_order_needs_a_trade_at_its_price_or_beyond() -> None:
    made = report(ExecType.TRADE, 300, 99, 5, liquidity=Liquidity.MAKER)
    one, _ = compared(world(REST, trade(250, 98, 1, -1), LATE, NEW, made))
    assert one.explained.why_missing == ""
    one, _ = compared(world(REST, LATE, NEW, made))
    assert "99, which" in one.explained.why_missing


def test_what_happens_while_the_book_is_lost_is_missing_data() -> None:
    lost = Status("X:Y", 200, 200, StatusKind.GAP, "")
    again = BOOK._replace(ts_event=600, seq=9)
    made = report(ExecType.TRADE, 300, 99, 5, liquidity=Liquidity.MAKER)
    steps = (lost, again, trade(601, 99, 1, -1), LATE)
    one, found = compared(world(REST, *steps, NEW, made))
    assert "blind" in one.explained.why_missing
    assert one.explained.filled.missing_data == 5
    assert any("blind 1 times" in note for note in found.notes)


def test_trouble_before_the_order_came_or_after_it_was_done_does_not_count() -> None:
    lost = Status("X:Y", 700, 700, StatusKind.DISCONNECTED, "")
    one, _ = compared(world(MARKET, lost, NEW, *TAKEN))
    assert one.explained.why_missing == ""


def test_a_stale_feed_is_blind_until_messages_come_again() -> None:
    stale = Status("X:Y", 200, 200, StatusKind.STALE, "")
    again = Status("X:Y", 400, 400, StatusKind.CONNECTED, "")
    made = report(ExecType.TRADE, 300, 99, 5, liquidity=Liquidity.MAKER)
    one, _ = compared(world(REST, stale, again, trade(401, 99, 1, -1), LATE, NEW, made))
    assert "blind" in one.explained.why_missing


def test_what_nothing_explains_is_left_over() -> None:
    one, _ = compared(world(MARKET, LATE, NEW, TAKEN[0], report(ExecType.EXPIRED, 110)))
    assert one.explained.filled.remainder == -2
    assert one.explained.main == "remainder"
    assert one.live.outcome.status is OrdStatus.EXPIRED
    assert one.paper.outcome.status is OrdStatus.FILLED


def test_the_queue_explains_what_another_place_in_it_would() -> None:
    """Behind 60; 20 come behind us, and 20 go: which? Then 50 trade."""
    steps = (diff(105, 2, [(99, 60)]), diff(150, 3, [(99, 80)]), diff(160, 4, [(99, 60)]))
    made = report(ExecType.TRADE, 200, 99, 5, liquidity=Liquidity.MAKER)
    one, found = compared(world(REST, *steps, trade(200, 99, 50, -1), LATE, NEW, made))
    assert one.paper.worth.filled == 0
    assert one.explained.filled.queue == 5
    assert one.explained.main == "queue"
    assert one.explained.nearest == "power 1"  # the first that fills it
    assert "1 orders tell models apart, 10 are needed" in found.fit.queue.verdict


def test_a_fill_that_is_told_twice_or_taken_back_counts_once_or_not_at_all() -> None:
    twice = (NEW, *TAKEN, *TAKEN)
    one, _ = compared(world(MARKET, LATE, *twice))
    assert one.live.worth.filled == 5
    bust = report(ExecType.TRADE_CANCEL, 120, ref_exec_id=TAKEN[0].exec_id)
    fixed = report(ExecType.TRADE_CORRECT, 121, 103, 2, ref_exec_id=TAKEN[1].exec_id)
    one, _ = compared(world(MARKET, LATE, *twice, bust, fixed))
    assert (one.live.worth.filled, one.live.worth.costs.avg_price) == (2, 103)  # type: ignore[union-attr]


def test_orders_that_were_not_sent_from_here_are_left_out_and_counted() -> None:
    stranger = replace(report(ExecType.NEW, 50), cl_ord_id="by hand")
    one, found = compared(world(MARKET, LATE, stranger, NEW, *TAKEN))
    assert one.asked.order.cl_ord_id == "o"
    assert found.notes == ["1 orders were not sent from here: left out"]


def test_the_latency_of_a_cancel_is_its_own() -> None:
    made = world(REST, LATE, NEW, report(ExecType.CANCELED, 275))
    made.send(cancel("o", 250, "X:Y"))
    one, _ = compared(made)
    assert one.asked.delays() == {"o>0": 10, "o>1": 25}
    assert one.paper.outcome.status is OrdStatus.CANCELED


def test_a_change_is_played_with_the_latency_that_it_had() -> None:
    made = world(REST | {"price": 98}, NEW)
    change = ReplaceRequest(ACCOUNT, "X:Y", "o", 200, 1, 101, 6, 0, 0, 0, "test", "", b"")
    made.send(change)
    made.report(report(ExecType.REPLACED, 230, price=101, leaves_size=6))
    made.report(report(ExecType.TRADE, 230, 101, 3))
    made.market(frame(LATE))
    one, _ = compared(made)
    assert one.asked.delays() == {"o>0": 10, "o>1": 30}
    assert one.live.outcome.size == one.paper.outcome.size == 6
    assert one.explained.filled.total == 0
    assert one.paper.outcome.status is one.live.outcome.status is OrdStatus.PARTIALLY_FILLED


def test_a_parent_that_an_algorithm_works_is_no_order_at_the_venue() -> None:
    parent = replace(approved("p", 90, **MARKET), algo="twap")
    session = sessions.read(ACCOUNT, Reference(), [parent], [])
    assert session.orders == {}


@pytest.mark.parametrize(
    ("currency", "fee", "kept"),
    [("Y", "1", "Y"), ("BNB", "1", "BNB"), ("", "1", ""), ("USD", "1", ""), ("X", "2", "")],
)
def test_a_fee_counts_in_money_where_a_rate_is_known(currency: str, fee: str, kept: str) -> None:
    """An instrument XUSD, of which X is traded and USD is paid, at 101."""
    told = replace(TAKEN[0], instrument="V:XUSD", fee=Decimal(fee), fee_currency=currency)
    order = approved("o", 100, **(MARKET | {"instrument": "V:XUSD"}))
    session = sessions.read(ACCOUNT, Reference(), [order], [(f"trade.{ACCOUNT}", told)])
    (read,) = session.orders["o"].live.trades.values()
    assert read.fee_currency == kept
    assert read.fee == (Decimal(202) if currency == "X" else Decimal(fee))


def test_the_contracts_own_currency_is_what_the_configuration_says() -> None:
    known = Reference((("X:*", Instrument(Contract("EUR"))),))
    told = replace(TAKEN[0], fee=Decimal(1), fee_currency="EUR")
    order = approved("o", 100, **MARKET)
    session = sessions.read(ACCOUNT, known, [order], [(f"trade.{ACCOUNT}", told)])
    (read,) = session.orders["o"].live.trades.values()
    assert read.fee_currency == ""


def outcome(*fills: tuple[int, int]) -> Outcome:
    made = Outcome(10)
    for n, (ts, size) in enumerate(fills):
        made.take(report(ExecType.TRADE, ts, 100, size, exec_id=str(n)))
    return made


@pytest.mark.parametrize(
    ("one", "other", "seconds"),
    [
        (((1, 10),), ((3, 10),), 2.0),  # the whole, two seconds later
        (((1, 5), (2, 5)), ((1, 5), (4, 5)), 1.0),  # half of it, two seconds later
        (((1, 10),), (), 8.0),  # never, until 9
        (((1, 10),), ((1, 4), (1, 6)), 0.0),
        ((), (), 0.0),
        (((20, 10),), ((9, 10),), 0.0),  # both after the end
    ],
)
def test_outcomes_are_apart_by_the_seconds_that_a_unit_filled_later(
    one: Any, other: Any, seconds: float
) -> None:
    first, second = (outcome(*((ts * 10**9, n) for ts, n in fills)) for fills in (one, other))
    assert apart(first, second, 10, 9 * 10**9) == seconds
    assert apart(second, first, 10, 9 * 10**9) == seconds
