"""The requests of Binance's order session, before they are signed."""

from connectors.binance.markets import symbol_of
from connectors.binance.trading_markets import TradingMarket
from connectors.trading.session import Call, Purpose

PAGE = 1000
_MS = 10**6

Query = tuple[tuple[str, str], ...]


def order(
    market: TradingMarket,
    purpose: Purpose,
    method: str,
    query: Query,
    subject: str = "",
    ts_event: int = 0,
    revision: int = 0,
) -> Call:
    """About one order."""
    path = market.paths.order
    return Call(purpose, method, path, query, subject=subject, revision=revision, ts_event=ts_event)


def everything(market: TradingMarket) -> list[Call]:
    """Open orders, positions where there are any, balances."""
    paths, weight = market.paths, float(market.open_orders_weight)
    calls = [Call(Purpose.ORDERS, "GET", paths.open_orders, weight=weight)]
    if paths.positions:
        calls.append(Call(Purpose.POSITIONS, "GET", paths.positions, weight=5.0))
    return [*calls, Call(Purpose.BALANCES, "GET", paths.balances, weight=20.0)]


def fills(market: TradingMarket, instruments: list[str], since: int, at: int) -> list[Call]:
    """Trades are asked for by symbol, in spans of time; USD-M's income in one."""
    names = [name for name in instruments if name.startswith(f"{market.venue}:")]
    starts = range(since, at + 1, market.window_ns)
    calls = [_span(market, symbol_of(name), start) for name in names for start in starts]
    if market.paths.income:
        query = (("startTime", str(since // _MS)), ("limit", str(PAGE)))
        path = market.paths.income
        calls.append(Call(Purpose.FILLS, "GET", path, query, subject="income", weight=30.0))
    return calls


def _span(market: TradingMarket, symbol: str, start: int) -> Call:
    end = start + market.window_ns
    times = (("startTime", str(start // _MS)), ("endTime", str(end // _MS - 1)))
    return _trades(market, symbol, times)


def next_page(market: TradingMarket, symbol: str, last_id: int) -> Call:
    return _trades(market, symbol, (("fromId", str(last_id + 1)),))


def trades_of(market: TradingMarket, symbol: str, order_id: int) -> Call:
    """All trades of one order."""
    return _trades(market, symbol, (("orderId", str(order_id)),))


def _trades(market: TradingMarket, symbol: str, more: Query) -> Call:
    query = (("symbol", symbol), ("limit", str(PAGE)), *more)
    weight = float(market.trades_weight)
    return Call(Purpose.FILLS, "GET", market.paths.trades, query, weight=weight)
