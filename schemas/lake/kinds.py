"""The kinds of rows that a lake holds, with their columns: those of the frames' sections.

Besides them each row says where it came from: ``source`` indexes the manifest's sources, and
``offset``, ``index`` and ``row`` are the cause of its record and its place in that record's frame.
They order the rows of one source as they came, so a lake gives back what it was given.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from schemas import catalog
from schemas.frames import CHECKSUM, DEPTH, ORDER, QUOTE, TRADE

ORIGIN = {"source": "<u2", "offset": "<i8", "index": "<i4", "row": "<i4"}
LEVELS = ("price", "size")  # of a depth message: lists
TEXT = "text"


@dataclass(frozen=True, slots=True)
class Kind:
    """``columns`` name → dtype, or ``text``. ``event`` is the time by which a row belongs to a day
    and stands in its file, ``seq`` the column after it, empty without one. ``code`` is the frame's
    word for it, 0 for what no market frame carries. (``agg_trades``, several fills of one order in
    one row as Binance gives them, stand in for trades on days that have none.) ``prices`` and
    ``sizes`` are scaled."""

    name: str
    code: int
    columns: Mapping[str, str]
    seq: str
    prices: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    event: str = "ts_event"

    @property
    def every(self) -> dict[str, str]:
        """Its own columns and the origin's."""
        return {**self.columns, **ORIGIN}

    @property
    def has_levels(self) -> bool:
        return self.code == DEPTH

    @property
    def received(self) -> str:
        """The column by which rows of several sources come one after the other."""
        return "ts_recv" if "ts_recv" in self.columns else "ts_close"


def _section(schema: str, name: str) -> dict[str, str]:
    """A frame's columns as its schema declares them."""
    fields: list[dict[str, Any]] = catalog.load(schema)["fields"]
    section = next(field["type"] for field in fields if field["name"] == name)
    return {f["name"]: np.dtype(f["type"]["dtype"]).str for f in section["fields"]}


_ONE = (("price",), ("size",))
_STATUS = {"ts_event": "<i8", "ts_recv": "<i8", "kind": TEXT, "detail": TEXT}

KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "trades", TRADE, _section("market_frame", "trades"), "trade_id", ("price",), ("size",)
        ),
        Kind("agg_trades", TRADE, _section("market_frame", "trades"), "trade_id", *_ONE),
        Kind(
            "quotes",
            QUOTE,
            _section("market_frame", "quotes"),
            "seq",
            ("bid", "ask"),
            ("bid_size", "ask_size"),
        ),
        Kind("depth", DEPTH, _section("market_frame", "depth"), "seq", *_ONE),
        Kind("orders", ORDER, _section("market_frame", "orders"), "seq", *_ONE),
        Kind("checksums", CHECKSUM, _section("market_frame", "checksums"), "seq"),
        Kind(
            "bars",
            0,
            _section("tape_frame", "bars") | {"spec": TEXT},
            "ts_close",
            ("open", "high", "low", "close"),
            ("volume", "buy_volume", "sell_volume"),
            "ts_open",
        ),
        Kind("statuses", 0, _STATUS, ""),
    )
}
SECTIONS = {kind.name: kind for kind in KINDS.values() if kind.code and kind.name != "agg_trades"}
