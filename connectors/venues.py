"""All venues with a live feed, by the word that names them on the command line."""

from connectors.alpaca.venues import ALPACA, ALPACA_CRYPTO, ALPACA_SIP, ALPACA_TEST
from connectors.alphavantage.venues import ALPHA_VANTAGE
from connectors.binance.venues import BINANCE, BINANCECOINM, BINANCEUSDM
from connectors.bitfinex.venues import BITFINEX
from connectors.bitstamp.venues import BITSTAMP
from connectors.coinbase.venues import COINBASE, COINBASE_EXCHANGE
from connectors.finnhub.venues import FINNHUB
from connectors.gemini.venues import GEMINI
from connectors.kraken.venues import KRAKEN, KRAKEN_V1
from connectors.massive.venues import MASSIVE, MASSIVE_CRYPTO, MASSIVE_FOREX
from connectors.mercadobitcoin.venues import MERCADO_BITCOIN
from connectors.oanda.venues import OANDA, OANDA_PRACTICE
from connectors.okx.venues import OKX
from connectors.twelvedata.venues import TWELVE_DATA
from connectors.venue import Venue
from connectors.yahoo.venues import YAHOO

VENUES: dict[str, Venue] = {
    "alpaca": ALPACA,
    "alpacacrypto": ALPACA_CRYPTO,
    "alpacasip": ALPACA_SIP,
    "alpacatest": ALPACA_TEST,
    "alphavantage": ALPHA_VANTAGE,
    "binance": BINANCE,
    "binanceusdm": BINANCEUSDM,
    "binancecoinm": BINANCECOINM,
    "bitfinex": BITFINEX,
    "bitstamp": BITSTAMP,
    "coinbase": COINBASE,
    "coinbaseexchange": COINBASE_EXCHANGE,
    "finnhub": FINNHUB,
    "gemini": GEMINI,
    "kraken": KRAKEN,
    "krakenv1": KRAKEN_V1,
    "massive": MASSIVE,
    "massivecrypto": MASSIVE_CRYPTO,
    "massiveforex": MASSIVE_FOREX,
    "mercadobitcoin": MERCADO_BITCOIN,
    "oanda": OANDA,
    "oandapractice": OANDA_PRACTICE,
    "okx": OKX,
    "twelvedata": TWELVE_DATA,
    "yahoo": YAHOO,
}


def by_address(url: str) -> str | None:
    """The word of the venue that an address of a capture belongs to: of those whose host it has,
    the one that says most of it."""
    address = url.partition("://")[2]
    fitting = [
        (len(host), word)
        for word, venue in VENUES.items()
        for host in venue.hosts
        if _fits(address, host)
    ]
    return max(fitting)[1] if fitting else None


def _fits(address: str, host: str) -> bool:
    """``ws.kraken.com/v2`` fits that host with that path, at any port."""
    at, _, path = address.partition("/")
    wanted, _, wanted_path = host.partition("/")
    at = at.partition(":")[0]
    return (at == wanted or at.endswith("." + wanted)) and path.startswith(wanted_path)
