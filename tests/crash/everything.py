"""All that runs by configuration alone, on the simulated venue and within seconds: a model of every
family, evaluated and watched for drift, and a strategy of every kind, on two accounts."""

import json
from pathlib import Path
from typing import Any

from streams.models.description import Stage
from tests.crash.system import CONFIG
from tests.models.makers import constant, put, store_in

BEFORE, AFTER = 0.25, 0.75  # what the two versions of the model say, whatever they see
ACCOUNTS = ("paper", "desk")
SLOT = "trend"  # where it works
LIMIT = ("paper", "strategy.breakout.max_gross_notional", "500")
LEARNING = """
[evaluation]
period = "1s"
drift_period = "1s"
drift_reference = 10
[models.tree]
kind = "hoeffding_tree"
horizon = "400ms"
warm_up = 2
grace_period = 5
delta = 0.1
drift = "page_hinkley"
on_drift = "reweight"
page_hinkley_threshold = 0.2
[models.foreseen]
kind = "linear"
inputs = ["ret_1", "imbalance", "flow"]
horizon = "400ms"
warm_up = 2
drift = "page_hinkley"
on_drift = "reset"
page_hinkley_threshold = 0.5
[models.trend]
kind = "onnx"
model = "trend"
[models.agreed]
kind = "average"
of = ["p_up", "tree", "trend"]
"""
SECOND_ACCOUNT = """
[accounts.desk]
venue = "paper"
[accounts.desk.limits]
max_position = "100000"
order_rate = "20"
"""
GROUPS = """
[groups]
COINS = ["SIM:BTC-USD", "SIM:ETH-USD", "SIM:SOL-USD"]
TWO = ["SIM:BTC-USD", "SIM:SOL-USD"]
"""
EAGER: dict[str, dict[str, Any]] = {  # so that all of them trade within seconds
    "breakout": {"entry": 5, "exit": 3, "atr": 3},
    "ma_cross": {"fast": 2, "slow": 3, "model": "tree", "threshold": 0.5},
    "momentum": {"period": 5, "window": 10, "entry": 0.5, "exit": 0.1, "rsi": 5},
    "enhanced_momentum": {
        **{"fast": 2, "deviation": 5, "window": 10, "model": "tree", "agree": 1},
        **{"entry": 0.05, "exit": 0.01, "min_confidence": 0.1},
    },
    "mean_reversion": {
        **{"period": 5, "width": 0.5, "rsi": 3, "oversold": 50.0, "overbought": 50.0},
    },
    "rsi_2": {"trend": 5, "out": 3, "low": 40.0, "high": 60.0},
    "neural_trend": {"model": "agreed", "min_confidence": 0.5},
    "neural_arbitrage": {"model": "foreseen", "min_profit": 0.0, "fee": 0.0, "hold": "600ms"},
    "market_making": {
        **{"instruments": ["SIM:BTC-USD"], "window": 5, "size": "0.01", "max_inventory": "0.05"},
    },
    "ensemble": {
        **{"of": ["breakout", "neural_trend", "ema_cross"], "min_confidence": 0.2, "exit": 0.1},
    },
    "mirror": {"follows": ["paper"], "unknown": 0.9, "window": 5, "trend": 3},
    "own": {},
    "pairs": {
        **{"group": "COINS", "period": 20, "significance": 0.5, "drop": 1.0, "entry": 0.6},
        "retest": 2,
    },
    "stat_arb": {
        **{"group": "COINS", "period": 20, "correlation": 20, "slowest": 10.0},
        **{"open": 0.3, "close_long": 0.1, "close_short": 0.1},
    },
    "cross_venue": {"group": "TWO", "least": 0.0, "settle": "1s"},
    "triangular": {
        **{"group": "COINS", "least": 0.0, "settle": "1s", "pairs": "BTC/USD ETH/USD BTC/ETH"},
    },
    "constant_mix": {"group": "COINS", "every": "1s"},
}
SIZING = {  # of the others: fixed
    "constant_mix": 'kind = "risk_parity"\nhalf_life = "5s"',
    "momentum": 'kind = "drawdown"\nbase = { kind = "fixed", notional = "1000" }',
}
STRATEGIES = {"ema_cross", *EAGER}  # by the names of their kinds; the first is a default
OWN = '''"""What a user writes."""

from collections.abc import Iterable
from dataclasses import dataclass

from streams.strategy import NoParams, Signal, View, strategy


@dataclass
class Seen:
    vectors: int = 0


@strategy("own", needs={"rsi": "rsi(3)"}, state=Seen)
def own(params: NoParams, view: View) -> Iterable[Signal]:
    view.state.vectors += 1
    yield view.target(1 if view.state.vectors % 3 else -1, "every third", rsi=view["rsi"])
'''


def write(folder: Path) -> tuple[str, str]:
    """Puts two versions of a model, the first in production, and a user's strategy into a folder.
    Returns the configuration and the second version."""
    store = store_in(folder)
    label = {"label": "horizon", "horizon": "400ms"}
    inputs = ("imbalance", "spread")
    put(store, "trend", constant(2, BEFORE), inputs, Stage.PRODUCTION, label=label)
    after = put(store, "trend", constant(2, AFTER), inputs, label=label)
    (folder / "strategies").mkdir()
    (folder / "strategies" / "own.py").write_text(OWN)
    places = (
        f'[models_registry]\nfolder = "{store.registry.folder}"\n'
        f'[user_strategies]\nfolder = "{folder / "strategies"}"\n'
    )
    tables = [_table(kind, keys) for kind, keys in EAGER.items()]
    parts = (CONFIG, LEARNING, SECOND_ACCOUNT, GROUPS, places, *tables)
    return "\n".join(parts), after.version


def _table(kind: str, keys: dict[str, Any]) -> str:
    """Every other one is a second account's, as is who follows the first."""
    account = ACCOUNTS[kind == "mirror" or list(EAGER).index(kind) % 2]
    where = {} if "group" in keys else {"instruments": ["*"]}
    table = {"kind": kind, "account": account, **where, **keys}
    lines = [f"{key} = {json.dumps(value)}" for key, value in table.items()]
    sizing = SIZING.get(kind, 'kind = "fixed"\nnotional = "1000"')
    return "\n".join([f"[strategies.{kind}]", *lines, f"[strategies.{kind}.sizing]", sizing])
