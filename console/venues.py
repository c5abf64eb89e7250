"""Which session trades at which venue, and where that is."""

from collections.abc import Callable
from dataclasses import dataclass

from config.settings import Account
from connectors.alpaca import endpoints as alpaca
from connectors.alpaca.orders import AlpacaOrders
from connectors.trading.credentials import Credentials
from connectors.trading.session import OrderSession


@dataclass(frozen=True, slots=True)
class TradingVenue:
    """``requests`` may be made in a minute."""

    make: Callable[[str, Credentials, Account], OrderSession]
    requests: float


def _alpaca(account: str, keys: Credentials, where: Account) -> OrderSession:
    its = alpaca.LIVE if where.live else alpaca.PAPER
    return AlpacaOrders(account, keys, alpaca.at(where.url) if where.url else its)


TRADING_VENUES = {"alpaca": TradingVenue(_alpaca, alpaca.REQUESTS_A_MINUTE)}
