"""Strategies over several instruments: vectors and books of a group's members → what each wants.

What always holds:

- All members of a group stand in one order, under the group's key, so nothing is joined here. An
  instrument may be a member of many groups; a frame says which of them is told.
- Strategies do not see each other; one that fails is switched off in its group and told of in the
  dead letters, while the others go on.
- A strategy on vectors is called a moment at which all members have one (``alignment``), one on
  books a row of a member's book.
"""

from typing import Any

import numpy as np

from schemas.frames import FeatureFrame, TapeFrame
from schemas.inbox import Signal
from schemas.ledger import Decision, Fill, OrderUpdate
from schemas.records import Clock, Status
from streams import canonical
from streams.operator import Output
from streams.operators.execution import shown_book
from streams.operators.strategies.groups.alignment import Row
from streams.operators.strategies.groups.books import BookInstance
from streams.operators.strategies.groups.config import GroupConfig, GroupStrategiesConfig
from streams.operators.strategies.groups.instance import GroupInstance
from streams.operators.strategies.groups.kind import BOOKS
from streams.operators.strategies.instance import Fault
from streams.operators.strategies.strategies import columns_of, told

_TOPIC = "baskets"


class GroupStrategies:
    """Operator: ``baskets`` → signals on ``orders``, faults on ``dead-letters``."""

    def __init__(self, config: GroupStrategiesConfig) -> None:
        self._config = config
        self._groups: list[GroupInstance] = []
        self._books: list[BookInstance] = []
        self._begin()

    def _begin(self) -> None:
        by_books = [one for one in self._config.strategies if _looks_at_books(one)]
        by_vectors = [one for one in self._config.strategies if not _looks_at_books(one)]
        self._groups = [GroupInstance(one) for one in by_vectors]
        self._books = [BookInstance(one) for one in by_books]

    def apply(self, message: Any) -> list[Output]:
        match message:
            case FeatureFrame():
                return self._fold_vectors(message)
            case TapeFrame():
                return self._fold_books(message)
            case Fill() | OrderUpdate() | Decision():
                for one in self._all():
                    one.hear(message)
            case Clock():
                for one in self._all():
                    if one.group.group == message.key:
                        one.tick(message.ts_event)
            case Status():
                for book in self._books:
                    book.trouble(message.instrument, message.kind)
        return []

    def _fold_vectors(self, frame: FeatureFrame) -> list[Output]:
        there = [one for one in self._groups if _is_told(one.group, frame)]
        columns = [[at for _, at in _every(frame, one)] for one in there]
        vectors, scales = frame.vectors, (frame.price_scale, frame.size_scale)
        values = np.reshape(vectors.values, (len(frame), len(frame.names)))
        outputs: list[Output] = []
        for row in range(len(frame) if there else 0):
            bid, ask = int(vectors.bid[row]), int(vectors.ask[row])
            if not (bid and ask):
                continue
            ts, vector = int(vectors.ts_event[row]), values[row].tolist()
            for one, chosen in zip(there, columns, strict=True):
                at = Row(ts, bid, ask, *scales, [vector[n] for n in chosen])
                outputs += _outputs(one.step(frame.instrument, at), row)
        return outputs

    def _fold_books(self, tape: TapeFrame) -> list[Output]:
        there = [one for one in self._books if _is_told(one.group, tape)]
        if not there:
            return []
        shown_book.check(tape)
        return [
            output
            for row in range(len(tape.books.seq))
            for one in there
            for output in _outputs(one.step(tape, row), row)
        ]

    def snapshot(self) -> bytes:
        return canonical.pack({one.config.name: one.pack() for one in self._all()})

    def restore(self, state: bytes) -> None:
        packed = canonical.unpack(state)
        self._begin()
        for one in self._all():
            if one.config.name in packed:
                one.unpack(packed[one.config.name])

    def _all(self) -> list[GroupInstance | BookInstance]:
        return [*self._groups, *self._books]


def _looks_at_books(one: GroupConfig) -> bool:
    return one.config.kind.of == BOOKS


def _is_told(group: GroupConfig, frame: FeatureFrame | TapeFrame) -> bool:
    return frame.basket == group.group and frame.instrument in group.members


def _every(frame: FeatureFrame, one: GroupInstance) -> list[tuple[str, int]]:
    """(column, where) of what the strategy needs, by its order in the view."""
    found = dict(columns_of(frame, one.config))
    return [(column, found[column]) for column in one.config.columns.values()]


def _outputs(said: list[Signal] | Fault, row: int) -> list[Output]:
    if isinstance(said, Fault):
        return [told(said, _TOPIC, row)]
    return [Output("orders", signal.account, signal, row) for signal in said]
