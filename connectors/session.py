"""The contract of a venue's session: pure, no socket, no clock.

Bytes and the time they came go in; events, and what to send or fetch next, come out. One loop
(``feed.py``) drives any session, and a capture file drives the very same session without one.
"""

from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from connectors.events import Event, GiveUp, Reconnect, Rejected, Slower
from schemas.records import FeedQuality


@dataclass(frozen=True, slots=True)
class Fetch:
    """An HTTP GET whose answer goes to ``answered``; ``weight`` counts against the venue's
    budget."""

    url: str
    weight: int = 1


@dataclass(frozen=True, slots=True)
class SendText:
    """A message for the WebSocket."""

    text: str


@dataclass(frozen=True, slots=True)
class Authenticate:
    """Say who we are; the loop knows the words (``Access.hello``), a session never does."""


Request: TypeAlias = Fetch | SendText | Authenticate | Reconnect | Slower | GiveUp


@dataclass(slots=True)
class Step:
    """What one input led to."""

    events: list[Event | Rejected] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)


POLL = "poll"


def polled(rest: str) -> str:
    """``Codec.url`` of a vendor that tells nothing by itself and is only asked."""
    return f"{POLL}:{rest}"


class Session(Protocol):
    """A venue's protocol on one line. Nothing that a venue sends makes it raise: what cannot be
    read becomes a ``Rejected`` with the original bytes."""

    @property
    def url(self) -> str:
        """Where the WebSocket is."""
        ...

    def connected(self, at: int) -> Step: ...
    def receive(self, data: bytes, at: int) -> Step: ...
    def answered(self, url: str, body: bytes, at: int) -> Step:
        """What a ``Fetch`` brought."""
        ...

    def disconnected(self, at: int, why: str) -> Step: ...
    def tick(self, now: int) -> Step:
        """Time-outs: stale feeds, snapshots that never came."""
        ...

    def bad_checksum(self, instrument: str, at: int) -> Step:
        """The book that was made of what came is not the venue's."""
        ...

    def quality(self, now: int, round_trip_ns: int) -> FeedQuality:
        """What was measured since the last call; ``round_trip_ns`` is 0 where it is not known."""
        ...
