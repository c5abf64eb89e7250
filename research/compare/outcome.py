"""What became of an order, from a venue's reports: a live venue's or the paper venue's."""

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from schemas.enums import ExecType, OrdStatus
from schemas.inbox import ExecutionReport
from streams.operators.risk import lifecycle
from streams.operators.risk.money import scaled

_NO_ANSWER = (ExecType.PENDING_NEW, ExecType.REJECTED, ExecType.STATUS)


@dataclass(slots=True)
class Outcome:
    """``size`` is scaled, as asked, and as changed since; ``trades`` by the venue's id, without
    those it took back; ``answers`` are (kind, time) of all reports, each told once."""

    size: int
    status: OrdStatus = OrdStatus.PENDING_NEW
    ended_ns: int | None = None
    text: str = ""
    trades: dict[str, ExecutionReport] = field(default_factory=dict)
    answers: list[tuple[ExecType, int]] = field(default_factory=list)
    _told: set[str] = field(default_factory=set)

    def take(self, report: ExecutionReport) -> None:
        """What comes twice changes nothing."""
        if report.exec_type is ExecType.STATUS:
            self._listed(report)
            return
        if report.exec_id in self._told:
            return
        self._told.add(report.exec_id)
        self.answers.append((report.exec_type, report.ts_event))
        self._trade(report)
        if report.exec_type is ExecType.REPLACED:
            self.size = report.cum_size + report.leaves_size
        status = lifecycle.after(self.status, report.exec_type, self.cum, self.size)
        self._become(status, report)

    def _trade(self, report: ExecutionReport) -> None:
        if report.exec_type in (ExecType.TRADE_CANCEL, ExecType.TRADE_CORRECT):
            self.trades.pop(report.ref_exec_id, None)
        if report.exec_type in (ExecType.TRADE, ExecType.TRADE_CORRECT):
            self.trades[report.exec_id] = report

    def _listed(self, report: ExecutionReport) -> None:
        """A reconciliation's list: an end that was missed is taken over."""
        if report.ord_status in lifecycle.ENDED and report.cum_size <= self.cum:
            self._become(report.ord_status, report)

    def _become(self, status: OrdStatus, report: ExecutionReport) -> None:
        if self.status not in lifecycle.ENDED and status in lifecycle.ENDED:
            self.ended_ns, self.text = report.ts_event, report.text
        self.status = status

    @property
    def cum(self) -> int:
        """Scaled size that is filled."""
        return sum(trade.last_size for trade in self.trades.values())

    @property
    def acked_ns(self) -> int | None:
        """When the venue took the order: NEW, or the first word of another kind where it skips
        that; None where it never took it."""
        words = [at for at in self.answers if at[0] not in _NO_ANSWER]
        return next(
            (ts for kind, ts in words if kind is ExecType.NEW), words[0][1] if words else None
        )

    @property
    def paid(self) -> Decimal:
        """Sum of price times size."""
        return sum((price_of(t) * size_of(t) for t in self.trades.values()), Decimal(0))


def price_of(trade: ExecutionReport) -> Decimal:
    return scaled(trade.last_price, trade.price_scale)


def size_of(trade: ExecutionReport) -> Decimal:
    return scaled(trade.last_size, trade.size_scale)


def apart(one: Outcome, other: Outcome, size: int, until_ns: int) -> float:
    """By how many seconds two outcomes differ for a unit of the order, on average: the area
    between their filled sizes over time, by the order's size. What one of them never fills counts
    up to ``until_ns``."""
    changes = [(min(t.ts_event, until_ns), t.last_size) for t in one.trades.values()]
    changes += [(min(t.ts_event, until_ns), -t.last_size) for t in other.trades.values()]
    area, ahead, since = 0, 0, 0
    for ts, change in sorted(changes):
        area += abs(ahead) * (ts - since)
        ahead, since = ahead + change, ts
    area += abs(ahead) * (until_ns - since) if changes else 0
    return float(Fraction(area, max(size, 1) * 10**9))
