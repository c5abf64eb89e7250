"""Implementation shortfall: the trajectory of Almgren and Chriss, "Optimal execution of portfolio
transactions" (2000), which trades impact against the risk of waiting.

With n intervals of length tau in T, temporary impact epsilon + eta v (v: rate of trading),
permanent impact gamma v, volatility sigma and risk aversion lambda, the shares still held after
interval j are

    x_j = X sinh(kappa (T - t_j)) / sinh(kappa T)                       (equation 17)
    2 (cosh(kappa tau) - 1) / tau^2 = lambda sigma^2 / (eta - gamma tau / 2)    (equations 15, 16)

They minimise E + lambda V of the cost. Units as in the paper: days, units of the instrument and the
quote currency; sigma in currency per unit and square root of a day. Floats, because these are
estimates; the sizes that come of them are integers.
"""

from dataclasses import dataclass
from math import asinh, exp, expm1, sqrt

from streams.operators.execution.market_view import MarketView
from streams.operators.execution.params import at_least, within
from streams.operators.execution.parent import Parent
from streams.operators.execution.slicing import Action, due_slices, share, take

DAY_NS = 86_400 * 10**9


@dataclass(frozen=True, slots=True)
class Shortfall:
    """``risk_aversion`` lambda (1/currency; 0: even slices), ``volatility`` sigma, ``temporary``
    eta (currency per unit for one unit a day), ``permanent`` gamma (currency per unit)."""

    slices: int = 20
    risk_aversion: float = 1e-6
    volatility: float = 1.0
    temporary: float = 2.5e-6
    permanent: float = 2.5e-7

    def check(self) -> None:
        within("slices", self.slices, 1, 100_000)
        at_least("risk_aversion", self.risk_aversion, 0)
        at_least("volatility", self.volatility, 0)
        at_least("permanent", self.permanent, 0)
        if self.temporary <= 0:
            raise ValueError(f"temporary {self.temporary} must be positive")

    def refuses(self, parent: Parent) -> str:
        tau = (parent.terms.end - parent.terms.start) / DAY_NS / self.slices
        if self.temporary <= self.permanent * tau / 2:
            return "temporary impact must exceed half the permanent impact of an interval"
        return ""

    def step(self, parent: Parent, view: MarketView, now: int) -> list[Action]:
        begun = due_slices(parent, self.slices, now)
        if begun > parent.step:
            days = (parent.terms.end - parent.terms.start) / DAY_NS
            parent.goal = parent.size - share(parent.size, self.held(days, begun))
            parent.step = begun
        return take(parent, view, parent.goal)

    def held(self, days: float, interval: int) -> float:
        """The part still held after so many intervals."""
        if interval >= self.slices:
            return 0.0
        left = (self.slices - interval) * days / self.slices
        kappa = self.kappa(days / self.slices)
        if kappa * days < 1e-9:
            return left / days
        # sinh(kappa left) / sinh(kappa days), without overflow
        return exp(kappa * (left - days)) * expm1(-2 * kappa * left) / expm1(-2 * kappa * days)

    def kappa(self, tau: float) -> float:
        """How fast the rest decays, per day; the half-life of the paper is 1 / kappa."""
        impact = self.temporary - self.permanent * tau / 2
        urgency = self.volatility * sqrt(self.risk_aversion / impact)
        return 2 * asinh(urgency * tau / 2) / tau  # as 2 (cosh x - 1) = 4 sinh^2 (x / 2)
