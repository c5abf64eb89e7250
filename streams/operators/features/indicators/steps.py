"""What several indicators are made of, see ``indicator.Step``."""

from streams.kernels import formula
from streams.operators.features.indicators.indicator import CLOSE, HIGH, LOW, OPEN, Step
from streams.operators.features.indicators.rolling import deviation, log_change


@formula
def _log_returns(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    """0 at the first bar."""
    values, count, last = columns[int(params[0])], state[0], state[1]
    for row in range(lo, hi):
        out[0, row] = log_change(values[row], last) if count else 0.0
        count, last = 1.0, values[row]
    state[0], state[1] = count, last


@formula
def _deviations(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    """Mean and standard deviation of so many bars as there are, n at most."""
    n, values, count = int(params[0]), columns[int(params[1])], int(state[0])
    for row in range(lo, hi):
        count += 1
        out[0, row], out[1, row] = deviation(values[row], count, n, state[1:])
    state[0] = count


@formula
def _within_bar(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    """The logs of high, low and close over the open."""
    opens, highs, lows, closes = columns[OPEN], columns[HIGH], columns[LOW], columns[CLOSE]
    for row in range(lo, hi):
        out[0, row] = log_change(highs[row], opens[row])
        out[1, row] = log_change(lows[row], opens[row])
        out[2, row] = log_change(closes[row], opens[row])


# takes the input column
LOG_RETURN = Step(_log_returns, 1, lambda p: p[-1:], lambda p: 2)
# takes the window and the input column, the last two
DEVIATION = Step(_deviations, 2, lambda p: (p[0], p[-1]), lambda p: 4 + 2 * int(p[0]))
WITHIN_BAR = Step(_within_bar, 3, lambda p: (), lambda p: 0)
