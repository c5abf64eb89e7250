"""Finnhub's reference data: GET /api/v1/stock/symbol?exchange=US; other symbols name their
exchange themselves (``BINANCE:BTCUSDT``)."""

import orjson

from connectors.reference import AROUND_THE_CLOCK, SESSIONS, SHARE, Listing, listing

VENUE = "FINNHUB"
_SCALES = (8, 8)


def stocks(body: bytes) -> list[Listing]:
    """Raises ValueError and KeyError on something else."""
    return [_listing(row["symbol"], row.get("currency") or "USD") for row in orjson.loads(body)]


def unlisted(symbol: str) -> Listing:
    """A symbol with its exchange, or one of a recording."""
    return _listing(symbol.upper(), "USD")


def _listing(symbol: str, currency: str) -> Listing:
    hours = AROUND_THE_CLOCK if ":" in symbol else SESSIONS
    return listing(
        *(VENUE, symbol, symbol, currency, "0.00000001", "0.00000001", "TRADING", SHARE),
        scales=_SCALES,
        aliases={},
        hours=hours,
    )


def qualified(symbol: str) -> Listing | None:
    return unlisted(symbol) if ":" in symbol else None
