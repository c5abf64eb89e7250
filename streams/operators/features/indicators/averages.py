"""Moving averages. ``params``: n, then what else it takes, then the input column."""

from typing import Any

import numpy as np

from streams.kernels import formula
from streams.operators.features.indicators.indicator import (
    Count,
    Indicator,
    Parameter,
    bars,
    number,
)
from streams.operators.features.indicators.rolling import exponential, mean, place, weighted


@formula
def sma(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, values, count = int(params[0]), columns[int(params[1])], int(state[0])
    for row in range(lo, hi):
        count += 1
        out[0, row] = mean(values[row], count, n, state[1:])
    state[0] = count


@formula
def ema(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, values, count, one = params[0], columns[int(params[1])], int(state[0]), state[1]
    for row in range(lo, hi):
        count += 1
        one = exponential(values[row], one, count, n)
        out[0, row] = one if count >= n else np.nan
    state[0], state[1] = count, one


@formula
def dema(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, values, count = params[0], columns[int(params[1])], int(state[0])
    one, two = state[1], state[2]
    for row in range(lo, hi):
        count += 1
        one = exponential(values[row], one, count, n)
        if count >= n:
            two = exponential(one, two, count - n + 1, n)
        out[0, row] = 2 * one - two if count >= 2 * n - 1 else np.nan
    state[0], state[1], state[2] = count, one, two


@formula
def tema(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, values, count = params[0], columns[int(params[1])], int(state[0])
    one, two, three = state[1], state[2], state[3]
    for row in range(lo, hi):
        count += 1
        one = exponential(values[row], one, count, n)
        if count >= n:
            two = exponential(one, two, count - n + 1, n)
        if count >= 2 * n - 1:
            three = exponential(two, three, count - 2 * n + 2, n)
        out[0, row] = 3 * one - 3 * two + three if count >= 3 * n - 2 else np.nan
    state[0], state[1], state[2], state[3] = count, one, two, three


@formula
def trix(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, values, count = params[0], columns[int(params[1])], int(state[0])
    one, two, three = state[1], state[2], state[3]
    for row in range(lo, hi):
        count += 1
        before = three
        one = exponential(values[row], one, count, n)
        if count >= n:
            two = exponential(one, two, count - n + 1, n)
        if count >= 2 * n - 1:
            three = exponential(two, three, count - 2 * n + 2, n)
        out[0, row] = 100 * (three / before - 1) if count > 3 * n - 2 else np.nan
    state[0], state[1], state[2], state[3] = count, one, two, three


@formula
def t3(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, v, values, count = int(params[0]), params[1], columns[int(params[2])], int(state[0])
    c1, c2 = -(v**3), 3 * v**2 + 3 * v**3
    c3, c4 = -6 * v**2 - 3 * v - 3 * v**3, 1 + 3 * v + v**3 + 3 * v**2
    for row in range(lo, hi):
        count += 1
        value = values[row]
        for k in range(6):
            since = count - k * (n - 1)
            if since > 0:
                state[1 + k] = exponential(value, state[1 + k], since, n)
                value = state[1 + k]
        e3, e4, e5, e6 = state[3], state[4], state[5], state[6]
        whole = c1 * e6 + c2 * e5 + c3 * e4 + c4 * e3
        out[0, row] = whole if count > 6 * (n - 1) else np.nan
    state[0] = count


@formula
def wma(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, values, count = int(params[0]), columns[int(params[1])], int(state[0])
    for row in range(lo, hi):
        count += 1
        out[0, row] = weighted(values[row], count, n, state[1:])
    state[0] = count


@formula
def trima(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, values, count = int(params[0]), columns[int(params[1])], int(state[0])
    second = n // 2 + 1
    first = n + 1 - second
    for row in range(lo, hi):
        count += 1
        inner = mean(values[row], count, first, state[1:])
        if count >= first:
            out[0, row] = mean(inner, count - first + 1, second, state[2 + n :])
    state[0] = count


@formula
def hma(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, values, count = int(params[0]), columns[int(params[1])], int(state[0])
    half, root = n // 2, int(np.sqrt(n))
    for row in range(lo, hi):
        count += 1
        fast = weighted(values[row], count, half, state[1:])
        slow = weighted(values[row], count, n, state[3 + n :])
        if count >= n:
            out[0, row] = weighted(2 * fast - slow, count - n + 1, root, state[5 + 2 * n :])
    state[0] = count


@formula
def kama(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, values, count, average = int(params[0]), columns[int(params[3])], int(state[0]), state[1]
    fast, slow = 2 / (params[1] + 1), 2 / (params[2] + 1)
    path, ring = state[2], state[3:]  # of the last n + 1 values
    for row in range(lo, hi):
        value, count = values[row], count + 1
        at = place(count, n + 1)
        last = ring[at - 1 if at > 0 else n]
        then = ring[at + 1 if at < n else 0]  # n bars before
        if count > 1:
            path += abs(value - last)
        if count > n + 1:
            path -= abs(then - ring[at])
        if count <= n:
            average = value
        else:
            moved = value - then
            efficiency = abs(moved / path) if path > moved and abs(path) > 1e-14 else 1.0
            weight = (efficiency * (fast - slow) + slow) ** 2
            average += weight * (value - average)
        ring[at] = value
        out[0, row] = average if count > n else np.nan
    state[0], state[1], state[2] = count, average, path


_N = bars("n", 20)
_PRICE = {"": "as the input"}


def _simple(
    name: str, run: Any, state: Count, warm_up: Count, source: str, n: Parameter = _N
) -> Indicator:
    return Indicator(name, run, (n,), _PRICE, state, warm_up, source, any_input=True)


INDICATORS = (
    _simple("sma", sma, lambda p: 2 + int(p[0]), lambda p: int(p[0]), "the mean of the last n"),
    _simple("ema", ema, lambda p: 2, lambda p: int(p[0]), "seeded with a mean, as TA-Lib EMA"),
    _simple("dema", dema, lambda p: 3, lambda p: 2 * int(p[0]) - 1, "Mulloy, TASC 1994/1"),
    _simple("tema", tema, lambda p: 4, lambda p: 3 * int(p[0]) - 2, "Mulloy, TASC 1994/2"),
    _simple("wma", wma, lambda p: 3 + int(p[0]), lambda p: int(p[0]), "weights 1 … n"),
    _simple("trima", trima, lambda p: 5 + 2 * int(p[0]), lambda p: int(p[0]), "a mean of means"),
    _simple(
        "hma",
        hma,
        lambda p: 8 + 3 * int(p[0]),
        lambda p: int(p[0]) + int(p[0] ** 0.5) - 1,
        "Hull, 2005: wma(2 wma(n/2) - wma(n), sqrt n)",
        bars("n", 16, 2),
    ),
    Indicator(
        "kama",
        kama,
        (bars("n", 10), bars("fast", 2), bars("slow", 30)),
        _PRICE,
        lambda p: 4 + int(p[0]),
        lambda p: int(p[0]) + 1,
        "Kaufman, Smarter Trading, 1995",
        any_input=True,
    ),
    Indicator(
        "t3",
        t3,
        (bars("n", 5), number("v", 0.7, 0, 1)),
        _PRICE,
        lambda p: 7,
        lambda p: 6 * (int(p[0]) - 1) + 1,
        "Tillson, TASC 1998/1",
        any_input=True,
    ),
    Indicator(
        "trix",
        trix,
        (bars("n", 15),),
        {"": "percent"},
        lambda p: 4,
        lambda p: 3 * int(p[0]) - 1,
        "Hutson, TASC 1983: the change of a triple exponential average",
        any_input=True,
    ),
)
