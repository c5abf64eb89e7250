"""The spot exchanges whose servers keep their orders in an ``Exchange``: what differs between them
in the tests that all of them must pass."""

from collections.abc import Callable
from dataclasses import dataclass

from connectors.coinbase import endpoints as coinbase
from connectors.coinbase.orders import CoinbaseOrders
from connectors.kraken import endpoints as kraken
from connectors.kraken.orders import KrakenOrders
from connectors.mercadobitcoin.orders import MercadoBitcoinOrders
from connectors.trading.credentials import Credentials
from connectors.trading.session import OrderSession
from tests.venues import (
    coinbase_orders_server,
    kraken_orders_server,
    mercadobitcoin_orders_server,
)
from tests.venues.coinbase_orders_server import CoinbaseOrdersServer
from tests.venues.exchange import Exchange
from tests.venues.kraken_orders_server import KrakenOrdersServer
from tests.venues.mercadobitcoin_orders_server import MercadoBitcoinOrdersServer
from tests.venues.trading_desk import ACCOUNT


@dataclass(frozen=True)
class SpotVenue:
    """``new``, ``cancel``, ``change`` (empty: it has none) and ``looks`` are names of requests, as
    ``misbehave`` takes them; ``symbol`` is the venue's own of ``instrument``."""

    name: str
    instrument: str
    symbol: str
    server: Callable[[], Exchange]
    session: Callable[[int, bool], OrderSession]  # port, whether the keys are right
    new: str
    cancel: str
    looks: tuple[str, ...]
    too_large: str  # its words for an order that cannot be paid
    change: str = ""


def _kraken(port: int, right: bool = True) -> KrakenOrders:
    key = kraken_orders_server.KEY if right else "another-key"
    keys = Credentials(key, kraken_orders_server.SECRET)
    made = KrakenOrders(ACCOUNT, keys, kraken.at(f"http://127.0.0.1:{port}"))
    made.settle_s = 0.3
    return made


def _coinbase(port: int, right: bool = True) -> CoinbaseOrders:
    key = coinbase_orders_server.KEY if right else "another-key"
    keys = Credentials(key, coinbase_orders_server.SECRET)
    made = CoinbaseOrders(ACCOUNT, keys, coinbase.at(f"http://127.0.0.1:{port}"))
    made.settle_s = 0.3
    return made


def _mercadobitcoin(port: int, right: bool = True) -> MercadoBitcoinOrders:
    secret = mercadobitcoin_orders_server.SECRET if right else "wrong"
    keys = Credentials(mercadobitcoin_orders_server.KEY, secret)
    made = MercadoBitcoinOrders(ACCOUNT, keys, f"http://127.0.0.1:{port}")
    made.settle_s, made.tick_s = 0.3, 0.05
    return made


SPOT_VENUES = (
    SpotVenue(
        "KRAKEN",
        "KRAKEN:BTC-USD",
        "XBTUSD",
        KrakenOrdersServer,
        _kraken,
        "POST add",
        "POST cancel",
        ("POST open", "POST closed", "POST query"),
        "EOrder:Insufficient funds",
        "POST amend",
    ),
    SpotVenue(
        "COINBASE",
        "COINBASE:BTC-USD",
        "BTC-USD",
        CoinbaseOrdersServer,
        _coinbase,
        "POST orders",
        "POST cancel",
        ("GET batch", "GET order", "GET fills"),
        "INSUFFICIENT_FUND",
        "POST edit",
    ),
    SpotVenue(
        "MERCADOBITCOIN",
        "MERCADOBITCOIN:BTC-BRL",
        "BTC-BRL",
        MercadoBitcoinOrdersServer,
        _mercadobitcoin,
        "POST orders",
        "DELETE orders",
        ("GET list", "GET order", "GET all"),
        "INSUFFICIENT_BALANCE",
    ),
)
