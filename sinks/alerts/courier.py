"""One channel at work: a message at a time, on a thread of its own, so that a slow channel holds
up no other and nobody waits for it.

Its pace is kept here: messages a minute, and the pause after a failure.
"""

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

from sinks.alerts.alert import Message
from sinks.alerts.channel import Channel, Failed, Unacceptable

MINUTE_NS = 60 * 10**9


class Done(NamedTuple):
    """What came of a message of the outbox at ``place``; ``failure``: None when it was taken."""

    place: tuple[str, int]
    message: Message
    failure: Failed | None

    @property
    def unacceptable(self) -> bool:
        """Whether the message was refused, and not the channel away."""
        return isinstance(self.failure, Unacceptable)


class Courier:
    """``now_ns`` is monotonic: no change of the clock makes a channel wait."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"alerts-{channel.name}")
        self._under_way: tuple[tuple[str, int], Message, Future[None]] | None = None
        self._sent_ns: deque[int] = deque()
        self._failures = 0
        self._pause_until_ns = 0
        self.failing = ""

    @property
    def busy(self) -> bool:
        return self._under_way is not None

    def ready(self, now_ns: int) -> bool:
        """Whether a message may go now."""
        while self._sent_ns and now_ns - self._sent_ns[0] >= MINUTE_NS:
            self._sent_ns.popleft()
        calm = len(self._sent_ns) < self.channel.policy.per_minute
        return not self.busy and calm and now_ns >= self._pause_until_ns

    def send(self, place: tuple[str, int], message: Message, now_ns: int) -> None:
        self._sent_ns.append(now_ns)
        self._under_way = place, message, self._thread.submit(self.channel.send, message)

    def done(self, now_ns: int) -> Done | None:
        """What came of the message under way, once it is known."""
        if self._under_way is None or not self._under_way[2].done():
            return None
        place, message, future = self._under_way
        self._under_way = None
        error = future.exception()
        if error is not None and not isinstance(error, Failed):
            raise error
        self._note(error, now_ns)
        return Done(place, message, error)

    def _note(self, failure: Failed | None, now_ns: int) -> None:
        self.failing = str(failure) if failure else ""
        if failure is None or isinstance(failure, Unacceptable):
            self._failures = 0
            return
        self._failures += 1
        asked = int(failure.retry_after_s * 1e9)
        self._pause_until_ns = now_ns + max(asked, self.channel.policy.delay_ns(self._failures))

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)
