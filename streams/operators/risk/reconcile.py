"""Our books beside the venue's: what differs is found, told, and settled by rules.

A host writes what the venue holds between the beginning and the end of a reconciliation: each
order as a STATUS report, each fill as a TRADE named by the venue's id (so that one that came
before is not booked again), each position. At the end:

- an order of the venue's that we never sent was adopted (or is cancelled) when its report came
- an order of ours that the venue does not have is at its end; nothing sent after the cut-off
  counts, and nothing whose approval had not reached the host
- a position of which we know no fill is taken over, at the venue's average price
- any other difference of a position stops opening orders until a person has looked; while it stays
  the same it is not told again, whatever is traded
- a spot exchange knows no positions: there the balances of what we trade are compared with them
- money that differs from what our books expect is taken over as the venue has it (``balances``)

What was told once is not told again until it changes, and what it changes is changed once: a second
reconciliation of the same state does nothing.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from schemas.enums import Holds
from schemas.inbox import VenuePosition

BREAKER = "reconciliation"


@dataclass(slots=True)
class Told:
    """What the venue has said since the reconciliation began; ``cutoff_ns``: it may not know what
    we did later; ``approved_ns``: nor what we approved later."""

    batch: str
    venue: str
    cutoff_ns: int
    holds: Holds = Holds.UNKNOWN
    approved_ns: int = 2**63 - 1
    orders: list[str] = field(default_factory=list)
    positions: dict[str, tuple[int, int, Decimal]] = field(default_factory=dict)
    balances: dict[str, Decimal] = field(default_factory=dict)

    def take(self, position: VenuePosition) -> None:
        entry = position.quantity, position.size_scale, position.avg_price
        self.positions[position.instrument] = entry

    def pack(self) -> dict[str, Any]:
        packed = {name: getattr(self, name) for name in self.__slots__}
        packed["holds"] = str(self.holds)
        packed["positions"] = {name: list(value) for name, value in self.positions.items()}
        return packed

    @classmethod
    def unpack(cls, packed: dict[str, Any] | None) -> "Told | None":
        if packed is None:
            return None
        positions = {
            n: (size, scale, price) for n, (size, scale, price) in packed["positions"].items()
        }
        holds = Holds(packed["holds"])
        return cls(**{**packed, "positions": positions, "holds": holds})
