"""What an order's fills were worth: costs by the TCA of the risk gate, P&L by its account fold.

P&L of an order is that of a position made by its fills alone, valued at the last mark of the
session: so those of all orders add up to the account's. Fees in a third currency stay beside it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from research.compare.outcome import Outcome, price_of, size_of
from research.compare.session import Asked
from schemas.enums import Liquidity, OrdStatus, Side
from schemas.execution import ApprovedOrder
from schemas.inbox import ExecutionReport, Mark
from schemas.ledger import Fill, OrderUpdate, Tca
from streams.operators.execution.tca import CostFold
from streams.operators.paper_venue.terms import Terms
from streams.operators.risk.contracts import Contract
from streams.operators.risk.instruments import Reference
from streams.operators.risk.money import EXACT, ZERO, scaled, times
from streams.operators.risk.pnl import CostBasis, ProfitAndLoss, inventory

_APPROVED, _FILLED, _ENDED = range(1, 4)  # what comes first at one time; marks before all


@dataclass(frozen=True, slots=True)
class Worth:
    """``gross``: P&L before ``fees``. ``costs``: None where the market was not known."""

    filled: Decimal
    gross: Decimal
    fees: Decimal
    other_fees: dict[str, Decimal]
    costs: Tca | None

    @property
    def pnl(self) -> Decimal:
        return self.gross - self.fees


@dataclass(frozen=True, slots=True)
class Valuer:
    """``marks`` in their order; ``end_ns``: of the session."""

    marks: list[Mark]
    reference: Reference
    end_ns: int

    def last(self) -> dict[str, Decimal]:
        """The middle of the last mark, by instrument."""
        return {m.instrument: mid(m) for m in self.marks}

    def value(self, orders: Iterable[Asked], outcomes: dict[str, Outcome]) -> dict[str, Worth]:
        """By client order id. Raises UnknownMark for fills of an instrument without one."""
        orders, last = list(orders), self.last()
        costs = self._costs(orders, outcomes)
        made = {}
        for asked in orders:
            order, outcome = asked.order, outcomes[asked.order.cl_ord_id]
            account = self.account(order, outcome.trades.values())
            other = dict(account.other_fees)
            net = account.net(last.get(order.instrument))[account.contract.currency]
            fees = account.held.fees
            filled = sum((size_of(t) for t in outcome.trades.values()), ZERO)
            told = costs.get(order.cl_ord_id)
            made[order.cl_ord_id] = Worth(filled, EXACT.add(net, fees), fees, other, told)
        return made

    def account(self, order: ApprovedOrder, trades: Iterable[ExecutionReport]) -> ProfitAndLoss:
        """What the fills make of an account that held nothing."""
        contract = self.contract(order.instrument)
        made = ProfitAndLoss(contract, inventory(CostBasis.AVERAGE, order.size_scale))
        for trade in trades:
            book(made, trade)
        return made

    def contract(self, instrument: str) -> Contract:
        return self.reference.of(instrument).contract

    def _costs(self, orders: list[Asked], outcomes: dict[str, Outcome]) -> dict[str, Tca]:
        timeline: list[tuple[int, int, Any]] = [(m.ts_event, 0, m) for m in self.marks]
        for asked in orders:
            timeline += self._course(asked.order, outcomes[asked.order.cl_ord_id])
        fold, made = CostFold(), dict[str, Tca]()
        for _, _, message in sorted(timeline, key=lambda step: step[:2]):
            for tca in fold.apply(message):
                made[tca.signal_id] = tca
        return made

    def _course(self, order: ApprovedOrder, outcome: Outcome) -> list[tuple[int, int, Any]]:
        """An order of its own, whatever it is a slice of."""
        alone = replace(order, signal_id=order.cl_ord_id, parent="")
        fills = [(t.ts_event, _FILLED, _fill(alone, t)) for t in outcome.trades.values()]
        end = outcome.ended_ns if outcome.ended_ns is not None else self.end_ns
        end = max([end, order.ts_event, *(ts for ts, _, _ in fills)])
        return [(order.ts_event, _APPROVED, alone), *fills, (end, _ENDED, _ended(alone, end))]


def mid(mark: Mark) -> Decimal:
    return EXACT.divide(scaled(mark.bid + mark.ask, mark.price_scale), Decimal(2))


def book(account: ProfitAndLoss, trade: ExecutionReport) -> None:
    signed = trade.last_size if trade.side is Side.BUY else -trade.last_size
    account.fill(signed, price_of(trade), trade.fee, trade.fee_currency)


def scheduled_fees(outcome: Outcome, terms: Terms) -> Decimal:
    """What a schedule asks for an order's fills; a venue that does not say who made the market
    is taken to mean that we took."""
    total = ZERO
    for trade in outcome.trades.values():
        maker = trade.liquidity is Liquidity.MAKER
        rate = terms.maker_fee if maker else terms.taker_fee
        total += times(times(size_of(trade), price_of(trade)), rate)
    return total


def _fill(order: ApprovedOrder, trade: ExecutionReport) -> Fill:
    return Fill(
        account=order.account,
        strategy=order.strategy,
        signal_id=order.signal_id,
        cl_ord_id=order.cl_ord_id,
        exec_id=trade.exec_id,
        instrument=order.instrument,
        ts_event=trade.ts_event,
        side=trade.side,
        price=trade.last_price,
        size=trade.last_size,
        price_scale=trade.price_scale,
        size_scale=trade.size_scale,
        fee=ZERO if trade.fee_currency else trade.fee,
        liquidity=trade.liquidity,
        realised_pnl=ZERO,
    )


def _ended(order: ApprovedOrder, ts: int) -> OrderUpdate:
    return OrderUpdate(
        account=order.account,
        strategy=order.strategy,
        signal_id=order.signal_id,
        cl_ord_id=order.cl_ord_id,
        instrument=order.instrument,
        ts_event=ts,
        before=OrdStatus.NEW,
        after=OrdStatus.EXPIRED,
        event="",
        cum_size=0,
        leaves_size=0,
        size_scale=order.size_scale,
        order_id="",
        text="",
    )


def equity(
    valuer: Valuer, orders: Iterable[Asked], outcomes: dict[str, Outcome]
) -> list[tuple[int, Decimal]]:
    """(time, P&L after fees of all fills so far at the mark of then), at each mark since the
    first."""
    fills = [
        (t.ts_event, t, a.order)
        for a in orders
        for t in outcomes[a.order.cl_ord_id].trades.values()
    ]
    fills.sort(key=lambda fill: fill[0], reverse=True)
    accounts, worth = dict[str, ProfitAndLoss](), dict[str, Decimal]()
    marks, points = dict[str, Decimal](), list[tuple[int, Decimal]]()
    for mark in sorted(valuer.marks, key=lambda m: m.ts_event):
        marks[mark.instrument] = mid(mark)
        touched = {mark.instrument}
        while fills and fills[-1][0] <= mark.ts_event:
            _, trade, order = fills.pop()
            name = order.instrument
            account = accounts.setdefault(name, valuer.account(order, ()))
            book(account, trade)
            touched.add(name)
        for name in touched & accounts.keys() & marks.keys():
            account = accounts[name]
            worth[name] = account.net(marks[name])[account.contract.currency]
        points.append((mark.ts_event, sum(worth.values(), ZERO)))
    return points
