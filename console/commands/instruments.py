"""``tickstream instruments``: what a venue lists, from the venue or the file that keeps it."""

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from config.settings import load
from connectors.reference import Listing, TradingDay
from connectors.venues import VENUES
from console.errors import Failure
from console.live import reference
from streams.operators.risk.money import plain


def instruments(venue: str, pattern: str, config: Path | None) -> dict[str, Any]:
    """Those whose name matches. Raises Failure for an unknown venue, and NoReference."""
    word = venue.lower()
    if word not in VENUES:
        raise Failure(f"{venue!r} is no venue with a live feed; there are {', '.join(VENUES)}")
    known = asyncio.run(reference(word, load(config)))
    found = known.matching(pattern)
    return {
        "venue": VENUES[word].title,
        "age": f"{(time.time_ns() - known.loaded_ns) // 10**9} s",
        "listed": len(known.listings),
        "matching": len(found),
        **_short_days(known.days),
        "instruments": {one.name: _facts(one) for one in found},
    }


def _facts(one: Listing) -> dict[str, str]:
    return {
        "symbol": one.symbol,
        "kind": one.kind,
        "tick": plain(one.tick),
        "lot": plain(one.lot),
        "multiplier": plain(one.multiplier),
        "currency": one.currency,
        "status": one.status,
        "hours": one.hours,
        **({"ticks": _ticks(one)} if one.ticks else {}),
        **({"traits": ", ".join(one.traits)} if one.traits else {}),
    }


def _ticks(one: Listing) -> str:
    return ", ".join(f"{plain(tick)} from {plain(price)}" for price, tick in one.ticks)


def _short_days(days: tuple[TradingDay, ...]) -> dict[str, list[str]]:
    """The days to come that end before the others do."""
    today = datetime.now(UTC).date().isoformat()
    usual = max((day.closes for day in days), default="")
    short = [day for day in days if day.day >= today and day.closes < usual]
    return {"short_days": [f"{d.day} {d.opens}-{d.closes}" for d in short]} if days else {}
