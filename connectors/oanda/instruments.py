"""OANDA's reference data: GET /v3/accounts/{id}/instruments."""

from decimal import Decimal
from typing import Any

import orjson

from connectors.events import Instrument
from connectors.names import spot
from connectors.reference import SESSIONS, SPOT, Listing, listing

VENUE = "OANDA"
_SCALES = (6, 2)  # what OANDA sends at most
_PAIRS = ("CURRENCY", "METAL")


def listings(body: bytes) -> list[Listing]:
    """Raises ValueError, KeyError and ArithmeticError on something else."""
    return [_listing(row) for row in orjson.loads(body)["instruments"]]


def _listing(row: dict[str, Any]) -> Listing:
    """Currencies and metals are pairs; the others (indices, bonds) contracts for difference."""
    base, _, quote = row["name"].partition("_")
    return listing(
        VENUE,
        row["name"],
        base,
        quote,
        f"{Decimal(1).scaleb(-int(row['displayPrecision'])):f}",
        row.get("minimumTradeSize", "1"),
        kind=SPOT if row["type"] in _PAIRS else "cfd",
        scales=(int(row["displayPrecision"]), max(int(row["tradeUnitsPrecision"]), 0)),
        aliases={},
        hours=SESSIONS,
    )


def unlisted(symbol: str) -> Instrument:
    """Without reference data, as in an old recording."""
    base, found, quote = symbol.partition("_")
    name = spot(VENUE, base, quote, {}) if found and len(base + quote) == 6 else f"{VENUE}:{symbol}"
    return Instrument(name, *_SCALES)
