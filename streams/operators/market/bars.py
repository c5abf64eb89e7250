"""The kinds of bars, and how each is written: ``kind:spec``.

After López de Prado, *Advances in Financial Machine Learning*, chapter 2. What always holds:

- Every bar has open, high, low, close, volume, buy and sell volume (trades whose aggressor is not
  known are in neither), notional (128 bits; notional / volume is the VWAP) and the trade count.
- Trades are never split, and no trade is lost, but for time bars those outside the sessions.
- ``revision`` is 0 in all rows but corrections, and rows of revision 0 come in order of time.

| kind | spec | closes |
| --- | --- | --- |
| time | period: ``1s`` | with its period, see ``bars_time`` |
| tick, volume, dollar | trades, units, quote currency | with the trade that reaches it |
| range | price: ``25`` | with the trade that takes high - low to it |
| renko | brick: ``10`` | with the trade that is a brick away, see ``bars_renko`` |
| tick_imbalance, volume_imbalance, dollar_imbalance | ticks: ``100,span=20`` | see
  ``bars_imbalance`` |
| tick_run, volume_run, dollar_run | the same | see ``bars_imbalance`` |

All kinds but time count a trade where it arrives, for the order of arrival is their definition;
``late`` says how many trades of a bar are older than the end of the bars before it.
"""

from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation

TIME, TICK, VOLUME, DOLLAR, RANGE, RENKO = range(6)
TICK_IMBALANCE, VOLUME_IMBALANCE, DOLLAR_IMBALANCE, TICK_RUN, VOLUME_RUN, DOLLAR_RUN = range(6, 12)
KINDS = {
    "time": TIME,
    "tick": TICK,
    "volume": VOLUME,
    "dollar": DOLLAR,
    "range": RANGE,
    "renko": RENKO,
    "tick_imbalance": TICK_IMBALANCE,
    "volume_imbalance": VOLUME_IMBALANCE,
    "dollar_imbalance": DOLLAR_IMBALANCE,
    "tick_run": TICK_RUN,
    "volume_run": VOLUME_RUN,
    "dollar_run": DOLLAR_RUN,
}

_UNITS = {"ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9, "d": 86400 * 10**9}
_LONGEST = 100 * 366 * 86400 * 10**9  # a century: sums of a time and a period stay in 64 bits
_MOST_TICKS = 10**9
_DECIMAL = ("volume", "dollar", "range", "renko")  # their thresholds have an instrument's decimals


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the options of an imbalance or run bar say: ``span`` in bars, the others in ticks but
    ``warm_up``, in bars."""

    expected: int
    span: int
    tick_span: int
    min: int
    max: int
    warm_up: int


@dataclass(frozen=True, slots=True)
class BarSpec:
    """``kind`` is one of KINDS; ``spec`` as the table above says."""

    kind: str
    spec: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.spec}"

    @property
    def estimate(self) -> Estimate | None:
        """Of an imbalance or run bar; None for all others."""
        return _estimate(self.spec) if KINDS[self.kind] >= TICK_IMBALANCE else None

    def threshold(self, price_scale: int, size_scale: int) -> int:
        """As the kernels compare it: ns, trades, scaled price, size or notional. Raises
        ValueError where it has more decimals than the scale, or does not fit."""
        value, bits = self._threshold(price_scale, size_scale), 63
        if self.kind == "dollar":
            bits = 127
        if not 0 < value < 2**bits:
            raise ValueError(f"bar {self}: the threshold must be positive, and not enormous")
        return value

    def _threshold(self, price_scale: int, size_scale: int) -> int:
        match self.kind:
            case "time":
                return period_ns(self.spec)
            case "tick":
                return _whole(self.spec, 0)
            case "volume":
                return _whole(self.spec, size_scale)
            case "dollar":
                return _whole(self.spec, price_scale + size_scale)
            case "range" | "renko":
                return _whole(self.spec, price_scale)
        return _estimate(self.spec).expected


def parse(text: str) -> BarSpec:
    """``kind:spec`` → BarSpec. Raises ValueError on what no bar can be made of."""
    kind, _, spec = text.partition(":")
    if kind not in KINDS:
        raise ValueError(f"bar kind {kind!r}: use one of {', '.join(KINDS)}")
    bar = BarSpec(kind, spec)
    if kind not in _DECIMAL:
        bar.threshold(0, 0)
    elif _number(spec) <= 0:
        raise ValueError(f"bar {text!r}: the threshold must be positive")
    return bar


def period_ns(text: str) -> int:
    """``250ms``, ``1s``, ``5m``, ``1h``, ``1d`` → nanoseconds."""
    for unit, ns in _UNITS.items():
        number = text.removesuffix(unit)
        if number != text and number.isdecimal() and int(number) * ns <= _LONGEST:
            return int(number) * ns
    raise ValueError(
        f"period {text!r}: use a whole number and one of {', '.join(_UNITS)}, 100 years at most"
    )


def _whole(text: str, scale: int) -> int:
    value = _number(text).scaleb(scale)
    if value != value.to_integral_value():
        raise ValueError(f"threshold {text!r} has more than {scale} decimals")
    return int(value)


def _number(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"threshold {text!r} is not a number") from error
    if not value.is_finite():
        raise ValueError(f"threshold {text!r} is not a number")
    return value


def _estimate(text: str) -> Estimate:
    """``100,span=20,tick_span=2000,min=10,max=1000,warm_up=10``: all but the first may be left
    out, and these are then its defaults."""
    first, *options = text.split(",")
    expected = _count("expected ticks", first)
    chosen = {
        "span": 20,
        "tick_span": 20 * expected,
        "min": max(expected // 10, 1),
        "max": 10 * expected,
        "warm_up": 10,
    }
    for option in options:
        name, _, value = option.strip().partition("=")
        if name not in chosen:
            known = ", ".join(f.name for f in fields(Estimate)[1:])
            raise ValueError(f"bar option {option.strip()!r}: known are {known}")
        chosen[name] = _count(name, value)
    if not chosen["min"] <= expected <= chosen["max"]:
        raise ValueError(f"bar {text!r}: the expected ticks must lie between min and max")
    return Estimate(expected, **chosen)


def _count(name: str, text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _MOST_TICKS:
        raise ValueError(f"{name} {text!r}: use a whole number from 1 to {_MOST_TICKS}")
    return int(text)
