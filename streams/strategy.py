"""What a strategy of a user's own imports; ``docs/tutorial-strategy.md`` shows how."""

from streams.operators.period import Period
from streams.operators.strategies.groups.books import BookView
from streams.operators.strategies.groups.kind import book_strategy, group_strategy
from streams.operators.strategies.groups.view import GroupView
from streams.operators.strategies.groups.wants import Hold, Take
from streams.operators.strategies.kind import TOPS, TRADES, Kind, NoParams, strategy
from streams.operators.strategies.parameters import flag, money, number, one_of, span, text
from streams.operators.strategies.view import BACK, TOLD, TOP, TRADE, VECTOR, Print, View
from streams.operators.strategies.wants import Cancel, Order, Quote, Signal, Target

__all__ = [
    "BACK",
    "TOLD",
    "TOP",
    "TOPS",
    "TRADE",
    "TRADES",
    "VECTOR",
    "BookView",
    "Cancel",
    "GroupView",
    "Hold",
    "Kind",
    "NoParams",
    "Order",
    "Period",
    "Print",
    "Quote",
    "Signal",
    "Take",
    "Target",
    "View",
    "book_strategy",
    "flag",
    "group_strategy",
    "money",
    "number",
    "one_of",
    "span",
    "strategy",
    "text",
]
