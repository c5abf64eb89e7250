"""A recording of Binance's messages without an address, played by the session of the live feed.

Which market it is shows in its first lines: COIN-M messages name a pair (``ps``), USD-M diffs
chain by ``pu``, spot has neither.
"""

from collections.abc import Iterator
from pathlib import Path

import orjson

from connectors import plain_capture
from connectors.binance.markets import COINM, SPOT, USDM, Market, unlisted
from connectors.binance.venues import venue_of
from connectors.compressed import Tell, nobody
from connectors.events import Rejected
from connectors.market_session import MarketSession
from connectors.piece import Piece

_LOOK_AT = 500  # lines
_SNAPSHOT = b'{"lastUpdateId"'  # the answer to a request, among messages


def recognise(path: Path) -> str | None:
    """What such a capture is called; None when it is something else."""
    found = None if path.is_dir() else _look_into(path)
    return f"{found[0].venue} capture of {', '.join(found[1])}" if found else None


def pieces(path: Path, tell: Tell = nobody) -> Iterator[Piece]:
    """Each line with the events it gave. Raises ValueError when it is no Binance capture."""
    found = _look_into(path)
    if found is None:
        raise ValueError(f"{path}: is no Binance capture")
    market, symbols = found
    instruments = {symbol: unlisted(market, symbol) for symbol in symbols}
    venue = venue_of(market)
    session = MarketSession(venue, venue.codec(instruments, venue.place), instruments)
    for line in plain_capture.read(path, tell):
        piece = Piece(line.number, line.at)
        if line.problem:
            piece.found.append(Rejected(line.problem, line.data))
        elif line.data.startswith(_SNAPSHOT):
            piece.found += session.answered("", line.data, line.at).events
        else:
            piece.found += session.receive(line.data, line.at).events
        yield piece


def _look_into(path: Path) -> tuple[Market, list[str]] | None:
    """The market and the symbols that its first lines name."""
    symbols: dict[str, None] = {}
    market = None
    for line in plain_capture.read(path):
        if line.number > _LOOK_AT or line.problem:
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
