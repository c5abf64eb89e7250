"""Statistics of the last n log returns of a column."""

import math

from streams.kernels import formula
from streams.operators.features.indicators.indicator import Indicator, Parameter, Params, bars
from streams.operators.features.indicators.rolling import mean, pairs, pairs_size, place
from streams.operators.features.indicators.steps import LOG_RETURN


@formula
def variation(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, returns, count = int(params[0]), columns[int(params[2])], int(state[0])
    before, size = state[1], 1 + n
    for row in range(lo, hi):
        count += 1
        if count > 1:
            back = returns[row]
            up, down = max(back, 0.0) ** 2, min(back, 0.0) ** 2
            rise = mean(up, count - 1, n, state[2 : 2 + size])
            fall = mean(down, count - 1, n, state[2 + size : 2 + 2 * size])
            two = mean(abs(back * before), count - 1, n - 1, state[2 + 2 * size :])
            if count > n:
                out[0, row], out[1, row], out[2, row] = n * (rise + fall), n * rise, n * fall
                out[3, row] = max(math.pi / 2 * (n - 1) * two, 0.0)
            before = back
    state[0], state[1] = count, before


@formula
def moments(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, returns, count = int(params[0]), columns[int(params[2])], int(state[0])
    size = 1 + n
    for row in range(lo, hi):
        count += 1
        if count > 1:
            back = returns[row]
            square = back * back
            a = mean(back, count - 1, n, state[1 : 1 + size])
            b = mean(square, count - 1, n, state[1 + size : 1 + 2 * size])
            c = mean(back * square, count - 1, n, state[1 + 2 * size : 1 + 3 * size])
            d = mean(square * square, count - 1, n, state[1 + 3 * size :])
            if count > n:
                variance = b - a * a
                third = c - 3 * a * b + 2 * a * a * a
                fourth = d - 4 * a * c + 6 * a * a * b - 3 * (a * a) * (a * a)
                moves = variance > 1e-14 * b
                skew = third / (variance * math.sqrt(variance)) if moves else 0.0
                peak = fourth / (variance * variance) - 3 if moves else 0.0
                out[0, row] = skew * math.sqrt(n * (n - 1)) / (n - 2)
                out[1, row] = ((n + 1) * peak + 6) * (n - 1) / ((n - 2) * (n - 3))
    state[0] = count


@formula
def autocorrelation(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, lag, returns = int(params[0]), int(params[1]), columns[int(params[3])]
    count, ring = int(state[0]), state[1 : 1 + lag]
    for row in range(lo, hi):
        count += 1
        if count > 1:
            back = returns[row]
            at = place(count, lag)
            then, ring[at] = ring[at], back
            if count > lag + 1:
                _, _, xx, xy, yy = pairs(back, then, count - lag - 1, n, state[1 + lag :])
                if count > lag + n:
                    scale = math.sqrt(xx * yy)
                    out[0, row] = max(min(xy / scale, 1.0), -1.0) if scale > 0 else 0.0
    state[0] = count


@formula
def variance_ratio(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    """Of overlapping returns over q bars, without bias; z for a walk of constant variance."""
    n, q, returns = int(params[0]), int(params[1]), columns[int(params[3])]
    count, whole, long = int(state[0]), state[1], n - q + 1
    ring, size = state[2 : 2 + q], 1 + n
    start = 2 + q
    for row in range(lo, hi):
        count += 1
        if count > 1:
            back = returns[row]
            at = place(count, q)
            whole += back - ring[at]  # the return over q bars
            ring[at] = back
            if at == q - 1:
                whole = 0.0
                for k in range(q):
                    whole += ring[k]
            one = mean(back, count - 1, n, state[start : start + size])
            two = mean(back * back, count - 1, n, state[start + size : start + 2 * size])
            if count > q:
                since, at = count - q, start + 2 * size
                three = mean(whole, since, long, state[at : at + 1 + long])
                four = mean(whole * whole, since, long, state[at + 1 + long :])
            if count > n:
                short = (two - one * one) * n / (n - 1)
                wide = four - 2 * q * one * three + (q * one) ** 2
                wide *= 1 / (q * (1 - q / n))
                ratio = wide / short if short > 1e-14 * two else 1.0
                out[0, row] = ratio
                spread = math.sqrt(2 * (2 * q - 1) * (q - 1) / (3 * q))
                out[1, row] = math.sqrt(n) * (ratio - 1) / spread
    state[0], state[1] = count, whole


_SCALES = 5  # 1, 2, 4, 8 and 16 bars


@formula
def hurst(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    """The slope of the log of the root mean square change over q bars on log q: of the logs -2, -1,
    0, 1 and 2 times, of which one logarithm is enough."""
    n, values, count, ring = int(params[0]), columns[int(params[1])], int(state[0]), state[1:17]
    size = 1 + n
    for row in range(lo, hi):
        price = math.log(values[row]) if values[row] > 0 else 0.0
        count += 1
        steep, flat = 1.0, 1.0
        for k in range(_SCALES):
            q = 1 << k
            if count > q:
                change = price - ring[(count - q) & 15]
                at = 17 + k * size
                square = mean(change * change, count - q, n, state[at : at + size])
                if k < 2:
                    flat *= square if k else square * square
                elif k > 2:
                    steep *= square if k == 3 else square * square
        ring[count & 15] = price
        if count >= n + 16:
            slope = math.log2(steep / flat) if steep > 0 and flat > 0 else 10.0
            out[0, row] = slope / 20  # Σ(k - 2)² = 10, and half, as these are squares
    state[0] = count


@formula
def entropy(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    """Of words of signs: ``state`` is the count, the last value, the word, the sum of c log c over
    words that came c times (made anew once a round), a ring of the last n words, their counts, and
    c log c for each count."""
    n, length, values = int(params[0]), int(params[1]), columns[int(params[2])]
    count, last, word, words = int(state[0]), state[1], int(state[2]), 1 << int(params[1])
    whole, ring = state[3], state[4 : 4 + n]
    counts, weights = state[4 + n : 4 + n + words], state[4 + n + words :]
    if count == 0:
        for k in range(1, n + 1):
            weights[k] = k * math.log2(k)
    for row in range(lo, hi):
        count += 1
        if count > 1:
            word = (2 * word + (1 if values[row] > last else 0)) % words
        last = values[row]
        since = count - length
        if since > 0:
            at = place(since, n)
            if since > n:
                gone = int(ring[at])
                now = int(counts[gone])
                whole += weights[now - 1] - weights[now]
                counts[gone] = now - 1
            now = int(counts[word])
            whole += weights[now + 1] - weights[now]
            counts[word] = now + 1
            ring[at] = word
            if at == n - 1:
                whole = 0.0
                for k in range(words):
                    whole += weights[int(counts[k])]
            if since >= n:
                out[0, row] = max(math.log2(n) - whole / n, 0.0) / length
    state[0], state[1], state[2], state[3] = count, last, word, whole


def _after(p: Params) -> int:
    return int(p[0]) + 1


INDICATORS = (
    Indicator(
        "variation",
        variation,
        (bars("n", 20, 2),),
        dict.fromkeys(("", "up", "down", "bipower"), "log return²"),
        lambda p: 5 + 3 * int(p[0]),
        _after,
        "sums: Andersen et al. 2003; Barndorff-Nielsen and Shephard 2004 (bipower), 2010 (semi)",
        any_input=True,
        step=LOG_RETURN,
    ),
    Indicator(
        "moments",
        moments,
        (bars("n", 60, 4),),
        {"skew": "number", "kurtosis": "number, 0 if normal"},
        lambda p: 5 + 4 * int(p[0]),
        _after,
        "Joanes and Gill, The Statistician 1998: G1 and G2, without bias",
        any_input=True,
        step=LOG_RETURN,
    ),
    Indicator(
        "autocorr",
        autocorrelation,
        (bars("n", 60, 2), bars("lag", 1)),
        {"": "-1 … 1"},
        lambda p: 1 + int(p[1]) + pairs_size(p[0]),
        lambda p: int(p[0] + p[1]) + 1,
        "correlation of returns with those lag bars before",
        any_input=True,
        step=LOG_RETURN,
    ),
    Indicator(
        "variance_ratio",
        variance_ratio,
        (bars("n", 100, 20), Parameter("q", 4, 2, 10)),
        {"": "1 for a random walk", "z": "standard deviations"},
        lambda p: 2 + int(p[1]) + 2 * (1 + int(p[0])) + 2 * (2 + int(p[0] - p[1])),
        _after,
        "Lo and MacKinlay, Rev. Financial Studies 1988",
        any_input=True,
        step=LOG_RETURN,
    ),
    Indicator(
        "hurst",
        hurst,
        (bars("n", 200, 2),),
        {"": "0.5 for a random walk"},
        lambda p: 17 + _SCALES * (1 + int(p[0])),
        lambda p: int(p[0]) + 16,
        "Mandelbrot and Van Ness, SIAM Review 1968: by the variance of changes over 1 … 16 bars",
        any_input=True,
    ),
    Indicator(
        "entropy",
        entropy,
        (bars("n", 100), Parameter("length", 3, 1, 8)),
        {"": "bits a sign, 0 … 1"},
        lambda p: 5 + 2 * int(p[0]) + 2 ** int(p[1]),
        lambda p: int(p[0] + p[1]),
        "Shannon's, plug-in, of words of rises and falls; AFML ch. 18",
        any_input=True,
    ),
)
