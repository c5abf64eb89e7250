"""Coinbase's feeds as venues."""

from connectors.coinbase.advanced_codec import AdvancedTradeCodec
from connectors.coinbase.codec import CoinbaseCodec
from connectors.coinbase.instruments import advanced_listings, exchange_listings
from connectors.venue import Limits, Place, Reads, Venue

_LICENCE = "Coinbase's market data terms: for one's own use, no redistribution"

COINBASE = Venue(
    "COINBASE",
    "Coinbase Advanced Trade",
    Place("wss://advanced-trade-ws.coinbase.com", "https://api.coinbase.com"),
    AdvancedTradeCodec,
    (Reads("/api/v3/brokerage/market/products", advanced_listings),),
    Limits(100, (8, 1.0), (10, 1.0), (8, 1.0)),
    heartbeat_s=5.0,
    hosts=("advanced-trade-ws.coinbase.com",),
    example="BTC-USD,ETH-USD",
    channels=("level2", "market_trades", "ticker", "heartbeats"),
    recovery="a number left out: a new subscription to each book",
    keys="none; market data needs no log-in",
    documentation="https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket",
    licence=_LICENCE,
    notes=(
        "What is an alias of another product (BTC-USDC of BTC-USD) is not listed: its feed brings "
        "the other's messages.",
    ),
)

COINBASE_EXCHANGE = Venue(
    "COINBASE",
    "Coinbase Exchange",
    Place("wss://ws-feed.exchange.coinbase.com", "https://api.exchange.coinbase.com"),
    CoinbaseCodec,
    (Reads("/products", exchange_listings),),
    Limits(100, (8, 1.0), (10, 1.0), (8, 1.0)),
    heartbeat_s=5.0,
    hosts=("coinbase.com",),
    example="BTC-USD",
    channels=("level2_batch", "matches", "ticker", "heartbeat"),
    recovery="a trade that is missing: a new subscription to the book",
    keys="none; the channel level2 would need them, level2_batch tells the same each 50 ms",
    documentation="https://docs.cdp.coinbase.com/exchange/websocket-feed/overview",
    licence=_LICENCE,
    notes=(
        "The book carries no sequence numbers; trade ids and heartbeats show what is lost.",
        "Its instruments have the names of Advanced Trade: follow one by one of the two.",
    ),
)
