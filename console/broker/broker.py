"""A broker that answers, and the way to let go of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, Self

Kind = Literal["kafka", "redpanda", "external"]


def leave_running() -> None:
    """What stopping means for a broker that somebody else started: nothing."""


@dataclass(frozen=True, slots=True)
class Broker:
    """A running broker; `stop` ends what `open_broker` started and may be called twice."""

    bootstrap: str
    kind: Kind
    stop: Callable[[], None] = field(default=leave_running, repr=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
