"""No venue does something else than an order says without a word: kinds and times in force."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from connectors.alpaca import order_form as alpaca
from connectors.binance import order_form as binance
from connectors.binance.trading_markets import SPOT, USDM
from connectors.coinbase import order_form as coinbase
from connectors.kraken import order_form as kraken
from connectors.mercadobitcoin import order_form as mercadobitcoin
from connectors.trading.session import Unsupported
from schemas.enums import OrdType, TimeInForce
from schemas.execution import ApprovedOrder
from tests.venues.trading_desk import order

Form = Callable[[ApprovedOrder], Any]
VENUES: dict[str, tuple[str, Form]] = {
    "binance": ("BINANCE:BTC-USDT", lambda asked: binance.new_query(asked, SPOT)),
    "binanceusdm": ("BINANCEUSDM:BTCUSDT", lambda asked: binance.new_query(asked, USDM)),
    "coinbase": ("COINBASE:BTC-USD", coinbase.new_body),
    "kraken": ("KRAKEN:BTC-USD", kraken.new_form),
    "mercadobitcoin": ("MERCADOBITCOIN:BTC-BRL", mercadobitcoin.new_body),
}
AT_ONCE = (TimeInForce.IOC, TimeInForce.DAY, TimeInForce.GTC)
AUCTIONS = (TimeInForce.OPG, TimeInForce.CLS)
STOPS = ((OrdType.STOP, {"stop_price": 9500}), (OrdType.TRAILING_STOP, {"trail": 100}))


def form(venue: str, **terms: Any) -> Any:
    instrument, make = VENUES[venue]
    return make(order("s1", instrument, 3, **terms))


@pytest.mark.parametrize("venue", VENUES)
@pytest.mark.parametrize("time", AUCTIONS)
def test_a_market_order_for_an_auction_is_not_traded_at_once(venue: str, time: TimeInForce) -> None:
    with pytest.raises(Unsupported, match=f"no {time} for market orders"):
        form(venue, time_in_force=time)


@pytest.mark.parametrize("venue", VENUES)
def test_a_market_order_that_ends_at_once_is_one(venue: str) -> None:
    assert all(form(venue, time_in_force=time) for time in AT_ONCE)


@pytest.mark.parametrize("venue", ["binance", "binanceusdm", "kraken", "mercadobitcoin"])
def test_all_or_nothing_is_not_taken_for_as_much_as_there_is(venue: str) -> None:
    with pytest.raises(Unsupported, match="no FOK for market orders"):
        form(venue, time_in_force=TimeInForce.FOK)


@pytest.mark.parametrize("venue", ["binance", "kraken"])
@pytest.mark.parametrize(("kind", "terms"), STOPS)
@pytest.mark.parametrize("time", [TimeInForce.DAY, TimeInForce.GTD, TimeInForce.FOK, *AUCTIONS])
def test_a_stop_that_ends_is_not_kept_for_ever(
    venue: str, kind: OrdType, terms: dict[str, Any], time: TimeInForce
) -> None:
    more = {"params": {"trailing_delta": "100"}, "ts_expire": 1_800_000_000 * 10**9}
    with pytest.raises(Unsupported, match=f"keeps {kind} orders until they are cancelled"):
        form(venue, ord_type=kind, time_in_force=time, **terms, **more)
    assert form(venue, ord_type=kind, time_in_force=TimeInForce.GTC, **terms, **more)


@pytest.mark.parametrize("venue", ["binance", "binanceusdm"])
@pytest.mark.parametrize(
    "terms",
    [
        {"ord_type": OrdType.MARKET, "time_in_force": TimeInForce.IOC},
        {"ord_type": OrdType.LIMIT, "price": 9900, "time_in_force": TimeInForce.IOC},
        {"ord_type": OrdType.LIMIT, "price": 9900, "time_in_force": TimeInForce.FOK},
        {"ord_type": OrdType.STOP_LIMIT, "price": 9900, "stop_price": 9950}
        | {"time_in_force": TimeInForce.GTC},
    ],
)
def test_post_only_at_binance_does_not_swallow_what_else_is_asked(
    venue: str, terms: dict[str, Any]
) -> None:
    with pytest.raises(Unsupported, match="post-only for limit orders with GTC alone"):
        form(venue, post_only=True, **terms)


@pytest.mark.parametrize(
    ("instrument", "size", "time", "sent"),
    [
        ("ALPACA:AAPL", 1500, TimeInForce.IOC, "day"),
        ("ALPACA:AAPL", 2000, TimeInForce.IOC, "ioc"),
        ("ALPACA:AAPL", 1500, TimeInForce.FOK, "fok"),
        ("ALPACA:BTC-USD", 1500, TimeInForce.IOC, "ioc"),
    ],
)
def test_a_fraction_of_a_share_is_closed_by_an_order_of_the_day(
    instrument: str, size: int, time: TimeInForce, sent: str
) -> None:
    body = alpaca.new_body(order("a1", instrument, size, size_scale=3, time_in_force=time))
    assert orjson.loads(body)["time_in_force"] == sent
