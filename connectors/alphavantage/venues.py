"""Alpha Vantage as a venue."""

from connectors.access import Access
from connectors.alphavantage.codec import AlphaVantageCodec
from connectors.alphavantage.instruments import VENUE, unlisted
from connectors.trading.credentials import Credentials
from connectors.venue import Limits, Place, Venue


def access(keys: Credentials) -> Access:
    """The vendor takes the key in the address only."""
    return Access(query={"apikey": keys.key})


ALPHA_VANTAGE = Venue(
    VENUE,
    "Alpha Vantage",
    Place("", "https://www.alphavantage.co"),
    AlphaVantageCodec,
    (),
    Limits(25, (1, 1.0), (25, 86_400.0)),
    books=False,
    poll_s=6 * 3600.0,
    access=access,
    secret=False,
    unlisted=unlisted,
    hosts=("alphavantage.co",),
    example="IBM,EUR-USD",
    channels=("daily series (asked for)",),
    recovery="has no books",
    keys="`TICKSTREAM_ALPHAVANTAGE_KEY`, or the file `var/keys/alphavantage`",
    documentation="https://www.alphavantage.co/documentation/",
    licence="Alpha Vantage's terms; personal use on the free plan, no redistribution",
    notes=(
        "The free plan has 25 requests a day: each symbol is asked for four times a day, as far "
        "as they suffice.",
        "Daily bars only, the last hundred; fundamentals are not read.",
    ),
)
