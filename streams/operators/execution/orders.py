"""What an algorithm says: child signals, commands to take them back, and reports of the parent.

A parent looks to the gate like an order at a venue: it is accepted or rejected, and it has an end.
Its fills are those of its children; its reports carry none.
"""

from decimal import Decimal

from schemas.enums import CommandAction, ExecType, Liquidity, OrdType, TimeInForce
from schemas.execution import ApprovedOrder
from schemas.inbox import ExecutionReport, OrderCommand, Signal
from streams.operator import Output
from streams.operators.execution.parent import Parent
from streams.operators.execution.slicing import Place


def child_signal(
    parent: Parent,
    name: str,
    instrument: str,
    place: Place,
    scales: tuple[int, int],
    now: int,
) -> Output:
    """A slice for the gate; ``place`` and ``scales`` are those of ``instrument``."""
    order = parent.order
    signal = Signal(
        account=order.account,
        strategy=order.strategy,
        signal_id=name,
        instrument=instrument,
        ts_event=now,
        side=order.side,
        ord_type=OrdType.LIMIT,
        time_in_force=TimeInForce.GTC if place.passive else TimeInForce.IOC,
        price=place.price,
        size=place.size,
        price_scale=scales[0],
        size_scale=scales[1],
        target=None,
        probability=0.5,
        reason=f"slice of {order.signal_id} by {order.algo}",
        post_only=place.post_only,
        reduce_only=order.reduce_only,
        parent=order.signal_id,
    )
    return Output("orders", order.account, signal)


def cancel(parent: Parent, name: str, reason: str, now: int) -> Output:
    """Takes a child back. It may be asked for again, at another time."""
    order, child = parent.order, parent.open[name]
    command = OrderCommand(
        account=order.account,
        command_id=f"{name}/cancel/{now}",
        ts_event=now,
        action=CommandAction.CANCEL,
        signal_id=name,
        instrument=child.instrument,
        strategy=order.strategy,
        price=0,
        size=0,
        stop_price=0,
        price_scale=order.price_scale,
        size_scale=order.size_scale,
        who=order.algo,
        reason=reason,
    )
    return Output("orders", order.account, command)


def report(order: ApprovedOrder, kind: ExecType, now: int, done: int, text: str) -> Output:
    """What becomes of a parent: NEW, then one of REJECTED, CANCELED, EXPIRED (time is up) and
    DONE_FOR_DAY (all of it was filled: no more comes of it)."""
    made = ExecutionReport(
        account=order.account,
        instrument=order.instrument,
        cl_ord_id=order.cl_ord_id,
        exec_id=f"{order.cl_ord_id}-{order.algo}-{kind.lower()}",
        ts_event=now,
        exec_type=kind,
        side=order.side,
        last_price=0,
        last_size=0,
        cum_size=done,
        leaves_size=order.size if kind is ExecType.NEW else 0,
        price_scale=order.price_scale,
        size_scale=order.size_scale,
        fee=Decimal(0),
        liquidity=Liquidity.NONE,
        text=text,
    )
    return Output("orders", order.account, made)
