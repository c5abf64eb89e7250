"""An account as canonical bytes hold it, and back."""

from collections import deque
from dataclasses import asdict
from typing import Any

from streams.operators.risk import currency, pnl
from streams.operators.risk.account import Account
from streams.operators.risk.breakers import Breaker
from streams.operators.risk.config import AccountConfig
from streams.operators.risk.currency import CurrencyConfig
from streams.operators.risk.instruments import Reference
from streams.operators.risk.limits import Limits, LimitTree
from streams.operators.risk.lines import Line, Part
from streams.operators.risk.orders import Orders
from streams.operators.risk.purse import Purses
from streams.operators.risk.quotes import pack_quote, unpack_quote
from streams.operators.risk.reconcile import Told
from streams.operators.risk.stops import Exit, Guard
from streams.operators.risk.tail_watch import Tail
from streams.operators.risk.tallies import Tally

_PLAIN = ("killed", "now_ns", "clock_ns", "state_ns", "day", "flows", "carried")
_TABLES = ("trades", "differences")


def pack(account: Account) -> dict[str, Any]:
    """As canonical.pack takes it. What the configuration says stays out, but for the limits, which
    the desk may have changed."""
    return {
        **{name: getattr(account, name) for name in (*_PLAIN, *_TABLES)},
        "limits": {
            "": _limits(account.limits.account),
            **{scope: _limits(limits) for scope, limits in account.limits.scoped.items()},
        },
        "rates": currency.pack(account.rates),
        "orders": account.orders.pack(),
        "lines": [
            [*key, pnl.pack(line.pnl), line.buying, line.selling, list(line.part)]
            for key, line in account.lines.items()
        ],
        "quotes": {name: pack_quote(quote) for name, quote in account.quotes.items()},
        "tallies": {scope: tally.pack() for scope, tally in account.tallies.items()},
        "breakers": {name: breaker.pack() for name, breaker in account.breakers.items()},
        "guards": [[*key, guard.pack()] for key, guard in account.guards.items()],
        "exits": [[*key, asdict(exit_)] for key, exit_ in account.exits.items()],
        "recent": [list(entry) for entry in account.recent],
        "seen": [list(entry) for entry in account.seen.items()],
        "unvalued": [[*key, since] for key, since in account.unvalued.items()],
        "window": account.window.pack() if account.window else None,
        "tail": [getattr(account.tail, name) for name in Tail.__slots__],
        "costs": account.costs.pack(),
        "told": account.told.pack() if account.told else None,
        "purses": {venue: purses.pack() for venue, purses in account.purses.items()},
    }


def unpack(packed: dict[str, Any], config: AccountConfig, reference: Reference) -> Account:
    """What ``pack`` was given."""
    limits = {scope: Limits(**values) for scope, values in packed["limits"].items()}
    account = Account(config, reference, LimitTree(limits.pop(""), limits))
    for name in (*_PLAIN, *_TABLES):
        setattr(account, name, packed.get(name, getattr(account, name)))  # older states lack some
    account.rates = currency.unpack(packed["rates"], CurrencyConfig(config.currency))
    account.orders = Orders.unpack(packed["orders"])
    for strategy, name, held, buying, selling, part in packed["lines"]:
        contract = account.instrument(name).contract
        line = Line(pnl.unpack(held, contract), buying, selling, Part(*part))
        account.lines[strategy, name] = line
        account.held_by.setdefault(name, []).append(strategy)
    account.quotes = {name: unpack_quote(values) for name, values in packed["quotes"].items()}
    account.tallies = {scope: Tally.unpack(values) for scope, values in packed["tallies"].items()}
    account.breakers = {name: Breaker.unpack(v) for name, v in packed["breakers"].items()}
    account.guards = {(s, name): Guard(**values) for s, name, values in packed["guards"]}
    account.exits = {(s, name): Exit(**values) for s, name, values in packed["exits"]}
    account.recent = deque((at, like) for at, like in packed["recent"])
    account.seen = dict(packed["seen"])
    account.unvalued = {(strategy, name): since for strategy, name, since in packed["unvalued"]}
    if account.window and packed["window"]:
        account.window.unpack(packed["window"])
    var, cvar, *columns = packed["tail"]
    account.tail = Tail(var, cvar, *map(tuple, columns))
    account.costs.unpack(packed["costs"])
    account.told = Told.unpack(packed["told"])
    account.purses = {venue: Purses.unpack(v) for venue, v in packed["purses"].items()}
    return account


def _limits(limits: Limits) -> dict[str, Any]:
    return {name: getattr(limits, name) for name in Limits.__slots__}
