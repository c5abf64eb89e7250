"""Plays a capture file into the log, with the time that passes between its lines.

``pace`` is asked before each line, so that a live demonstration may wait; a replay does not.
"""

from collections.abc import Callable
from pathlib import Path

from connectors.binance import capture_form
from connectors.binance.markets import Market, instrument
from connectors.clock import Clock
from connectors.publish import Publisher


def play(
    path: Path,
    form: tuple[Market, list[str]],
    publisher: Publisher,
    accounts: tuple[str, ...],
    clock_ns: int,
    pace: Callable[[int], None] = lambda _: None,
) -> int:
    """Publishes every event of the file; returns the number of its lines."""
    market, symbols = form
    names = [instrument(market, symbol).name for symbol in symbols]
    clock, lines = Clock(clock_ns), 0
    for line, events in capture_form.events(path, market, symbols):
        pace(line.at)
        for ts in clock.due(line.at):
            for name in names:
                publisher.clock("ticks", name, ts, line.number)
            for account in accounts:
                publisher.clock("orders", account, ts, line.number)
        for event in events:
            publisher.take(event, line.at, line.number)
        lines = line.number
    publisher.flush()
    return lines
