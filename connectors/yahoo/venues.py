"""Yahoo Finance as a venue."""

from connectors.venue import Limits, Place, Venue
from connectors.yahoo.codec import YahooCodec
from connectors.yahoo.instruments import VENUE, unlisted
from connectors.yahoo.library import YAHOO as ADDRESS
from connectors.yahoo.library import asking

YAHOO = Venue(
    VENUE,
    "Yahoo Finance",
    Place("", ADDRESS),
    YahooCodec,
    (),
    Limits(500, (1, 1.0), (30, 60.0)),
    books=False,
    poll_s=60.0,
    library=asking,
    unlisted=unlisted,
    hosts=("yahoo.com",),
    example="AAPL,PETR4.SA",
    channels=("minutes of the day (asked for)",),
    recovery="has no books",
    keys="none; install the extra: `pip install 'tickstream[yahoo]'`",
    documentation="https://ranaroussi.github.io/yfinance/",
    licence="Yahoo's terms of service: personal use only, no redistribution",
    notes=(
        "Yahoo has no documented interface; the library `yfinance` asks it, at most thirty times "
        "a minute.",
        "Symbols are Yahoo's: `EURUSD=X`, `BTC-USD`, `^BVSP`, `PETR4.SA`.",
        "Bars only, not adjusted for dividends; the newest goes on while its minute does.",
    ),
)
