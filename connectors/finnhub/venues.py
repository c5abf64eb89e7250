"""Finnhub as a venue."""

from connectors.access import Access
from connectors.finnhub.codec import FinnhubCodec
from connectors.finnhub.instruments import VENUE, qualified, stocks
from connectors.trading.credentials import Credentials
from connectors.venue import Limits, Place, Reads, Venue


def access(keys: Credentials) -> Access:
    """The WebSocket takes the key in its address only."""
    return Access(query={"token": keys.key})


FINNHUB = Venue(
    VENUE,
    "Finnhub",
    Place("wss://ws.finnhub.io", "https://finnhub.io"),
    FinnhubCodec,
    (Reads("/api/v1/stock/symbol?exchange=US", stocks),),
    Limits(50, (10, 1.0), (60, 60.0)),
    books=False,
    poll_s=60.0,
    access=access,
    secret=False,
    unlisted=qualified,
    hosts=("finnhub.io",),
    example="AAPL,BINANCE:BTCUSDT",
    channels=("trades", "quote (asked for: the day so far)"),
    recovery="has no books",
    keys="`TICKSTREAM_FINNHUB_KEY`, or the file `var/keys/finnhub`",
    documentation="https://finnhub.io/docs/api/websocket-trades",
    licence="Finnhub's terms; personal use on the free plan, no redistribution",
    notes=(
        "A key has one line and, on the free plan, 50 symbols and 60 requests a minute.",
        "Trades have no ids: the log's are their receive times.",
        "Symbols of other exchanges name them: `FINNHUB:BINANCE:BTCUSDT`.",
    ),
)
