"""``tickstream data download``: a vendor's history into the lake, day by day.

A day goes into the lake whole, by one rename, with the download that it came from in its manifest.
So a download that was killed is run again: it asks only for the days that are not there.
"""

import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from config.tree import Settings
from config.tree import Vendor as Terms
from connectors.alpaca.history import AlpacaHistory
from connectors.binance.history import BinanceHistory
from connectors.binance.markets import SPOT, USDM
from connectors.download import Downloader
from connectors.history import Page, Pager, Wanted
from connectors.massive.history import MassiveHistory
from connectors.trading.credentials import load_credentials
from console.commands import data_calendar
from console.errors import Failure
from console.home import HOME
from console.output import progress, say
from schemas.lake.kinds import KINDS
from schemas.lake.layout import Place, day_of
from schemas.lake.rows import DAY_NS, of_columns
from sinks.archive.rows import name_of
from sinks.archive.writer import LakeWriter
from streams.cause import Cause


def _alpaca(terms: Terms) -> Pager:
    at = {"url": terms.url} if terms.url else {}
    keys = load_credentials("alpaca", HOME)
    return AlpacaHistory(keys, terms.feed or "iex", budget=terms.requests_a_minute, **at)


def _massive(terms: Terms) -> Pager:
    at = {"url": terms.url} if terms.url else {}
    keys = load_credentials("massive", HOME, secret=False)
    return MassiveHistory(keys, budget=terms.requests_a_minute, **at)


def _binance(terms: Terms) -> Pager:
    at = {"url": terms.url} if terms.url else {}
    return BinanceHistory(SPOT, budget=terms.requests_a_minute, **at)


def _binanceusdm(terms: Terms) -> Pager:
    at = {"url": terms.url} if terms.url else {}
    return BinanceHistory(USDM, budget=terms.requests_a_minute, **at)


VENDORS: dict[str, Callable[[Terms], Pager]] = {
    "alpaca": _alpaca,
    "massive": _massive,
    "binance": _binance,
    "binanceusdm": _binanceusdm,
}


def run(
    settings: Settings,
    vendor: str,
    symbols: list[str],
    kind: str,
    bar: str,
    span: tuple[date, date],
    lake: Path,
) -> dict[str, Any]:
    """What ``download --json`` prints. Raises Failure, KeysError, DownloadError and LakeError."""
    pager = _pager(settings, vendor, kind, bar)
    feed = settings.archive.vendors.get(vendor, Terms()).feed
    say(f"licence: {pager.vendor.licence}")
    writer = LakeWriter(lake, licence=pager.vendor.licence)
    wanted = [
        Wanted(symbol, kind, day, bar if kind == "bars" else "")
        for symbol in symbols
        for day in _days(settings, f"{pager.vendor.venue}:{symbol}", span)
    ]
    counts = {"days": 0, "there": 0, "empty": 0}
    with Downloader(pager) as downloader:
        for one in _shown(vendor, wanted):
            counts[_fetch(downloader, pager, writer, one, feed)] += 1
    return {
        "vendor": vendor,
        "kind": kind,
        "lake": str(lake),
        **counts,
        "rows": writer.rows,
        "requests": downloader.requests,
        "licence": pager.vendor.licence,
    }


def _pager(settings: Settings, vendor: str, kind: str, bar: str) -> Pager:
    if vendor not in VENDORS:
        raise Failure(f"{vendor!r} is no vendor of history: choose one of {', '.join(VENDORS)}")
    try:
        pager = VENDORS[vendor](settings.archive.vendors.get(vendor, Terms()))
    except ValueError as error:
        raise Failure(str(error)) from error
    if kind not in pager.vendor.kinds:
        raise Failure(f"{vendor} has no {kind}: choose one of {', '.join(pager.vendor.kinds)}")
    if kind == "bars" and bar not in pager.vendor.bars:
        raise Failure(f"{vendor} has no bars of {bar}: choose of {', '.join(pager.vendor.bars)}")
    return pager


def _days(settings: Settings, instrument: str, span: tuple[date, date]) -> list[int]:
    """Days of the span on which something may have traded: a session opened, or one of the day
    before has late hours. Today is not over, and so not history."""
    first, last = day_of(span[0]), min(day_of(span[1]), time.time_ns() // DAY_NS - 1)
    if last < first:
        raise Failure(f"from {span[0]} to {span[1]}: there is no day that is over by now (UTC)")
    opens = data_calendar.of(settings, instrument, first, last).opens // DAY_NS
    open_days = set(np.concatenate([opens, opens + 1]).tolist())
    return [day for day in range(first, last + 1) if day in open_days]


def _shown(vendor: str, wanted: list[Wanted]) -> Iterator[Wanted]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("days"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=progress, transient=True) as bar:
        task = bar.add_task(vendor, total=len(wanted))
        for one in wanted:
            bar.update(task, description=f"{one.symbol} {np.datetime64(one.day, 'D')}")
            yield one
            bar.advance(task)


def _fetch(
    downloader: Downloader, pager: Pager, writer: LakeWriter, wanted: Wanted, feed: str
) -> str:
    """Which of the counts the day belongs to."""
    instrument = f"{pager.vendor.venue}:{wanted.symbol}"
    place = Place(wanted.kind, instrument, wanted.day)
    parts = (wanted.kind, wanted.symbol, place.date, wanted.bar, feed)
    source = "/".join(str(part) for part in parts if part)
    cause = Cause(f"download.{pager.vendor.name}", source, 0, 0)
    if writer.holds(place, name_of(cause)):
        return "there"
    before = writer.rows
    for number, page in enumerate(downloader.pages(wanted)):
        _keep(writer, place, page, cause._replace(offset=number))
    writer.flush()
    return "days" if writer.rows > before or writer.holds(place, name_of(cause)) else "empty"


def _keep(writer: LakeWriter, place: Place, page: Page, cause: Cause) -> None:
    kind = KINDS[place.kind]
    if not page.columns or not len(page.columns[kind.event]):
        return
    scales = (page.price_scale, page.size_scale)
    source = name_of(cause)
    rows = of_columns(kind, place.instrument, scales, page.columns, source, cause.offset)
    inside = rows.columns[kind.event] // DAY_NS == place.day
    writer.keep(rows if inside.all() else rows.take(np.flatnonzero(inside)), cause)
