"""Kraken's reference data: REST AssetPairs. The decimals of a pair are those of its checksums."""

from typing import Any

import orjson

from connectors.reference import Listing, listing

_STATUSES = {"online": "TRADING", "post_only": "AUCTION", "limit_only": "TRADING"}


def listings(body: bytes) -> list[Listing]:
    """By the symbols of WebSocket v1 (XBT/USD). Raises ValueError where Kraken tells of an error,
    and KeyError."""
    message = orjson.loads(body)
    if message["error"]:
        raise ValueError(f"Kraken answers {message['error']}")
    pairs = message["result"].values()
    return [_listing(pair, pair["wsname"]) for pair in pairs if pair.get("wsname")]


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
        _STATUSES.get(pair.get("status", "online"), "HALTED"),
        scales=(price_scale, size_scale),
    )


def _step(places: int) -> str:
    return f"1e-{places}"
