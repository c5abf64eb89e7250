"""Mercado Bitcoin as a venue."""

from connectors.mercadobitcoin.codec import MercadoBitcoinCodec
from connectors.mercadobitcoin.endpoints import VENUE
from connectors.mercadobitcoin.instruments import listings
from connectors.venue import Limits, Place, Reads, Venue

MERCADO_BITCOIN = Venue(
    VENUE,
    "Mercado Bitcoin",
    Place("wss://ws.mercadobitcoin.net", "https://api.mercadobitcoin.net"),
    MercadoBitcoinCodec,
    (Reads("/api/v4/symbols", listings),),
    Limits(200, (10, 1.0), (1, 1.0)),
    heartbeat_s=15.0,
    ping_s=15.0,
    hosts=("mercadobitcoin.net",),
    example="BTC-BRL",
    channels=("orderbook (whole, 200 levels)", "trade"),
    recovery="nothing comes on subscribing, or after an outage: a REST answer",
    keys="none",
    documentation="https://ws.mercadobitcoin.net/docs/v0/",
    licence="Mercado Bitcoin's terms of use; for one's own use, no redistribution",
    notes=(
        "Streams are named by quote and base (`BRLBTC`), everything else by `BTC-BRL`; both are "
        "understood.",
        "Books carry no numbers and no checksum, each message is a whole book: one that is lost "
        "is made good by the next.",
        "The venue promises no heartbeats; the answers to our pings stand in for them.",
        "500 requests a minute are allowed, one a second for the same data.",
    ),
)
