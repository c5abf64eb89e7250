"""What a strategy did, in numbers: a fold over signals, fills and positions. Pure."""

from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from console.stats import Stats, scaled
from console.times import show_ns
from schemas.codec import Message
from schemas.inbox import OrderCommand, Signal
from schemas.ledger import Decision, Fill
from schemas.records import DeadLetter
from streams.log import LogRecord

_SHOWN = 5


@dataclass(slots=True)
class Outcome:
    """Money in quote currency. ``won`` and ``lost`` count fills that closed something."""

    signals: int = 0
    commands: int = 0
    refused: int = 0
    fills: int = 0
    won: int = 0
    lost: int = 0
    turnover: Decimal = Decimal(0)
    fees: Decimal = Decimal(0)
    realised: Decimal = Decimal(0)
    faults: list[str] = field(default_factory=list)
    last: deque[tuple[str, str]] = field(default_factory=lambda: deque(maxlen=_SHOWN))

    def take(self, record: LogRecord, message: Message) -> None:
        """A record of any topic."""
        match message:
            case Signal() if record.topic == "orders":
                self._signal(message)
            case OrderCommand() if record.topic == "orders":
                self.commands += 1
            case Decision() if record.topic == "ledger":
                self.refused += not message.approved
            case Fill() if record.topic == "ledger":
                self._fill(message)
            case DeadLetter():
                self.faults.append(message.error)

    def _signal(self, signal: Signal) -> None:
        self.signals += 1
        wants = f"{signal.side} {scaled(signal.size, signal.size_scale)}"
        if signal.target is not None:
            wants = f"wants {scaled(signal.target, signal.size_scale)}"
        saw = ", ".join(f"{name}={value:.6g}" for name, value in signal.features.items())
        at = show_ns(signal.ts_event)
        self.last.append((signal.signal_id, f"{at} {wants}: {signal.reason} ({saw})"))

    def _fill(self, fill: Fill) -> None:
        notional = Decimal(fill.price * fill.size).scaleb(-fill.price_scale - fill.size_scale)
        self.fills += 1
        self.turnover += abs(notional)
        self.fees += fill.fee
        self.realised += fill.realised_pnl
        self.won += fill.realised_pnl > 0
        self.lost += fill.realised_pnl < 0

    def facts(self, stats: Stats) -> dict[str, Any]:
        """As ``strategy run --json`` prints them."""
        closed = self.won + self.lost
        return {
            "signals": self.signals,
            "commands": self.commands,
            "refused": self.refused,
            "fills": self.fills,
            "turnover": _money(self.turnover),
            "fees": _money(self.fees),
            "pnl_realised": _money(self.realised),
            "pnl_after_fees": _money(stats.pnl()),
            "hit_rate": round(self.won / closed, 4) if closed else None,
            "positions": {
                name: _money(p.realised_pnl + p.unrealised_pnl - p.fees)
                for name, p in stats.positions.items()
            },
            "last_signals": dict(self.last),
            "faults": list(dict.fromkeys(self.faults)),
        }


def _money(value: Decimal) -> str:
    return f"{value:.2f}"
