"""Instruments of Yahoo Finance: it publishes no list, so a symbol is taken as it is."""

from connectors.reference import SESSIONS, SHARE, Listing, listing

VENUE = "YAHOO"
_SCALES = (6, 6)
_LEAST = "0.000001"


def unlisted(symbol: str) -> Listing:
    """``YAHOO:PETR4.SA``; its suffixes and signs say what it is, so pairs stay as they are too."""
    name = symbol.upper()
    return listing(
        *(VENUE, name, name, "USD", _LEAST, _LEAST, "TRADING", SHARE),
        scales=_SCALES,
        aliases={},
        hours=SESSIONS,
    )
