"""Where Binance's spot and USD-M markets take orders, and how the two differ.

Spot tells what happens to orders on its WebSocket API, after a signed subscription; USD-M on a
stream named by a listen key that must be kept alive (Binance API documentation: "User Data
Streams"). Weights are the documented ones of each request.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Paths:
    order: str
    open_orders: str
    trades: str
    balances: str
    positions: str = ""
    income: str = ""
    listen_key: str = ""


@dataclass(frozen=True, slots=True)
class TradingMarket:
    """``window_ns`` is the longest time that one question for trades may span."""

    venue: str
    paths: Paths
    rest: str
    stream: str
    test_rest: str
    test_stream: str
    window_ns: int
    open_orders_weight: int
    trades_weight: int
    weight_limit: int

    @property
    def futures(self) -> bool:
        return bool(self.paths.listen_key)


_DAY_NS = 86_400 * 10**9
SPOT = TradingMarket(
    "BINANCE",
    Paths("/api/v3/order", "/api/v3/openOrders", "/api/v3/myTrades", "/api/v3/account"),
    "https://api.binance.com",
    "wss://ws-api.binance.com:443/ws-api/v3",
    "https://testnet.binance.vision",
    "wss://ws-api.testnet.binance.vision/ws-api/v3",
    _DAY_NS,
    80,
    20,
    6000,
)
USDM = TradingMarket(
    "BINANCEUSDM",
    Paths(
        "/fapi/v1/order",
        "/fapi/v1/openOrders",
        "/fapi/v1/userTrades",
        "/fapi/v3/balance",
        "/fapi/v3/positionRisk",
        "/fapi/v1/income",
        "/fapi/v1/listenKey",
    ),
    "https://fapi.binance.com",
    "wss://fstream.binance.com/private/ws",
    "https://testnet.binancefuture.com",
    "wss://fstream.binancefuture.com/ws",
    7 * _DAY_NS,
    40,
    5,
    2400,
)
