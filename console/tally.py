"""What a run amounts to: records and hash of each topic, events, gaps, dead letters."""

import hashlib
from collections import Counter
from typing import Any

from schemas.codec import Message
from schemas.enums import StatusKind
from schemas.frames import MarketFrame, TapeFrame
from schemas.records import Status
from streams.log import LogRecord


class Tally:
    """A reader of the local host. ``events`` are the venue's trades, quotes and depth messages;
    ``levels`` the price levels in the latter."""

    def __init__(self) -> None:
        self.events = self.frames = self.levels = self.gaps = 0
        self.verified = self.failed = 0
        self.records: Counter[str] = Counter()
        self._hashes: dict[str, Any] = {}

    def __call__(self, record: LogRecord, message: Message) -> None:
        self.records[record.topic] += 1
        self._hashes.setdefault(record.topic, hashlib.sha256()).update(record.value)
        if isinstance(message, MarketFrame):
            self.events += len(message)
            self.frames += 1
            self.levels += len(message.depth.price)
        elif isinstance(message, TapeFrame):
            held = int((message.checks.stated == message.checks.computed).sum())
            self.verified += held
            self.failed += len(message.checks.seq) - held
        elif isinstance(message, Status) and record.topic == "tape":
            self.gaps += message.kind in (StatusKind.GAP, StatusKind.CROSSED)

    def facts(self, seconds: float) -> dict[str, Any]:
        """As ``replay --json`` prints them."""
        return {
            "events": self.events,
            "levels": self.levels,
            "frames": self.frames,
            "seconds": round(seconds, 6),
            "events_per_second": round(self.events / seconds, 1) if seconds else 0.0,
            "gaps": self.gaps,
            "checksums": {"verified": self.verified, "failed": self.failed},
            "dead_letters": self.records["dead-letters"],
            "topics": {
                topic: {"records": self.records[topic], "sha256": digest.hexdigest()}
                for topic, digest in sorted(self._hashes.items())
            },
        }
