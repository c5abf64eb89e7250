"""What a venue allows: a main budget of all calls, and budgets of a kind of calls.

A kind may hold many: ``pair XBTUSD`` and ``pair ETHUSD`` are two budgets of the kind ``pair``.
"""

from collections.abc import Mapping

from connectors.rate_limit import Budget
from connectors.trading.session import Call

MAIN = ""


class Budgets:
    """``allowed``: kind → (weight at once, seconds in which it fills up again); a kind that is not
    in it is not limited."""

    def __init__(self, allowed: Mapping[str, tuple[float, float]]) -> None:
        self._allowed = dict(allowed)
        self._budgets: dict[str, Budget] = {}

    def delay(self, call: Call, now_s: float) -> float:
        """Spends what a call costs; the seconds to wait before it may be sent."""
        costs = ((MAIN, call.weight), *call.spends)
        return max(self._spend(name, weight, now_s) for name, weight in costs)

    def _spend(self, name: str, weight: float, now_s: float) -> float:
        allowed = self._allowed.get(name.partition(" ")[0])
        if allowed is None or not weight:
            return 0.0
        if name not in self._budgets:
            self._budgets[name] = Budget(*allowed)
        return self._budgets[name].delay(weight, now_s)
