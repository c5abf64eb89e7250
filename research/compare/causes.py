"""Why an order came out differently: the difference taken apart, so that the parts add up.

All differences are live less paper, in P&L and in filled size. With P(x) an order's P&L before
fees in replay x, and F its fees by the schedule of the configured paper venue:

- latency: the replay with the latency that each message had live, less the configured one
- missing data: where the recording was blind while the order was at work, or has a live fill at a
  price that it never showed, all that is left after latency and fees: no replay can be trusted
- queue: elsewhere, the replay with the queue model that comes nearest to the order's live fills
  (``apart``), less the configured model; nothing where none comes nearer
- fee: what the schedule asks for the live fills, less what the venue took for them
- remainder: what none of these explains: hidden size, our own impact, rules of the venue, chance

latency + queue + missing data + remainder is P&L and fees of the live fills, by one schedule, less
those of the replay; with the fee that is the whole. It is a path: another order of the steps would
give other parts. Latency comes first as it is measured, not guessed; the queue is fitted to each
order, so its part says what another place in the queue can explain, not that it was there.
"""

from dataclasses import dataclass, fields
from decimal import Decimal

from research.compare.money import Worth
from research.compare.outcome import Outcome, apart
from research.compare.session import Asked
from streams.operators.risk.money import ZERO

CAUSES = ("latency", "queue", "fee", "missing_data", "remainder")


@dataclass(frozen=True, slots=True)
class Parts:
    """A difference by cause; they add up to it exactly."""

    latency: Decimal = ZERO
    queue: Decimal = ZERO
    fee: Decimal = ZERO
    missing_data: Decimal = ZERO
    remainder: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        return sum((getattr(self, f.name) for f in fields(self)), ZERO)

    def __add__(self, other: "Parts") -> "Parts":
        return Parts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def largest(self) -> str:
        """The cause of most of it; empty where nothing differs."""
        name = max(CAUSES, key=lambda cause: abs(getattr(self, cause)))
        return name if getattr(self, name) else ""


@dataclass(frozen=True, slots=True)
class Replayed:
    """An order in one replay; ``scheduled``: its fees by the configured schedule."""

    outcome: Outcome
    worth: Worth
    scheduled: Decimal


@dataclass(frozen=True, slots=True)
class Explained:
    """``nearest``: the queue model that came closest; ``why_missing``: empty where the market was
    known."""

    pnl: Parts
    filled: Parts
    nearest: str
    why_missing: str

    @property
    def main(self) -> str:
        return self.pnl.largest() or self.filled.largest()


def explain(
    asked: Asked,
    live: Replayed,
    configured: Replayed,
    delayed: Replayed,
    by_model: dict[str, Replayed],
    why_missing: str,
    until_ns: int,
) -> Explained:
    """``delayed``: the configured venue with the live latency; ``by_model``: the same with each
    queue model, the configured one among them."""
    nearest, best = _nearest(asked, live, delayed, by_model, until_ns)
    money = [_value(replay) for replay in (configured, delayed, best, live)]
    sizes = [replay.worth.filled for replay in (configured, delayed, best, live)]
    fee = live.scheduled - live.worth.fees
    known = not why_missing
    return Explained(
        _parts(money, fee, known), _parts(sizes, ZERO, known), nearest if known else "", why_missing
    )


def _nearest(
    asked: Asked,
    live: Replayed,
    delayed: Replayed,
    by_model: dict[str, Replayed],
    until_ns: int,
) -> tuple[str, Replayed]:
    size = asked.order.size
    nearest, best, least = "", delayed, apart(live.outcome, delayed.outcome, size, until_ns)
    for name, replay in by_model.items():
        distance = apart(live.outcome, replay.outcome, size, until_ns)
        if distance < least:
            nearest, best, least = name, replay, distance
    return nearest, best


def _value(replay: Replayed) -> Decimal:
    """P&L after fees by the one schedule."""
    return replay.worth.gross - replay.scheduled


def _parts(steps: list[Decimal], fee: Decimal, known: bool) -> Parts:
    configured, delayed, best, live = steps
    if not known:
        return Parts(delayed - configured, ZERO, fee, live - delayed)
    return Parts(delayed - configured, best - delayed, fee, ZERO, live - best)
