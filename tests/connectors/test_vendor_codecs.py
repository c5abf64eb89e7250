"""Vendors' documented messages with anything damaged are read or refused, and never raise."""

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.events import Rejected
from connectors.market_session import MarketSession
from connectors.venues import VENUES
from tests.venues import alpaca_market_server as alpaca
from tests.venues import massive_server as massive
from tests.venues import mercadobitcoin_server as mercadobitcoin
from tests.venues import oanda_server as oanda
from tests.venues import vendor_servers as vendors

MESSAGES: dict[str, list[Any]] = {
    "alpaca": [[m] for m in alpaca.DOCUMENTED],
    "alpacacrypto": [
        [{"T": "t", "S": "BTC/USD", "p": 1.5, "s": 2, "t": "2026-01-01T00:00:00Z", "i": 1}],
        [
            {
                "T": "o",
                "S": "BTC/USD",
                "b": [{"p": 1, "s": 2}],
                "t": "2026-01-01T00:00:00Z",
                "r": True,
            }
        ],
        [{"T": "error", "code": 406, "msg": "connection limit exceeded"}],
        [{"T": "subscription", "trades": ["BTC/USD"]}],
    ],
    "massive": [[m] for m in massive.STOCKS],
    "massivecrypto": [[m] for m in massive.CRYPTO],
    "massiveforex": [[m] for m in massive.FOREX],
    "mercadobitcoin": [json.loads(text) for text in mercadobitcoin.documented(2)],
    "oanda": oanda.PRICES,
    "finnhub": vendors.TRADES,
}
_DAY = {"1. open": "1", "2. high": "2", "3. low": "1", "4. close": "2", "5. volume": "9"}
ANSWERS: dict[str, tuple[str, Any]] = {
    "alpaca": (
        "http://x/v2/clock",
        {"is_open": True, "timestamp": "2026-01-01T00:00:00Z", "next_close": "later"},
    ),
    "mercadobitcoin": (
        "http://x/api/v4/BTC-BRL/orderbook?limit=200",
        {"asks": [["2", "1"]], "bids": [["1", "1"]], "timestamp": 9},
    ),
    "oanda": ("http://x/v3/accounts/1/pricing?instruments=EUR_USD", {"prices": oanda.PRICES[:1]}),
    "finnhub": ("http://x/api/v1/quote?symbol=AAPL", vendors.DAY),
    "twelvedata": (
        "http://x/time_series?symbol=AAPL",
        {"meta": {}, "values": vendors.MINUTES, "status": "ok"},
    ),
    "alphavantage": (
        "http://x/query?function=TIME_SERIES_DAILY&symbol=IBM",
        {
            "Meta Data": {"5. Time Zone": "US/Eastern"},
            "Time Series (Daily)": {"2026-11-20": _DAY},
        },
    ),
}
ODD = (None, True, -1, 0, 1.5, 10**30, "", "x", "1e9", "-1", [], [None], {}, {"T": "t"})


def session(word: str) -> MarketSession:
    venue = VENUES[word]
    made = MarketSession(venue, venue.codec({}, venue.place), {})
    made.connected(1)
    return made


def damaged(value: Any, rng: random.Random) -> Any:
    """Something of it, at any depth, is another thing or gone."""
    if rng.random() < 0.15:
        return rng.choice(ODD)
    match value:
        case dict():
            kept = {k: v for k, v in value.items() if rng.random() > 0.05}
            return {key: damaged(part, rng) for key, part in kept.items()}
        case list():
            return [damaged(part, rng) for part in value if rng.random() > 0.05]
    return value


def cut(body: bytes, rng: random.Random) -> bytes:
    return body[: rng.randrange(len(body) + 1)] if rng.random() < 0.2 else body


@pytest.mark.parametrize("word", MESSAGES)
@given(seed=st.integers(0, 2**32))
def test_damaged_messages_never_raise(word: str, seed: int) -> None:
    rng, of = random.Random(seed), session(word)
    for at, message in enumerate(MESSAGES[word], 2):
        of.receive(cut(json.dumps(damaged(message, rng)).encode(), rng), at)


@pytest.mark.parametrize("word", ANSWERS)
@given(seed=st.integers(0, 2**32))
def test_damaged_answers_never_raise(word: str, seed: int) -> None:
    rng, of = random.Random(seed), session(word)
    url, body = ANSWERS[word]
    for at in range(2, 6):
        of.answered(url, cut(json.dumps(damaged(body, rng)).encode(), rng), at)


@pytest.mark.parametrize("word", [*MESSAGES, *ANSWERS])
def test_what_is_damaged_above_is_read_as_it_is(word: str) -> None:
    of = session(word)
    if word in ANSWERS and word not in MESSAGES:
        found = of.answered(*_encoded(*ANSWERS[word]), 10**18).events
    else:
        steps = [of.receive(json.dumps(m).encode(), 10**18) for m in MESSAGES[word]]
        found = [event for step in steps for event in step.events]
    assert any(not isinstance(event, Rejected) for event in found)


def _encoded(url: str, body: Any) -> tuple[str, bytes]:
    return url, json.dumps(body).encode()
