"""What asks Yahoo: the library ``yfinance``, an optional extra. Blocking; the feed calls it in a
thread."""

import json
from collections.abc import Callable
from threading import Lock
from typing import Any
from urllib.parse import parse_qs, urlsplit, urlunsplit

from connectors.extras import MissingExtra

YAHOO = "https://query2.finance.yahoo.com"
_TOO_MANY_S = 60.0


def asking() -> Callable[[str], bytes]:
    """From the address of a request to the answer that ``codec.py`` reads. Raises MissingExtra."""
    try:
        import yfinance
        from curl_cffi import requests
        from curl_cffi.requests.exceptions import HTTPError, RequestException
        from yfinance.exceptions import YFException, YFRateLimitError
    except ImportError as error:
        raise MissingExtra("Yahoo Finance's bars", "yahoo") from error

    class Elsewhere(requests.Session[Any]):
        """Takes every request to the server that stands in for Yahoo."""

        base = urlsplit(YAHOO)

        def request(self, method: Any, url: str, *rest: Any, **more: Any) -> Any:
            path = urlsplit(url)._replace(scheme=self.base.scheme, netloc=self.base.netloc)
            return super().request(method, urlunsplit(path), *rest, **more)

    session, one_at_a_time = Elsewhere(impersonate="chrome"), Lock()

    def ask(address: str) -> bytes:
        url = urlsplit(address)
        symbol = parse_qs(url.query)["symbol"][0]
        own = url.netloc != urlsplit(YAHOO).netloc
        try:
            with one_at_a_time:  # the library has one session for all
                session.base = url
                ticker = yfinance.Ticker(symbol, session=session if own else None)
                return _answer(symbol, rows=_minutes(ticker))
        except YFRateLimitError as error:
            return _answer(symbol, error=str(error), wait_s=_TOO_MANY_S)
        except (YFException, HTTPError) as error:
            return _answer(symbol, error=str(error))
        except RequestException as error:
            raise ConnectionError(f"Yahoo does not answer: {error}") from None

    yfinance.config.debug.hide_exceptions = False
    return ask


def _answer(symbol: str, **said: Any) -> bytes:
    return json.dumps({"symbol": symbol, **said}).encode()


def _minutes(ticker: Any) -> list[list[Any]]:
    """Of the day, prices with the decimals that Yahoo gives the instrument, as it traded then."""
    table = ticker.history(
        period="1d", interval="1m", prepost=True, auto_adjust=False, actions=False, rounding=True
    )
    columns = ("Open", "High", "Low", "Close", "Volume")
    return [
        [int(at.timestamp()), *map(str, row)]
        for at, *row in table[list(columns)].dropna().itertuples(name=None)
    ]
