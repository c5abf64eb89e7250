"""Kraken's WebSocket interfaces as venues."""

from connectors.kraken.codec import KrakenCodec
from connectors.kraken.codec_v2 import DEPTH, KrakenV2Codec
from connectors.kraken.instruments import listings, listings_v2
from connectors.venue import Limits, Place, Reads, Venue

_REST = "https://api.kraken.com"
_PAIRS = "/0/public/AssetPairs"
_LICENCE = "Kraken's terms of service; market data for one's own use"

KRAKEN = Venue(
    "KRAKEN",
    "Kraken WebSocket v2",
    Place("wss://ws.kraken.com/v2", _REST),
    KrakenV2Codec,
    (Reads(_PAIRS, listings_v2),),
    Limits(100, (10, 1.0), (15, 45.0), (150, 600.0)),
    heartbeat_s=5.0,
    ping_s=20.0,
    checks=True,
    hosts=("ws.kraken.com/v2",),
    example="BTC-USD,ETH-USD",
    channels=(f"book (depth {DEPTH})", "trade", "ticker (bbo)", "instrument"),
    recovery="a wrong checksum: a new subscription to the book",
    keys="none",
    documentation="https://docs.kraken.com/api/docs/websocket-v2",
    licence=_LICENCE,
    notes=(
        "Every message of a book carries a checksum of its ten best levels a side, and each is "
        "verified.",
    ),
)

KRAKEN_V1 = Venue(
    "KRAKEN",
    "Kraken WebSocket v1",
    Place("wss://ws.kraken.com", _REST),
    KrakenCodec,
    (Reads(_PAIRS, listings),),
    Limits(100, (10, 1.0), (15, 45.0), (150, 600.0)),
    heartbeat_s=5.0,
    ping_s=20.0,
    checks=True,
    hosts=("ws.kraken.com", "api.kraken.com"),
    example="BTC-USD",
    channels=("book (depth 100)", "trade", "spread"),
    recovery="a wrong checksum: a new subscription to the book",
    keys="none",
    documentation="https://docs.kraken.com/api/docs/websocket-v1",
    licence=_LICENCE,
    notes=(
        "Kraken keeps this interface for those who have it; new features come in v2.",
        "Its instruments have the names that v2 gives them: follow one by one of the two.",
    ),
)
