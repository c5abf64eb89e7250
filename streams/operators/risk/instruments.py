"""What the desk knows of an instrument beside its market: the rules that an order must keep."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from fnmatch import fnmatchcase

from streams.operators.market.bars_calendar import ALWAYS, Calendar
from streams.operators.risk.contracts import Contract
from streams.operators.risk.money import ZERO
from streams.operators.risk.option_symbols import OptionSymbols
from streams.operators.risk.option_terms import OptionTerms

ONE = Decimal(1)
LINEAR = Contract("")


@dataclass(frozen=True, slots=True)
class Instrument:
    """``contract``: its currency (empty: the account's) and its multiplier. ``tick`` and ``lot``:
    steps of price and size, ``min_notional`` in its currency; 0 is none. ``margin``: the part of
    a position's notional that it binds (1: fully paid). ``option``: what it says, of an option;
    ``symbols``: the names say it."""

    contract: Contract = LINEAR
    tick: Decimal = ZERO
    lot: Decimal = ZERO
    min_notional: Decimal = ZERO
    sector: str = ""
    margin: Decimal = ONE
    shortable: bool = True
    restricted: bool = False
    hours: Calendar = ALWAYS
    option: OptionTerms | None = None
    symbols: OptionSymbols | None = None

    def named(self, name: str) -> "Instrument":
        """As one of that VENUE:SYMBOL is, if symbols say what options are."""
        if self.symbols is None:
            return self
        return replace(self, option=self.symbols.terms(name.partition(":")[2], self.hours))


@dataclass(frozen=True, slots=True)
class Reference:
    """Instruments by pattern of VENUE:SYMBOL; the first that matches holds."""

    patterns: tuple[tuple[str, Instrument], ...] = ()

    def of(self, name: str) -> Instrument:
        """What is known of an instrument; the defaults where no pattern matches."""
        for pattern, instrument in self.patterns:
            if fnmatchcase(name, pattern):
                return instrument.named(name)
        return _UNKNOWN


BASKET = "BASKET"  # what stands for a venue where the smart order router chooses one
_UNKNOWN = Instrument()
_DAY_NS, _NEVER = 86_400 * 10**9, 2**63 - 1
_ALSO = {"XBT": "BTC", "XDG": "DOGE"}  # what some venues call them


def venue_of(instrument: str) -> str:
    """``VENUE`` of ``VENUE:SYMBOL``."""
    return instrument.partition(":")[0]


def assets_of(name: str, currency: str, known: Iterable[str] = ()) -> tuple[str, str]:
    """(base, quote) of a spot instrument; empty where its name does not tell. ``currency`` is its
    own, as far as it is configured; ``known`` are assets that its name may end with."""
    symbol = name.partition(":")[2]
    for sign in "/-":
        base, found, quote = symbol.partition(sign)
        if found:
            return _asset(base), currency or _asset(quote)
    for quote in (currency, *sorted(known, key=len, reverse=True)):
        if quote and symbol.endswith(quote) and symbol != quote:
            return _asset(symbol.removesuffix(quote)), quote
    return "", currency


def _asset(code: str) -> str:
    return _ALSO.get(code, code)


def is_open(calendar: Calendar, ts: int) -> bool:
    """Whether a session holds this time (ns UTC); always where there are none."""
    if not len(calendar.opens):
        return True
    session = int(calendar.opens.searchsorted(ts, side="right")) - 1
    return session >= 0 and ts < int(calendar.closes[session])


def day_end(calendar: Calendar, ts: int) -> int:
    """When an order of the day ends that comes at this time: with the session that holds it, or
    the next one; with the UTC day where there are none, never after the last one known."""
    if not len(calendar.closes):
        return ts - ts % _DAY_NS + _DAY_NS
    session = int(calendar.closes.searchsorted(ts, side="right"))
    return int(calendar.closes[session]) if session < len(calendar.closes) else _NEVER
