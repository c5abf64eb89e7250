"""A spot exchange that keeps orders, trades and balances, whatever protocol it speaks.

A venue's server says how an order, a trade and an event are written. A market order trades at once
(in ``pieces``), a limit order when ``trade`` is called; each trade costs a fee in the quote.
"""

import asyncio
import time
from dataclasses import dataclass, field
from decimal import Decimal

from tests.venues.order_server import OrderServer

FEE = Decimal("0.01")


@dataclass
class VenueOrder:
    """``status``: open, filled, canceled, expired."""

    id: str
    client_id: str
    symbol: str
    side: str
    kind: str
    size: Decimal
    price: str = ""
    stop: str = ""
    filled: Decimal = Decimal(0)
    status: str = "open"
    reason: str = ""
    created_ns: int = field(default_factory=time.time_ns)
    updated_ns: int = field(default_factory=time.time_ns)
    more: dict[str, str] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        return self.status == "open"


@dataclass(frozen=True)
class VenueTrade:
    id: str
    order: VenueOrder
    price: str
    size: Decimal
    at_ns: int
    maker: bool
    fee: Decimal = FEE


@dataclass
class Exchange(OrderServer):
    """``holdings``: asset → what the account has of it."""

    price: str = "100.00"
    pieces: int = 1
    orders: dict[str, VenueOrder] = field(default_factory=dict)
    trades: list[VenueTrade] = field(default_factory=list)
    holdings: dict[str, Decimal] = field(default_factory=dict)
    _ids: int = 0

    def event(self, what: str, order: VenueOrder, trade: VenueTrade | None) -> list[str]:
        """The messages that tell what happened: ``new``, ``trade``, ``amended``, or an end."""
        raise NotImplementedError

    def assets(self, symbol: str) -> tuple[str, str]:
        """(base, quote) of a symbol."""
        raise NotImplementedError

    def new_id(self, prefix: str = "O") -> str:
        self._ids += 1
        return f"{prefix}{self._ids:05d}-ABCDE-FGHIJK"

    def by_client(self, client_id: str) -> VenueOrder:
        return next(o for o in self.orders.values() if o.client_id == client_id)

    def open(self) -> list[VenueOrder]:
        return [order for order in self.orders.values() if order.is_open]

    def trades_of(self, order: VenueOrder) -> list[VenueTrade]:
        return [trade for trade in self.trades if trade.order is order]

    async def tell(self, what: str, order: VenueOrder, trade: VenueTrade | None = None) -> None:
        for message in self.event(what, order, trade):
            await self.broadcast(message)

    def place(self, order: VenueOrder) -> VenueOrder:
        self.orders[order.id] = order
        asyncio.get_running_loop().create_task(self._work(order))
        return order

    async def _work(self, order: VenueOrder) -> None:
        await asyncio.sleep(0.01)
        await self.tell("new", order)
        if order.kind == "market":
            for _ in range(self.pieces):
                await self.trade(order.client_id, str(order.size / self.pieces))

    async def trade(self, client_id: str, size: str, price: str | None = None) -> None:
        order = self.by_client(client_id)
        assert order.filled + Decimal(size) <= order.size, "the server would overfill"
        order.filled += Decimal(size)
        order.updated_ns = time.time_ns()
        order.status = "filled" if order.filled == order.size else order.status
        made = VenueTrade(
            self.new_id("T"),
            order,
            price or self.price,
            Decimal(size),
            order.updated_ns,
            maker=order.kind != "market",
        )
        self.trades.append(made)
        self._book(made)
        await self.tell("trade", order, made)

    def fees(self, trade: VenueTrade) -> tuple[Decimal, Decimal]:
        """What a trade costs of base and of quote."""
        return Decimal(0), trade.fee

    def _book(self, trade: VenueTrade) -> None:
        base, quote = self.assets(trade.order.symbol)
        of_base, of_quote = self.fees(trade)
        sign = 1 if trade.order.side == "buy" else -1
        self.holdings.setdefault(base, Decimal(0))
        self.holdings.setdefault(quote, Decimal(0))
        self.holdings[base] += sign * trade.size - of_base
        self.holdings[quote] -= sign * trade.size * Decimal(trade.price) + of_quote

    async def close(self, client_id: str, status: str, reason: str = "") -> None:
        """The venue ends an order, by itself or because it was asked."""
        order = self.by_client(client_id)
        order.status, order.reason, order.updated_ns = status, reason, time.time_ns()
        await self.tell(status, order)

    async def amend(self, order: VenueOrder, size: str, price: str) -> None:
        order.size, order.price = Decimal(size or order.size), price or order.price
        order.updated_ns = time.time_ns()
        await self.tell("amended", order)
