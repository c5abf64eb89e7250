"""Instruments of Twelve Data: a symbol with a slash is a pair, another a share."""

from connectors.reference import SESSIONS, SHARE, SPOT, Listing, listing

VENUE = "TWELVEDATA"
_SCALES = (8, 8)
_LEAST = "0.00000001"


def unlisted(symbol: str) -> Listing:
    """The vendor lists more than a million symbols, so none is looked up: ``EUR/USD``, or
    ``EUR-USD``, is a pair. A symbol that it does not have is told when it is asked for."""
    base, pair, quote = symbol.upper().replace("-", "/").partition("/")
    kind, name = (SPOT, f"{base}/{quote}") if pair else (SHARE, base)
    return listing(
        *(VENUE, name, base, quote or "USD", _LEAST, _LEAST, "TRADING", kind),
        scales=_SCALES,
        hours=SESSIONS,
    )
