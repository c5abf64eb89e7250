"""Coinbase's reference data: products of the Exchange and of Advanced Trade."""

from typing import Any

import orjson

from connectors.reference import AROUND_THE_CLOCK, FUTURE, SESSIONS, SPOT, Listing, listing

_KINDS = {"SPOT": SPOT, "FUTURE": FUTURE}


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
    return _status(product, product["status"] == "online")


def _status(product: dict[str, Any], online: bool) -> str:
    if not online or product.get("trading_disabled"):
        return "HALTED"
    return "AUCTION" if product.get("auction_mode") else "TRADING"


def advanced_listings(body: bytes) -> list[Listing]:
    """GET /api/v3/brokerage/market/products. One that is another's alias is left out: its feed
    brings messages of the other. Raises ValueError and KeyError on something else."""
    products = orjson.loads(body)["products"]
    return [_advanced(p) for p in products if not p.get("alias")]


def _advanced(p: dict[str, Any]) -> Listing:
    contract = p.get("future_product_details") or {}
    online = p["status"] in ("online", "") and not p.get("is_disabled")
    return listing(
        "COINBASE",
        p["product_id"],
        p["base_currency_id"] or contract.get("contract_root_unit", ""),
        p["quote_currency_id"],
        p.get("price_increment") or p["quote_increment"],
        p["base_increment"],
        _status(p, online),
        _KINDS.get(p["product_type"], SPOT),
        p["quote_currency_id"],
        contract.get("contract_size") or "1",
        hours=SESSIONS if contract.get("twenty_four_by_seven") is False else AROUND_THE_CLOCK,
    )
