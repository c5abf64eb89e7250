"""An account's ledger is its own, whoever shares its worker."""

import random
from typing import Any

from config.keys import REPLAY_KEY
from schemas.enums import ExecType, Side
from schemas.execution import ApprovedOrder
from schemas.records import Clock
from streams.operators.risk.config import AccountConfig
from streams.operators.risk.gate import Gate, GateConfig
from streams.operators.risk.limits import LimitTree
from tests.risk.desk import SECOND, limits
from tests.risk.market import mark, report, signal

ACCOUNTS = [f"account{n}" for n in range(10)]


def gate() -> Gate:
    """Limits that refuse some of what is asked."""
    tree = LimitTree(limits(max_position=20, order_rate=4))
    return Gate(GateConfig({name: AccountConfig(tree) for name in ACCOUNTS}, REPLAY_KEY))


class Trading:
    """An account's inbox, and the venue that answers the gate; ``told`` is its ledger."""

    def __init__(self, name: str) -> None:
        self.name, self.rng, self.told = name, random.Random(name), []
        self.asked = 0

    def step(self, at: Gate, now: int) -> None:
        made = self._send(at, self._next(now))
        for order in [m for m in made if isinstance(m, ApprovedOrder)]:
            self._send(at, report(order, ExecType.NEW, now + 1))
            part = self.rng.randint(0, order.size)
            if part:
                self._send(at, report(order, ExecType.TRADE, now + 2, part))
            if part < order.size:
                self._send(at, report(order, ExecType.CANCELED, now + 3))

    def _next(self, now: int) -> Any:
        instrument = self.rng.choice(["X:Y", "X:Z"])
        what = self.rng.random()
        if what < 0.3:
            return mark(self.name, instrument, now, 9_900 + self.rng.randint(0, 100))
        if what < 0.4:
            return Clock(self.name, now)
        self.asked += 1
        side, size = self.rng.choice(list(Side)), self.rng.randint(1, 9)
        return signal(self.name, f"s{self.asked}", instrument, now, side, size)

    def _send(self, at: Gate, message: Any) -> list[Any]:
        made = [(output.topic, output.message) for output in at.apply(message)]
        self.told += [message for topic, message in made if topic == "ledger"]
        return [message for _, message in made]


def ledgers(together: bool) -> dict[str, list[str]]:
    """In words: what is not known is NaN, which equals nothing."""
    tradings = [Trading(name) for name in ACCOUNTS]
    shared = gate()
    gates = {name: shared if together else gate() for name in ACCOUNTS}
    for step in range(80):
        for trading in tradings:
            trading.step(gates[trading.name], (step + 1) * SECOND // 10)
    return {trading.name: [repr(entry) for entry in trading.told] for trading in tradings}


def test_ten_accounts_on_one_worker_have_the_ledgers_that_each_has_alone() -> None:
    together = ledgers(together=True)
    assert together == ledgers(together=False)
    assert all(len(told) > 50 for told in together.values())
    assert len(set(map(tuple, together.values()))) == len(ACCOUNTS)
