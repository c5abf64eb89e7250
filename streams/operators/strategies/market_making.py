"""Market making: bids and offers around a price that leans against what it holds."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import NamedTuple

from streams.operators.period import Period
from streams.operators.strategies import arrivals
from streams.operators.strategies.arrivals import Arrivals, Intensity
from streams.operators.strategies.kind import TOPS, TRADES, strategy
from streams.operators.strategies.parameters import flag, money, number, one_of, span
from streams.operators.strategies.view import BACK, TOP, TRADE, VECTOR, Standing, View
from streams.operators.strategies.wants import Signal

_GLFT, _AVELLANEDA_STOIKOV = "glft", "avellaneda_stoikov"
_SECOND, _DAY_S = 10**9, 86_400
_BASIS_POINTS = 1e4


@dataclass(frozen=True, slots=True)
class MarketMaking:
    model: str = one_of(_GLFT, (_GLFT, _AVELLANEDA_STOIKOV), "which formula makes the quotes")
    gamma: float = number(0.01, 1e-6, 100, "risk aversion, per basis point and lot")
    k: float = number(0.5, 1e-4, 100, "how fast orders get rarer with distance, per basis point")
    arrivals: float = number(
        0.5, 1e-6, 1e6, "orders a second and side that would reach the mid; GLFT only"
    )
    learn: bool = flag(False, "k and arrivals are learnt from trades; those given are the start")
    memory: Period = span(600, "in which a trade counts half in what is learnt", 1)
    enough: int = number(50, 1, 1_000_000, "orders from which on nothing given counts any more")
    horizon: Period = span(60, "time over which it minds its inventory; Avellaneda-Stoikov only", 1)
    size: Decimal = money("0.1", "units of a quote: a lot", "1e-12")
    max_inventory: Decimal = money("1", "units beyond which it quotes one side only", "1e-12")
    window: int = number(60, 2, 5000, "bars over which volatility is measured")
    least: float = number(0.5, 0, 1000, "half the spread that it quotes at least, basis points")
    tick: Decimal = money("0", "price step of the instrument; 0: its last decimal")
    refresh: int = number(2, 1, 1_000_000, "ticks that a quote must be off to be replaced")
    requote: int = number(
        0, 0, 1_000_000, "ticks of the mid, between bars, at which it quotes anew; 0: at bars only"
    )
    max_spread: float = number(
        50.0, 0, 10_000, "basis points of the market's beyond which it stops"
    )
    max_volatility: float = number(
        20.0, 0, 10_000, "basis points per root second beyond which it stops"
    )
    opens: Period = span(0, "time of day (UTC) from which it quotes", 0, _DAY_S)
    closes: Period = span(_DAY_S, "time of day (UTC) at which its quotes go", 0, _DAY_S)

    def check(self) -> None:
        if self.max_inventory < self.size:
            raise ValueError(f"max_inventory {self.max_inventory}: at least a size, {self.size}")
        if self.opens == self.closes:
            raise ValueError("opens and closes are the same: it would never quote")


@dataclass(slots=True)
class Pace(Arrivals):
    """``seconds``: how long a bar lasts, on average; 0 before the second. ``mid``: when it looked
    at its quotes last."""

    bar: int = 0
    seconds: float = 0.0
    mid: float = math.nan


def _watches(params: MarketMaking) -> tuple[str, ...]:
    if params.learn:
        return (TOPS, TRADES)
    return (TOPS,) if params.requote else ()


class Quotes(NamedTuple):
    """How far below and above the mid, in the unit of price that went in."""

    bid: float
    ask: float

    @property
    def centre(self) -> float:
        """The reservation price, less the mid."""
        return (self.ask - self.bid) / 2


def avellaneda_stoikov(q: float, gamma: float, sigma: float, k: float, left: float) -> Quotes:
    """Avellaneda and Stoikov 2008, eq. 29 and 30: q lots held, sigma per root unit of time, of
    which so much is ``left``."""
    centre = -q * gamma * sigma**2 * left
    half = (gamma * sigma**2 * left + 2 / gamma * math.log1p(gamma / k)) / 2
    return Quotes(half - centre, half + centre)


def glft(q: float, gamma: float, sigma: float, k: float, arrivals: float) -> Quotes:
    """Guéant, Lehalle and Fernandez-Tapia 2013, the asymptotic quotes: what is optimal far from
    the end, with orders of intensity arrivals x exp(-k x distance)."""
    base = math.log1p(gamma / k) / gamma
    growth = math.exp((1 + k / gamma) * math.log1p(gamma / k))
    lean = math.sqrt(sigma**2 * gamma / (2 * k * arrivals) * growth)
    return Quotes(base + (2 * q + 1) / 2 * lean, base - (2 * q - 1) / 2 * lean)


@strategy(
    "market_making",
    needs=lambda p: {"volatility": f"realised({p.window})"},
    state=Pace,
    hears=True,
    watches=_watches,
    fails="Informed flow: it is filled most when the price is about to run through its quotes, and "
    "neither model knows that. Fees that exceed half the quoted spread make every fill a loss "
    "(raise least). It learns of fills at clock records, and without requote it quotes at bars: "
    "between them its quotes are old. A k or arrivals that do not fit the market make spreads that "
    "never trade or trade always: learn them, but what is learnt is late when the market changes, "
    "and orders that come in bursts, not as a Poisson process does, make it less sure than enough "
    "says. A quote near the best price is not filled by each order that reaches it: others stand "
    "before it.",
    source="Avellaneda and Stoikov 2008, High-frequency trading in a limit order book, "
    "Quantitative Finance 8(3); Guéant, Lehalle and Fernandez-Tapia 2013, Dealing with the "
    "inventory risk, Mathematics and Financial Economics 7(4); learning A and k: Fernandez-Tapia "
    "2015, Modeling, optimization and estimation for the on-line control of trading algorithms in "
    "limit-order markets, thesis, Paris 6; hftbacktest, tutorial GLFT Market Making Model and Grid "
    "Trading",
)
def market_making(params: MarketMaking, view: View) -> Iterable[Signal]:
    """Prices are in basis points of the mid, inventory q in lots of ``size``, time in seconds, so
    that the same parameters mean the same in every instrument (``size`` is its own: the table's
    sizing is not used). Volatility sigma is the root mean
    square return of a bar, by the mean time between bars.

    ``avellaneda_stoikov``: reservation price mid - q gamma sigma² tau, spread gamma sigma² tau +
    2/gamma ln(1 + gamma/k), where tau is ``horizon``, or what is left until ``closes`` if less.
    ``glft``: the stationary quotes, bid mid - [1/gamma ln(1 + gamma/k) + (2q+1)/2 c], ask
    mid + [1/gamma ln(1 + gamma/k) - (2q-1)/2 c], c = sqrt(sigma² gamma / (2 k A) (1 + gamma/k)^(1 +
    k/gamma)).

    With ``learn``, k and A (``arrivals``) are those of the market: orders that reach d from the mid
    come with the intensity A exp(-k d) on each side. Of each order that trades it takes how many
    ticks beyond the best price it went, and how many such orders come a second; k and A are what
    makes them most likely, with a memory that halves in ``memory``. As long as fewer than
    ``enough`` orders are remembered, the given k and ``arrivals`` stand for the rest. Every signal
    carries both.

    It quotes at bars; with ``requote`` also between them, whenever the mid is that many ticks from
    where it was when it looked last, and at a clock record that tells of its orders; volatility
    stays that of the last bar. A quote that was replaced counts as one that may still trade until a
    clock record tells of its end, so ``max_inventory`` bounds how often a side is replaced between
    two.

    Quotes are post-only, never nearer to the mid than ``least``, never at or through the other
    side of the market, rounded to ticks away from the mid. One that is off by less than
    ``refresh`` ticks stands. A side is quoted only while what is held and all orders of that side
    that may still trade, also those whose cancel nobody confirmed, stay within
    ``max_inventory``: so no order of fills can break it. Both sides go when the market does not
    trade, its spread or its volatility is too wide, and outside ``opens`` … ``closes``.
    """
    if params.learn:
        _learn(params, view)
    if view.event == VECTOR:
        _count(view)
    elif not (params.requote and _moved(params, view)):
        return
    why = _stop(params, view)
    if why:
        if view.quotes:
            yield view.quote(None, None, why)
        return
    if not view.state.seconds:
        return
    view.state.mid = view.mid
    q = float(view.position / params.size)
    sigma, rate = _sigma(view), _intensity(params, view)
    if params.model == _GLFT:
        quotes = glft(q, params.gamma, sigma, rate.k, rate.a)
    else:
        left = min(params.horizon / _SECOND, _until(view.ts, params.closes))
        quotes = avellaneda_stoikov(q, params.gamma, sigma, rate.k, left)
    bid, ask = _standing_or_new(params, view, _prices(params, view, quotes))
    learnt = {"k": rate.k, "arrivals": rate.a} if params.learn else {}
    yield view.quote(
        bid and bid.price,
        ask and ask.price,
        f"{params.model}: leans {quotes.centre:+.2f} bp, half spread "
        f"{(quotes.bid + quotes.ask) / 2:.2f} bp, holds {q:g} lots",
        bid_size=bid and bid.size,
        ask_size=ask and ask.size,
        lean=quotes.centre,
        half_spread=(quotes.bid + quotes.ask) / 2,
        inventory=q,
        sigma=sigma,
        **learnt,
    )


def _learn(params: MarketMaking, view: View) -> None:
    """What it is called at is part of what the market does, unless the market does not trade."""
    state = view.state
    if view.event == BACK or view.blocked:
        arrivals.lost(state)
    if view.blocked:
        return
    arrivals.passed(state, view.ts, _intensity(params, view).k, params.memory)
    if view.trade is not None and state.upto:
        price = view.trade.price
        side = view.trade.side or (price > view.mid) - (price < view.mid)
        if side:
            best, tick = view.ask if side > 0 else view.bid, float(_tick(params, view))
            arrivals.traded(state, view.ts, side, best, price, tick)
    arrivals.quoted(state, view.ts, (view.ask - view.bid) / 2 / view.mid * _BASIS_POINTS)


def _intensity(params: MarketMaking, view: View) -> Intensity:
    given = Intensity(params.k, params.arrivals)
    if not params.learn:
        return given
    tick = float(_tick(params, view)) / view.mid * _BASIS_POINTS
    return arrivals.intensity(view.state, given, params.enough, tick)


def _moved(params: MarketMaking, view: View) -> bool:
    """There is reason to look at the quotes between bars."""
    if view.event == TRADE:
        return False
    if view.event != TOP or _stop(params, view):
        return True
    ticks = abs(view.mid - view.state.mid) / float(_tick(params, view))
    return not round(ticks, 6) < params.requote  # it has not looked yet: NaN


def _count(view: View) -> None:
    state, gap = view.state, (view.ts - view.state.bar) / _SECOND
    if state.bar and gap > 0:
        state.seconds += ((gap - state.seconds) / 20) if state.seconds else gap
    state.bar = view.ts


def _sigma(view: View) -> float:
    """Basis points per root second."""
    return view["volatility"] * _BASIS_POINTS / math.sqrt(view.state.seconds)


def _stop(params: MarketMaking, view: View) -> str:
    if view.blocked:
        return f"the market is {view.blocked}"
    if not _open(params, view.ts):
        return "outside its hours"
    spread = (view.ask - view.bid) / view.mid * _BASIS_POINTS
    if spread > params.max_spread:
        return f"the market's spread is {spread:.1f} bp"
    if view.state.seconds and _sigma(view) > params.max_volatility:
        return f"volatility is {_sigma(view):.1f} bp per root second"
    return ""


def _open(params: MarketMaking, ts: int) -> bool:
    now = ts % (_DAY_S * _SECOND)
    if params.opens < params.closes:
        return params.opens <= now < params.closes
    return now >= params.opens or now < params.closes


def _until(ts: int, end: Period) -> float:
    """Seconds until that time of day; a whole day when it is just that time, and without an end."""
    if end == _DAY_S * _SECOND:
        return math.inf
    return (end - ts % (_DAY_S * _SECOND)) % (_DAY_S * _SECOND) / _SECOND


def _prices(params: MarketMaking, view: View, quotes: Quotes) -> dict[str, Decimal]:
    """Rounded away from the mid; post-only, so a tick from the other side at least."""
    tick = _tick(params, view)
    reach = [max(distance, params.least) / _BASIS_POINTS for distance in quotes]
    highest, lowest = Decimal(str(view.ask)) - tick, Decimal(str(view.bid)) + tick
    bid = min(Decimal(str(view.mid * (1 - reach[0]))), highest)
    ask = max(Decimal(str(view.mid * (1 + reach[1]))), lowest)
    return {
        "bid": (bid / tick).to_integral_value(ROUND_FLOOR) * tick,
        "ask": (ask / tick).to_integral_value(ROUND_CEILING) * tick,
    }


def _tick(params: MarketMaking, view: View) -> Decimal:
    return params.tick or view.step


def _standing_or_new(
    params: MarketMaking, view: View, prices: dict[str, Decimal]
) -> list[Standing | None]:
    """What shall stand on each side. A quote that nobody confirmed can only be taken back together
    with the other side, which then counts as new as well."""
    stands, band = view.quotes, params.refresh * _tick(params, view)
    kept = [n for n, old in stands.items() if prices[n] > 0 and abs(old.price - prices[n]) < band]
    if any(name not in kept and not old.known for name, old in stands.items()):
        kept = []
    return [
        stands[name] if name in kept else _new(params, view, side, prices[name])
        for name, side in (("bid", 1), ("ask", -1))
    ]


def _new(params: MarketMaking, view: View, side: int, price: Decimal) -> Standing | None:
    room = params.max_inventory - side * view.position - view.working(side)
    return Standing(price, params.size, False) if room >= params.size and price > 0 else None
