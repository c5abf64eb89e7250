"""What waits for one channel: grouped, written down before it is sent, kept until it is taken.

Pure: the time comes in, the next message goes out. What always holds:

- The first alert of a group is sent at once; those that follow it within ``every_ns`` are counted
  and told together ("12 more of these").
- A message is frozen before it is first sent. Sent again after a failure or a restart it has the
  same key and the same words, and what came meanwhile waits for the next one.
- Nothing leaves but what the channel took.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from sinks.alerts.alert import Alert, Message, Severity


@dataclass(frozen=True, slots=True)
class Policy:
    """``every_ns``: between two messages of a group; ``per_minute``: most messages of a channel;
    retries double their delay from ``first_retry_ns`` to ``longest_retry_ns``."""

    severity: Severity = Severity.WARNING
    every_ns: int = 300 * 10**9
    per_minute: int = 20
    first_retry_ns: int = 10**9
    longest_retry_ns: int = 300 * 10**9

    def delay_ns(self, failures: int) -> int:
        """Before trying again after so many failures in a row, from one."""
        doubled: int = self.first_retry_ns * 2 ** min(failures - 1, 30)
        return min(doubled, self.longest_retry_ns)


@dataclass(slots=True)
class _Group:
    """Alerts that no message holds yet; ``follows``: the first of them was told already."""

    first: Alert
    last: Alert
    size: int
    follows: bool


@dataclass(slots=True)
class _Frozen:
    """A message on its way, how often it was refused, and not before when it is tried again."""

    message: Message
    refusals: int = 0
    after_ns: int = 0


class Outbox:
    """Of one channel and one partition of the log."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._groups: dict[str, _Group] = {}
        self._frozen: dict[str, _Frozen] = {}
        self._told_ns: dict[str, int] = {}  # group → when its last message was frozen

    def __len__(self) -> int:
        """Messages that wait."""
        return len(self._frozen) + len(self._groups)

    def add(self, alert: Alert) -> None:
        """Keeps an alert, if it matters enough to this channel."""
        if alert.severity < self._policy.severity:
            return
        group = self._groups.get(alert.group)
        if group is None:
            follows = alert.group in self._told_ns
            self._groups[alert.group] = _Group(alert, alert, 1, follows)
        else:
            group.last, group.size = alert, group.size + 1

    def freeze(self, now_ns: int) -> bool:
        """Makes a message of the group that waits longest, if one is due and none waits before
        it; whether it did, so that it is written down before it is sent."""
        if self.next(now_ns) is not None:
            return False
        self._forget(now_ns)
        for name, group in self._groups.items():
            if self._is_due(name, now_ns):
                message = _message(group)
                del self._groups[name]
                self._frozen[message.key] = _Frozen(message)
                self._told_ns[name] = now_ns
                return True
        return False

    def _is_due(self, group: str, now_ns: int) -> bool:
        """A time in the future was written before the clock was set back: it holds up nothing."""
        told = self._told_ns.get(group)
        return told is None or not 0 <= now_ns - told < self._policy.every_ns

    def next(self, now_ns: int) -> Message | None:
        """The frozen message to send now."""
        for frozen in self._frozen.values():
            wait = frozen.after_ns - now_ns
            if wait <= 0 or wait > self._policy.longest_retry_ns:
                return frozen.message
        return None

    def taken(self, key: str) -> None:
        """The channel has it."""
        self._frozen.pop(key, None)

    def refused(self, key: str, now_ns: int) -> None:
        """The channel works, but does not take this message: others go first."""
        if frozen := self._frozen.get(key):
            frozen.refusals += 1
            frozen.after_ns = now_ns + self._policy.delay_ns(frozen.refusals)

    def _forget(self, now_ns: int) -> None:
        """Groups that were quiet for long enough begin anew."""
        for name in list(self._told_ns):
            if name not in self._groups and self._is_due(name, now_ns):
                del self._told_ns[name]

    def pack(self) -> dict[str, Any]:
        return {
            "groups": {
                name: [g.first.pack(), g.last.pack(), g.size, g.follows]
                for name, g in self._groups.items()
            },
            "frozen": [[f.message.pack(), f.refusals, f.after_ns] for f in self._frozen.values()],
            "told_ns": dict(self._told_ns),
        }

    def unpack(self, packed: dict[str, Any]) -> None:
        self._groups = {
            name: _Group(Alert.unpack(first), Alert.unpack(last), size, follows)
            for name, (first, last, size, follows) in packed["groups"].items()
        }
        frozen = [_Frozen(Message.unpack(m), n, after) for m, n, after in packed["frozen"]]
        self._frozen = {f.message.key: f for f in frozen}
        self._told_ns = dict(packed["told_ns"])


def _message(group: _Group) -> Message:
    """One alert as it is; many by the first and the last of them and their number."""
    first, last, size = group.first, group.last, group.size
    text = first.text
    if group.follows:
        text = f"{size} more of these; the last: {last.text}"
    elif size > 1:
        text = f"{first.text}\n{size - 1} more of these; the last: {last.text}"
    digest = hashlib.sha256(f"{first.key}|{last.key}|{size}".encode()).hexdigest()[:24]
    return Message(digest, first.severity, first.title, text, first.account, last.ts_event, size)
