"""What a strategy of a user's own imports; ``docs/tutorial-strategy.md`` shows how."""

from streams.operators.period import Period
from streams.operators.strategies.kind import Kind, NoParams, strategy
from streams.operators.strategies.parameters import flag, money, number, one_of, span
from streams.operators.strategies.view import View
from streams.operators.strategies.wants import Cancel, Order, Quote, Signal, Target

__all__ = [
    "Cancel",
    "Kind",
    "NoParams",
    "Order",
    "Period",
    "Quote",
    "Signal",
    "Target",
    "View",
    "flag",
    "money",
    "number",
    "one_of",
    "span",
    "strategy",
]
