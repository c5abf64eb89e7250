"""Drift of models and features reaches the accounts whose circuit breakers ask for it."""

import math
from decimal import Decimal
from pathlib import Path

from config.keys import REPLAY_KEY
from config.operators import operator_configs
from config.settings import load
from schemas.enums import TradingState
from schemas.inbox import Health
from schemas.ledger import BreakerChanged
from schemas.records import DriftDetected, FeatureDrift
from streams.operators.risk.breakers import BreakerRule
from streams.operators.strategies.config import StrategiesConfig
from streams.operators.strategies.strategies import Strategies
from tests.risk.desk import Desk, one

MODEL = DriftDetected("TEST:A-B", "p_up", 10**9, 0.2, 0.5, "reset")
FEATURES = FeatureDrift(
    "TEST:A-B", 10**9, 10**9, "set@1", ("a", "b", "c"), (9, 9, 9), (0.1, math.nan, 0.4), (0.0,) * 3
)
CONFIG = """
[strategies.ema_cross]
instruments = ["TEST:*"]
[accounts.paper.breakers.drift]
measure = "model_drift"
limit = "2"
then = "REDUCE_ONLY"
"""


def stage(*drift: tuple[str, tuple[str, ...]]) -> Strategies:
    return Strategies(StrategiesConfig((), drift))


def test_an_account_is_told_of_the_instruments_that_it_trades() -> None:
    made = stage(("a", ("TEST:*",)), ("b", ("OTHER:*",)))
    (model,), (features,) = made.apply(MODEL), made.apply(FEATURES)
    assert (model.topic, model.key) == ("orders", "a")
    assert model.message == Health("a", 10**9, "TEST:A-B", "model_drift", 2.5, "p_up")
    assert features.message == Health("a", 10**9, "TEST:A-B", "feature_drift", 0.4, "set@1")
    assert stage().apply(MODEL) == []


def test_the_configuration_says_who_asks(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(CONFIG)
    assert operator_configs(load(path, {}), REPLAY_KEY).strategies.drift == (
        ("paper", ("TEST:*",)),
    )
    assert operator_configs(load(None, {}), REPLAY_KEY).strategies.drift == ()


def test_the_breaker_trips() -> None:
    rule = BreakerRule("drift", "model_drift", Decimal(2), 0, TradingState.REDUCE_ONLY, 0)
    desk = Desk(breakers=(rule,))
    desk.mark()
    (output,) = stage(("a", ("*",))).apply(MODEL)
    assert one(desk.send(output.message), BreakerChanged).after is TradingState.REDUCE_ONLY
    assert desk.ask(1).rule == "trading_state"
