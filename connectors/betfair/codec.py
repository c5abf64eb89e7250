"""Betfair's Exchange Stream API: market changes (``mcm``), as in the historic files, a line each.

An instrument is a runner: ``BETFAIR:<marketId>/<selectionId>``, and ``/<handicap>`` after it where
the handicap is not 0. What always holds:

- Odds are prices. ``atb`` (available to back, the lower odds) are the bids, ``atl`` (available to
  lay) the asks. Rows are [odds, size]; the size is the new one, 0 deletes.
- The first depth of a runner, and every depth from an image (``img``), is a snapshot. An image
  replaces all of its market: a known runner that it does not name becomes empty. A runner may come
  in several entries of one market change; they make one event.
- Numbers never pass through a float. Sizes are rounded to 2 decimals, half to even; the odds have
  2 at most, else the line is rejected.
- ``trd`` is the volume so far at each price, so a trade is an increase of it, not a single bet. The
  venue counts the stakes of both sides of a bet, and its number is kept. What was matched before
  the recording (the image that first names a runner) is no trade; nor is what moves to other prices
  when volume is taken away: a withdrawn runner scales down the odds matched on the others.
- A line is read whole or rejected whole, and a rejected line changes nothing.

Left out: the level-based ladders (``batb``, ``batl``, ``bdatb``, ``bdatl``), which repeat the full
ones, the starting prices (``spb``, ``spl``, ``spn``, ``spf``), ``ltp`` and ``tv``.

Specification: "Exchange Stream API" (docs.developer.betfair.com) and ESASwaggerSchema.json of
betfair/stream-api-sample-code.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import Any, NamedTuple, TypeAlias

from connectors.events import DepthEvent, Event, Instrument, Rejected, TradeEvent
from schemas.enums import StatusKind
from schemas.records import Status

_SCALE = 2
_CENT = Decimal("0.01")
# 18 digits: what is rounded in it fits an int64, and what does not fit raises
_ROUNDING = Context(prec=18, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation])
_MS = 1_000_000
_LAST_MS = (2**63 - 1) // _MS
_MARKET = re.compile(r"[0-9]{1,20}\.[0-9]{1,20}")
_WORD = re.compile(r"[A-Z_]{1,32}")
_KINDS = {
    "OPEN": StatusKind.TRADING,
    "SUSPENDED": StatusKind.HALTED,
    "INACTIVE": StatusKind.HALTED,
    "CLOSED": StatusKind.CLOSED,
}
_REMOVED = ("REMOVED", "REMOVED_VACANT")
_UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError)

_Key: TypeAlias = tuple[int, int]  # selection id, handicap in hundredths


@dataclass(slots=True)
class _Ladder:
    """What one market change says of a runner: sizes by price."""

    bids: dict[int, int] = field(default_factory=dict)
    asks: dict[int, int] = field(default_factory=dict)
    traded: dict[int, int] = field(default_factory=dict)


class _Change(NamedTuple):
    """A market change, read and checked."""

    market: str
    image: bool
    statuses: dict[_Key, tuple[StatusKind, str]]
    ladders: dict[_Key, _Ladder]


@dataclass(slots=True)
class _Runner:
    """What the codec keeps of a runner."""

    instrument: Instrument
    seq: int = 0
    trades: int = 0
    traded: dict[int, int] = field(default_factory=dict)
    status: tuple[StatusKind, str] | None = None


class BetfairCodec:
    """Counts messages and traded volume for each runner; ladders it does not keep."""

    def __init__(self) -> None:
        self._markets: dict[str, dict[_Key, _Runner]] = {}

    def read(self, data: bytes, at: int) -> list[Event | Rejected]:
        """One message. ``at`` is when it was received, 0 for history: then the publish time."""
        try:
            published, changes = _message(data)
        except _UNREADABLE as error:
            return [Rejected(_why(error), data)]
        times = (published, at or published)
        return [event for change in changes for event in self._events(change, times)]

    def _events(self, change: _Change, times: tuple[int, int]) -> Iterator[Event]:
        """Statuses, then for each runner its trades and its depth."""
        runners = self._markets.setdefault(change.market, {})
        for key, status in change.statuses.items():
            yield from _status(_runner(runners, change.market, key), status, times)
        for key, ladder in change.ladders.items():
            runner = _runner(runners, change.market, key)
            yield from _trades(runner, ladder, change.image, times)
            yield from _depth(runner, ladder, change.image, times)
        if change.image:
            unnamed = [r for key, r in runners.items() if r.seq and key not in change.ladders]
            for runner in unnamed:
                yield from _depth(runner, _Ladder(), True, times)


def _runner(runners: dict[_Key, _Runner], market: str, key: _Key) -> _Runner:
    if key not in runners:
        selection, handicap = key
        line = f"/{Decimal(handicap).scaleb(-_SCALE).normalize():f}" if handicap else ""
        runners[key] = _Runner(Instrument(f"BETFAIR:{market}/{selection}{line}", _SCALE, _SCALE))
    return runners[key]


def _status(
    runner: _Runner, status: tuple[StatusKind, str], times: tuple[int, int]
) -> Iterator[Status]:
    """Definitions come often; only what has changed is told."""
    if status != runner.status:
        runner.status = status
        yield Status(runner.instrument.name, *times, *status)


def _trades(
    runner: _Runner, ladder: _Ladder, image: bool, times: tuple[int, int]
) -> Iterator[TradeEvent]:
    before = runner.traded
    first = image and not runner.seq and not before
    moved = any(size == 0 and before.get(price) for price, size in ladder.traded.items())
    runner.traded = {**before, **ladder.traded}
    for price, size in ladder.traded.items():
        more = size - before.get(price, 0)
        if more > 0 and not first and not moved:
            runner.trades += 1
            yield TradeEvent(runner.instrument, *times, runner.trades, price, more, 0)


def _depth(
    runner: _Runner, ladder: _Ladder, image: bool, times: tuple[int, int]
) -> Iterator[DepthEvent]:
    if not (image or ladder.bids or ladder.asks):
        return
    snapshot = image or runner.seq == 0
    bids, asks = sorted(ladder.bids.items(), reverse=True), sorted(ladder.asks.items())
    if snapshot:
        bids, asks = [row for row in bids if row[1]], [row for row in asks if row[1]]
    follows = 0 if snapshot else runner.seq
    runner.seq += 1
    yield DepthEvent(runner.instrument, *times, runner.seq, follows, snapshot, bids, asks)


def _message(data: bytes) -> tuple[int, list[_Change]]:
    """The publish time in ns, and the market changes; a heartbeat has none."""
    message = json.loads(data, parse_float=Decimal, parse_constant=Decimal)
    if message["op"] != "mcm":
        raise ValueError(f"operation {message['op']!r} is unknown")
    published = message["pt"]
    if type(published) is not int or not 0 <= published <= _LAST_MS:
        raise ValueError(f"time {published!r} is not a number of milliseconds")
    return published * _MS, [_change(m) for m in message.get("mc") or ()]


def _change(m: dict[str, Any]) -> _Change:
    market = m["id"]
    if not _MARKET.fullmatch(market):
        raise ValueError(f"market id {market!r} is unreadable")
    ladders: dict[_Key, _Ladder] = {}
    for entry in m.get("rc") or ():
        ladder = ladders.setdefault(_key(entry), _Ladder())
        ladder.bids.update(_levels(entry.get("atb")))
        ladder.asks.update(_levels(entry.get("atl")))
        ladder.traded.update(_levels(entry.get("trd")))
    definition = m.get("marketDefinition")
    statuses = _statuses(definition) if definition else {}
    return _Change(market, m.get("img") is True, statuses, ladders)


def _statuses(definition: dict[str, Any]) -> dict[_Key, tuple[StatusKind, str]]:
    """A withdrawn runner is closed, whatever its market is."""
    market = definition["status"]
    if market not in _KINDS:
        raise ValueError(f"market status {market!r} is unknown")
    in_play = "true" if definition.get("inPlay") is True else "false"
    statuses = {}
    for entry in definition["runners"]:
        runner = entry["status"]
        if not _WORD.fullmatch(runner):
            raise ValueError(f"runner status {runner!r} is unreadable")
        kind = StatusKind.CLOSED if runner in _REMOVED else _KINDS[market]
        statuses[_key(entry)] = (kind, f"{market} inPlay={in_play} runner={runner}")
    return statuses


def _key(entry: dict[str, Any]) -> _Key:
    selection, handicap = entry["id"], entry.get("hc") or 0
    if type(selection) is not int or not 0 <= selection < 2**63:
        raise ValueError(f"selection id {selection!r} is unreadable")
    return selection, _exact(handicap)


def _levels(rows: list[list[Any]] | None) -> dict[int, int]:
    """Sizes by price, of one field of an entry."""
    levels = {}
    for price, size in rows or ():
        odds, amount = _exact(price), _rounded(size)
        if odds <= 0 or amount < 0:
            raise ValueError(f"level {price} {size} is not positive")
        levels[odds] = amount
    return levels


def _exact(value: Any) -> int:
    hundredths = _rounded(value)
    if value != Decimal(hundredths).scaleb(-_SCALE, _ROUNDING):
        raise ValueError(f"{value} has more than {_SCALE} decimals")
    return hundredths


def _rounded(value: Any) -> int:
    """In hundredths. Raises on what is no number, and on more digits than an int64 holds."""
    if type(value) is not int and type(value) is not Decimal:
        raise ValueError(f"{value!r} is not a number")
    return int(Decimal(value).quantize(_CENT, context=_ROUNDING).scaleb(_SCALE, _ROUNDING))


def _why(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"field {error} is missing"
    if isinstance(error, ArithmeticError):
        return "a number is out of range"
    return str(error)[:200] or type(error).__name__
