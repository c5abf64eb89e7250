"""What a venue says of its instruments, and the file that keeps it.

``load`` takes the file while it is young enough, else asks the venue, and falls back to an old file
where the venue does not answer.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from decimal import Decimal
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import httpx

from connectors.events import Instrument
from connectors.names import ALIASES, code, spot

SPOT, PERPETUAL, FUTURE, OPTION = "spot", "perpetual", "future", "option"
AROUND_THE_CLOCK, SESSIONS = "24/7", "in sessions"


class NoReference(Exception):
    """A venue's reference data cannot be had: where, and why."""


@dataclass(frozen=True, slots=True)
class Listing:
    """An instrument. ``name`` is VENUE:BASE-QUOTE or VENUE:SYMBOL; ``symbol`` is what the venue's
    WebSocket calls it; one ``lot`` is worth ``lot × multiplier`` of the underlying; ``currency`` is
    what it settles in; ``status`` is TRADING, AUCTION, HALTED or CLOSED; ``price_scale`` and
    ``size_scale`` are decimals of the numbers that its feed sends."""

    name: str
    symbol: str
    kind: str
    base: str
    quote: str
    currency: str
    tick: Decimal
    lot: Decimal
    multiplier: Decimal
    status: str
    hours: str
    price_scale: int
    size_scale: int

    @property
    def instrument(self) -> Instrument:
        return Instrument(self.name, self.price_scale, self.size_scale)


def listing(
    venue: str,
    symbol: str,
    base: str,
    quote: str,
    tick: str,
    lot: str,
    status: str = "TRADING",
    kind: str = SPOT,
    currency: str = "",
    multiplier: str = "1",
    scales: tuple[int | None, int | None] = (None, None),
    aliases: dict[str, str] = ALIASES,
    hours: str = AROUND_THE_CLOCK,
) -> Listing:
    """A listing named by the rule of ``names.py``; scales are those of tick and lot where none are
    given. Raises ValueError and ArithmeticError on what is no number."""
    name = spot(venue, base, quote, aliases) if kind == SPOT else f"{venue}:{symbol.upper()}"
    steps = Decimal(tick), Decimal(lot)
    price_scale, size_scale = (
        decimals(step) if scale is None else scale
        for step, scale in zip(steps, scales, strict=True)
    )
    base, quote, currency = (code(c, aliases) for c in (base, quote, currency))
    return Listing(
        name,
        symbol,
        kind,
        base,
        quote,
        currency or quote,
        *steps,
        Decimal(multiplier),
        status,
        hours,
        price_scale,
        size_scale,
    )


def decimals(step: Decimal) -> int:
    """How many a multiple of ``step`` may have: 2 for 0.010."""
    exponent = step.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


@dataclass(frozen=True, slots=True)
class Reference:
    """All that a venue lists, as it was at ``loaded_ns``."""

    venue: str
    loaded_ns: int
    listings: tuple[Listing, ...]

    def find(self, asked: str) -> Listing | None:
        """By name, with or without the venue, or by the venue's own symbol, in any case."""
        upper = asked.upper()
        for words in (_short, _name, _symbol):
            if found := next((one for one in self.listings if words(one) == upper), None):
                return found
        return None

    def matching(self, pattern: str) -> list[Listing]:
        """Those whose name, or the part behind the venue, matches; sorted by name."""
        wanted = pattern.upper()
        found = [
            one
            for one in self.listings
            if fnmatchcase(_name(one), wanted) or fnmatchcase(_short(one), wanted)
        ]
        return sorted(found, key=_name)


def _name(one: Listing) -> str:
    return one.name.upper()


def _short(one: Listing) -> str:
    return _name(one).partition(":")[2]


def _symbol(one: Listing) -> str:
    return one.symbol.upper()


def read(path: Path) -> Reference | None:
    """What the file holds; None where it is not there or not whole."""
    try:
        held = json.loads(path.read_text())
        return Reference(held["venue"], held["loaded_ns"], tuple(map(_from_json, held["listings"])))
    except (OSError, ValueError, KeyError, TypeError, ArithmeticError):
        return None


def _from_json(row: dict[str, Any]) -> Listing:
    numbers = {key: Decimal(row[key]) for key in ("tick", "lot", "multiplier")}
    return Listing(**{**row, **numbers})


def write(reference: Reference, path: Path) -> None:
    """Whole or not at all: another process may be reading."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [asdict(one) for one in reference.listings]
    held = {"venue": reference.venue, "loaded_ns": reference.loaded_ns, "listings": rows}
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(held, default=str))
    fresh.replace(path)


Parse = Callable[[bytes], list[Listing]]


async def load(
    venue: str, urls: dict[str, Parse], path: Path, now: int, most_age_ns: int
) -> Reference:
    """The venue's listings, from the file when it is younger than ``most_age_ns``. Raises
    NoReference where neither the venue nor the file has them."""
    held = read(path)
    if held and now - held.loaded_ns < most_age_ns:
        return held
    try:
        fresh = Reference(venue, now, tuple(await _fetch(urls)))
    except NoReference:
        if held is None:
            raise
        return held
    write(fresh, path)
    return fresh


async def _fetch(urls: dict[str, Parse]) -> list[Listing]:
    found: list[Listing] = []
    async with httpx.AsyncClient(timeout=20) as http:
        for url, parse in urls.items():
            try:
                answer = (await http.get(url)).raise_for_status()
                found += parse(answer.content)
            except httpx.HTTPError as error:
                raise NoReference(f"{url} does not answer: {error}") from error
            except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as error:
                raise NoReference(
                    f"{url} answers with something else than instruments: {error!r}"
                ) from error
    return found
