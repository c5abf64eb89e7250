"""OKX as a venue."""

from connectors.okx.codec import OkxCodec
from connectors.okx.instruments import listings
from connectors.venue import Limits, Place, Reads, Venue

_INSTRUMENTS = "/api/v5/public/instruments?instType="

OKX = Venue(
    "OKX",
    "OKX v5",
    Place("wss://ws.okx.com:8443", "https://www.okx.com"),
    OkxCodec,
    tuple(Reads(_INSTRUMENTS + kind, listings) for kind in ("SPOT", "SWAP", "FUTURES")),
    Limits(100, (480, 3600.0), (10, 1.0), (3, 1.0)),
    heartbeat_s=15.0,
    ping_s=15.0,
    checks=True,
    hosts=("okx.com",),
    example="BTC-USDT,BTC-USDT-SWAP",
    channels=("books", "trades", "tickers"),
    recovery="a gap in seqId, or a wrong checksum: a new subscription to the book",
    keys="none",
    documentation="https://www.okx.com/docs-v5/en/#order-book-trading-market-data",
    licence="OKX's terms of service; market data for one's own use",
    notes=(
        "Books carry a number of their own and that of the message before; their checksums are 0 "
        "today, which is taken for none.",
        "480 subscriptions and their ends an hour are allowed on a line.",
    ),
)
