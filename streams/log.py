"""The log as its writers and readers see it, whatever broker is behind it."""

from typing import NamedTuple, Protocol

from streams.cause import Cause


class LogRecord(NamedTuple):
    """A record as it lies in a topic partition."""

    topic: str
    partition: int
    offset: int
    key: str
    value: bytes
    cause: Cause | None


class Writer(Protocol):
    """Appends to topics. ``send`` only queues; after ``flush`` everything sent is in the log,
    or LogError says what is not."""

    def send(self, topic: str, key: str, value: bytes, cause: Cause) -> None: ...
    def flush(self) -> None: ...


class LogError(Exception):
    """The broker did not take, or did not give, what was asked: what, where, what to do."""
