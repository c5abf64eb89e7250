"""Least squares by the QR decomposition."""

from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]
_SINGULAR = 1e-12  # of the largest on the diagonal of R


class Fit(NamedTuple):
    """``coefficients`` with their standard ``errors``; ``residuals`` a row each."""

    coefficients: FloatArray
    errors: FloatArray
    residuals: FloatArray


class Line(NamedTuple):
    """y = intercept + slope x + residuals."""

    intercept: float
    slope: float
    residuals: FloatArray


def least_squares(y: FloatArray, x: FloatArray) -> Fit | None:
    """y on the columns of x, without an intercept of its own. None where the columns depend on each
    other, or there are not more rows than columns."""
    rows, columns = x.shape
    if rows <= columns:
        return None
    q, r = np.linalg.qr(x)
    if singular(r):
        return None
    inverse = np.linalg.inv(r)
    coefficients = inverse @ (q.T @ y)
    residuals = y - x @ coefficients
    variance = float(residuals @ residuals) / (rows - columns)
    errors = np.sqrt(variance * (inverse**2).sum(axis=1))
    return Fit(coefficients, errors, residuals)


def line(y: FloatArray, x: FloatArray) -> Line | None:
    """y on x with an intercept. None where x does not vary."""
    fit = least_squares(y, np.column_stack([np.ones(len(x)), x]))
    if fit is None:
        return None
    intercept, slope = fit.coefficients.tolist()
    return Line(intercept, slope, fit.residuals)


def singular(r: Any) -> bool:
    diagonal = np.abs(np.diag(r))
    largest = float(diagonal.max(initial=0.0))
    return not largest > 0 or bool(diagonal.min() < _SINGULAR * largest)
