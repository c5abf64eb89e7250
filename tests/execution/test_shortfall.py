"""The trajectory of Almgren and Chriss (2000): their example, and the optimum found another way."""

from math import cosh, sinh, sqrt, tanh

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.operators.execution.shortfall import Shortfall

# Table 1 of the paper: 1,000,000 shares in 5 days, daily volatility 0.95 $/share, eta 2.5e-6,
# gamma 2.5e-7, lambda 1e-6 per $.
PAPER = Shortfall(5, 1e-6, 0.95, 2.5e-6, 2.5e-7)
X, T, N, EPSILON = 1e6, 5.0, 5, 0.0625


def test_the_papers_example() -> None:
    """Section 4: kappa is 0.61 a day, so the half-life of the trade is 1.6 days."""
    assert PAPER.kappa(1.0) == pytest.approx(0.61, abs=0.005)
    assert 1 / PAPER.kappa(1.0) == pytest.approx(1.6, abs=0.05)
    kappa = PAPER.kappa(1.0)
    held = [PAPER.held(T, j) for j in range(N + 1)]
    assert held == pytest.approx([sinh(kappa * (T - j)) / sinh(kappa * T) for j in range(N + 1)])


def cost(trades: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> tuple[float, float]:
    """E and V of the cost of a list of trades, by their definition (equations 4 to 6)."""
    held = X - np.cumsum(trades)
    adjusted = PAPER.temporary - PAPER.permanent / 2
    expected = PAPER.permanent * X**2 / 2 + EPSILON * X + adjusted * float(np.sum(trades**2))
    return expected, PAPER.volatility**2 * float(np.sum(held[:-1] ** 2))


def trades_of(plan: Shortfall) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    return -np.diff(np.array([X * plan.held(T, j) for j in range(N + 1)]))


def test_expected_cost_and_variance_are_the_papers_closed_forms() -> None:
    """Equation 19 with tau = 1."""
    expected, variance = cost(trades_of(PAPER))
    k, adjusted = PAPER.kappa(1.0), PAPER.temporary - PAPER.permanent / 2
    square = sinh(k * T) ** 2
    closed_e = PAPER.permanent * X**2 / 2 + EPSILON * X
    closed_e += adjusted * X**2 * tanh(k / 2) * (sinh(2 * k * T) + 2 * T * sinh(k)) / (2 * square)
    closed_v = PAPER.volatility**2 * X**2 / 2
    closed_v *= (sinh(k * T) * cosh(k * (T - 1)) - T * sinh(k)) / (square * sinh(k))
    assert expected == pytest.approx(closed_e)
    assert variance == pytest.approx(closed_v)


def test_even_slices_cost_what_the_paper_says() -> None:
    """Equations 11 and 12: the minimum-impact strategy."""
    expected, variance = cost(np.full(N, X / N))
    adjusted = PAPER.temporary - PAPER.permanent / 2
    assert expected == pytest.approx(PAPER.permanent * X**2 / 2 + EPSILON * X + adjusted * X**2 / T)
    assert variance == pytest.approx(
        PAPER.volatility**2 * X**2 * T / 3 * (1 - 1 / N) * (1 - 1 / (2 * N))
    )
    assert sqrt(variance) > sqrt(cost(trades_of(PAPER))[1])


@given(st.floats(1e-8, 1e-4))
def test_it_is_the_minimum_of_cost_and_risk(risk_aversion: float) -> None:
    """E + lambda V is a quadratic form in the holdings; its minimum solves a linear system."""
    plan = Shortfall(N, risk_aversion, PAPER.volatility, PAPER.temporary, PAPER.permanent)
    adjusted = plan.temporary - plan.permanent / 2
    main = 2 * adjusted + risk_aversion * plan.volatility**2
    matrix = np.diag(np.full(N - 1, main)) - adjusted * (np.eye(N - 1, k=1) + np.eye(N - 1, k=-1))
    right = np.zeros(N - 1)
    right[0] = adjusted * X
    best = np.linalg.solve(matrix, right)
    assert [X * plan.held(T, j) for j in range(1, N)] == pytest.approx(
        list(best), rel=1e-6, abs=1e-3
    )


def test_without_fear_of_risk_the_slices_are_even_and_with_much_all_is_sold_at_once() -> None:
    assert [Shortfall(4, 0.0).held(1, j) for j in range(5)] == pytest.approx(
        [1, 0.75, 0.5, 0.25, 0]
    )
    urgent = Shortfall(4, 1e12)
    assert urgent.held(1, 1) == pytest.approx(0, abs=1e-6)
