"""Ways around a limit that are closed: slices, groups, other strategies, changes, held orders,
strangers' decimals."""

from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from schemas.enums import CommandAction, ExecType, OrdStatus, OrdType, Side, TimeInForce
from schemas.execution import ApprovedOrder, CancelRequest, ReplaceRequest
from schemas.inbox import KillSwitch, Reconciliation, VenuePosition
from schemas.ledger import Decision, OrderUpdate
from streams.operator import Refused
from streams.operators.risk.pnl import CostBasis
from tests.risk.desk import Desk, limits, of, one, sent

BUY, SELL = Side.BUY, Side.SELL
HELD_STOPS = (OrdType.MARKET, OrdType.LIMIT)


def marked(*args: Any, **more: Any) -> Desk:
    desk = Desk(*args, **more)
    desk.mark()
    desk.mark(instrument="X:Z")
    return desk


def test_only_what_an_algorithm_works_has_slices() -> None:
    desk = marked(limits(max_position=10))
    resting = desk.order(10, price=9900)
    assert desk.ask(10, parent=resting.signal_id).rule == "parent_size"


@pytest.mark.parametrize(
    "change", [{"instrument": "X:Z"}, {"side": SELL, "price": 10100}, {"strategy": "another"}]
)
def test_a_slice_is_of_its_parents_instrument_side_and_strategy(change: dict[str, Any]) -> None:
    desk = marked(limits(max_position=10))
    parent = desk.order(10, algo="twap")
    assert desk.ask(**{"size": 10, "parent": parent.signal_id, **change}).rule == "parent_size"
    assert desk.order(10, parent=parent.signal_id), "what was refused took nothing of it"


def test_slices_of_a_basket_keep_the_limits_of_the_instrument_that_they_go_to() -> None:
    desk = marked(limits(max_gross_notional=1000), {"instrument.X:Y": limits(max_position=4)})
    desk.mark(instrument="BASKET:y")
    parent = desk.order(10, instrument="BASKET:y", algo="sor")
    assert desk.ask(5, parent=parent.signal_id).rule == "instrument.X:Y.max_position"
    assert desk.order(4, parent=parent.signal_id)
    assert desk.order(6, parent=parent.signal_id, instrument="X:Z")
    account = desk.gate.accounts["a"]
    assert account.tally("").up == 1000, "neither counted twice nor forgotten"


def test_slices_count_in_their_own_decimals() -> None:
    desk = marked()
    desk.mark(instrument="BASKET:y")
    parent = desk.order(10, instrument="BASKET:y", algo="sor")
    assert desk.ask(1001, size_scale=2, parent=parent.signal_id).rule == "parent_size"
    slice_ = desk.order(950, size_scale=2, parent=parent.signal_id)
    desk.report(slice_, ExecType.TRADE, 120, size_scale=2)
    desk.report(slice_, ExecType.TRADE, 30, size_scale=2)
    assert _whole(desk, parent) == (2, 8, 0), "rounded up once, not with each fill"
    desk.report(slice_, ExecType.CANCELED)
    assert _whole(desk, parent) == (2, 0, 8)


def _whole(desk: Desk, parent: ApprovedOrder) -> tuple[int, int, int]:
    """What was filled of a parent, what its slices hold, and what is left."""
    order = desk.gate.accounts["a"].orders.of_signal(parent.signal_id)
    assert order
    return order.cum, order.given, order.leaves


def test_a_slice_is_never_made_larger() -> None:
    desk = marked()
    parent = desk.order(20, algo="twap")
    slice_ = desk.order(10, price=9900, parent=parent.signal_id)
    desk.report(slice_, ExecType.NEW)
    asked = desk.command(CommandAction.REPLACE, slice_.signal_id, size=20)
    assert one(asked, Decision).rule == "parent_size"


def test_a_held_slice_that_ends_gives_nothing_back_that_it_never_took() -> None:
    desk = marked(native=HELD_STOPS)
    parent = desk.order(10, algo="twap")
    desk.order(10, parent=parent.signal_id)
    held = desk.signal(10, ord_type=OrdType.STOP, stop_price=20000, parent=parent.signal_id)
    desk.send(held)
    desk.command(CommandAction.CANCEL, held.signal_id)
    assert desk.ask(10, parent=parent.signal_id).rule == "parent_size"


