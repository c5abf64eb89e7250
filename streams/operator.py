"""The contract of every operator: a pure fold over one topic partition.

    state, outputs = operator(state, record)

An operator reads no clock, environment, network or random source, and never mutates its input.
It checks a record before it touches its state, so a refused record leaves no trace. A host feeds
it, sends its outputs on and keeps its snapshots; nothing here knows which host that is.
"""

from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from schemas.codec import Message


class Refused(ValueError):
    """A record that cannot be folded: what is wrong with it, and what to do. It goes to the
    dead letters; the stream goes on."""


class Output(NamedTuple):
    """``message`` for ``topic`` under ``key``; ``event`` is the row of the input frame whose
    event caused it (the last one, for a frame), 0 where the input is a plain record. For a
    frame, ``rows`` says which input row each of its rows came from, so a host may cut it."""

    topic: str
    key: str
    message: Message
    event: int = 0
    rows: npt.NDArray[np.int64] | None = None


class Operator(Protocol):
    """One instance folds one partition, whatever number of keys lie in it."""

    def apply(self, message: Message) -> list[Output]:
        """Folds a message; its outputs, in the order of the events that caused them.
        Raises Refused, with the state untouched, when the message cannot be folded."""
        ...

    def snapshot(self) -> bytes:
        """The state as canonical bytes: equal states give equal bytes."""
        ...

    def restore(self, state: bytes) -> None:
        """Takes up the state of a snapshot."""
        ...
