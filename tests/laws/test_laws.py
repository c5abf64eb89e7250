"""What holds for every operator of the topology: a new one is covered by being in the table."""

import contextlib
import copy
import random
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from config.account_tree import Instrument, Option, Shock, Stress
from config.strategy import Strategy
from config.tree import Evaluation, ModelsRegistry
from connectors.sim.venue import DEFAULT, SimConfig, SimInstrument, SimVenue
from schemas.codec import Codec, Message
from schemas.enums import ModelCondition, ModelRole, OrdType, Side, TimeInForce
from schemas.execution import ApprovedOrder
from schemas.frames import ConsolidatedFrame, FeatureFrame, MarketFrame, TapeFrame, cut_market
from schemas.inbox import Signal
from schemas.ledger import Decision
from schemas.records import Clock, DeadLetter, FeatureDrift, ModelChange, ModelState
from schemas.records import Evaluation as Evaluated
from streams.cause import Cause
from streams.chain import ChainFold, Emitted
from streams.local_host import LocalHost
from streams.models.description import Stage
from streams.models.store import Store
from streams.operator import Operator, Refused
from streams.operators.features.models.anomaly import HalfSpaceTrees
from streams.operators.features.models.combine import Average, Confidence, Stack, Vote
from streams.operators.features.models.linear_kinds import Linear, Logistic
from streams.operators.features.models.onnx import Onnx
from streams.operators.features.models.river_kinds import HoeffdingTree
from streams.operators.market.bars import KINDS
from streams.operators.period import Period
from streams.topology import TOPOLOGY, OperatorConfigs, chains
from streams.topology import Stage as TopologyStage
from tests.models.makers import network, put, store_in