def test_a_group_is_its_strategys_own() -> None:
    desk = marked(None, {"strategy.b": limits(max_position=5)})
    first = desk.order(10, price=9900, group="g")
    assert desk.ask(10, price=9900, group="g", strategy="b").rule == "strategy.b.max_position"
    other = desk.order(5, price=9900, group="g", strategy="b")
    desk.report(other, ExecType.NEW)
    assert not list(of(desk.fill(first), CancelRequest)), "it has nothing to do with the other"


def test_orders_of_a_group_that_open_count_each_for_all_may_fill() -> None:
    desk = marked(limits(max_position=10))
    orders = [desk.order(5, price=9900, group="g"), desk.order(5, price=9800, group="g")]
    assert desk.ask(5, price=9700, group="g").rule == "max_position"
    for order in orders:
        desk.fill(order)
    assert desk.position() == 10
    line = desk.gate.accounts["a"].lines["", "X:Y"]
    assert (line.buying, line.selling) == (0, 0)


def test_a_strategys_limit_stands_where_only_the_account_gets_nearer_to_zero() -> None:
    desk = marked(None, {"strategy.b": limits(max_position=5)})
    desk.fill(desk.order(100))
    assert desk.ask(100, SELL, strategy="b").rule == "strategy.b.max_position"
    assert desk.ask(5, SELL, strategy="b").approved


@pytest.mark.parametrize("change", [{"price": -5}, {"size": -5}, {"stop_price": -5}])
def test_a_change_to_less_than_nothing_is_refused(change: dict[str, int]) -> None:
    desk = marked()
    order = desk.order(10, price=9900)
    desk.report(order, ExecType.NEW)
    with pytest.raises(Refused, match="0 or more"):
        desk.command(CommandAction.REPLACE, order.signal_id, **change)


def test_a_change_names_only_what_its_order_has() -> None:
    desk = marked()
    order = desk.order(10, price=9900)
    desk.report(order, ExecType.NEW)
    decision = one(desk.command(CommandAction.REPLACE, order.signal_id, stop_price=50), Decision)
    assert (decision.rule, decision.asked) == ("changes", "stop_price")


def test_what_an_algorithm_works_is_cancelled_not_changed() -> None:
    desk = marked()
    parent = desk.order(10, algo="twap")
    desk.report(parent, ExecType.NEW)
    made = desk.command(CommandAction.REPLACE, parent.signal_id, size=20)
    assert (one(made, Decision).rule, sent(made)) == ("worked_by", [])
    states = [u.after for u in of(desk.said, OrderUpdate)]
    assert states[-1] is OrdStatus.NEW, "it does not wait for an answer that nobody gives"


def test_an_algorithm_of_a_group_is_cancelled_when_another_of_it_trades() -> None:
    desk = marked()
    desk.fill(desk.order(10))
    worked = desk.order(10, SELL, algo="twap", group="g")
    desk.report(worked, ExecType.NEW)
    other = desk.order(10, SELL, price=10100, group="g")
    assert one(desk.fill(other, 3), CancelRequest).cl_ord_id == worked.cl_ord_id


def test_a_change_that_the_venue_refuses_is_not_asked_for_again_and_again() -> None:
    desk = marked()
    desk.fill(desk.order(10))
    stop = desk.order(10, SELL, ord_type=OrdType.STOP, stop_price=9000, group="g")
    target = desk.order(10, SELL, price=10100, group="g")
    desk.report(stop, ExecType.NEW)
    assert one(desk.fill(target, 4), ReplaceRequest).size == 6
    assert not sent(desk.report(stop, ExecType.REPLACE_REJECTED))
    assert one(desk.fill(target, 6), CancelRequest).cl_ord_id == stop.cl_ord_id


def test_an_engaged_kill_switch_refuses_what_would_be_held_too() -> None:
    desk = marked(native=HELD_STOPS)
    desk.send(KillSwitch("a", desk.ts, True, "me", "enough"))
    assert desk.ask(1, ord_type=OrdType.STOP, stop_price=11000).rule == "kill_switch"
    desk.send(KillSwitch("a", desk.ts, False, "me", "fine"))
    assert not sent(desk.mark(bid=119, ask=121))


