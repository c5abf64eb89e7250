"""Kraken's names of assets and pairs.

WebSocket v2 calls a pair ``BTC/USD``. REST wants its other name (``XBTUSD``), and answers with that
or, in histories, with ``XXBTZUSD``: the oldest assets have four letters, X before a coin and Z
before a currency. ``.F`` marks a balance that earns interest and may be traded with all the same
(docs.kraken.com, "Get account balance").
"""

from connectors.kraken.endpoints import VENUE
from connectors.names import ALIASES, split, spot

_COINS = ["XBT", "ETH", "LTC", "XRP", "XLM", "XMR", "ZEC", "XDG", "ETC", "REP", "MLN"]
_MONEY = ["USD", "EUR", "GBP", "CAD", "JPY", "AUD"]
_LONG = {f"X{coin}": coin for coin in _COINS} | {f"Z{money}": money for money in _MONEY}
_OLD = {new: old for old, new in ALIASES.items()}


def asset_of(code: str) -> str:
    """``XXBT`` and ``XBT.F`` → ``BTC``."""
    code = code.removesuffix(".F")
    code = _LONG.get(code, code)
    return ALIASES.get(code, code)


def pair_of(instrument: str) -> str:
    """``KRAKEN:BTC-USD`` → ``XBTUSD``."""
    base, _, quote = instrument.partition(":")[2].partition("-")
    return _OLD.get(base, base) + _OLD.get(quote, quote)


def currencies_of(pair: str) -> tuple[str, str]:
    """``XBTUSD``, ``XXBTZUSD``, ``XBT/USD``, ``BTC/USD`` → ``BTC`` and ``USD``. Raises
    ValueError."""
    base, slash, quote = pair.partition("/")
    if not slash and pair[:4] in _LONG and pair[4:] in _LONG:
        base, quote = pair[:4], pair[4:]
    elif not slash:
        base, quote = split(pair) or ("", "")
    if not quote:
        raise ValueError(f"pair {pair!r} has no currency that is known here")
    return asset_of(base), asset_of(quote)


def instrument_of(pair: str) -> str:
    return spot(VENUE, *currencies_of(pair))


def quote_of(pair: str) -> str:
    return currencies_of(pair)[1]
