"""Bitstamp's reference data: GET /api/v2/trading-pairs-info/."""

import orjson

from connectors.reference import Listing, listing


def listings(body: bytes) -> list[Listing]:
    """Raises ValueError and KeyError on something else."""
    return [
        listing(
            "BITSTAMP",
            row["url_symbol"],
            *row["name"].split("/"),
            f"1e-{int(row['counter_decimals'])}",
            f"1e-{int(row['base_decimals'])}",
            "TRADING" if row["trading"] == "Enabled" else "HALTED",
        )
        for row in orjson.loads(body)
    ]