@pytest.mark.parametrize(
    ("words", "match"),
    [
        ({"time_in_force": TimeInForce.GTD}, "ts_expire"),
        ({"display_size": -1}, "0 or more"),
        ({"trail": -1}, "0 or more"),
        ({"stop_price": -1}, "0 or more"),
    ],
)
def test_a_signal_that_contradicts_itself_does_not_belong_here(
    words: dict[str, Any], match: str
) -> None:
    desk = marked()
    with pytest.raises(Refused, match=match):
        desk.send(desk.signal(1, price=9900, **words))


def test_orders_of_a_group_stay_whole_through_a_restart() -> None:
    desk = marked(limits(max_short=0))
    desk.fill(desk.order(10))
    exits = [desk.order(10, SELL, price=price, group="g") for price in (10100, 10200)]
    assert all(isinstance(order, ApprovedOrder) for order in exits)
    assert desk.gate.accounts["a"].lines["", "X:Y"].selling == 10
    desk.fill(exits[0])
    desk.report(exits[1], ExecType.CANCELED)
    assert desk.gate.accounts["a"].tally("").down == Decimal(0)


def _by_hand(desk: Desk, what: ExecType, size: int, **more: Any) -> list[Any]:
    """An order of 9 decimals that was made at the venue, as every adapter tells it."""
    stranger = SimpleNamespace(instrument="X:Y", cl_ord_id="by-hand", side=BUY)
    return desk.report(stranger, what, size, size_scale=9, **more)


@pytest.mark.parametrize("basis", list(CostBasis))
def test_a_trade_by_hand_counts_what_it_is_whatever_decimals_the_venue_gives(
    basis: CostBasis,
) -> None:
    desk = marked(limits(max_position=10), cost_basis=basis)
    desk.fill(desk.order(5))
    _by_hand(desk, ExecType.TRADE, 2_500_000_000, price=102.0)
    line = desk.gate.accounts["a"].lines["", "X:Y"]
    assert line.pnl.quantity == Decimal("7.5")
    assert desk.gate.accounts["a"].tally("").net == Decimal(750)
    assert desk.ask(3).rule == "max_position"
    assert desk.ask(2).approved


def test_orders_go_on_where_the_first_was_made_by_hand() -> None:
    desk = marked(limits(max_position=10))
    _by_hand(desk, ExecType.NEW, 0, leaves_size=2_500_000_000)
    assert desk.ask(8).rule == "max_position"
    order = desk.order(7)
    desk.fill(order)
    _by_hand(desk, ExecType.CANCELED, 0)
    line = desk.gate.accounts["a"].lines["", "X:Y"]
    assert (line.pnl.quantity, line.buying) == (7, 0)
    closing = one(desk.send(desk.signal(0, target=0)), ApprovedOrder)
    assert (closing.side, closing.size, closing.size_scale) == (SELL, 7, 0)


def test_all_that_was_traded_by_hand_is_closed_to_the_last_decimal() -> None:
    desk = marked()
    desk.fill(desk.order(5))
    _by_hand(desk, ExecType.TRADE, 333_333_333)
    made = desk.command(CommandAction.FLATTEN)
    orders = list(of(made + desk.clock(10), ApprovedOrder))
    sizes = {o.strategy: Decimal(o.size).scaleb(-o.size_scale) for o in orders}
    assert sizes == {"s": Decimal(5), "external": Decimal("0.333333333")}


def test_a_position_that_is_taken_over_does_not_lock_its_instrument() -> None:
    desk = marked()
    begin = Reconciliation("a", desk.ts, "X", "b", False, desk.ts + 1)
    desk.send(begin)
    desk.send(VenuePosition("a", "X:Y", desk.ts, 1_500_000_000, 9, Decimal(100), "b"))
    desk.send(replace(begin, ended=True))
    assert desk.gate.accounts["a"].lines["", "X:Y"].pnl.quantity == Decimal("1.5")
    assert desk.ask(1).approved
