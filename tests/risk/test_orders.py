"""The life of orders in the gate: acknowledgements, fills, cancels, changes, in any order."""

import random
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.keys import REPLAY_KEY
from schemas.enums import CommandAction, ExecType, OrdStatus, OrdType, Side
from schemas.execution import ApprovedOrder, CancelRequest, ReplaceRequest
from schemas.inbox import KillSwitch
from schemas.ledger import Decision, Discrepancy, Fill, OrderUpdate, Position
from streams.operator import Refused
from streams.operators.risk import lifecycle
from streams.operators.risk.signing import verifies
from tests.risk.desk import Desk, limits, of, one, sent

BUY, SELL = Side.BUY, Side.SELL


@pytest.fixture
def desk() -> Desk:
    made = Desk()
    made.mark()
    return made


def test_an_order_goes_through_its_states_and_each_is_on_the_ledger(desk: Desk) -> None:
    order = desk.order(10)
    desk.report(order, ExecType.NEW, order_id="venue-7")
    desk.fill(order, 4)
    update = one(desk.fill(order, 6), OrderUpdate)
    assert desk.states(order) == ["PENDING_NEW", "NEW", "PARTIALLY_FILLED", "FILLED"]
    assert (update.cum_size, update.leaves_size, update.order_id) == (10, 0, "venue-7")
    assert desk.position() == 10


def test_a_fill_told_twice_is_booked_once(desk: Desk) -> None:
    order = desk.order(10)
    desk.report(order, ExecType.TRADE, 4, exec_id="x")
    assert desk.report(order, ExecType.TRADE, 4, exec_id="x") == []
    assert desk.position() == 4


def test_fills_count_before_the_acknowledgement_while_cancelling_and_after_the_end(
    desk: Desk,
) -> None:
    order = desk.order(10)
    desk.fill(order, 2)
    assert not desk.report(order, ExecType.NEW), "the state is past that"
    request = one(desk.command(CommandAction.CANCEL, order.signal_id), CancelRequest)
    assert verifies(request, REPLAY_KEY)
    desk.fill(order, 3)
    assert desk.states(order)[-1] == "PENDING_CANCEL"
    desk.report(order, ExecType.CANCELED)
    desk.fill(order, 1)
    assert desk.states(order)[-2:] == ["CANCELED", "CANCELED"]
    assert desk.position() == 6


def test_a_refused_cancel_puts_the_order_back_to_work(desk: Desk) -> None:
    order = desk.order(10)
    desk.fill(order, 2)
    desk.command(CommandAction.CANCEL, order.signal_id)
    desk.report(order, ExecType.CANCEL_REJECTED)
    assert desk.states(order)[-1] == "PARTIALLY_FILLED"
    assert one(desk.command(CommandAction.CANCEL, order.signal_id), CancelRequest)


def test_a_change_passes_the_checks_and_counts_as_the_larger_until_it_is_known() -> None:
    desk = Desk(limits(max_position=10))
    desk.mark()
    order = desk.order(4, price=9900)
    desk.report(order, ExecType.NEW)
    refused = one(desk.command(CommandAction.REPLACE, order.signal_id, size=11), Decision)
    assert (refused.rule, refused.request, refused.asked) == ("max_position", "REPLACE", "11")
    made = desk.command(CommandAction.REPLACE, order.signal_id, size=8, price=9950)
    request = one(made, ReplaceRequest)
    assert (request.size, request.price, request.revision) == (8, 9950, 1)
    assert verifies(request, REPLAY_KEY)
    assert not verifies(replace(request, size=9), REPLAY_KEY)
    assert desk.ask(3, price=9900).asked == "11"
    desk.report(order, ExecType.REPLACE_REJECTED)
    assert desk.ask(6, price=9900).approved
    desk.command(CommandAction.REPLACE, order.signal_id, size=2)
    desk.report(order, ExecType.REPLACED)
    assert desk.ask(2, price=9900).approved


def test_an_order_fills_while_its_change_is_under_way(desk: Desk) -> None:
    order = desk.order(4, price=9900)
    desk.report(order, ExecType.NEW)
    desk.command(CommandAction.REPLACE, order.signal_id, size=6)
    desk.fill(order, 4)
    assert desk.states(order)[-1] == "FILLED"
    assert not sent(desk.report(order, ExecType.REPLACE_REJECTED))
    assert desk.states(order)[-1] == "FILLED"


def test_a_bust_takes_a_fill_back_and_a_correction_changes_it(desk: Desk) -> None:
    order = desk.order(10)
    desk.report(order, ExecType.TRADE, 10, price=100, exec_id="a")
    made = desk.report(order, ExecType.TRADE_CORRECT, 10, 101, exec_id="b", ref_exec_id="a")
    assert [f.size for f in of(made, Fill)] == [-10, 10]
    assert list(of(made, Position))[-1].avg_price == 101
    desk.report(order, ExecType.TRADE_CANCEL, 0, 0, exec_id="c", ref_exec_id="b")
    assert desk.position() == 0
    assert desk.report(order, ExecType.TRADE_CANCEL, 0, 0, exec_id="c", ref_exec_id="b") == []


