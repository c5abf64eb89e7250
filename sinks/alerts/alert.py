"""What people are told: an alert, and the message that one or many of them become."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any


class Severity(IntEnum):
    """How much it matters; a channel takes what matters at least as much as it says."""

    INFO = 1
    WARNING = 2
    CRITICAL = 3

    @property
    def word(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Alert:
    """``key`` is a function of what caused it: the same record again is the same alert. Alerts of
    one ``group`` are alike enough to be counted instead of told one by one."""

    key: str
    group: str
    severity: Severity
    title: str
    text: str
    account: str
    ts_event: int

    def pack(self) -> list[Any]:
        return [getattr(self, name) for name in self.__slots__]

    @classmethod
    def unpack(cls, packed: list[Any]) -> "Alert":
        key, group, severity, *rest = packed
        return cls(key, group, Severity(severity), *rest)


@dataclass(frozen=True, slots=True)
class Message:
    """What a channel delivers. Sent again, it has the same ``key`` and says the same, so that a
    receiver can drop what it has. ``count``: how many alerts it stands for."""

    key: str
    severity: Severity
    title: str
    text: str
    account: str
    ts_event: int
    count: int

    def pack(self) -> list[Any]:
        return [getattr(self, name) for name in self.__slots__]

    @classmethod
    def unpack(cls, packed: list[Any]) -> "Message":
        key, severity, *rest = packed
        return cls(key, Severity(severity), *rest)
