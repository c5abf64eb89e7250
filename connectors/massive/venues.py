"""Massive's clusters as venues."""

from functools import partial

import orjson

from connectors.access import Access
from connectors.massive.codec import CRYPTO, FOREX, STOCKS, VENUE, Cluster, MassiveCodec
from connectors.massive.instruments import next_page, pairs, stocks
from connectors.trading.credentials import Credentials
from connectors.venue import Limits, Place, Reads, Venue

_PLACE = Place("wss://socket.massive.com", "https://api.massive.com")
_ALL = 10_000  # symbols: a key has one line a cluster


def access(keys: Credentials) -> Access:
    hello = orjson.dumps({"action": "auth", "params": keys.key}).decode()
    return Access({"Authorization": f"Bearer {keys.key}"}, hello=hello)


def _venue(title: str, cluster: Cluster, market: str, example: str, *notes: str) -> Venue:
    parse = stocks if cluster is STOCKS else partial(pairs, cluster)
    path = f"/v3/reference/tickers?market={market}&active=true&limit=1000"
    return Venue(
        VENUE,
        title,
        _PLACE,
        partial(MassiveCodec, cluster),
        (Reads(path, parse),),
        Limits(_ALL, (10, 1.0), (5, 60.0)),
        books=False,
        access=access,
        secret=False,
        next_page=next_page,
        hosts=(f"massive.com{cluster.path}", f"polygon.io{cluster.path}"),
        example=example,
        channels=cluster.channels,
        recovery="has no books",
        keys="`TICKSTREAM_MASSIVE_KEY`, or the file `var/keys/massive`",
        documentation="https://massive.com/docs/websocket/quickstart",
        licence="Massive's market data terms; for one's own use by plan, no redistribution",
        notes=(
            "A key has one line a cluster; a second one is refused (max_connections), and the "
            "feed tries again each 30 s.",
            "A plan with delayed data: set `socket` to `wss://delayed.massive.com`.",
            "The list of tickers comes in pages, at the free plan's five requests a minute.",
            *notes,
        ),
    )


MASSIVE = _venue(
    "Massive (Polygon) stocks",
    STOCKS,
    "stocks",
    "AAPL,MSFT",
    "A print whose conditions say that it set no price is a row of `trade_notices`.",
)
MASSIVE_CRYPTO = _venue(
    "Massive (Polygon) crypto",
    CRYPTO,
    "crypto",
    "BTC-USD",
    "Quotes are those of several exchanges, one after the other.",
)
MASSIVE_FOREX = _venue(
    "Massive (Polygon) forex",
    FOREX,
    "fx",
    "EUR-USD",
    "Rates have no sizes; a size of one unit stands in for them.",
)
