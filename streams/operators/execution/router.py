"""Router: approved orders → the venue that trades them.

Only an order whose signature verifies goes on; any other is rejected back into the inbox, so
that a forged or damaged approval is seen and nothing waits for it. The paper venue takes its
orders in the instrument's own log; orders of other accounts stay where they are: the adapter of
their venue reads them from ``execution`` and answers for them. A parent that an algorithm works
goes, as it is, to where its market's events enter: the instrument's log, or the basket's.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from schemas.enums import ExecType, Liquidity, OrderAction, OrdType, Side, TimeInForce
from schemas.execution import ApprovedOrder, CancelRequest, ReplaceRequest, Signed, terms
from schemas.inbox import ExecutionReport
from schemas.records import PaperOrder
from streams import canonical
from streams.operator import Output, Refused
from streams.operators.execution.smart_router import PREFIX
from streams.operators.risk.signing import SigningKey, verifies


@dataclass(frozen=True, slots=True)
class RouterConfig:
    """``paper`` names the accounts whose orders go to the paper venue."""

    key: SigningKey
    paper: tuple[str, ...]


class Router:
    """Operator: ``execution`` → paper orders on ``ticks``, parents on ``ticks`` or ``baskets``,
    rejections on ``orders``."""

    def __init__(self, config: RouterConfig) -> None:
        self._key, self._paper = config.key, config.paper

    def apply(self, message: Any) -> list[Output]:
        if not isinstance(message, Signed):
            raise Refused(f"{type(message).__name__} does not belong on the execution topic")
        sliced = not isinstance(message, ReplaceRequest) and bool(message.algo)
        if not sliced and message.account not in self._paper:
            return []
        if not verifies(message, self._key):
            return _unsigned(message)
        if not isinstance(message, ReplaceRequest) and sliced:
            return [_parent(message)]
        return [Output("ticks", message.instrument, paper_order(message))]

    def snapshot(self) -> bytes:
        return canonical.pack({})

    def restore(self, state: bytes) -> None:
        canonical.unpack(state)


def _parent(message: ApprovedOrder | CancelRequest) -> Output:
    basket = message.instrument.removeprefix(PREFIX)
    topic = "ticks" if basket == message.instrument else "baskets"
    return Output(topic, basket, message)


def paper_order(message: Signed) -> PaperOrder:
    """An approval as the paper venue takes it; what a request leaves out, the venue has of its
    order."""
    named: dict[str, Any] = {
        "instrument": message.instrument,
        "account": message.account,
        "cl_ord_id": message.cl_ord_id,
        "ts_event": message.ts_event,
    }
    match message:
        case ApprovedOrder():
            return PaperOrder(action=OrderAction.NEW, **named, **terms(message))
        case ReplaceRequest():
            changed = {name: getattr(message, name) for name in _CHANGED}
            return PaperOrder(action=OrderAction.REPLACE, **named, **_NOTHING, **changed)
    unchanged: dict[str, Any] = dict.fromkeys(_CHANGED, 0)
    return PaperOrder(action=OrderAction.CANCEL, **named, **_NOTHING, **unchanged)


_CHANGED = ("price", "size", "stop_price", "price_scale", "size_scale")
_NOTHING: dict[str, Any] = {
    "side": Side.BUY,
    "ord_type": OrdType.MARKET,
    "time_in_force": TimeInForce.GTC,
}


def _unsigned(message: Signed) -> list[Output]:
    """A forged or damaged approval is rejected; a request without one has nothing that waits."""
    if isinstance(message, ApprovedOrder):
        return [Output("orders", message.account, _rejected(message))]
    raise Refused(f"request about {message.cl_ord_id}: the signature does not verify")


def _rejected(order: ApprovedOrder) -> ExecutionReport:
    return ExecutionReport(
        account=order.account,
        instrument=order.instrument,
        cl_ord_id=order.cl_ord_id,
        exec_id=f"{order.cl_ord_id}-router",
        ts_event=order.ts_event,
        exec_type=ExecType.REJECTED,
        side=order.side,
        last_price=0,
        last_size=0,
        cum_size=0,
        leaves_size=0,
        price_scale=order.price_scale,
        size_scale=order.size_scale,
        fee=Decimal(0),
        liquidity=Liquidity.NONE,
        text="the approval's signature does not verify",
    )
