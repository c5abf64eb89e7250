"""Binance's three markets: where they are, how they name an instrument, how their books chain.

Addresses and limits after Binance's API documentation (spot: "WebSocket Streams", "General API
information"; derivatives: USD-M and COIN-M futures).
"""

from dataclasses import dataclass

from connectors.events import Instrument


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

# Decimals of price and size where a capture holds no exchange information. Spot books hold sizes
# finer than today's lot size, so there it is always eight.
_SPOT_SIZE_SCALE = 8
_KNOWN = {
    "BINANCE:BTCUSDT": (2, 8),
    "BINANCE:ETHUSDT": (2, 8),
    "BINANCEUSDM:BTCUSDT": (1, 3),
    "BINANCEUSDM:ETHUSDT": (2, 3),
    "BINANCECOINM:BTCUSD_PERP": (1, 0),
    "BINANCECOINM:ETHUSD_PERP": (2, 0),
}
_DEFAULT_SCALES = (8, 8)  # Binance never sends more decimals


def instrument(market: Market, symbol: str, scales: tuple[int, int] | None = None) -> Instrument:
    """The instrument of a symbol; scales as the exchange information says, or as known here."""
    name = f"{market.venue}:{symbol}"
    return Instrument(name, *(scales or _KNOWN.get(name, _DEFAULT_SCALES)))


def scales_of(market: Market, info: dict[str, object], symbol: str) -> tuple[int, int]:
    """Decimals of tick and lot size in an exchangeInfo answer. Raises KeyError when the symbol is
    not in it."""
    for entry in info["symbols"]:  # type: ignore[attr-defined]
        if entry["symbol"] == symbol:
            filters = {f["filterType"]: f for f in entry["filters"]}
            tick, lot = filters["PRICE_FILTER"]["tickSize"], filters["LOT_SIZE"]["stepSize"]
            return _decimals(tick), _SPOT_SIZE_SCALE if market is SPOT else _decimals(lot)
    raise KeyError(symbol)


def _decimals(step: str) -> int:
    return len(step.rstrip("0").partition(".")[2])
