"""Tardis's words for venues → the names that instruments have here.

A venue with a live feed has the names of that feed, so that one instrument has one name wherever
its data comes from; another keeps Tardis's word.
"""

from connectors.binance.markets import name_of
from connectors.bitfinex.instruments import unlisted
from connectors.names import of_symbol

_SPOT = {"bitstamp": "BITSTAMP", "coinbase": "COINBASE", "gemini": "GEMINI", "kraken": "KRAKEN"}
_BINANCE = {
    "binance": "BINANCE",
    "binance-futures": "BINANCEUSDM",
    "binance-delivery": "BINANCECOINM",
}


def instrument_name(exchange: str, symbol: str) -> str:
    """``binance``, ``BTCUSDT`` → ``BINANCE:BTC-USDT``; ``deribit``, ``BTC-PERPETUAL`` →
    ``DERIBIT:BTC-PERPETUAL``."""
    if exchange in _BINANCE:
        return name_of(_BINANCE[exchange], symbol)
    if exchange in _SPOT:
        return of_symbol(_SPOT[exchange], symbol)
    if exchange == "bitfinex":
        return unlisted(symbol).name
    if exchange.startswith("okex"):
        return of_symbol("OKX", symbol)
    return f"{exchange.upper()}:{symbol}"
