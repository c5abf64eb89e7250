"""Bitstamp as a venue."""

from connectors.bitstamp.codec import BitstampCodec
from connectors.bitstamp.instruments import listings
from connectors.venue import Limits, Place, Reads, Venue

BITSTAMP = Venue(
    "BITSTAMP",
    "Bitstamp",
    Place("wss://ws.bitstamp.net", "https://www.bitstamp.net"),
    BitstampCodec,
    (Reads("/api/v2/trading-pairs-info/", listings),),
    Limits(100, (20, 1.0), (400, 1.0)),
    heartbeat_s=20.0,
    ping_s=20.0,
    hosts=("bitstamp.net",),
    example="BTC-USD",
    channels=("diff_order_book", "live_trades"),
    recovery="a REST snapshot of the book",
    keys="none",
    documentation="https://www.bitstamp.net/websocket/v2/",
    licence="Bitstamp's terms of use; market data for one's own use",
    notes=(
        "Diffs carry no number: one that is lost shows only when the line breaks.",
        "The venue answers our heartbeats, and asks for a new line before it closes one.",
    ),
)
