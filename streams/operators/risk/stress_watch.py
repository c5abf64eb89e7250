"""What the account's scenarios would do to what it holds, and to that with an order on top.

Options are valued anew in each scenario. An order costs two additions where nothing has changed
since the one before: P&L is linear in the size of each holding, so that of one of an instrument is
kept until its marks change, and that of everything held until any mark or position does.
"""

import math
from dataclasses import dataclass

import numpy as np

from streams.operators.risk.account import Account
from streams.operators.risk.modelled import currency_of, held, line_of
from streams.operators.risk.models import Stressed
from streams.operators.risk.revaluation import pnl
from streams.operators.risk.stress import FloatArray, moves


@dataclass(frozen=True, slots=True)
class Stress:
    """P&L of what is held in each scenario, NaN where a mark, a rate or a volatility of it is
    unknown; ``worst``: the one that loses most, the first where none is known. Empty where the
    account has no scenarios."""

    scenarios: tuple[str, ...] = ()
    pnl: tuple[float, ...] = ()
    worst: str = ""


NONE = Stress()


def stress_of(account: Account) -> Stress:
    scenarios = account.config.stress
    if not scenarios:
        return NONE
    found = _held(account)
    names = tuple(scenario.name for scenario in scenarios)
    return Stress(names, tuple(map(float, found)), names[int(found.argmin())])


def loss_with(account: Account, name: str, quantity: float) -> float:
    """Of what is held and ``quantity`` (signed) more of an instrument, in the worst scenario;
    negative where all of them win. NaN where that is unknown, as it is without scenarios."""
    row = _row(account, name)
    if row is None or not account.config.stress:
        return math.nan
    return 0.0 - float((_held(account) + quantity * row).min())


def _held(account: Account) -> FloatArray:
    """P&L by scenario of everything held."""
    kept = account.models.held
    if kept and all(account.rate_of(name) == rate for name, rate in kept.rates.items()):
        return kept.pnl
    holdings, unknown = dict(held(account)), np.full(len(account.config.stress), math.nan)
    rows, rates = [np.zeros(len(unknown))], {}
    for name in holdings:
        row = _row(account, name)
        rows.append(unknown if row is None else row)
        currency = currency_of(account.instrument(name))
        if currency not in ("", account.config.currency):
            rates[currency] = account.rate_of(currency)
    quantities = np.array([0.0, *holdings.values()])
    # summed one after the other: a dot product's sum depends on the machine
    total = (quantities[:, None] * np.array(rows)).sum(axis=0)
    account.models.held = Stressed(total, rates)
    return np.asarray(total)


def _row(account: Account, name: str) -> FloatArray | None:
    """P&L by scenario of one of an instrument; None where its line is unknown."""
    line = line_of(account, name)
    if line is None:
        return None
    kept = account.models.rows.get(name)
    if kept and kept[0] is line:
        return kept[1]
    made = account.models.moves.get(name)
    if made is None:
        made = account.models.moves[name] = moves([line], account.config.stress)
    row = pnl([line], *made)[:, 0]
    account.models.rows[name] = line, row
    return row
