"""A sliced order through the whole topology on the local host: gate, router, algorithm, venue."""

from dataclasses import replace
from decimal import Decimal

import pytest

from config.keys import REPLAY_KEY
from config.operators import operator_configs
from config.tree import Settings
from connectors.sim.venue import DEFAULT, SimConfig, SimVenue
from schemas.codec import Codec, Message
from schemas.enums import CommandAction, OrdStatus, OrdType, Side, TimeInForce
from schemas.inbox import OrderCommand, Signal
from schemas.ledger import Decision, Fill, OrderUpdate, Tca
from schemas.records import Clock
from streams.cause import Cause
from streams.local_host import LocalHost

SECOND = 10**9


class Run:
    """A simulated market on the local host, a clock a second; ``at`` says what is sent when."""

    def __init__(self, settings: Settings, at: dict[int, Message], seconds: int = 40) -> None:
        settings = replace(settings, strategies={})
        self.said: list[tuple[str, Message]] = []
        self._codec, self._n = Codec(), 0
        self._host = LocalHost(
            operator_configs(settings, REPLAY_KEY),
            self._codec,
            [lambda record, message: self.said.append((record.topic, message))],
        )
        config = SimConfig(rate=1000, seed=5, frame_ns=100_000_000, instruments=DEFAULT[:1])
        now = config.start_ns
        for _, market in SimVenue(config).advance(config.start_ns + seconds * SECOND):
            self._send("ticks", market.instrument, market)
            while market.depth.ts_event.max(initial=now) >= now + SECOND:
                now += SECOND
                self._send("ticks", market.instrument, Clock(market.instrument, now))
                self._send("orders", "paper", Clock("paper", now))
                if message := at.get((now - config.start_ns) // SECOND):
                    self._send("orders", "paper", replace(message, ts_event=now))

    def _send(self, topic: str, key: str, message: Message) -> None:
        self._n += 1
        cause = Cause("test", "test", self._n, 0)
        self._host.send(topic, key, self._codec.encode(message), cause)

    def ledger(self, kind: type) -> list[Message]:
        return [m for topic, m in self.said if topic == "ledger" and isinstance(m, kind)]


def signal(algo: str, **params: str) -> Signal:
    """A tenth of a coin."""
    return Signal(
        "paper",
        "mine",
        "parent",
        DEFAULT[0].name,
        0,
        Side.BUY,
        OrdType.MARKET,
        TimeInForce.GTC,
        0,
        10 ** DEFAULT[0].size_scale // 10,
        DEFAULT[0].price_scale,
        DEFAULT[0].size_scale,
        None,
        0.5,
        "",
        algo=algo,
        params=params,
    )


@pytest.mark.parametrize("algo", ["twap", "vwap", "is", "adaptive"])
def test_a_parent_is_approved_sliced_filled_and_its_cost_is_told(
    algo: str, settings: Settings
) -> None:
    run = Run(settings, {3: signal(algo, duration="20s", remainder="take")})
    decisions = run.ledger(Decision)
    assert decisions[0].signal_id == "parent"
    assert all(d.approved for d in decisions), [d.text for d in decisions if not d.approved]
    slices = [d for d in decisions if d.signal_id.startswith("parent/")]
    assert len(slices) > 3
    size = signal(algo).size
    assert sum(fill.size for fill in run.ledger(Fill)) == size
    whole = [u for u in run.ledger(OrderUpdate) if u.signal_id == "parent"]
    assert whole[-1].after is OrdStatus.FILLED
    (cost,) = (t for t in run.ledger(Tca) if t.signal_id == "parent")
    assert cost.filled == cost.size == Decimal("0.1")
    assert abs(cost.slippage_bps) < 50


def test_a_cancelled_parent_stops_and_its_cost_counts_what_was_left(settings: Settings) -> None:
    stop = OrderCommand(
        "paper", "c", 0, CommandAction.CANCEL, "parent", "", "", 0, 0, 0, 0, 0, "me", "enough"
    )
    run = Run(settings, {3: signal("twap", duration="20s"), 12: stop})
    filled = sum(fill.size for fill in run.ledger(Fill))
    assert 0 < filled < signal("twap").size
    whole = [u for u in run.ledger(OrderUpdate) if u.signal_id == "parent"]
    assert whole[-1].after is OrdStatus.CANCELED
    (cost,) = (t for t in run.ledger(Tca) if t.signal_id == "parent")
    assert cost.filled < cost.size


def test_a_parent_beyond_a_limit_is_refused_as_a_whole(settings: Settings) -> None:
    large = replace(signal("twap", duration="20s"), size=10 ** DEFAULT[0].size_scale * 1000)
    run = Run(settings, {3: large}, 10)
    (decision,) = run.ledger(Decision)
    assert not decision.approved
    assert not run.ledger(Fill)
