"""Coinbase's reference data: products of the Exchange and of Advanced Trade."""

from typing import Any

import orjson

from connectors.reference import Listing, listing


def exchange_listings(body: bytes) -> list[Listing]:
    """GET /products of the Exchange. Raises ValueError and KeyError on something else."""
    return [
        listing(
            "COINBASE",
            p["id"],
            p["base_currency"],
            p["quote_currency"],
            p["quote_increment"],
            p["base_increment"],
            _exchange_status(p),
        )
        for p in orjson.loads(body)
    ]


def _exchange_status(product: dict[str, Any]) -> str:
    if product["status"] != "online" or product.get("trading_disabled"):
        return "HALTED"
    return "AUCTION" if product.get("auction_mode") else "TRADING"
