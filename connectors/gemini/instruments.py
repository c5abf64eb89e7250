"""Gemini's reference data: GET /v1/symbols/details/all."""

from typing import Any

import orjson

from connectors.reference import PERPETUAL, SPOT, Listing, listing

_STATUSES = {"open": "TRADING", "limit_only": "TRADING", "post_only": "AUCTION"}


def listings(body: bytes) -> list[Listing]:
    """Numbers come as JSON numbers. Raises ValueError and KeyError on something else."""
    return [_listing(row) for row in orjson.loads(body)]


def _listing(row: dict[str, Any]) -> Listing:
    """``tick_size`` is the step of sizes; ``quote_increment`` that of prices."""
    spot = row.get("product_type", "spot") == "spot"
    return listing(
        "GEMINI",
        row["symbol"].upper(),
        row["base_currency"],
        row["quote_currency"],
        str(row["quote_increment"]),
        str(row["tick_size"]),
        _STATUSES.get(row["status"], "HALTED"),
        SPOT if spot else PERPETUAL,
        row.get("contract_price_currency", ""),
    )
