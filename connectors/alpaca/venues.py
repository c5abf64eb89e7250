"""Alpaca's market data feeds as venues."""

from functools import partial

import orjson

from connectors.access import Access
from connectors.alpaca.codec import CRYPTO, SHARES, TEST, AlpacaCodec
from connectors.alpaca.endpoints import LIVE, VENUE
from connectors.alpaca.instruments import coins, days, shares, test_share
from connectors.trading.credentials import Credentials
from connectors.venue import Calendar, Limits, Place, Reads, Venue

_PLACE = Place("wss://stream.data.alpaca.markets", LIVE.rest)
_ALL = 10_000  # symbols: an account has one line, so they all share it
_SHARES = (Reads("/v2/assets?status=active&asset_class=us_equity", shares),)
_COINS = (Reads("/v2/assets?status=active&asset_class=crypto", coins),)
_KEYS = (
    "`TICKSTREAM_ALPACA_KEY` and `TICKSTREAM_ALPACA_SECRET`, or the file `var/keys/alpaca`; with "
    "keys of a paper account set `rest` to `https://paper-api.alpaca.markets`"
)


def access(keys: Credentials) -> Access:
    hello = orjson.dumps({"action": "auth", "key": keys.key, "secret": keys.secret}).decode()
    headers = {"APCA-API-KEY-ID": keys.key, "APCA-API-SECRET-KEY": keys.secret}
    return Access(headers, hello=hello)


def _venue(
    title: str,
    path: str,
    channels: tuple[str, ...],
    reads: tuple[Reads, ...],
    example: str,
    notes: tuple[str, ...],
) -> Venue:
    exchange = "statuses" in channels
    return Venue(
        VENUE,
        title,
        _PLACE,
        partial(AlpacaCodec, path, channels),
        reads,
        Limits(_ALL, (10, 1.0), (200, 60.0)),
        books="orderbooks" in channels,
        poll_s=60.0 if exchange else 0.0,
        access=access,
        unlisted=None if reads else test_share,
        calendar=Calendar("/v2/calendar", days) if exchange else None,
        hosts=(f"alpaca.markets{path}",),
        example=example,
        channels=channels,
        recovery="a new subscription to the book" if "orderbooks" in channels else "has no books",
        keys=_KEYS,
        documentation="https://docs.alpaca.markets/docs/streaming-market-data",
        licence="Alpaca's market data agreement; for one's own use, no redistribution",
        notes=(
            "An account has one line a feed: another process with the same keys gets error 406, "
            "and the feed tries again each 30 s.",
            *notes,
        ),
    )


_TAPES = (
    "Corrections and cancels of trades go to the log as they are, and to the table "
    "`trade_notices`; bars that were built here before are not changed by them.",
    "A print whose sale conditions say that it set no price (late, average price, contingent) is "
    "a row of `trade_notices`; conditions of other trades are in captures only.",
    "Sizes of quotes come in round lots and are told as lots of 100 shares.",
    "`TRADING` and `CLOSED` follow the exchange's regular hours, by Alpaca's clock; quotes and "
    "trades before and after come all the same.",
)
ALPACA = _venue(
    "Alpaca shares, IEX",
    "/v2/iex",
    SHARES,
    _SHARES,
    "AAPL",
    ("The free plan: 30 symbols, trades and quotes of IEX only.", *_TAPES),
)
ALPACA_SIP = _venue(
    "Alpaca shares, all US exchanges (SIP)", "/v2/sip", SHARES, _SHARES, "AAPL,MSFT", _TAPES
)
ALPACA_TEST = _venue(
    "Alpaca test stream",
    "/v2/test",
    TEST,
    (),
    "FAKEPACA",
    ("Open at all hours, with made-up trades of FAKEPACA.",),
)
ALPACA_CRYPTO = _venue("Alpaca crypto", "/v1beta3/crypto/us", CRYPTO, _COINS, "BTC-USD", ())
