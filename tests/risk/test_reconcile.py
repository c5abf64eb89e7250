"""Our books beside the venue's: each kind of difference, and a second look that finds none."""

from decimal import Decimal

from schemas.enums import ExecType, OrdStatus, TradingState
from schemas.execution import ApprovedOrder
from schemas.inbox import BreakerReset, Reconciliation, VenuePosition
from schemas.ledger import BreakerChanged, Discrepancy, OrderUpdate, Position
from tests.risk.desk import Desk, of, one

BATCHES = iter(range(1000))


def reconcile(
    desk: Desk,
    orders: list[tuple[ApprovedOrder, int, OrdStatus]],
    positions: dict[str, int],
    late: bool = False,
    approved: int = 2**63 - 1,
) -> list[object]:
    """What the venue holds, told; it knows nothing of the last second where it is ``late``, and of
    nothing that was ``approved`` later than this."""
    batch = f"b{next(BATCHES)}"
    desk.now += 0.001
    cutoff = desk.ts - (10**9 if late else 0)
    desk.send(Reconciliation("a", desk.ts, "X", batch, False, cutoff, ts_approved=approved))
    said: list[object] = []
    for order, cum, status in orders:
        said += desk.report(
            order, ExecType.STATUS, 0, cum_size=cum, ord_status=status, exec_id="", leaves_size=1
        )
    for name, quantity in positions.items():
        desk.send(VenuePosition("a", name, desk.ts, quantity, 0, Decimal(90), batch))
    return said + desk.send(Reconciliation("a", desk.ts, "X", batch, True, cutoff))


def begun() -> tuple[Desk, ApprovedOrder, ApprovedOrder]:
    """Five held, an order that works and one that was never acknowledged."""
    desk = Desk()
    desk.mark()
    desk.fill(desk.order(5))
    working = desk.order(3, price=9000)
    desk.report(working, ExecType.NEW)
    unknown = desk.order(2, price=8000)
    desk.now += 5
    return desk, working, unknown


def test_books_that_agree_say_nothing() -> None:
    desk, working, unknown = begun()
    told = [(working, 0, OrdStatus.NEW), (unknown, 0, OrdStatus.NEW)]
    assert reconcile(desk, told, {"X:Y": 5}) == []


def test_an_order_whose_approval_had_not_reached_the_host_is_not_missing() -> None:
    desk, working, unknown = begun()
    made = reconcile(desk, [(working, 0, OrdStatus.NEW)], {"X:Y": 5}, approved=unknown.ts_event - 1)
    assert made == []
    made = reconcile(desk, [(working, 0, OrdStatus.NEW)], {"X:Y": 5}, approved=unknown.ts_event)
    assert [u.after for u in of(made, OrderUpdate)] == [OrdStatus.REJECTED]


def test_orders_that_the_venue_does_not_have_are_at_their_end() -> None:
    desk, working, unknown = begun()
    made = reconcile(desk, [], {"X:Y": 5})
    ends = {u.cl_ord_id: u.after for u in of(made, OrderUpdate)}
    assert ends == {working.cl_ord_id: OrdStatus.CANCELED, unknown.cl_ord_id: OrdStatus.REJECTED}
    assert {d.kind for d in of(made, Discrepancy)} == {"MISSING_ORDER"}
    assert reconcile(desk, [], {"X:Y": 5}) == [], "once"


def test_what_is_still_in_flight_is_not_missing() -> None:
    desk = Desk()
    desk.mark()
    desk.order(3, price=9000)
    desk.fill(desk.order(5))
    assert reconcile(desk, [], {}, late=True) == []


def test_an_end_that_was_missed_is_taken_over_and_a_fill_waits_for_its_trade() -> None:
    desk, working, unknown = begun()
    made = reconcile(
        desk, [(working, 0, OrdStatus.EXPIRED), (unknown, 2, OrdStatus.FILLED)], {"X:Y": 7}
    )
    assert [u.after for u in of(made, OrderUpdate)] == [OrdStatus.EXPIRED]
    assert one(made, Discrepancy).kind == "POSITION"
    desk.report(unknown, ExecType.TRADE, 2, exec_id="venue-1")
    assert desk.states(unknown)[-1] == "FILLED"
    desk.now += 5
    desk.report(unknown, ExecType.TRADE, 2, exec_id="venue-1")
    assert reconcile(desk, [], {"X:Y": 7}) == []
    assert desk.position() == 7


def test_a_position_that_was_there_before_us_is_taken_over_once() -> None:
    desk = Desk()
    desk.mark()
    made = reconcile(desk, [], {"X:Y": 12})
    told = one(made, Discrepancy)
    assert (told.resolved, told.resolution) == (True, "taken over at 90")
    assert one(made, Position).avg_price == 90
    assert desk.position() == 12
    assert reconcile(desk, [], {"X:Y": 12}) == []


def test_a_position_that_nobody_can_explain_stops_opening_orders() -> None:
    desk, working, unknown = begun()
    told = [(working, 0, OrdStatus.NEW), (unknown, 0, OrdStatus.NEW)]
    made = reconcile(desk, told, {"X:Y": 9})
    found = one(made, Discrepancy)
    assert (found.ours, found.venues, found.resolved) == ("5", "9", False)
    tripped = one(made, BreakerChanged)
    assert (tripped.breaker, tripped.after) == ("reconciliation", TradingState.REDUCE_ONLY)
    assert "ours 5, the venue's 9" in tripped.text
    assert desk.ask(1).rule == "trading_state"
    assert reconcile(desk, told, {"X:Y": 9}) == [], "it was told"
    desk.send(BreakerReset("a", desk.ts, "", "me", "looked"))
    assert desk.ask(1).approved


def test_a_difference_that_was_understood_stays_so_whatever_is_traded() -> None:
    desk, working, unknown = begun()
    told = [(working, 0, OrdStatus.NEW), (unknown, 0, OrdStatus.NEW)]
    assert reconcile(desk, told, {"X:Y": 9})
    desk.send(BreakerReset("a", desk.ts, "", "me", "a transfer by hand"))
    desk.fill(desk.order(1))
    desk.now += 5
    assert reconcile(desk, told, {"X:Y": 10}) == [], "four more, as before"
    assert desk.gate.accounts["a"].state is TradingState.NORMAL
    assert reconcile(desk, told, {"X:Y": 6}) == [], "they agree"
    assert one(reconcile(desk, told, {"X:Y": 10}), Discrepancy), "it is there anew"


def test_another_venues_orders_and_positions_are_not_asked_for() -> None:
    desk, working, unknown = begun()
    desk.mark(instrument="Z:Q")
    desk.fill(desk.order(4, instrument="Z:Q"))
    desk.order(1, instrument="Z:Q", price=9000)
    desk.now += 5
    told = [(working, 0, OrdStatus.NEW), (unknown, 0, OrdStatus.NEW)]
    assert reconcile(desk, told, {"X:Y": 5}) == []
