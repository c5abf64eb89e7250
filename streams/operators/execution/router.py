"""Router: approved orders → the venue that trades them.

Only an order whose signature verifies goes on; any other is rejected back into the inbox, so
that a forged or damaged approval is seen and nothing waits for it. The paper venue takes its
orders in the instrument's own log. Orders of other accounts stay where they are: the adapter of
their venue reads them from ``execution`` and answers for them.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from schemas.enums import ExecType, Liquidity, OrderAction, OrdType, Side, TimeInForce
from schemas.execution import ApprovedOrder, CancelRequest, Signed
from schemas.inbox import ExecutionReport
from schemas.records import PaperOrder
from streams import canonical
from streams.operator import Output, Refused
from streams.operators.risk.signing import SigningKey, verifies


@dataclass(frozen=True, slots=True)
class RouterConfig:
    """``paper`` names the accounts whose orders go to the paper venue."""

    key: SigningKey
    paper: tuple[str, ...]


class Router:
    """Operator: ``execution`` → paper orders on ``ticks``, rejections on ``orders``."""

    def __init__(self, config: RouterConfig) -> None:
        self._key, self._paper = config.key, config.paper

    def apply(self, message: Any) -> list[Output]:
        if isinstance(message, Signed) and message.account not in self._paper:
            return []
        match message:
            case ApprovedOrder() if verifies(message, self._key):
                return [Output("ticks", message.instrument, _new(message))]
            case ApprovedOrder():
                return [Output("orders", message.account, _rejected(message))]
            case CancelRequest() if verifies(message, self._key):
                return [Output("ticks", message.instrument, _cancel(message))]
            case CancelRequest():
                raise Refused(f"cancel of {message.cl_ord_id}: the signature does not verify")
        raise Refused(f"{type(message).__name__} does not belong on the execution topic")

    def snapshot(self) -> bytes:
        return canonical.pack({})

    def restore(self, state: bytes) -> None:
        canonical.unpack(state)


def _new(order: ApprovedOrder) -> PaperOrder:
    return PaperOrder(
        instrument=order.instrument,
        account=order.account,
        cl_ord_id=order.cl_ord_id,
        ts_event=order.ts_event,
        action=OrderAction.NEW,
        side=order.side,
        ord_type=order.ord_type,
        time_in_force=order.time_in_force,
        price=order.price,
        size=order.size,
        price_scale=order.price_scale,
        size_scale=order.size_scale,
    )


def _cancel(request: CancelRequest) -> PaperOrder:
    return PaperOrder(
        instrument=request.instrument,
        account=request.account,
        cl_ord_id=request.cl_ord_id,
        ts_event=request.ts_event,
        action=OrderAction.CANCEL,
        side=Side.BUY,
        ord_type=OrdType.MARKET,
        time_in_force=TimeInForce.GTC,
        price=0,
        size=0,
        price_scale=0,
        size_scale=0,
    )


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
