"""Bitstamp's reference data: GET /api/v2/trading-pairs-info/."""

from typing import Any

import orjson

from connectors.reference import Listing, listing


def listings(body: bytes) -> list[Listing]:
    """Raises ValueError and KeyError on something else."""
    return [_listing(row) for row in orjson.loads(body)]


def _listing(row: dict[str, Any]) -> Listing:
    base, quote = row["name"].split("/")
    return listing(
        "BITSTAMP",
        row["url_symbol"],
        base,
        quote,
        f"1e-{int(row['counter_decimals'])}",
        f"1e-{int(row['base_decimals'])}",
        "TRADING" if row["trading"] == "Enabled" else "HALTED",
    )
