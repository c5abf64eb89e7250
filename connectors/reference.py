"""What a venue says of its instruments, and the file that keeps it.

``load`` takes the file while it is young enough, else asks the venue, and falls back to an old file
where the venue does not answer.
"""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from decimal import Decimal
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, TypeVar

import httpx

from connectors.access import NOBODY, Access, hush
from connectors.events import Instrument
from connectors.names import ALIASES, code, spot
from connectors.rate_limit import Budget

SPOT, PERPETUAL, FUTURE, OPTION = "spot", "perpetual", "future", "option"
AROUND_THE_CLOCK, SESSIONS = "24/7", "in sessions"
SHARE = "share"
_ATTEMPTS = 10


class NoReference(Exception):
    """A venue's reference data cannot be had: where, and why."""


@dataclass(frozen=True, slots=True)
class Listing:
    """An instrument. ``name`` is VENUE:BASE-QUOTE or VENUE:SYMBOL; ``symbol`` is what the venue's
    WebSocket calls it; one ``lot`` is worth ``lot × multiplier`` of the underlying; ``currency`` is
    what it settles in; ``status`` is TRADING, AUCTION, HALTED or CLOSED; ``price_scale`` and
    ``size_scale`` are decimals of the numbers that its feed sends. ``tick`` is the smallest of
    ``ticks``, where the tick depends on the price: (from this price on, tick), ascending.
    ``traits`` are what else the venue says of it, such as fractionable or shortable."""

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
    ticks: tuple[tuple[Decimal, Decimal], ...] = ()
    traits: tuple[str, ...] = ()

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
class TradingDay:
    """A day (YYYY-MM-DD) on which a venue trades, and from when to when, as HH:MM there."""

    day: str
    opens: str
    closes: str


@dataclass(frozen=True, slots=True)
class Reference:
    """All that a venue lists, as it was at ``loaded_ns``, and the days on which it trades, where
    it tells them: from a year before on, as far as they are known."""

    venue: str
    loaded_ns: int
    listings: tuple[Listing, ...]
    days: tuple[TradingDay, ...] = ()

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
        days = tuple(TradingDay(**day) for day in held.get("days", ()))
        listings = tuple(map(_from_json, held["listings"]))
        return Reference(held["venue"], held["loaded_ns"], listings, days)
    except (OSError, ValueError, KeyError, TypeError, ArithmeticError):
        return None


def _from_json(row: dict[str, Any]) -> Listing:
    numbers = {key: Decimal(row[key]) for key in ("tick", "lot", "multiplier")}
    ticks = tuple((Decimal(price), Decimal(tick)) for price, tick in row.get("ticks", ()))
    rest = {"ticks": ticks, "traits": tuple(row.get("traits", ()))}
    return Listing(**{**row, **numbers, **rest})


def write(reference: Reference, path: Path) -> None:
    """Whole or not at all: another process may be reading."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [asdict(one) for one in reference.listings]
    held = {"venue": reference.venue, "loaded_ns": reference.loaded_ns, "listings": rows}
    held["days"] = [asdict(day) for day in reference.days]
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(held, default=str))
    fresh.replace(path)


Parse = Callable[[bytes], list[Listing]]


@dataclass(frozen=True, slots=True)
class Lists:
    """Where a venue's lists are: what reads the answer at each address; ``next_page`` finds the
    address of the rest in an answer; ``days`` the address of its days of trading, and what reads
    them. ``weight`` of requests is its budget: how many, in seconds."""

    urls: dict[str, Parse]
    weight: tuple[float, float]
    access: Access = NOBODY
    next_page: Callable[[bytes], str] | None = None
    days: tuple[str, Callable[[bytes], list[TradingDay]]] | None = None


async def load(venue: str, lists: Lists, path: Path, now: int, most_age_ns: int) -> Reference:
    """The venue's listings, from the file when it is younger than ``most_age_ns``. Raises
    NoReference where neither the venue nor the file has them."""
    held = read(path)
    if held and now - held.loaded_ns < most_age_ns:
        return held
    hush()
    try:
        async with httpx.AsyncClient(timeout=20) as http:
            asking = _Asking(http, lists.access, Budget(*lists.weight))
            listings = await _listings(lists, asking)
            days = await _days(lists, asking, now)
    except NoReference:
        if held is None:
            raise
        return held
    fresh = Reference(venue, now, listings, days)
    write(fresh, path)
    return fresh


async def _listings(lists: Lists, asking: "_Asking") -> tuple[Listing, ...]:
    found: list[Listing] = []
    for first, parse in lists.urls.items():
        url = first
        while url:
            body = await asking.get(url, patient=url != first)
            found += _understood(url, parse, body)
            url = _understood(url, lists.next_page, body) if lists.next_page else ""
    return tuple(found)


async def _days(lists: Lists, asking: "_Asking", now: int) -> tuple[TradingDay, ...]:
    if lists.days is None:
        return ()
    url, parse = lists.days
    today = datetime.fromtimestamp(now // 10**9, UTC).date()
    since = today.replace(year=today.year - 1, day=1).isoformat()
    return tuple(day for day in _understood(url, parse, await asking.get(url)) if day.day >= since)


T = TypeVar("T")


def _understood(url: str, parse: Callable[[bytes], T], body: bytes) -> T:
    try:
        return parse(body)
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as error:
        raise NoReference(
            f"{url} answers with something else than instruments: {error!r}"
        ) from error


@dataclass(frozen=True, slots=True)
class _Asking:
    """No faster than the venue allows. What goes wrong is told without our keys."""

    http: httpx.AsyncClient
    access: Access
    budget: Budget

    async def get(self, url: str, patient: bool = False) -> bytes:
        """``patient`` waits where we are too fast."""
        headers = dict(self.access.headers)
        for _ in range(_ATTEMPTS):
            await asyncio.sleep(self.budget.delay(1, time.monotonic()))
            try:
                answer = await self.http.get(self.access.address(url), headers=headers)
            except httpx.HTTPError as error:
                said = str(error) or type(error).__name__
                raise NoReference(f"{url} does not answer: {said}") from None
            if answer.is_success:
                return answer.content
            if answer.status_code != httpx.codes.TOO_MANY_REQUESTS or not patient:
                break
            self.budget.pause(retry_after(answer), time.monotonic())
        said = answer.text[:200]
        raise NoReference(f"{url} does not answer: HTTP {answer.status_code} {said}")


def retry_after(answer: httpx.Response) -> float:
    """Seconds that the venue wants us to wait, after it said that we were too fast."""
    said = answer.headers.get("Retry-After", "")
    return float(said) if said.isdecimal() else 5.0
