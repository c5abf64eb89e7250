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
from connectors.compressed import Tell, nobody
from connectors.events import Rejected
from connectors.piece import Piece

_LOOK_AT = 500  # lines


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
    session = BinanceSession(market, {symbol: instrument(market, symbol) for symbol in symbols})
    for line in capture.read(path, tell):
        if line.problem:
            yield Piece(line.number, line.at, [Rejected(line.problem, line.data)])
        else:
            yield Piece(line.number, line.at, [*session.receive(line.data, line.at).events])


def _look_into(path: Path) -> tuple[Market, list[str]] | None:
    """The market and the symbols that its first lines name."""
    symbols: dict[str, None] = {}
    market = None
    for line in capture.read(path):
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
