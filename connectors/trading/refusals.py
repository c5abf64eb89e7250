"""What a venue will not do, as a report of the order."""

from connectors.trading import reports
from connectors.trading.session import Call, Purpose, Told
from connectors.trading.tracker import Tracker
from schemas.enums import ExecType


def refused(tracker: Tracker, call: Call, text: str, at: int) -> list[Told]:
    """None for a call that no order asked for."""
    order = tracker.orders.get(call.subject)
    if order is None:
        return []
    match call.purpose:
        case Purpose.NEW:
            kind, exec_id = ExecType.REJECTED, f"{order.cl_ord_id}:REJECTED"
        case Purpose.CANCEL:
            kind = ExecType.CANCEL_REJECTED
            exec_id = f"{order.cl_ord_id}:{call.ts_event}:{kind}"
        case Purpose.REPLACE:
            kind = ExecType.REPLACE_REJECTED
            exec_id, order.asked = f"{order.cl_ord_id}:{call.revision}:{kind}", []
        case _:
            return []
    return [*reports.state(tracker, order, kind, exec_id, at, text)]
