"""Market making: bids and offers around a price that leans against what it holds."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import NamedTuple

from streams.operators.period import Period
from streams.operators.strategies.kind import strategy
from streams.operators.strategies.parameters import money, number, one_of, span
from streams.operators.strategies.view import Standing, View
from streams.operators.strategies.wants import Signal

_GLFT, _AVELLANEDA_STOIKOV = "glft", "avellaneda_stoikov"
_SECOND, _DAY_S = 10**9, 86_400
_BASIS_POINTS = 1e4


@dataclass(frozen=True, slots=True)
class MarketMaking:
    model: str = one_of(_GLFT, (_GLFT, _AVELLANEDA_STOIKOV), "which formula makes the quotes")
    gamma: float = number(0.01, 1e-6, 100, "risk aversion, per basis point and lot")
    k: float = number(0.5, 1e-4, 100, "how fast orders get rarer with distance, per basis point")
    arrivals: float = number(0.5, 1e-6, 1e6, "orders a second that would reach the mid; GLFT only")
    horizon: Period = span(60, "time over which it minds its inventory; Avellaneda-Stoikov only", 1)
    size: Decimal = money("0.1", "units of a quote: a lot", "1e-12")
    max_inventory: Decimal = money("1", "units beyond which it quotes one side only", "1e-12")
    window: int = number(60, 2, 5000, "bars over which volatility is measured")
    least: float = number(0.5, 0, 1000, "half the spread that it quotes at least, basis points")
    tick: Decimal = money("0", "price step of the instrument; 0: its last decimal")
    refresh: int = number(2, 1, 1_000_000, "ticks that a quote must be off to be replaced")
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
class Pace:
    """``seconds``: how long a bar lasts, on average; 0 before the second."""

    last: int = 0
    seconds: float = 0.0


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
    fails="Informed flow: it is filled most when the price is about to run through its quotes, and "
    "neither model knows that. Fees that exceed half the quoted spread make every fill a loss "
    "(raise least). It learns of fills at clock records and quotes at bars: between them its "
    "quotes are old. A k or arrivals that do not fit the market make spreads that never trade or "
    "trade always; fit them to the distances that trades reach.",
    source="Avellaneda and Stoikov 2008, High-frequency trading in a limit order book, "
    "Quantitative Finance 8(3); Guéant, Lehalle and Fernandez-Tapia 2013, Dealing with the "
    "inventory risk, Mathematics and Financial Economics 7(4)",
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

    Quotes are post-only, never nearer to the mid than ``least``, never at or through the other
    side of the market, rounded to ticks away from the mid. One that is off by less than
    ``refresh`` ticks stands. A side is quoted only while what is held and all orders of that side
    that may still trade, also those whose cancel nobody confirmed, stay within
    ``max_inventory``: so no order of fills can break it. Both sides go when the market does not
    trade, its spread or its volatility is too wide, and outside ``opens`` … ``closes``.
    """
    _count(view)
    why = _stop(params, view)
    if why:
        if view.quotes:
            yield view.quote(None, None, why)
        return
    if not view.state.seconds:
        return
    q = float(view.position / params.size)
    sigma = _sigma(view)
    if params.model == _GLFT:
        quotes = glft(q, params.gamma, sigma, params.k, params.arrivals)
    else:
        left = min(params.horizon / _SECOND, _until(view.ts, params.closes))
        quotes = avellaneda_stoikov(q, params.gamma, sigma, params.k, left)
    bid, ask = _standing_or_new(params, view, _prices(params, view, quotes))
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
    )


def _count(view: View) -> None:
    state, gap = view.state, (view.ts - view.state.last) / _SECOND
    if state.last and gap > 0:
        state.seconds += ((gap - state.seconds) / 20) if state.seconds else gap
    state.last = view.ts


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
