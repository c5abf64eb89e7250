"""Kraken's names of assets and pairs.

An instrument is named as WebSocket v2 does, ``KRAKEN:BTC/USD``. REST wants the pair's other name
(``XBTUSD``), and answers with that or, in histories, with ``XXBTZUSD``: the oldest assets have
four letters, X before a coin and Z before a currency. ``.F`` marks a balance that earns interest
and may be traded with all the same (docs.kraken.com, "Get account balance").
"""

from connectors.kraken.endpoints import VENUE

_COINS = ["XBT", "ETH", "LTC", "XRP", "XLM", "XMR", "ZEC", "XDG", "ETC", "REP", "MLN"]
_MONEY = ["USD", "EUR", "GBP", "CAD", "JPY", "AUD"]
_LONG = {f"X{coin}": coin for coin in _COINS} | {f"Z{money}": money for money in _MONEY}
_NEW = {"XBT": "BTC", "XDG": "DOGE"}
_OLD = {new: old for old, new in _NEW.items()}
_QUOTES = [
    "PYUSD",
    "RLUSD",
    "USDT",
    "USDC",
    "USDG",
    "USDQ",
    "EURQ",
    "EURC",
    "DAI",
    "USD",
    "EUR",
    "GBP",
    "CAD",
    "JPY",
    "AUD",
    "CHF",
    "XBT",
    "ETH",
]


def asset_of(code: str) -> str:
    """``XXBT`` and ``XBT.F`` → ``BTC``."""
    code = code.removesuffix(".F")
    code = _LONG.get(code, code)
    return _NEW.get(code, code)


def pair_of(instrument: str) -> str:
    """``KRAKEN:BTC/USD`` → ``XBTUSD``."""
    base, _, quote = instrument.partition(":")[2].partition("/")
    return _OLD.get(base, base) + _OLD.get(quote, quote)


def symbol_of(pair: str) -> str:
    """``XBTUSD``, ``XXBTZUSD``, ``XBT/USD`` → ``BTC/USD``. Raises ValueError."""
    base, slash, quote = pair.partition("/")
    if not slash and pair[:4] in _LONG and pair[4:] in _LONG:
        base, quote = pair[:4], pair[4:]
    elif not slash:
        quote = next((q for q in _QUOTES if pair.endswith(q) and pair != q), "")
        base = pair.removesuffix(quote)
    if not quote:
        raise ValueError(f"pair {pair!r} has no currency that is known here")
    return f"{asset_of(base)}/{asset_of(quote)}"


def instrument_of(pair: str) -> str:
    return f"{VENUE}:{symbol_of(pair)}"


def quote_of(pair: str) -> str:
    return symbol_of(pair).partition("/")[2]
