"""EMA crossover, gated by the model.

When the fast EMA rises above the slow one the strategy wants to be long, when it falls below,
short (or flat where ``allow_short`` is false). It opens a position only if the model agrees:
p_up >= threshold for long, p_up <= 1 - threshold for short; otherwise, and while the model warms
up, the cross only closes what is open. It says which *position* it wants; the risk gate makes
the order that is missing, so a refused or partly filled order never leaves the two apart.
"""

import math
from dataclasses import dataclass
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any

from schemas.enums import OrdType, Side, TimeInForce
from schemas.frames import FeatureFrame
from schemas.inbox import Signal
from streams import canonical
from streams.operator import Output

NAME = "ema_cross"


@dataclass(frozen=True, slots=True)
class EmaCrossConfig:
    """``instruments`` are patterns such as ``SIM:*``; ``notional`` in quote currency sizes a
    position at the mid; ``threshold`` is a probability."""

    account: str
    instruments: tuple[str, ...]
    notional: Decimal
    threshold: float
    allow_short: bool


class EmaCross:
    """Operator: ``features`` → signals on ``orders``."""

    def __init__(self, config: EmaCrossConfig) -> None:
        self._config = config
        self._sides: dict[str, int] = {}  # sign of ema_fast - ema_slow last seen
        self._wanted: dict[str, int] = {}  # sign of the position wanted last

    def apply(self, message: Any) -> list[Output]:
        if not isinstance(message, FeatureFrame) or not self._trades(message.instrument):
            return []
        names, k = message.names, len(message.names)
        spread, p_up = names.index("ema_spread"), names.index("p_up")
        values = message.vectors.values
        outputs = []
        for row in range(len(message)):
            signal = self._step(
                message, row, float(values[row * k + spread]), float(values[row * k + p_up])
            )
            if signal:
                outputs.append(Output("orders", signal.account, signal, row))
        return outputs

    def _step(self, frame: FeatureFrame, row: int, spread: float, p_up: float) -> Signal | None:
        bid, ask = int(frame.vectors.bid[row]), int(frame.vectors.ask[row])
        if math.isnan(spread) or spread == 0 or not (bid and ask):
            return None
        side = 1 if spread > 0 else -1
        before = self._sides.get(frame.instrument)
        self._sides[frame.instrument] = side
        if before is None or side == before:
            return None
        wanted = side if self._agrees(side, p_up) else 0
        if wanted == self._wanted.get(frame.instrument, 0):
            return None
        self._wanted[frame.instrument] = wanted
        return self._signal(frame, row, wanted, side, p_up)

    def _trades(self, instrument: str) -> bool:
        return any(fnmatchcase(instrument, pattern) for pattern in self._config.instruments)

    def _agrees(self, side: int, p_up: float) -> bool:
        if math.isnan(p_up) or (side < 0 and not self._config.allow_short):
            return False
        return (p_up if side > 0 else 1 - p_up) >= self._config.threshold

    def _signal(self, frame: FeatureFrame, row: int, wanted: int, side: int, p_up: float) -> Signal:
        config, name, ts = self._config, frame.instrument, int(frame.vectors.ts_event[row])
        mid = Decimal(int(frame.vectors.bid[row]) + int(frame.vectors.ask[row])) / 2
        scales = frame.price_scale + frame.size_scale
        unit = int((config.notional.scaleb(scales) / mid).to_integral_value())
        return Signal(
            account=config.account,
            strategy=NAME,
            signal_id=f"{NAME}-{name}-{ts}",
            instrument=name,
            ts_event=ts,
            side=Side.BUY if side > 0 else Side.SELL,
            ord_type=OrdType.MARKET,
            time_in_force=TimeInForce.IOC,
            price=0,
            size=unit,
            price_scale=frame.price_scale,
            size_scale=frame.size_scale,
            target=wanted * unit,
            probability=p_up,
            reason=f"fast EMA crossed {'above' if side > 0 else 'below'} slow, p_up {p_up:.3f}",
        )

    def snapshot(self) -> bytes:
        return canonical.pack({"sides": self._sides, "wanted": self._wanted})

    def restore(self, state: bytes) -> None:
        packed = canonical.unpack(state)
        self._sides, self._wanted = packed["sides"], packed["wanted"]
