"""Consolidated: the books of one thing on several venues → its best bid and offer over all of them.

Reads what the builders tell a basket of its members, in the order of the log. A venue whose book is
lost or whose trading stops leaves until its next book row; one whose book is silent for longer than
``stale_ns`` of event time leaves too, when any record of the basket shows that so much has passed.

Prices and sizes are brought to the largest scale that a member was seen with, exactly; a frame that
would not fit 64 bits then is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from schemas.enums import StatusKind
from schemas.frames import ConsolidatedFrame, Nbbo, TapeFrame
from schemas.records import Clock, Status
from streams import canonical
from streams.operator import Output, Refused
from streams.operators.market import nbbo
from streams.operators.market.book import read_only, read_only_section
from streams.operators.market.validate import MOST_DECIMALS

_LEAVES = (
    StatusKind.GAP,
    StatusKind.DISCONNECTED,
    StatusKind.CHECKSUM,
    StatusKind.CROSSED,
    StatusKind.AUCTION,
    StatusKind.HALTED,
    StatusKind.CLOSED,
)
_INT64 = 2**63 - 1


@dataclass(frozen=True, slots=True)
class ConsolidatedConfig:
    """``baskets``: name → members, in the order that breaks ties; an instrument is a member of
    one. ``levels`` merged a side; ``stale_ns`` of event time."""

    baskets: Mapping[str, tuple[str, ...]]
    levels: int
    stale_ns: int


class _Basket:
    """What the members show, at the basket's scales."""

    def __init__(self, members: int, levels: int) -> None:
        self.scales = (0, 0)
        self.state = nbbo.empty_state(members, levels)

    def rescale(self, scales: tuple[int, int]) -> None:
        """To scales that are no smaller; ``_fit`` has seen to it that everything fits."""
        if scales == self.scales:
            return
        price, size = (10 ** (new - old) for new, old in zip(scales, self.scales, strict=True))
        state, self.scales = self.state, scales
        state.price[:] *= price
        state.size[:] *= size
        state.top[:, nbbo.PRICE] *= price
        state.top[:, nbbo.SIZE] *= size


class Consolidated:
    """Operator: ``baskets`` → ``consolidated``."""

    def __init__(self, config: ConsolidatedConfig) -> None:
        self._config = config
        self._places = {
            name: (basket, number)
            for basket, members in config.baskets.items()
            for number, name in enumerate(members)
        }
        self._baskets: dict[str, _Basket] = {}

    def apply(self, message: Any) -> list[Output]:
        match message:
            case TapeFrame() if self._is_leg(message):
                return self._fold(message)
            case Status() if message.instrument in self._places:
                return self._status(message)
            case Clock() if message.key in self._config.baskets:
                return self._pass_time(message.key, message.ts_event, message.ts_event)
        return []

    def _is_leg(self, tape: TapeFrame) -> bool:
        """What groups are told of the same instrument is not the basket's."""
        basket, _ = self._places.get(tape.instrument, ("", 0))
        return bool(basket) and tape.basket in ("", basket)

    def _fold(self, tape: TapeFrame) -> list[Output]:
        name, venue = self._places[tape.instrument]
        at = self._baskets.get(name) or self._new(name)
        kinds, books = read_only(tape.kinds), read_only_section(tape.books)
        scales = _fit(tape, nbbo.largest(kinds, books), at)
        at.rescale(scales)
        self._baskets[name] = at
        out = nbbo.empty_rows(len(books.seq), self._config.levels)
        rows = np.empty(len(books.seq), np.int64)
        written = nbbo.fold(
            kinds,
            books,
            tape.levels,
            venue,
            (10 ** (scales[0] - tape.price_scale), 10 ** (scales[1] - tape.size_scale)),
            self._config.stale_ns,
            at.state,
            out,
            rows,
        )
        if not written:
            return []
        frame = self._frame(name, scales, out, written)
        return [Output("consolidated", name, frame, int(rows[written - 1]), rows[:written])]

    def _status(self, status: Status) -> list[Output]:
        name, venue = self._places[status.instrument]
        if status.kind in _LEAVES:
            nbbo.leave(self._of(name).state, venue)
        return self._pass_time(name, status.ts_event, status.ts_recv)

    def _pass_time(self, name: str, ts_event: int, ts_recv: int) -> list[Output]:
        at = self._of(name)
        out = nbbo.empty_rows(1, self._config.levels)
        if not nbbo.pass_time(ts_event, ts_recv, self._config.stale_ns, at.state, out, 0):
            return []
        return [Output("consolidated", name, self._frame(name, at.scales, out, 1))]

    def _of(self, name: str) -> _Basket:
        if name not in self._baskets:
            self._baskets[name] = self._new(name)
        return self._baskets[name]

    def _new(self, name: str) -> _Basket:
        return _Basket(len(self._config.baskets[name]), self._config.levels)

    def _frame(self, name: str, scales: tuple[int, int], out: Nbbo, rows: int) -> ConsolidatedFrame:
        levels, members = self._config.levels, self._config.baskets[name]
        columns = [*(c[:rows] for c in out[:7]), *(c[: rows * levels] for c in out[7:])]
        return ConsolidatedFrame(name, *scales, levels, members, Nbbo._make(columns))

    def snapshot(self) -> bytes:
        return canonical.pack(
            {
                name: {
                    "members": list(self._config.baskets[name]),
                    "scales": list(at.scales),
                    "state": list(at.state),
                }
                for name, at in self._baskets.items()
            }
        )

    def restore(self, state: bytes) -> None:
        """A basket whose members or levels were changed since starts empty: its venues come back
        with their next rows."""
        self._baskets = {}
        for name, packed in canonical.unpack(state).items():
            if tuple(packed["members"]) != self._config.baskets.get(name):
                continue
            at, found = self._new(name), nbbo.State(*packed["state"])
            if found.price.shape == at.state.price.shape:
                at.scales, at.state = tuple(packed["scales"]), found
                self._baskets[name] = at


def _fit(tape: TapeFrame, shown: tuple[int, int], at: _Basket) -> tuple[int, int]:
    """The basket's scales with this frame in it, whose largest price and size are ``shown``.
    Raises Refused where that cannot be."""
    scales = (tape.price_scale, tape.size_scale)
    if tape.levels < 1 or min(scales) < 0 or max(scales) > MOST_DECIMALS:
        raise Refused(
            f"{tape.instrument}: {tape.levels} levels and scales {scales}; a basket needs at least "
            f"one level and scales in 0 … {MOST_DECIMALS}"
        )
    if shown[0] < 0:
        raise Refused(
            f"{tape.instrument}: a book row with a negative time or size, or an implausible price "
            "or size; the frame is refused whole"
        )
    state = at.state
    held = int(np.abs(state.price).max()), int(state.size.max())
    price = _common(tape.instrument, "price", scales[0], shown[0], at.scales[0], held[0], _INT64)
    most = _INT64 // len(state.heard)  # sizes of all venues are added up
    size = _common(tape.instrument, "size", scales[1], shown[1], at.scales[1], held[1], most)
    return price, size


def _common(
    name: str, what: str, scale: int, shown: int, held_scale: int, held: int, most: int
) -> int:
    """The larger scale, if both largest values fit at it."""
    common = max(scale, held_scale)
    if max(shown * 10 ** (common - scale), held * 10 ** (common - held_scale)) > most:
        raise Refused(
            f"{name}: a {what} of the basket does not fit 64 bits with {common} decimals; take the "
            "member with so many out of the basket"
        )
    return common