def test_an_order_that_we_never_sent_is_told_and_its_fills_count(desk: Desk) -> None:
    stranger = desk.signal(5)
    stranger = replace(desk.order(1), cl_ord_id="by-hand", size=5)
    told = one(desk.fill(stranger, 5), Discrepancy)
    assert (told.kind, told.subject, told.resolution) == ("UNKNOWN_ORDER", "by-hand", "adopted")
    assert desk.position(strategy="external") == 5
    desk = Desk(adopt_unknown=False)
    desk.mark()
    made = desk.report(stranger, ExecType.NEW, leaves_size=5)
    assert one(made, CancelRequest).cl_ord_id == "by-hand"


def test_what_makes_no_sense_is_refused_and_leaves_no_trace(desk: Desk) -> None:
    order = desk.order(10)
    before = desk.gate.snapshot()
    for change in ({"last_size": -1}, {"exec_id": ""}, {"size_scale": 3}):
        with pytest.raises(Refused):
            desk.report(order, ExecType.TRADE, 1, **change)
        assert desk.gate.snapshot() == before


def test_a_held_stop_is_sent_when_a_mark_reaches_it() -> None:
    desk = Desk(native=(OrdType.MARKET, OrdType.LIMIT))
    desk.mark(last=10000)
    made = desk.send(desk.signal(2, SELL, ord_type=OrdType.STOP, stop_price=9800))
    assert not sent(made)
    assert one(made, OrderUpdate).after is OrdStatus.HELD
    assert not sent(desk.mark(98, 100, last=9900))
    order = one(desk.mark(97, 99, last=9800), ApprovedOrder)
    assert (order.ord_type, order.size) == (OrdType.MARKET, 2)
    assert not sent(desk.mark(90, 91, last=9000)), "once"


def test_a_held_trailing_stop_follows_the_best_price() -> None:
    desk = Desk(native=(OrdType.MARKET, OrdType.LIMIT))
    desk.mark(last=10000)
    desk.send(desk.signal(2, SELL, ord_type=OrdType.TRAILING_STOP, trail=100))
    for last in (10000, 10500, 10450, 10401):
        assert not sent(desk.mark(last=last))
    assert one(desk.mark(last=10400), ApprovedOrder).side is SELL


def test_a_bracket_its_exits_come_with_the_fill_and_one_cancels_the_other() -> None:
    desk = Desk(limits(max_short=0))
    desk.mark()
    entry = desk.signal(10)
    order = one(desk.send(entry), ApprovedOrder)
    exits = {"after": entry.signal_id, "group": "g"}
    stop = desk.signal(10, SELL, ord_type=OrdType.STOP, stop_price=9000, **exits)
    target = desk.signal(10, SELL, price=11000, **exits)
    assert not sent(desk.send(stop) + desk.send(target))
    made = desk.fill(order)
    assert [o.signal_id for o in of(made, ApprovedOrder)] == [stop.signal_id, target.signal_id]
    first, second = of(made, ApprovedOrder)
    assert not sent(desk.fill(second, 1, 110)), "the stop is not known to the venue yet"
    assert one(desk.report(first, ExecType.NEW), ReplaceRequest).size == 9
    desk.report(first, ExecType.REPLACED)
    change = one(desk.fill(second, 4, 110), ReplaceRequest)
    assert (change.cl_ord_id, change.size) == (first.cl_ord_id, 5)
    desk.report(first, ExecType.REPLACED)
    assert one(desk.fill(second, 5, 110), CancelRequest).cl_ord_id == first.cl_ord_id
    assert desk.position() == 0


def test_exits_of_an_entry_that_did_not_fill_are_given_up(desk: Desk) -> None:
    entry = desk.signal(10)
    order = one(desk.send(entry), ApprovedOrder)
    leg = desk.signal(10, SELL, price=11000, after=entry.signal_id)
    desk.send(leg)
    decision = one(desk.report(order, ExecType.REJECTED), Decision)
    assert (decision.signal_id, decision.rule) == (leg.signal_id, "after")
    assert desk.ask(1, after="nobody").rule == "after"


def test_slices_take_what_their_parent_holds_and_no_more() -> None:
    desk = Desk(limits(max_position=10, max_gross_notional=1000))
    desk.mark()
    parent = desk.signal(10, algo="twap")
    assert one(desk.send(parent), ApprovedOrder).algo == "twap"
    first = desk.order(6, parent=parent.signal_id)
    assert desk.ask(5, parent=parent.signal_id).rule == "parent_size"
    made = desk.fill(first, 2)
    assert one(made, Fill).parent == parent.signal_id
    desk.report(first, ExecType.CANCELED)
    second = desk.order(8, parent=parent.signal_id)
    desk.fill(second, 8)
    ends = [u for u in desk.said if isinstance(u, OrderUpdate) and u.signal_id == parent.signal_id]
    assert ends[-1].after is OrdStatus.FILLED
    assert desk.position() == 10


