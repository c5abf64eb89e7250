"""Where Coinbase Advanced Trade is, and how often it may be asked (docs.cdp.coinbase.com, Advanced
Trade API, "REST endpoints", "Rate limits"). Its sandbox answers with fixed messages and keeps no
orders."""

from dataclasses import dataclass

VENUE = "COINBASE"
REQUESTS_A_SECOND = 30.0  # of a user, private endpoints
PAGE = 250  # rows; what every list gives


@dataclass(frozen=True, slots=True)
class Endpoints:
    rest: str
    stream: str


LIVE = Endpoints("https://api.coinbase.com", "wss://advanced-trade-ws-user.coinbase.com")


def at(url: str) -> Endpoints:
    """A server of one's own: its stream lies beside it."""
    return Endpoints(url, url.replace("http", "ws", 1) + "/stream")
