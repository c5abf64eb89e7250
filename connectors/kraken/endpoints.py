"""Where Kraken's spot exchange takes orders, and how often it may be asked.

The REST counter rises by 1 a call (2 for histories) and falls with time; each pair has a counter
of its own for what the matching engine is asked (docs.kraken.com, "Spot REST rate limits" and
"Spot trading limits"). The numbers are those of the lowest verification tier. There is no test
endpoint: the beta one trades on the production engine.
"""

from dataclasses import dataclass

from connectors.trading.budgets import MAIN

VENUE = "KRAKEN"
PAIR = "pair"
BUDGETS = {MAIN: (15.0, 15 / 0.33), PAIR: (60.0, 60.0)}
HISTORY_WEIGHT = 2.0
PAGE = 50  # of trades and of ledger entries


@dataclass(frozen=True, slots=True)
class Endpoints:
    rest: str
    stream: str


LIVE = Endpoints("https://api.kraken.com", "wss://ws-auth.kraken.com/v2")


def at(url: str) -> Endpoints:
    """A server of one's own: its stream lies beside it."""
    return Endpoints(url, url.replace("http", "ws", 1) + "/stream")
