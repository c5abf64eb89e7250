"""The normal distribution for kernels: density, distribution function and quantiles.

Quantiles are Wichura's algorithm AS 241, PPND16 (Applied Statistics 37, 1988, 477-484), accurate
to about one part in 10**16.
"""

import math

from streams.kernels import inlined, kernel

_ROOT_TWO_PI = math.sqrt(2 * math.pi)
_ROOT_HALF = math.sqrt(0.5)


@inlined
def density(z):  # type: ignore[no-untyped-def]
    return math.exp(-0.5 * z * z) / _ROOT_TWO_PI


@inlined
def below(z):  # type: ignore[no-untyped-def]
    """The probability of less than ``z``; exact in relative terms far out on the left too."""
    return 0.5 * math.erfc(-z * _ROOT_HALF)


@kernel
def quantile(p):  # type: ignore[no-untyped-def]
    """The ``z`` that a share ``p`` lies below; infinite at 0 and 1."""
    q = p - 0.5
    if abs(q) <= 0.425:
        return q * _central(0.180625 - q * q)
    tail = min(p, 1.0 - p)
    if tail <= 0.0:
        return math.copysign(math.inf, q)
    return math.copysign(_outer(math.sqrt(-math.log(tail))), q)


@kernel
def _central(r):  # type: ignore[no-untyped-def]
    upper = 2509.0809287301226727
    upper = upper * r + 33430.575583588128105
    upper = upper * r + 67265.770927008700853
    upper = upper * r + 45921.953931549871457
    upper = upper * r + 13731.693765509461125
    upper = upper * r + 1971.5909503065514427
    upper = upper * r + 133.14166789178437745
    upper = upper * r + 3.387132872796366608
    lower = 5226.495278852545925
    lower = lower * r + 28729.085735721942674
    lower = lower * r + 39307.89580009271061
    lower = lower * r + 21213.794301586595867
    lower = lower * r + 5394.1960214247511077
    lower = lower * r + 687.1870074920579083
    lower = lower * r + 42.313330701600911252
    return upper / (lower * r + 1.0)


@kernel
def _outer(r):  # type: ignore[no-untyped-def]
    if r <= 5.0:
        r -= 1.6
        upper = 7.7454501427834140764e-4
        upper = upper * r + 0.0227238449892691845833
        upper = upper * r + 0.24178072517745061177
        upper = upper * r + 1.27045825245236838258
        upper = upper * r + 3.64784832476320460504
        upper = upper * r + 5.7694972214606914055
        upper = upper * r + 4.6303378461565452959
        upper = upper * r + 1.42343711074968357734
        lower = 1.05075007164441684324e-9
        lower = lower * r + 5.475938084995344946e-4
        lower = lower * r + 0.0151986665636164571966
        lower = lower * r + 0.14810397642748007459
        lower = lower * r + 0.68976733498510000455
        lower = lower * r + 1.6763848301838038494
        lower = lower * r + 2.05319162663775882187
        return upper / (lower * r + 1.0)
    r -= 5.0
    upper = 2.01033439929228813265e-7
    upper = upper * r + 2.71155556874348757815e-5
    upper = upper * r + 0.0012426609473880784386
    upper = upper * r + 0.026532189526576123093
    upper = upper * r + 0.29656057182850489123
    upper = upper * r + 1.7848265399172913358
    upper = upper * r + 5.4637849111641143699
    upper = upper * r + 6.6579046435011037772
    lower = 2.04426310338993978564e-15
    lower = lower * r + 1.4215117583164458887e-7
    lower = lower * r + 1.8463183175100546818e-5
    lower = lower * r + 7.868691311456132591e-4
    lower = lower * r + 0.0148753612908506148525
    lower = lower * r + 0.13692988092273580531
    lower = lower * r + 0.59983220655588793769
    return upper / (lower * r + 1.0)