def test_what_becomes_of_slices_goes_into_the_instruments_log() -> None:
    desk = Desk()
    desk.mark()
    desk.send(desk.signal(10, algo="twap", signal_id="p"))
    order = desk.order(4, parent="p")
    made = desk.gate.apply(_trade(desk, order))
    told = [(o.key, type(o.message)) for o in made if o.topic == "ticks"]
    assert told == [("X:Y", Fill), ("X:Y", OrderUpdate)]


def _trade(desk: Desk, order: ApprovedOrder) -> object:
    captured: list[object] = []
    desk.send = captured.append  # type: ignore[method-assign,assignment]
    desk.fill(order)
    return captured[0]


def test_the_kill_switch_cancels_everything_and_closes_positions_if_asked(desk: Desk) -> None:
    desk.fill(desk.order(5))
    resting = desk.order(3, price=9000)
    made = desk.send(KillSwitch("a", desk.ts, True, "me", "enough", True))
    assert [type(m) for m in sent(made)] == [CancelRequest]
    closing = one(desk.report(resting, ExecType.CANCELED), ApprovedOrder)
    assert (closing.side, closing.size, closing.reduce_only) == (SELL, 5, True)
    desk.fill(closing)
    assert desk.position() == 0
    assert desk.ask(1).rule == "kill_switch"


def test_flatten_does_not_wait_for_ever_for_a_cancel(desk: Desk) -> None:
    desk.fill(desk.order(5))
    desk.order(3, price=9000)
    assert not list(of(desk.command(CommandAction.FLATTEN), ApprovedOrder))
    assert not list(of(desk.clock(4), ApprovedOrder))
    assert one(desk.clock(2), ApprovedOrder).side is SELL


def test_a_command_told_twice_is_one(desk: Desk) -> None:
    order = desk.order(3, price=9000)
    assert sent(desk.command(CommandAction.CANCEL, order.signal_id, command_id="once"))
    desk.report(order, ExecType.CANCEL_REJECTED)
    assert not sent(desk.command(CommandAction.CANCEL, order.signal_id, command_id="once"))
    with pytest.raises(Refused, match="no such order"):
        desk.command(CommandAction.CANCEL, "nothing")


@given(
    st.lists(st.sampled_from(list(ExecType)), max_size=12),
    st.integers(1, 20),
    st.randoms(use_true_random=False),
)
def test_no_sequence_of_messages_loses_a_fill_or_wakes_the_dead(
    events: list[ExecType], size: int, rng: random.Random
) -> None:
    status, cum = OrdStatus.PENDING_NEW, 0
    for event in events:
        if event in (ExecType.TRADE_CANCEL, ExecType.TRADE_CORRECT):
            continue
        if event is ExecType.TRADE:
            cum += rng.randint(1, size)
        after = lifecycle.after(status, event, cum, size)
        if status in lifecycle.ENDED:
            assert after in (status, OrdStatus.FILLED)
        assert (after is OrdStatus.FILLED) == (cum >= size) or after in lifecycle.ENDED
        status = after


@given(st.lists(st.integers(0, 9), max_size=40), st.integers(0, 2**32))
def test_whatever_happens_no_limit_is_broken_and_the_books_agree(
    steps: list[int], seed: int
) -> None:
    rng, desk = random.Random(seed), Desk(limits(max_position=8, max_order_size=5, max_short=6))
    desk.send = lambda m: _plainly(desk, m)  # type: ignore[method-assign]
    desk.mark()
    live: dict[str, ApprovedOrder] = {}
    left: dict[str, int] = {}
    held = 0
    for step in steps:
        side = rng.choice((BUY, SELL))
        if step < 4:
            change = {"price": 9900 if side is BUY else 10100} if rng.random() < 0.6 else {}
            for order in of(
                desk.send(desk.signal(rng.randint(1, 7), side, **change)), ApprovedOrder
            ):
                live[order.cl_ord_id], left[order.cl_ord_id] = order, order.size
                assert order.size <= 5
        elif live:
            order = live[rng.choice(sorted(live))]
            sign = 1 if order.side is BUY else -1
            if step < 7:
                size = rng.randint(1, left[order.cl_ord_id])
                desk.fill(order, size, rng.choice((99.0, 100.0, 101.0)))
                left[order.cl_ord_id] -= size
                held += sign * size
            else:
                desk.command(CommandAction.CANCEL, order.signal_id)
                desk.report(order, ExecType.CANCELED)
                left[order.cl_ord_id] = 0
            if not left[order.cl_ord_id]:
                del live[order.cl_ord_id]
        buys = sum(left[i] for i, o in live.items() if o.side is BUY)
        sells = sum(left[i] for i, o in live.items() if o.side is SELL)
        assert held - sells >= -6
        assert held + buys <= 8
        assert desk.position() == held
    account = desk.gate.accounts["a"]
    line = account.lines.get(("", "X:Y"))
    if line:
        assert account.tally("").net == line.position * Decimal(100)
        assert account.tally("").open_orders == len(live)


def _plainly(desk: Desk, message: object) -> list[object]:
    made: list[object] = [output.message for output in desk.gate.apply(message)]
    desk.said += made
    return made
