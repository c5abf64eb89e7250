"""Where Alpaca is, and what it allows (docs.alpaca.markets, Trading API)."""

from dataclasses import dataclass

VENUE = "ALPACA"
REQUESTS_A_MINUTE = 200  # of an account, all endpoints together
PAGE = 100  # activities; the largest page
ORDERS_PAGE = 500


@dataclass(frozen=True, slots=True)
class Endpoints:
    rest: str
    stream: str


LIVE = Endpoints("https://api.alpaca.markets", "wss://api.alpaca.markets/stream")
PAPER = Endpoints("https://paper-api.alpaca.markets", "wss://paper-api.alpaca.markets/stream")


def at(url: str) -> Endpoints:
    """A server of one's own: its stream lies beside it."""
    return Endpoints(url, url.replace("http", "ws", 1) + "/stream")
