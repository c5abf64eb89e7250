"""Risk measures: historical VaR with components of 50 instruments over 500 returns beside numpy,
Greeks and implied volatility beside QuantLib's calculators called from Python, and fills booked at
each cost basis.
"""

from decimal import Decimal
from typing import Any

import numpy as np
import QuantLib as ql

from streams.operators.risk.contracts import Contract
from streams.operators.risk.greeks import greeks
from streams.operators.risk.implied_volatility import implied_volatility
from streams.operators.risk.options import on_future
from streams.operators.risk.pnl import CostBasis, ProfitAndLoss, inventory
from streams.operators.risk.tail import losses
from streams.operators.risk.var import Method, VarConfig, after_trade, measure
from tests.benchmarks.timing import median_seconds

INSTRUMENTS, RETURNS, OPTIONS, FILLS = 50, 500, 10_000, 5_000


def run() -> dict[str, object]:
    rng = np.random.default_rng(1)
    returns = rng.normal(0, 0.01, (RETURNS, INSTRUMENTS))
    held = rng.uniform(-1000, 1000, INSTRUMENTS)
    return {
        "var_microseconds": _var(returns, held),
        "options_nanoseconds": _options(rng),
        "fills_a_second": {basis.value: FILLS / _fills(basis, rng) for basis in CostBasis},
    }


def _var(returns: Any, held: Any) -> dict[str, float]:
    configs = {method.value: VarConfig(method, decay=0.94) for method in Method}
    work = {name: lambda c=config: measure(returns, held, c) for name, config in configs.items()}
    lost, column = losses(returns, held), np.ascontiguousarray(returns[:, 0])
    work["after a trade"] = lambda: after_trade(lost, column, 100.0, 0.99)
    work["numpy, historical"] = lambda: _with_numpy(returns, held)
    return {name: median_seconds(each, 25) * 1e6 for name, each in work.items()}


def _with_numpy(returns: Any, held: Any) -> Any:
    by_holding = -returns * held
    lost = by_holding.sum(axis=1)
    tail = np.argsort(lost, kind="stable")[494:]
    return lost[tail[0]], lost[tail[1:]].mean(), by_holding[tail[1:]].mean(axis=0)


def _options(rng: Any) -> dict[str, float]:
    strike, years = rng.uniform(70, 140, OPTIONS), rng.uniform(0.05, 2, OPTIONS)
    of = on_future(True, 100.0, strike, years, 0.03)
    price = greeks(of, 0.5).price
    rows = list(zip(strike.tolist(), years.tolist(), price.tolist(), strict=True))
    work = {
        "price and seven Greeks": lambda: greeks(of, 0.5),
        "QuantLib, the same": lambda: [_with_quantlib(k, t) for k, t, _ in rows],
        "implied volatility": lambda: implied_volatility(of, price),
        "QuantLib, implied volatility": lambda: [_implied_with_quantlib(*row) for row in rows],
    }
    return {name: median_seconds(each, 5) / OPTIONS * 1e9 for name, each in work.items()}


def _with_quantlib(strike: float, years: float) -> Any:
    payoff = ql.PlainVanillaPayoff(ql.Option.Call, strike)
    of = ql.BlackCalculator(payoff, 100.0, 0.5 * years**0.5, np.exp(-0.03 * years))
    greek = of.delta(100.0), of.gamma(100.0), of.vega(years), of.theta(100.0, years)
    return of.value(), greek, of.rho(years), of.vanna(100.0, years), of.volga(years)


def _implied_with_quantlib(strike: float, years: float, price: float) -> Any:
    discount = np.exp(-0.03 * years)
    return ql.blackFormulaImpliedStdDev(ql.Option.Call, strike, 100.0, price, discount)


def _fills(basis: CostBasis, rng: Any) -> float:
    sizes = [int(n) for n in rng.integers(1, 50, FILLS) * rng.choice([-1, 1], FILLS)]
    prices = [Decimal(int(p)).scaleb(-2) for p in rng.integers(9_000, 11_000, FILLS)]

    def book() -> None:
        pnl = ProfitAndLoss(Contract("USD"), inventory(basis, 3))
        for size, price in zip(sizes, prices, strict=True):
            pnl.fill(size, price, Decimal("0.01"))

    return median_seconds(book, 5)
