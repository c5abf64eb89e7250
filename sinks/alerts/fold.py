"""One partition of the log → alerts in the outboxes of all channels; with a snapshot that holds
offset, causes, rules' memory and what is not delivered yet, all of one moment.

A restarted worker sends the same records again with the same causes: they are dropped here, so
nobody is told twice.
"""

from typing import Any

from schemas.records import Snapshot
from sinks.alerts.alert import Alert
from sinks.alerts.outbox import Outbox, Policy
from sinks.alerts.rules import Rule, Rules
from streams import canonical
from streams.cause import Taken
from streams.log import LogRecord

STAGE = "alerts"


def state_topic(topic: str) -> str:
    """Where the snapshots of a topic's partitions are kept."""
    return f"{STAGE}.{topic}.state"


class AlertFold:
    """``outboxes``: by channel. A channel that is new begins with nothing to tell."""

    def __init__(
        self, partition: int, rules: tuple[Rule, ...], policies: dict[str, Policy], first: int
    ) -> None:
        self.partition, self.next_offset = partition, first
        self._rules, self._taken = Rules(rules), Taken()
        self.outboxes = {name: Outbox(policy) for name, policy in policies.items()}

    def take(self, record: LogRecord, message: Any) -> list[Alert]:
        """The alerts of a record; none where its cause is known."""
        self.next_offset = record.offset + 1
        if not self._taken.is_new(record.cause):
            return []
        alerts = self._rules.judge(message, _name(record))
        for alert in alerts:
            self.tell(alert)
        return alerts

    def tell(self, alert: Alert) -> None:
        for outbox in self.outboxes.values():
            outbox.add(alert)

    def snapshot(self) -> Snapshot:
        state = {
            "beyond": self._rules.beyond,
            "outboxes": {name: box.pack() for name, box in self.outboxes.items()},
        }
        return Snapshot(
            STAGE, self.partition, self.next_offset, self._taken.as_map(), canonical.pack(state)
        )

    def restore(self, snapshot: Snapshot) -> None:
        state = canonical.unpack(snapshot.state)
        self.next_offset, self._taken = snapshot.next_offset, Taken(snapshot.causes)
        self._rules.beyond = dict(state["beyond"])
        for name, packed in state["outboxes"].items():
            if name in self.outboxes:
                self.outboxes[name].unpack(packed)


def _name(record: LogRecord) -> str:
    """The same for the same record, wherever it lies; of one without a cause, where it lies."""
    if record.cause is None:
        return f"{record.topic}/{record.partition}@{record.offset}"
    cause = record.cause
    return f"{cause.writer}@{cause.source}@{cause.offset}.{cause.index}"
