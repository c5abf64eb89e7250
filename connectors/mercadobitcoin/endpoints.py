"""Where Mercado Bitcoin's API v4 is, and how often it may be asked (its pages: "Rate limit", and
each endpoint's own). It has no test endpoint, and no private stream."""

from connectors.trading.budgets import MAIN

VENUE = "MERCADOBITCOIN"
LIVE = "https://api.mercadobitcoin.net/api/v4"

PLACE, LIST, LIST_ALL, ONE, BALANCES = "place", "list", "list-all", "one", "balances"


def _a_second(times: float) -> tuple[float, float]:
    """One at a time, so that no second sees more."""
    return 1.0, 1 / times


BUDGETS = {
    MAIN: (125.0, 20.0),  # 500 a minute: a quarter at once, the rest evenly
    PLACE: _a_second(3),  # and cancel
    LIST: _a_second(10),
    LIST_ALL: _a_second(3),
    ONE: _a_second(1),
    BALANCES: _a_second(3),
}
