"""A latency model of the paper venue for the delays that were seen.

Each of the three models is fitted by maximum likelihood (uniform: least and largest; lognormal:
mean and standard deviation of the logarithms; fixed: the median), and the one whose distribution
function lies nearest to that of what was seen is taken (Kolmogorov-Smirnov distance). Delays that
are all within a clock's step of each other are ``fixed``. On few delays nothing is fitted but a
median, and on fewer still nothing at all. Parameters are whole milliseconds, as the configuration
writes them and as most venues tell time.
"""

from dataclasses import dataclass
from decimal import Decimal
from math import erf, exp, log, sqrt
from statistics import fmean, median, pstdev

from streams.operators.paper_venue.latency import Latency

LEAST, LEAST_OF_A_SHAPE = 5, 20  # delays for a median, and for a distribution
MS = 10**6
_STEP_NS = 2 * MS  # delays nearer to each other than that a clock of ms cannot tell apart
_PLACES = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class LatencyFit:
    """``model``: None where there are too few. ``distance``: of the distribution functions, 0 …
    1; None where only a median was taken. ``impossible``: delays under zero, left out."""

    model: Latency | None
    seen: int
    impossible: int
    distance: float | None
    verdict: str


def fit_latency(delays_ns: list[int]) -> LatencyFit:
    """Of delays in any order."""
    known = sorted(delay for delay in delays_ns if delay >= 0)
    n, impossible = len(known), len(delays_ns) - len(known)
    if n < LEAST:
        verdict = f"not fitted: {n} delays, at least {LEAST} are needed"
        return LatencyFit(None, n, impossible, None, verdict)
    fixed = Latency(_whole_ms(median(known)))
    if known[-1] - known[0] <= _STEP_NS:
        return LatencyFit(fixed, n, impossible, None, f"fixed: {n} delays, all alike")
    if n < LEAST_OF_A_SHAPE:
        verdict = f"only the median: {n} delays, a distribution needs {LEAST_OF_A_SHAPE}"
        return LatencyFit(fixed, n, impossible, None, verdict)
    tried = [(_distance(known, model), model) for model in _shapes(known)]
    distance, model = min(tried, key=lambda found: found[0])
    limit = 1.36 / sqrt(n)  # Kolmogorov-Smirnov, 5 %
    word = "fits" if distance <= limit else "fits badly, take it as a rough guide"
    verdict = (
        f"{model.model} {word}: {distance:.3f} from what was seen on {n} orders, where chance "
        f"allows {limit:.3f}"
    )
    return LatencyFit(model, n, impossible, distance, verdict)


def _shapes(known: list[int]) -> list[Latency]:
    least, most = known[0] // MS * MS, -(-known[-1] // MS) * MS
    logs = [log(max(delay, 1)) for delay in known]
    middle = max(_whole_ms(exp(fmean(logs))), MS)
    sigma = max(Decimal(pstdev(logs)).quantize(_PLACES), _PLACES)
    return [
        Latency(least, "uniform", jitter_ns=most - least),
        Latency(middle, "lognormal", sigma=sigma),
    ]


def _whole_ms(ns: float) -> int:
    return round(ns / MS) * MS


def share_below(model: Latency, ns: float) -> float:
    """The model's distribution function."""
    if model.model == "uniform":
        return min(max((ns - model.ns) / model.jitter_ns, 0.0), 1.0)
    if model.model == "lognormal":
        return 0.5 + erf(log(max(ns, 1) / model.ns) / float(model.sigma) / sqrt(2)) / 2
    return float(ns >= model.ns)


def _distance(known: list[int], model: Latency) -> float:
    """The largest between the two distribution functions."""
    n, most = len(known), 0.0
    for i, delay in enumerate(known):
        share = share_below(model, delay)
        most = max(most, abs(share - i / n), abs(share - (i + 1) / n))
    return most
