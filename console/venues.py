"""Which session trades at which venue, and where that is."""

from collections.abc import Callable
from dataclasses import dataclass

from config.account_tree import Account
from connectors.alpaca import endpoints as alpaca
from connectors.alpaca.orders import AlpacaOrders
from connectors.binance.orders import BinanceOrders
from connectors.binance.trading_markets import SPOT, USDM, TradingMarket
from connectors.coinbase import endpoints as coinbase
from connectors.coinbase.orders import CoinbaseOrders
from connectors.kraken import endpoints as kraken
from connectors.kraken.orders import KrakenOrders
from connectors.mercadobitcoin import endpoints as mercadobitcoin
from connectors.mercadobitcoin.orders import MercadoBitcoinOrders
from connectors.trading.budgets import MAIN
from connectors.trading.credentials import Credentials
from connectors.trading.session import OrderSession


@dataclass(frozen=True, slots=True)
class TradingVenue:
    """``budgets``: what may be sent, by kind (``connectors/trading/budgets.py``). ``no_test``: why
    there is nowhere to try it without real money."""

    make: Callable[[str, Credentials, Account], OrderSession]
    budgets: dict[str, tuple[float, float]]
    no_test: str = ""


_BURST = 4  # at most this part of what a period allows at once
_MINUTE_S = 60.0


def _evenly(weight: float, period_s: float) -> dict[str, tuple[float, float]]:
    """With a burst of a quarter and three quarters evenly, no period sees more than allowed."""
    return {MAIN: (weight / _BURST, period_s / (_BURST - 1))}


def _alpaca(account: str, keys: Credentials, where: Account) -> OrderSession:
    its = alpaca.LIVE if where.live else alpaca.PAPER
    return AlpacaOrders(account, keys, alpaca.at(where.url) if where.url else its)


def _binance(market: TradingMarket) -> TradingVenue:
    def make(account: str, keys: Credentials, where: Account) -> OrderSession:
        rest, stream = (
            (market.rest, market.stream) if where.live else (market.test_rest, market.test_stream)
        )
        if where.url:
            rest, stream = where.url, where.url.replace("http", "ws", 1) + "/stream"
        return BinanceOrders(account, keys, market, rest, stream)

    return TradingVenue(make, _evenly(market.weight_limit, _MINUTE_S))


def _coinbase(account: str, keys: Credentials, where: Account) -> OrderSession:
    return CoinbaseOrders(account, keys, coinbase.at(where.url) if where.url else coinbase.LIVE)


def _kraken(account: str, keys: Credentials, where: Account) -> OrderSession:
    return KrakenOrders(account, keys, kraken.at(where.url) if where.url else kraken.LIVE)


def _mercadobitcoin(account: str, keys: Credentials, where: Account) -> OrderSession:
    return MercadoBitcoinOrders(account, keys, where.url or mercadobitcoin.LIVE)


TRADING_VENUES = {
    "alpaca": TradingVenue(_alpaca, _evenly(alpaca.REQUESTS_A_MINUTE, _MINUTE_S)),
    "binance": _binance(SPOT),
    "binanceusdm": _binance(USDM),
    "coinbase": TradingVenue(
        _coinbase,
        _evenly(coinbase.REQUESTS_A_SECOND, 1.0),
        "Coinbase's sandbox answers with fixed messages and keeps no orders",
    ),
    "kraken": TradingVenue(
        _kraken, kraken.BUDGETS, "Kraken has no test endpoint for its spot exchange"
    ),
    "mercadobitcoin": TradingVenue(
        _mercadobitcoin, mercadobitcoin.BUDGETS, "Mercado Bitcoin has no test endpoint"
    ),
}
