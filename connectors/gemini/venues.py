"""Gemini as a venue."""

from connectors.gemini.codec import GeminiCodec
from connectors.gemini.instruments import listings
from connectors.venue import Limits, Place, Reads, Venue

GEMINI = Venue(
    "GEMINI",
    "Gemini",
    Place("wss://api.gemini.com/v2/marketdata", "https://api.gemini.com"),
    GeminiCodec,
    (Reads("/v1/symbols/details/all", listings),),
    Limits(100, (10, 1.0), (120, 60.0)),
    heartbeat_s=5.0,
    hosts=("gemini.com",),
    example="BTC-USD",
    channels=("l2 (books and trades)",),
    recovery="a new subscription to the book",
    keys="none",
    documentation="https://docs.gemini.com/websocket/market-data",
    licence="Gemini's market data agreement; for one's own use, no redistribution",
    notes=("Messages carry no number: one that is lost shows only when the line breaks.",),
)
