"""Kraken's reference data: REST AssetPairs. The decimals of a pair are those of its checksums."""

from typing import Any

import orjson

from connectors.names import ALIASES
from connectors.reference import Listing, listing

STATUSES = {"online": "TRADING", "post_only": "AUCTION", "limit_only": "TRADING"}


def listings(body: bytes) -> list[Listing]:
    """By the symbols of WebSocket v1 (XBT/USD). Raises ValueError where Kraken tells of an error,
    and KeyError."""
    return [_listing(pair, pair["wsname"]) for pair in _pairs(body)]


def listings_v2(body: bytes) -> list[Listing]:
    """By the symbols of v2 (BTC/USD)."""
    return [_listing(pair, _symbol_v2(pair["wsname"])) for pair in _pairs(body)]


def _pairs(body: bytes) -> list[dict[str, Any]]:
    message = orjson.loads(body)
    if message["error"]:
        raise ValueError(f"Kraken answers {message['error']}")
    return [pair for pair in message["result"].values() if pair.get("wsname")]


def _symbol_v2(symbol: str) -> str:
    """v2 has the usual codes of currencies."""
    return "/".join(ALIASES.get(code, code) for code in symbol.split("/"))


def _listing(pair: dict[str, Any], symbol: str) -> Listing:
    base, _, quote = symbol.partition("/")
    price_scale, size_scale = int(pair["pair_decimals"]), int(pair["lot_decimals"])
    return listing(
        "KRAKEN",
        symbol,
        base,
        quote,
        pair.get("tick_size") or _step(price_scale),
        _step(size_scale),
        STATUSES.get(pair.get("status", "online"), "HALTED"),
        scales=(price_scale, size_scale),
    )


def _step(places: int) -> str:
    return f"1e-{places}"
