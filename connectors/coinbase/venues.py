"""Coinbase's feeds as venues."""

from connectors.coinbase.codec import CoinbaseCodec
from connectors.coinbase.instruments import exchange_listings
from connectors.venue import Limits, Place, Reads, Venue

_LICENCE = "Coinbase's market data terms: for one's own use, no redistribution"

COINBASE_EXCHANGE = Venue(
    "COINBASE",
    "Coinbase Exchange",
    Place("wss://ws-feed.exchange.coinbase.com", "https://api.exchange.coinbase.com"),
    CoinbaseCodec,
    (Reads("/products", exchange_listings),),
    Limits(100, (8, 1.0), (10, 1.0)),
    heartbeat_s=5.0,
    hosts=("coinbase.com",),
    channels=("level2_batch", "matches", "ticker", "heartbeat"),
    recovery="a trade that is missing: a new subscription to the book",
    keys="none; the channel level2 would need them, level2_batch tells the same each 50 ms",
    documentation="https://docs.cdp.coinbase.com/exchange/websocket-feed/overview",
    licence=_LICENCE,
    notes=("The book carries no sequence numbers; trade ids and heartbeats show what is lost.",),
)
