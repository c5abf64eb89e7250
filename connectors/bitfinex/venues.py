"""Bitfinex as a venue."""

from connectors.bitfinex.codec import BitfinexCodec
from connectors.bitfinex.instruments import listings
from connectors.venue import Limits, Place, Reads, Venue

_CHANNELS = ("book (P0, F0, 100 levels)", "trades", "ticker")

BITFINEX = Venue(
    "BITFINEX",
    "Bitfinex",
    Place("wss://api-pub.bitfinex.com/ws/2", "https://api-pub.bitfinex.com"),
    BitfinexCodec,
    (Reads("/v2/conf/pub:list:pair:exchange", listings),),
    Limits(25 // len(_CHANNELS), (10, 1.0), (10, 60.0)),
    heartbeat_s=15.0,
    ping_s=30.0,
    checks=True,
    hosts=("bitfinex.com",),
    example="BTC-USD",
    channels=_CHANNELS,
    recovery="a number left out, or a wrong checksum: a new subscription to the book",
    keys="none",
    documentation="https://docs.bitfinex.com/docs/ws-general",
    licence="Bitfinex's API terms; market data for one's own use",
    notes=(
        "A line takes 25 channels, so eight symbols.",
        "Books carry no venue time: the receive time stands in.",
    ),
)
