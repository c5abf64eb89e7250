"""What a strategy has in one instrument: what it wanted, what it holds, what it remembers."""

import math
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from streams.operators.strategies.between import Between, unpacked
from streams.operators.strategies.ring import Ring
from streams.operators.strategies.sizing.meter import Meter


@dataclass(slots=True)
class Place:
    """``direction`` and ``target`` (scaled) were wanted last, since ``since`` at mid ``entry``.
    ``named``: time and number of the last signal. ``position``: filled, in units; ``heard`` is what
    came since the last clock record. ``quotes``: side → signal, price, size and whether the gate
    told of it. ``working``: signal of a quote that has not ended, wanted or not → units, signed.
    ``blocks``: market or feed → what stops it. ``disclosed``: what others did, not yet shown;
    ``others``: account that it follows → units held by its fills. ``fault``: why it was switched
    off. ``between``: what it keeps between vectors, if it looks then."""

    own: Any
    ring: Ring
    meter: Meter
    direction: float = 0.0
    target: int = 0
    since: int = 0
    entry: float = math.nan
    named: list[int] = field(default_factory=lambda: [0, 0])
    position: Decimal = Decimal(0)
    heard: list[list[Any]] = field(default_factory=list)
    quotes: dict[str, list[Any]] = field(default_factory=dict)
    working: dict[str, Decimal] = field(default_factory=dict)
    blocks: dict[str, str] = field(default_factory=dict)
    disclosed: list[dict[str, Any]] = field(default_factory=list)
    others: dict[str, Decimal] = field(default_factory=dict)
    fault: str = ""
    between: Between | None = None

    def pack(self) -> dict[str, Any]:
        return {
            "own": asdict(self.own),
            "ring": self.ring.pack(),
            "meter": self.meter.pack(),
            **{name: getattr(self, name) for name in _PLAIN},
            **({"between": self.between.pack()} if self.between else {}),
        }

    def unpack(self, packed: dict[str, Any], fault_stands: bool) -> None:
        """A state of another shape, of a strategy that was rewritten, begins anew."""
        if packed["own"].keys() == asdict(self.own).keys():
            self.own = type(self.own)(**packed["own"])
        if self.ring.fits(packed["ring"]):
            self.ring.unpack(packed["ring"])
        self.meter.unpack(packed["meter"])
        for name in _PLAIN:
            setattr(self, name, packed[name])
        if self.between and "between" in packed:
            self.between = unpacked(packed["between"])
        if not fault_stands:
            self.fault = ""


_PLAIN = (
    *("direction", "target", "since", "entry", "named", "position", "heard", "quotes"),
    *("working", "blocks", "disclosed", "others", "fault"),
)
