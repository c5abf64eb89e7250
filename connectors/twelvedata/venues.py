"""Twelve Data as a venue."""

from connectors.access import Access
from connectors.trading.credentials import Credentials
from connectors.twelvedata.codec import TwelveDataCodec
from connectors.twelvedata.instruments import VENUE, unlisted
from connectors.venue import Limits, Place, Venue


def access(keys: Credentials) -> Access:
    return Access({"Authorization": f"apikey {keys.key}"})


TWELVE_DATA = Venue(
    VENUE,
    "Twelve Data",
    Place("", "https://api.twelvedata.com"),
    TwelveDataCodec,
    (),
    Limits(800, (1, 1.0), (8, 60.0)),
    books=False,
    poll_s=60.0,
    access=access,
    secret=False,
    unlisted=unlisted,
    hosts=("twelvedata.com",),
    example="AAPL,EUR-USD",
    channels=("time series of a minute (asked for)",),
    recovery="has no books",
    keys="`TICKSTREAM_TWELVEDATA_KEY`, or the file `var/keys/twelvedata`",
    documentation="https://twelvedata.com/docs#time-series",
    licence="Twelve Data's terms; personal use on the free plan, no redistribution",
    notes=(
        "The free plan has 8 requests a minute and 800 a day: symbols are asked for in turn, each "
        "once a minute or as often as the budget allows. One symbol in two minutes suffices for a "
        "day; when the day's credits are spent, an hour goes by before the next request.",
        "Bars only; its bars lie in `vendor_bars`.",
    ),
)
