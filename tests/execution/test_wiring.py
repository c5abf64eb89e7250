"""How parents get to their algorithm, and how it hears of its slices."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from config.errors import ConfigError
from config.keys import REPLAY_KEY
from config.operators import operator_configs
from config.settings import load
from config.tree import Settings
from connectors.sim.venue import DEFAULT, SimConfig, SimVenue
from schemas.enums import ExecType, OrdStatus, TimeInForce
from schemas.execution import ApprovedOrder
from schemas.frames import TapeFrame
from schemas.inbox import ExecutionReport, OrderCommand, Signal
from schemas.ledger import OrderUpdate
from schemas.records import Clock, PaperOrder
from streams.chain import ChainFold
from streams.operator import Refused
from streams.operators.execution.algos import Algos
from streams.operators.execution.router import Router, RouterConfig
from streams.operators.market.builder import Builder
from streams.operators.paper_venue.venue import PaperVenue
from streams.operators.risk.desk import client_order_id
from streams.operators.risk.signing import SigningKey
from streams.topology import OperatorConfigs, chains
from tests.execution.desk import S, book, cancel_of, parent
from tests.signed import sign
from tests.twins.test_legs import MEMBER, frame, told
from tests.twins.test_legs import depth as depth_of


def routed(message: Any) -> list[tuple[str, str, Any]]:
    made = Router(RouterConfig(REPLAY_KEY, ("a",))).apply(message)
    return [(output.topic, output.key, output.message) for output in made]


def test_a_parent_and_its_cancel_go_as_they_are_to_where_its_market_is() -> None:
    order = sign(parent("twap"), REPLAY_KEY)
    assert routed(order) == [("ticks", "X:Y", order)]
    basket = sign(replace(parent("sor"), instrument="BASKET:BTC-USD"), REPLAY_KEY)
    assert routed(basket) == [("baskets", "BTC-USD", basket)]
    for approved, topic, key in ((order, "ticks", "X:Y"), (basket, "baskets", "BTC-USD")):
        request = sign(cancel_of(approved, 5), REPLAY_KEY)
        assert routed(request) == [(topic, key, request)]


def test_an_order_of_no_algorithm_goes_to_the_venue_and_a_forged_parent_nowhere() -> None:
    ((topic, key, order),) = routed(sign(parent(""), REPLAY_KEY))
    assert (topic, key) == ("ticks", "X:Y")
    assert isinstance(order, PaperOrder)
    forged = sign(parent("twap"), SigningKey("replay", b"another"))
    ((topic, _, report),) = routed(forged)
    assert (topic, report.exec_type) == ("orders", ExecType.REJECTED)
    with_another = replace(sign(parent("twap"), REPLAY_KEY), algo="pov")
    assert routed(with_another)[0][0] == "orders"


def test_the_builder_hands_on_what_the_algorithms_must_know_and_tells_baskets_of_slices() -> None:
    operator = Builder(MEMBER)
    update = _update(_signal("p/0"), OrdStatus.FILLED, 1)
    for message in (parent("twap"), cancel_of(parent("twap"), 1), update):
        assert [o.message for o in operator.apply(message) if o.topic == "tape"] == [message]
    clock = Clock("X:Y", 9 * S)
    assert operator.apply(clock)[0].message == clock
    assert [o.message for o in operator.apply(update) if o.topic == "baskets"] == [update]
    assert told(operator, frame(depth_of(1, 0, 90))) == [90]


class Pipeline:
    """Builder and algorithms, the paper venue, and a gate that approves everything."""

    def __init__(self, configs: OperatorConfigs) -> None:
        chain = next(c for c in chains() if c.name == "builder")
        self.market, self.venue = ChainFold(chain, configs), PaperVenue(configs.paper_venue)
        self.slices: dict[str, Signal] = {}
        self.reports: list[ExecutionReport] = []
        self.filled = 0

    def send(self, message: Any) -> None:
        """A record of ``ticks``, and what follows from it."""
        emitted, troubles = self.market.apply(message)
        assert not troubles
        said = [e.output.message for e in emitted if e.output.topic == "orders"]
        said += [o.message for o in self.venue.apply(message)]
        for answer in said:
            self._take(answer)

    def _take(self, message: Any) -> None:
        match message:
            case Signal() if message.parent:
                order_id = client_order_id(message.account, message.signal_id)
                self.slices[order_id] = message
                self.send(_paper(message, order_id))
            case OrderCommand():
                order_id = client_order_id(message.account, message.signal_id)
                request = cancel_of(parent(""), message.ts_event)
                asked = replace(request, instrument=message.instrument, cl_ord_id=order_id)
                ((_, _, order),) = routed(sign(asked, REPLAY_KEY))
                with suppress(Refused):  # it was filled meanwhile
                    self.send(order)
            case ExecutionReport() if message.cl_ord_id in self.slices:
                self.filled += message.last_size
                status = _STATUS[message.exec_type]
                if message.exec_type is ExecType.TRADE and message.leaves_size:
                    status = OrdStatus.PARTIALLY_FILLED
                self.send(_update(self.slices[message.cl_ord_id], status, message.cum_size))
            case ExecutionReport():
                self.reports.append(message)


_STATUS = {
    ExecType.NEW: OrdStatus.NEW,
    ExecType.TRADE: OrdStatus.FILLED,
    ExecType.EXPIRED: OrdStatus.EXPIRED,
    ExecType.CANCELED: OrdStatus.CANCELED,
    ExecType.REJECTED: OrdStatus.REJECTED,
}


def _paper(signal: Signal, order_id: str) -> PaperOrder:
    """Through approval and router, as the real ones make it."""
    shared = {name: getattr(signal, name) for name in signal.__slots__ if name in _SHARED}
    order = sign(ApprovedOrder(**shared, cl_ord_id=order_id, key_id="", signature=b""), REPLAY_KEY)
    ((_, _, made),) = routed(order)
    assert isinstance(made, PaperOrder)
    return made


_SHARED = {name for name in ApprovedOrder.__slots__ if name in Signal.__slots__}


def _signal(name: str) -> Signal:
    order = parent("twap")
    shared = {name: getattr(order, name) for name in order.__slots__ if name in _SHARED}
    extra = {"target": None, "probability": 0.5, "reason": ""}
    return Signal(**{**shared, **extra, "signal_id": name, "parent": "p"})


def _update(signal: Signal, after: OrdStatus, cum: int) -> OrderUpdate:
    names = (signal.account, signal.strategy, signal.signal_id, "c", signal.instrument)
    leaves = signal.size - cum
    return OrderUpdate(
        *names, signal.ts_event, OrdStatus.NEW, after, "", cum, leaves, signal.size_scale, "", ""
    )


OWN = {
    "pov": {"rate": "0.5"},
    "iceberg": {"display": "0.02", "remainder": "take"},
    "adaptive": {"patience": "2", "slices": "8"},
}


@pytest.mark.parametrize("algo", ["twap", "vwap", "is", "pov", "iceberg", "adaptive"])
def test_an_order_is_worked_on_the_simulated_market_until_it_is_filled(
    algo: str, settings: Settings
) -> None:
    config = SimConfig(rate=1000, seed=5, frame_ns=100_000_000, instruments=DEFAULT[:1])
    pipeline = Pipeline(operator_configs(settings, REPLAY_KEY))
    now, order = config.start_ns, None
    for _, market in SimVenue(config).advance(config.start_ns + 25 * S):
        pipeline.send(market)
        if order is None:
            scales = {"price_scale": market.price_scale, "size_scale": market.size_scale}
            size = 10**market.size_scale // 10
            params = {"duration": "20s", "remainder": "take", **OWN.get(algo, {})}
            order = replace(parent(algo, size), **scales, ts_event=now, params=params)
            order = replace(order, instrument=market.instrument)
            pipeline.send(order)
        while market.depth.ts_event.max(initial=now) >= now + S:
            now += S
            pipeline.send(Clock(market.instrument, now))
    assert order
    end = [r for r in pipeline.reports if r.exec_type is not ExecType.NEW]
    assert [(r.exec_type, r.cum_size) for r in end] == [(ExecType.DONE_FOR_DAY, order.size)]
    assert pipeline.filled == order.size
    assert len(pipeline.slices) > 3 or algo == "pov"
    rests = any(s.time_in_force is TimeInForce.GTC for s in pipeline.slices.values())
    assert rests == (algo in ("iceberg", "adaptive"))


def test_the_configuration_reaches_the_algorithms(settings: Settings, tmp_path: Any) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        '[execution.is]\nslices = 3\n[execution.terms]\nmin_slice = "2"\nduration = "5m"\n'
        '[execution.routing.venues.V]\ntaker_fee = "0.001"\norder_cost = "1"\n'
        'latency = "3ms"\nleast_size = "0.1"\n'.replace("execution.is", "execution.shortfall")
    )
    made = operator_configs(load(path, {}), REPLAY_KEY)
    assert made.algos.algorithms["is"].slices == 3  # type: ignore[attr-defined]
    assert made.algos.terms.duration_ns == 300 * S
    costs = made.smart_router.costs
    assert costs.of("V:X").latency_ns == 3_000_000
    assert costs.of("W:X") == costs.other


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('[execution]\nbar = "tick:7"', "market.bars"),
        ("[execution.twap]\nslices = 0", "slices"),
        ("[execution.curve]\nbuckets = 7000", "buckets"),
        ('[execution.terms]\nremainder = "keep"', "remainder"),
        ("[execution.twap]\nslice = 4", "slices"),
    ],
)
def test_a_configuration_without_sense_is_refused(text: str, word: str, tmp_path: Any) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=word):
        load(path, {})


def test_tapes_without_rows_or_with_wrong_ones_are_refused(configs: OperatorConfigs) -> None:
    operator, good = Algos(configs.algos), book([(1, 1)], [(2, 1)])
    before = operator.snapshot()
    assert isinstance(good, TapeFrame)
    for bad in (replace(good, levels=0), replace(good, kinds=good.kinds + 1)):
        with pytest.raises(Refused, match="X:Y"):
            operator.apply(bad)
    assert operator.snapshot() == before
