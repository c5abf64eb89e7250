"""Binance's three markets: where they are, how they name an instrument, how their books chain.

Addresses and limits after Binance's API documentation (spot: "WebSocket Streams", "General API
information"; derivatives: USD-M and COIN-M futures).
"""

from dataclasses import dataclass
from typing import Any

import orjson

from connectors.events import Instrument
from connectors.names import QUOTES, split, spot
from connectors.reference import FUTURE, PERPETUAL, Listing, listing
from connectors.reference import SPOT as SPOT_KIND


@dataclass(frozen=True, slots=True)
class Market:
    """``snapshot_weight`` is the request weight of the deepest book snapshot; ``weight_limit`` a
    minute."""

    venue: str
    socket: str
    rest: str
    depth_path: str
    info_path: str
    depth_stream: str
    snapshot_limit: int
    snapshot_weight: int
    weight_limit: int


SPOT = Market(
    "BINANCE",
    "wss://stream.binance.com:9443",
    "https://api.binance.com",
    "/api/v3/depth",
    "/api/v3/exchangeInfo",
    "depth@100ms",
    5000,
    250,
    6000,
)
USDM = Market(
    "BINANCEUSDM",
    "wss://fstream.binance.com",
    "https://fapi.binance.com",
    "/fapi/v1/depth",
    "/fapi/v1/exchangeInfo",
    "depth@0ms",
    1000,
    20,
    2400,
)
COINM = Market(
    "BINANCECOINM",
    "wss://dstream.binance.com",
    "https://dapi.binance.com",
    "/dapi/v1/depth",
    "/dapi/v1/exchangeInfo",
    "depth@0ms",
    1000,
    20,
    2400,
)
MARKETS = {market.venue: market for market in (SPOT, USDM, COINM)}

# Decimals of price and size where a recording holds no exchange information. Spot books hold sizes
# finer than today's lot size, so there it is always eight.
_SPOT_SIZE_SCALE = 8
_KNOWN = {
    ("BINANCE", "BTCUSDT"): (2, 8),
    ("BINANCE", "ETHUSDT"): (2, 8),
    ("BINANCEUSDM", "BTCUSDT"): (1, 3),
    ("BINANCEUSDM", "ETHUSDT"): (2, 3),
    ("BINANCECOINM", "BTCUSD_PERP"): (1, 0),
    ("BINANCECOINM", "ETHUSD_PERP"): (2, 0),
}
_DEFAULT_SCALES = (8, 8)  # Binance never sends more decimals
_QUOTES = ("TUSD", "BUSD", "USDP", "IDRT", *(quote for quote in QUOTES if quote != "USD"))
_STATUSES = {"TRADING": "TRADING", "HALT": "HALTED", "BREAK": "HALTED", "AUCTION_MATCH": "AUCTION"}


def name_of(venue: str, symbol: str) -> str:
    """``BINANCE``, ``BTCUSDT`` → ``BINANCE:BTC-USDT``, without exchange information."""
    pair = split(symbol, _QUOTES) if venue == SPOT.venue else None
    return spot(venue, *pair) if pair else f"{venue}:{symbol}"


def symbol_of(name: str) -> str:
    """``BINANCE:BTC-USDT`` → ``BTCUSDT``."""
    return name.partition(":")[2].replace("-", "")


def unlisted(market: Market, symbol: str) -> Instrument:
    """The instrument of a symbol in a recording."""
    name = name_of(market.venue, symbol)
    return Instrument(name, *_KNOWN.get((market.venue, symbol), _DEFAULT_SCALES))


def listings(market: Market, body: bytes) -> list[Listing]:
    """An exchangeInfo answer. Raises ValueError and KeyError on something else."""
    return [_listing(market, entry) for entry in orjson.loads(body)["symbols"]]


def _listing(market: Market, entry: dict[str, Any]) -> Listing:
    filters = {f["filterType"]: f for f in entry["filters"]}
    contract = entry.get("contractType", "")
    status = entry.get("contractStatus") or entry["status"]
    return listing(
        market.venue,
        entry["symbol"],
        entry["baseAsset"],
        entry["quoteAsset"],
        filters["PRICE_FILTER"]["tickSize"],
        filters["LOT_SIZE"]["stepSize"],
        _STATUSES.get(status, "CLOSED"),
        SPOT_KIND if market is SPOT else PERPETUAL if "PERPETUAL" in contract else FUTURE,
        entry.get("marginAsset", ""),
        str(entry.get("contractSize", 1)),
        (None, _SPOT_SIZE_SCALE if market is SPOT else None),
    )
