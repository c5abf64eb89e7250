"""What a venue will not do, as a report of the order; and what cannot be read, as it came."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import orjson

from connectors.events import Rejected
from connectors.trading import reports
from connectors.trading.session import Answer, Call, Purpose, Told, Verdict
from connectors.trading.tracker import Tracker
from schemas.enums import ExecType

UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, IndexError)


class Judgement(NamedTuple):
    """``refused``: the venue decided, and against it. ``text``: its words."""

    verdict: Verdict
    text: str = ""
    wait_s: float = 0.0
    refused: bool = False


DONE = Judgement(Verdict.DONE)


def decided(
    tracker: Tracker,
    call: Call,
    judged: Judgement,
    body: bytes,
    at: int,
    read: Callable[[], Answer],
    after: Callable[[Call], list[Call]],
) -> Answer:
    """An answer by its judgement: ``read`` where the venue did what was asked; ``after`` gives the
    calls that follow a refusal."""
    if judged.verdict is not Verdict.DONE:
        return Answer(judged.verdict, wait_s=judged.wait_s, text=judged.text)
    if judged.refused:
        told = refused(tracker, call, judged.text, at)
        return Answer(Verdict.DONE, told, after(call), text=judged.text)
    try:
        return read()
    except UNREADABLE as error:
        why = f"{call.purpose.name}: {error or type(error).__name__}"
        return Answer(Verdict.UNKNOWN, [Rejected(why, body)], text=why)


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


@contextmanager
def rejecting(told: list[Told], row: Any) -> Iterator[None]:
    """One row that cannot be read does not hide the others."""
    try:
        yield
    except UNREADABLE as error:
        payload = orjson.dumps(row, default=str)
        told.append(Rejected(str(error) or type(error).__name__, payload))
