"""Strategies: feature vectors → what every configured strategy wants.

What always holds:

- Strategies do not see each other: each has its own places, and one that fails is switched off in
  that instrument and told of in the dead letters, while the others go on. One that asks others has
  copies of them, which think for it alone and do not trade.
- A strategy says which position or which orders it wants. The risk gate alone makes orders of it.
- Every signal carries the values of the features that made it.
- For each vector the strategies speak in the order of the configuration.
- One that looks between vectors is told there of the best prices (and trades) in one order with
  the vectors, however frames were cut: what it says belongs to one of these, a vector or a clock.
"""

from typing import Any

import numpy as np

from schemas.frames import BOOK, FeatureFrame, TapeFrame
from schemas.ledger import Decision, Fill, OrderUpdate
from schemas.records import Clock, DeadLetter, Disclosure, DriftDetected, FeatureDrift, Status
from streams import canonical
from streams.operator import Output, Refused
from streams.operators.strategies.between import check
from streams.operators.strategies.config import StrategiesConfig, StrategyConfig
from streams.operators.strategies.drift import health
from streams.operators.strategies.emit import Record
from streams.operators.strategies.instance import Fault, Instance
from streams.operators.strategies.moment import Moment

_CAUSE_TELLS = -1  # partition and offset of what a strategy failed on: its cause tells them


class Strategies:
    """Operator: ``features`` → signals and commands on ``orders``, faults on ``dead-letters``,
    and drift to the accounts whose circuit breakers ask for it."""

    def __init__(self, config: StrategiesConfig) -> None:
        self._instances = [Instance(one) for one in config.strategies]
        self._drift = config.drift

    def apply(self, message: Any) -> list[Output]:
        match message:
            case FeatureFrame():
                return self._fold(message)
            case TapeFrame():
                return self._look(message)
            case Fill() | OrderUpdate() | Decision():
                for one in self._instances:
                    one.hear(message)
            case Disclosure():
                for one in self._instances:
                    one.learn(message)
            case Clock():
                return [_output(r, 0) for one in self._instances for r in one.tick(message)]
            case DriftDetected() | FeatureDrift():
                return health(message, self._drift)
            case Status():
                said = [one.trouble(message) for one in self._instances]
                return [Output("orders", r.account, r) for made in said for r in made]
        return []

    def _fold(self, frame: FeatureFrame) -> list[Output]:
        chosen = [one for one in self._instances if one.trades(frame.instrument)]
        columns = [columns_of(frame, one.config) for one in chosen]
        vectors, scale = frame.vectors, 10.0**frame.price_scale
        values = np.reshape(vectors.values, (-1, len(frame.names)))
        outputs: list[Output] = []
        for row in range(len(frame) if chosen else 0):
            bid, ask = int(vectors.bid[row]), int(vectors.ask[row])
            if not (bid and ask):
                continue
            ts, vector = int(vectors.ts_event[row]), values[row].tolist()
            for one, seen in zip(chosen, columns, strict=True):
                features = {name: vector[n] for name, n in seen}
                moment = Moment(
                    *(frame.instrument, ts, bid, ask, frame.price_scale, frame.size_scale), features
                )
                said = one.step(moment, (bid / scale, ask / scale))
                outputs += [_output(each, row) for each in said]
        return outputs

    def _look(self, tape: TapeFrame) -> list[Output]:
        """What stands between vectors, for those that look at it."""
        chosen = [one for one in self._instances if one.watches and one.trades(tape.instrument)]
        if not chosen:
            return []
        check(tape)
        outputs: list[Output] = []
        book = trade = 0
        for row, kind in enumerate(tape.kinds.tolist()):
            if kind == BOOK:
                said = [r for one in chosen for r in one.see_top(tape, book)]
                book += 1
            else:
                said = [r for one in chosen for r in one.see_trade(tape, trade)]
                trade += 1
            outputs += [_output(each, row) for each in said]
        return outputs

    def snapshot(self) -> bytes:
        return canonical.pack({one.config.name: one.pack() for one in self._instances})

    def restore(self, state: bytes) -> None:
        packed = canonical.unpack(state)
        self._instances = [Instance(one.config) for one in self._instances]
        for one in self._instances:
            if one.config.name in packed:
                one.unpack(packed[one.config.name])


def columns_of(frame: FeatureFrame, config: StrategyConfig) -> list[tuple[str, int]]:
    """(column, where) of what the strategy needs. Raises Refused where the vectors lack one."""
    wanted = config.reads
    missing = [name for name in wanted if name not in frame.names]
    if missing:
        raise Refused(
            f"{frame.instrument}: vectors of {frame.feature_set} lack {', '.join(missing)}, which "
            f"strategies.{config.name} needs: fold the tape anew with this configuration"
        )
    return [(name, frame.names.index(name)) for name in wanted]


def _output(said: Record | Fault, row: int) -> Output:
    if isinstance(said, Fault):
        return told(said, "features", row)
    return Output("orders", said.account, said, row)


def told(fault: Fault, topic: str, row: int) -> Output:
    """For the dead letters: that a strategy was switched off by what came on a topic."""
    error = f"strategies.{fault.strategy} is switched off in {fault.instrument}: {fault.error}"
    letter = DeadLetter(topic, _CAUSE_TELLS, _CAUSE_TELLS, "strategies", error, b"")
    return Output("dead-letters", topic, letter, row)