FRAMES = 500
TECHNICAL = ("rsi(5)", "macd(3, 6, 3)", "anchored_vwap")
MICRO = (
    "ofi(5, 3)",
    "microprice",
    "kyle_lambda(5)",
    "realised_spread(5, 2)",
    "lee_ready",
    "hawkes",
)
NAMES = ("twap", "vwap", "pov", "iceberg", "is", "adaptive", "sor")  # of algorithms
SECOND_VENUE = SimInstrument("SIM2:BTC-USD", 64_000.0, 2, 6, 1.5e-4, 10, 4000.0, 4.0)
TREND = ("imbalance", "spread", "flow")
BARS = (
    "tick:50",
    "volume:20",
    "dollar:500000",
    "range:5",
    "renko:3",
    *(f"{kind}:40" for kind in KINDS if kind.endswith(("imbalance", "run"))),
)
HALF_SECOND = Period(5 * 10**8)
MODELS: dict[str, Any] = {
    "tree": HoeffdingTree(horizon=HALF_SECOND, warm_up=5, drift="adwin", on_drift="reweight"),
    "barrier": Linear(label="triple_barrier", horizon=HALF_SECOND, volatility="vol", warm_up=5),
    "unusual": HalfSpaceTrees(trees=3, height=4, window=20, warm_up=20),
    "stacked": Logistic(inputs=("p_up", "tree", "unusual"), horizon=HALF_SECOND, warm_up=5),
    "trend": Onnx(model="trend", split="time", bucket=Period(10**9), fallback="p_up"),
    "agreed": Vote(of=("p_up", "trend")),
    "mean": Average(of=("p_up", "trend"), mean="logit", quorum=1),
    "learnt": Stack(of=("trend", "trend_shadow"), horizon=HALF_SECOND, warm_up=3),
    "sure": Confidence(of=("mean",), least=0.52),
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A registry with three versions of a model."""
    made = store_in(tmp_path_factory.mktemp("laws"))
    for seed, stage in enumerate((Stage.PRODUCTION, Stage.SHADOW, Stage.CANDIDATE)):
        label = {"label": "horizon", "horizon": "500ms"}
        put(made, "trend", network(3, seed), TREND, stage, label=label)
    return made


@pytest.fixture(scope="module")
def configs(store: Store) -> OperatorConfigs:
    """The demonstration's, where something happens within seconds, with a basket, with bars of
    every kind, with indicators, with models that learn, models from elsewhere and models of models,
    with stress, and with a market that is said to be of options on another."""
    from config.keys import REPLAY_KEY
    from config.operators import operator_configs
    from config.settings import load
    from console.commands.demo import DEMO_CONFIG

    settings = load(DEMO_CONFIG, {})
    models = {**settings.models, **MODELS}
    evaluation = Evaluation(Period(2 * 10**9), Period(2 * 10**9), 20)
    settings = replace(settings, models=models, evaluation=evaluation)
    market = replace(settings.market, bars=(*settings.market.bars, *BARS), empty_bars="flat")
    features = replace(settings.features, indicators=(*TECHNICAL, *MICRO))
    registry = ModelsRegistry(str(store.registry.folder))
    basket = {"BTC-USD": (DEFAULT[0].name, SECOND_VENUE.name)}
    groups = {"ALL": (*(instrument.name for instrument in DEFAULT[:2]), SECOND_VENUE.name)}
    groups["TWO"] = (DEFAULT[0].name, SECOND_VENUE.name)
    option = Option(DEFAULT[0].name, "", Decimal(62_000), "2030-01-01T00:00:00Z", "call")
    instruments = {DEFAULT[1].name: Instrument(option=option)}
    stress = {"crash": Stress(Shock(-0.2, 10.0), days=1.0), "rally": Stress(Shock(0.1))}
    limits = replace(settings.accounts["paper"].limits, max_stress_loss=Decimal(20_000))
    accounts = {"paper": replace(settings.accounts["paper"], stress=stress, limits=limits)}
    settings = replace(settings, market=market, baskets=basket, features=features)
    settings = replace(settings, accounts=accounts, instruments=instruments, groups=groups)
    settings = replace(settings, strategies=settings.strategies | of_groups() | {"maker": maker()})
    free = replace(settings.execution.routing.other, taker_fee=Decimal(0))
    routing = replace(settings.execution.routing, other=free)
    settings = replace(settings, execution=replace(settings.execution, routing=routing))
    settings = replace(settings, models_registry=registry)
    return operator_configs(settings, REPLAY_KEY)


def maker() -> Strategy:
    """It looks between bars, and learns from trades."""
    from config.settings import strategy_of
    from config.strategy_tables import SHIPPED

    table = {
        **{"kind": "market_making", "account": "paper", "instruments": [DEFAULT[0].name]},
        **{"learn": True, "requote": 1, "window": 10, "size": "0.001", "max_inventory": "0.01"},
        **{"k": 5.0, "gamma": 0.5, "least": 0.1, "sizing": {"kind": "fixed", "notional": "1000"}},
    }
    return strategy_of(table, SHIPPED, "maker")


def of_groups() -> dict[str, Strategy]:
    """On vectors and on books, of groups and of a basket."""
    from config.settings import strategy_of
    from config.strategy_tables import SHIPPED

    shared: dict[str, Any] = {"account": "paper", "sizing": {"kind": "fixed", "notional": "1000"}}
    parity = {"kind": "risk_parity", "half_life": "10s"}
    careful = {"kind": "drawdown", "limit": 0.01, "base": shared["sizing"]}
    eager = {"significance": 0.5, "drop": 1.0, "entry": 0.6, "retest": 2}
    tables: dict[str, dict[str, Any]] = {
        "pairs": {"kind": "pairs", "group": "ALL", "period": 20, **eager, "sizing": careful},
        "mix": {"kind": "constant_mix", "group": "ALL", "every": "2s", "sizing": parity},
        "stat_arb": {"kind": "stat_arb", "group": "ALL", "period": 20, "correlation": 20},
        "between": {"kind": "cross_venue", "group": "TWO", "least": 0.0},
        "basket": {"kind": "cross_venue", "group": "BTC-USD", "least": 0.0},
    }
    return {name: strategy_of({**shared, **own}, SHIPPED, name) for name, own in tables.items()}


@pytest.fixture(scope="module")
def source(store: Store) -> list[Message]:
    """Three markets, with a clock record each second, orders for every algorithm, and changes of a
    running model."""
    instruments = (*DEFAULT[:2], SECOND_VENUE)
    config = SimConfig(rate=3000, seed=3, frame_ns=50_000_000, instruments=instruments)
    frames = (frame for _, frame in SimVenue(config).advance(config.start_ns + 60 * 10**9))
    made: list[Message] = []
    versions = [d.version for d in store.registry.versions("trend")]
    change = ModelChange("models/0", 1, 1, "trend", ModelRole.PRODUCTION, "", 0.0, "law", "")
    now = config.start_ns
    for n in range(FRAMES):
        frame = next(frames)
        made.append(frame)
        if n == 200:
            made.append(replace(change, version=versions[2]))
            made.append(replace(change, version="0123456789ab"))  # is not there
        if n == 80:
            role = ModelRole.CHALLENGER
            made.append(replace(change, role=role, version=versions[1], share=0.5))
        if n == 50:
            first = made[0]
            assert isinstance(first, MarketFrame)
            made += parents(first, now)
        if frame.depth.ts_event.max(initial=now) >= now + 10**9:
            now += 10**9
            made += [Clock(instrument.name, now) for instrument in instruments]
    return made


def parents(of: MarketFrame, now: int) -> list[Message]:
    """An approved order for each algorithm, and one for the basket."""
    scales = (of.price_scale, of.size_scale)
    base = ApprovedOrder(
        "paper",
        "law",
        "",
        "",
        of.instrument,
        now,
        Side.BUY,
        OrdType.MARKET,
        TimeInForce.GTC,
        0,
        10 ** scales[1],
        *scales,
        "",
        b"",
    )
    made = [replace(base, signal_id=f"law-{n}", cl_ord_id=f"law-{n}", algo=n) for n in NAMES]
    made[3] = replace(made[3], display_size=10 ** scales[1] // 4)
    made[-1] = replace(made[-1], instrument="BASKET:BTC-USD")
    return [replace(order, params={"duration": "5s"}) for order in made]


def fold(configs: OperatorConfigs, messages: list[Message]) -> list[tuple[str, Message]]:
    """Every record of a run on the local host, topic and message, in the order of the log."""
    seen: list[tuple[str, Message]] = []
    codec = Codec()
    host = LocalHost(configs, codec, [lambda record, message: seen.append((record.topic, message))])
    for n, message in enumerate(messages):
        topic, key = place(message)
        host.send(topic, key, codec.encode(message), Cause("law", "law", n, 0))
    return seen


def place(message: Message) -> tuple[str, str]:
    """Topic and key."""
    if isinstance(message, Clock | ModelChange):
        return "ticks", message.key
    name: str = message.instrument  # type: ignore[union-attr]
    basket = name.removeprefix("BASKET:")
    return ("ticks" if basket == name else "baskets"), basket


@pytest.fixture(scope="module")
def log(configs: OperatorConfigs, source: list[Message]) -> list[tuple[str, Message]]:
    made = fold(configs, source)
    expected = {"ticks", "tape", "features", "orders", "ledger", "baskets", "consolidated"}
    assert {topic for topic, _ in made} >= expected
    tapes = [m for topic, m in made if isinstance(m, TapeFrame) and topic == "tape"]
    kinds = {tape.specs[n].partition(":")[0] for tape in tapes for n in tape.bars.spec.tolist()}
    assert kinds == set(KINDS)
    judged = {m.model for _, m in made if isinstance(m, Evaluated)}
    roles = {"trend", "trend_shadow", "trend_challenger", "trend_production"}
    assert judged == {"p_up", "tree", "barrier", "stacked", "learnt", *roles}
    assert any(isinstance(m, FeatureDrift) for _, m in made)
    wanted = {m.strategy for topic, m in made if isinstance(m, Signal) and topic == "orders"}
    assert wanted >= {"between", "basket", "maker", "mix"}
    watched = [m for topic, m in made if isinstance(m, TapeFrame) and topic == "features"]
    assert sum(len(tape) for tape in watched) > 100
    sliced = {m.parent for topic, m in made if isinstance(m, Signal) and topic == "orders"}
    assert sliced >= {f"law-{n}" for n in NAMES}
    losses = [
        dict(zip(m.rules, m.values, strict=True)).get("max_stress_loss", "Infinity")
        for _, m in made
        if isinstance(m, Decision) and m.instrument == DEFAULT[1].name
    ]
    assert any(Decimal(loss).is_finite() for loss in losses), "no option was ever valued"
    frame = [m for _, m in made if isinstance(m, FeatureFrame)][-1]
    values = frame.vectors.values.reshape(len(frame), -1)[-1, -6:]
    assert np.isfinite(values[:3]).all(), dict(zip(frame.names[-6:], values, strict=True))
    states = [m.condition for _, m in made if isinstance(m, ModelState)]
    assert states == [ModelCondition.ACTIVE] * 2
    return made


def inputs(stage: TopologyStage, log: list[tuple[str, Message]]) -> list[Message]:
    return [message for topic, message in log if topic == stage.reads]


def outputs(operator: Operator, messages: list[Message]) -> list[bytes]:
    """What it says to each; what it refuses would go to the dead letters."""
    codec, made = Codec(), list[bytes]()
    for message in messages:
        with contextlib.suppress(Refused):
            made += [codec.encode(o.message) for o in operator.apply(message)]
    return made


stages = pytest.mark.parametrize("stage", TOPOLOGY, ids=lambda stage: stage.name)


@stages
def test_the_same_input_gives_the_same_output(
    stage: TopologyStage, configs: OperatorConfigs, log: list[tuple[str, Message]]
) -> None:
    first, second = stage.make(configs), stage.make(configs)
    messages = inputs(stage, log)
    assert outputs(first, messages) == outputs(second, messages)
    assert first.snapshot() == second.snapshot()


@stages
def test_a_restored_operator_goes_on_as_if_nothing_had_been(
    stage: TopologyStage, configs: OperatorConfigs, log: list[tuple[str, Message]]
) -> None:
    messages = inputs(stage, log)
    middle = len(messages) // 2
    whole, before, after = (stage.make(configs) for _ in range(3))
    expected = outputs(whole, messages)
    found = outputs(before, messages[:middle])
    after.restore(before.snapshot())
    assert after.snapshot() == before.snapshot()
    found += outputs(after, messages[middle:])
    assert found == expected
    assert after.snapshot() == whole.snapshot()


@stages
def test_inputs_are_never_changed(
    stage: TopologyStage, configs: OperatorConfigs, log: list[tuple[str, Message]]
) -> None:
    codec, operator = Codec(), stage.make(configs)
    for message in inputs(stage, log)[:200]:
        before = codec.encode(message)
        quietly(operator, message)
        assert codec.encode(message) == before


@stages
def test_what_does_not_belong_is_refused_or_ignored_and_leaves_no_trace(
    stage: TopologyStage, configs: OperatorConfigs, log: list[tuple[str, Message]]
) -> None:
    operator = stage.make(configs)
    outputs(operator, inputs(stage, log)[:100])
    before = operator.snapshot()
    strangers = {type(m): m for topic, m in log if topic != stage.reads and not is_frame(m)}
    known = {type(m) for m in inputs(stage, log)} | {Clock}
    for kind, message in strangers.items():
        if kind not in known:
            quietly(operator, message)
    for frame in rubbish(log):
        quietly(operator, frame)
    assert operator.snapshot() == before


def is_frame(message: Message) -> bool:
    return isinstance(message, MarketFrame | TapeFrame | FeatureFrame | ConsolidatedFrame)


def quietly(operator: Operator, message: Any) -> None:
    with contextlib.suppress(Refused):
        operator.apply(message)


def rubbish(log: list[tuple[str, Message]]) -> Iterator[MarketFrame]:
    """Market frames with values that cannot be."""
    good = next(m for _, m in log if isinstance(m, MarketFrame) and len(m.trades.price))
    yield replace(good, price_scale=400)
    frames = [copy.deepcopy(good) for _ in range(5)]
    columns = [
        frames[0].trades.size,
        frames[1].trades.ts_event,
        frames[2].depth.size,
        frames[3].quotes.bid_size,
    ]
    for column in columns:
        column.flags.writeable = True
        column[-1] = -5
    frames[4].kinds.flags.writeable = True
    frames[4].kinds[0] = 77
    yield from frames


def test_fused_and_unfused_chains_say_the_same(
    configs: OperatorConfigs, source: list[Message]
) -> None:
    codec = Codec()
    fused = ChainFold(next(c for c in chains() if c.name == "builder"), configs)
    together: dict[tuple[str, str], list[bytes]] = {}
    ticks = [message for message in source if place(message)[0] == "ticks"]
    topics: dict[str, list[Message]] = {"ticks": ticks}
    for message in ticks:
        for item in fused.apply(message)[0]:
            key = (item.stage, item.output.topic)
            together.setdefault(key, []).append(codec.encode(item.output.message))
    apart: dict[tuple[str, str], list[bytes]] = {}
    for chain in chains(fused=False):
        if chain.name not in ("builder", "features", "strategies", "algos"):
            continue
        fold_ = ChainFold(chain, configs)
        for message in topics[chain.reads]:
            emitted: list[Emitted] = []
            with contextlib.suppress(Refused):  # to the dead letters, in a fused chain too
                emitted, _ = fold_.apply(message)
            for item in emitted:
                key = (item.stage, item.output.topic)
                apart.setdefault(key, []).append(codec.encode(item.output.message))
                topics.setdefault(item.output.topic, []).append(item.output.message)
    assert apart == together
    expected = {("strategies", "orders"), ("builder", "baskets"), ("algos", "orders")}
    expected |= {("features", "baskets")}
    assert expected <= together.keys()


def test_cutting_frames_anywhere_changes_only_causes(
    configs: OperatorConfigs, source: list[Message], log: list[tuple[str, Message]]
) -> None:
    rng = random.Random(11)
    cut: list[Message] = []
    for frame in source:
        if not isinstance(frame, MarketFrame):
            cut.append(frame)
            continue
        at = rng.randrange(len(frame) + 1)
        parts = cut_market(frame, 0, at), cut_market(frame, at, len(frame))
        cut += [part for part in parts if len(part)]
    assert flat(fold(configs, cut)) == flat(log)


def flat(log: list[tuple[str, Message]]) -> dict[str, list[Any]]:
    """Rows by instrument and kind, whatever frames they came in; market frames are the input."""
    rows: dict[str, list[Any]] = {}
    for topic, message in log:
        match message:
            case MarketFrame():
                continue
            case ConsolidatedFrame():
                levels = [c.reshape(-1, message.levels).tolist() for c in message.nbbo[7:]]
                columns = [c.tolist() for c in message.nbbo[:7]]
                rows.setdefault(topic, []).extend(zip(*columns, *levels, strict=True))
            case TapeFrame():
                name = f"{message.instrument} on {topic} {message.basket}"
                columns = [c.tolist() for c in message.books[:3]]
                levels = np.stack(
                    [c.reshape(-1, message.levels) for c in message.books[3:]], axis=1
                )
                rows.setdefault(f"books {name}", []).extend(
                    zip(*columns, levels.tolist(), strict=True)
                )
                bars = zip(*(c.tolist() for c in message.bars), strict=True)
                rows.setdefault(f"bars {name}", []).extend(bars)
            case FeatureFrame():
                values = message.vectors.values.reshape(-1, len(message.names))
                vectors = [row.tobytes() for row in values]
                name = f"features {message.instrument} {message.basket}"
                rows.setdefault(name, []).extend(vectors)
            case DeadLetter():  # where it lay in the log is its cause
                rows.setdefault(topic, []).append(replace(message, source_offset=0))
            case _:
                rows.setdefault(topic, []).append(str(message))  # where NaN equals NaN
    return rows
