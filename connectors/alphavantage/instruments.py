"""Instruments of Alpha Vantage: a symbol with a slash is a pair of currencies, another a share."""

from connectors.reference import SESSIONS, SHARE, SPOT, Listing, listing

VENUE = "ALPHAVANTAGE"
_SCALES = (6, 6)
_LEAST = "0.000001"


def unlisted(symbol: str) -> Listing:
    """Its list of symbols would cost a request of the day's few, so none is looked up."""
    base, pair, quote = symbol.upper().replace("-", "/").partition("/")
    kind, name = (SPOT, f"{base}/{quote}") if pair else (SHARE, base)
    return listing(
        *(VENUE, name, base, quote or "USD", _LEAST, _LEAST, "TRADING", kind),
        scales=_SCALES,
        hours=SESSIONS,
    )
