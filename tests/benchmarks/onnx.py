"""Models from elsewhere: one vector at a time and in batches, beside a plain session and the
library that trained them.

``p99_quiet_us`` is that of the quietest of ten rounds: on a machine with other work to do, p99 over
all of them says how long that kept ours waiting.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import onnxruntime
import xgboost

from research.train import calibration
from research.train.export import to_onnx
from research.train.fitted import Task
from research.train.fitting import Model
from research.train.learners import LEARNERS
from streams.models.description import Stage, describe
from streams.models.session import Session
from streams.operators.features.models.onnx import Onnx, lineup
from streams.operators.features.models.slot import Place, plan
from tests.models.makers import network, put, store_in

_INPUTS = 30
_TREES, _DEPTH = 100, 6
_STEPS = 10_000
_BATCHES = (10, 100, 1000)
_ROUNDS = 10
_NAMES = tuple(f"f{n}" for n in range(_INPUTS))


def run() -> dict[str, Any]:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(5000, _INPUTS)).astype(np.float32)
    y = (x[:, 0] + 0.5 * x[:, 1] * x[:, 2] + rng.normal(size=len(x)) > 0).astype(np.float64)
    light = lightgbm.LGBMClassifier(
        n_estimators=_TREES, max_depth=_DEPTH, num_leaves=2**_DEPTH, n_jobs=1, verbose=-1
    )
    xgb = xgboost.XGBClassifier(n_estimators=_TREES, max_depth=_DEPTH, n_jobs=1)
    depth = {"num_leaves": 2**_DEPTH, "max_depth": _DEPTH}
    models = {
        "lightgbm": (_exported("lightgbm", x, y, depth), light.fit(x, y).predict_proba),
        "xgboost": (_exported("xgboost", x, y, {"max_depth": _DEPTH}), xgb.fit(x, y).predict_proba),
        "network_30_32_16": (network(_INPUTS), None),
    }
    return {
        "inputs": _INPUTS,
        "trees": _TREES,
        "depth": _DEPTH,
        **{name: _measure(data, x, peer) for name, (data, peer) in models.items()},
    }


def _exported(name: str, x: Any, y: Any, more: dict[str, int]) -> bytes:
    """As ``tickstream train`` makes it."""
    learner, weights = LEARNERS[name], np.ones(len(y))
    params = {**learner.fixed, "n_estimators": _TREES, **more}
    fitted = learner.fit(Task(True, x, y, weights, 1), params)
    corrected = calibration.fit("none", fitted.predict(x), y, weights)
    return to_onnx(Model(fitted, corrected, params, []), _INPUTS, True)


def _measure(data: bytes, x: Any, peer: Callable[[Any], Any] | None) -> dict[str, Any]:
    described = describe(data, "made", kind="classifier", inputs=_NAMES, outputs=["probabilities"])
    session, rows = Session(data, described), x.astype(np.float64)
    plain = onnxruntime.InferenceSession(data, _one_thread(), providers=["CPUExecutionProvider"])
    name = plain.get_inputs()[0].name
    facts: dict[str, Any] = {
        "session": _steps(session.predict, rows),
        "slot": _slot(data, rows),
        "plain_onnxruntime": _steps(lambda row: plain.run(["probabilities"], {name: row}), x),
    }
    if peer is not None:
        facts["own_library"] = _steps(peer, x, _STEPS // 20)
    facts["batch_us_a_row"] = {n: _batch(session.predict, rows[:n]) for n in _BATCHES}
    if peer is not None:
        facts["batch_us_a_row_own_library"] = {n: _batch(peer, x[:n]) for n in _BATCHES}
    return facts


def _one_thread() -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return options


def _slot(data: bytes, rows: Any) -> dict[str, float]:
    """As `Features` runs it: inputs chosen, missing values looked for, failures told."""
    with tempfile.TemporaryDirectory() as folder:
        store = store_in(Path(folder))
        put(store, "made", data, _NAMES, Stage.PRODUCTION)
        model = Onnx(model="made")
        players = lineup([("m", model)], plan([("m", model)], _NAMES), "", store)
        slot = model.slot("m", _NAMES, Place("X:A", 1, players))
    ts, mid = np.zeros(1, np.int64), np.full(1, 100.0)
    return _steps(lambda row: slot.fold(ts, mid, row), rows)


def _steps(work: Callable[[Any], Any], rows: Any, steps: int = _STEPS) -> dict[str, float]:
    """p50 and p99 of one vector after another, in microseconds."""
    for n in range(50):
        work(rows[n : n + 1])
    rounds = np.array([_times(work, rows, steps // _ROUNDS) for _ in range(_ROUNDS)]) / 1e3
    p50, p99 = np.percentile(rounds, [50, 99])
    quiet = np.percentile(rounds, 99, axis=1).min()
    figures = {"p50_us": p50, "p99_us": p99, "p99_quiet_us": quiet}
    return {name: round(float(figure), 1) for name, figure in figures.items()}


def _times(work: Callable[[Any], Any], rows: Any, steps: int) -> list[int]:
    times = []
    for n in range(steps):
        row = rows[n % len(rows) : n % len(rows) + 1]
        started = time.perf_counter_ns()
        work(row)
        times.append(time.perf_counter_ns() - started)
    return times


def _batch(work: Callable[[Any], Any], rows: Any) -> float:
    """Microseconds a row, of the thread's own time: the median of many batches."""
    times = []
    for _ in range(30):
        started = time.thread_time_ns()
        work(rows)
        times.append(time.thread_time_ns() - started)
    return round(float(np.median(times)) / len(rows) / 1e3, 2)
