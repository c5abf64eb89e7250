"""A recorded Binance session, fed through the same session code as the live feed.

Which market it is shows in its first lines: COIN-M messages name a pair (``ps``), USD-M diffs
chain by ``pu``, spot has neither.
"""

from collections.abc import Iterator
from pathlib import Path

import orjson

from connectors import capture
from connectors.binance.markets import COINM, SPOT, USDM, Market, instrument
from connectors.binance.session import BinanceSession
from connectors.capture import Line
from connectors.events import Event, Rejected

_LOOK_AT = 500  # lines


def recognise(path: Path) -> tuple[Market, list[str]] | None:
    """The market of a Binance capture and its symbols; None when it is something else."""
    symbols: dict[str, None] = {}
    market = None
    for line in capture.read(path):
        if line.number > _LOOK_AT:
            break
        body = _body(line.data)
        if not body:
            continue
        if "s" in body:
            symbols[body["s"]] = None
        if body.get("e") == "depthUpdate":
            market = COINM if "ps" in body else USDM if "pu" in body else SPOT
    return (market, list(symbols)) if market and symbols else None


def _body(data: bytes) -> dict[str, str]:
    try:
        message = orjson.loads(data)
        body = message["data"]
    except (ValueError, KeyError, TypeError):
        return {}
    return body if isinstance(body, dict) else {}


def events(
    path: Path, market: Market, symbols: list[str]
) -> Iterator[tuple[Line, list[Event | Rejected]]]:
    """Each line with the events it gave."""
    session = BinanceSession(market, {symbol: instrument(market, symbol) for symbol in symbols})
    for line in capture.read(path):
        if line.problem:
            yield line, [Rejected(line.problem, line.data)]
        else:
            yield line, session.receive(line.data, line.at).events
