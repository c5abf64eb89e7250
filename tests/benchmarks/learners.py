"""Every kind of model that learns online, vector by vector, beside the same river model in a plain
loop; and what its snapshot takes after 2000 vectors (forests: 400). Processor time."""

import time
from collections import deque
from typing import Any

from streams import canonical
from streams.operators.features.models.anomaly import Anomaly
from streams.operators.features.models.kinds import Online
from streams.operators.features.models.library import KINDS
from streams.operators.features.models.river_kinds import River
from streams.operators.features.models.river_learner import scaler_of
from streams.operators.features.models.slot import Place
from tests.features.market import rows

_ROWS, _KERNEL_ROWS, _SLOW_ROWS = 2000, 200_000, 400
_INPUTS = 10
_NAMES = tuple(f"x{n}" for n in range(_INPUTS))
_HORIZON = 10 * 10**9
_PLACE = Place("TEST:ONE", 60 * 10**9)


def run() -> dict[str, Any]:
    return {kind: _figures(kind) for kind in KINDS}


def _figures(kind: str) -> dict[str, float]:
    model: Any = KINDS[kind]()
    kernel = isinstance(model, Online) and not isinstance(model, River)
    count = _SLOW_ROWS if hasattr(model, "models") else _ROWS
    data = rows(_KERNEL_ROWS if kernel else count, inputs=_INPUTS)
    few = tuple(part[:count] for part in data)
    for part in (100, 50):  # compiles, and imports river
        _plain(kind, model, *(column[:part] for column in data))
        model.slot("m", _NAMES, _PLACE).fold(*(column[:part] for column in data))
    slot = model.slot("m", _NAMES, _PLACE)
    ours = _seconds(lambda: slot.fold(*data)) / len(data[0])
    theirs = _seconds(lambda: _plain(kind, model, *few)) / count
    singly = model.slot("m", _NAMES, _PLACE)
    steps = _seconds(lambda: _singly(singly, *few)) / count
    packed = canonical.pack({"slot": singly.state()})
    fresh = model.slot("m", _NAMES, _PLACE)
    written = _seconds(lambda: canonical.pack({"slot": singly.state()}))
    read = _seconds(lambda: fresh.restore(canonical.unpack(packed)["slot"]))
    return {
        "us_a_vector": round(ours * 1e6, 2),
        "us_a_vector_one_at_a_time": round(steps * 1e6, 2),
        "plain_river_us_a_vector": round(theirs * 1e6, 2),
        "snapshot_kb": round(len(packed) / 1e3, 1),
        "snapshot_ms": round(written * 1e3, 1),
        "restore_ms": round(read * 1e3, 1),
    }


def _seconds(work: Any) -> float:
    """Of the processor."""
    started = time.process_time()
    work()
    return time.process_time() - started


def _singly(slot: Any, ts: Any, mid: Any, x: Any) -> None:
    """As live, where a frame closes one bar."""
    for n in range(len(ts)):
        slot.fold(ts[n : n + 1], mid[n : n + 1], x[n : n + 1])


def _river(kind: str, model: Any) -> tuple[Any, Any]:
    """(scaler, model) of river."""
    if isinstance(model, River | Anomaly):
        return scaler_of(model.scaler), model.model(1)
    from river import linear_model, optim, preprocessing

    make = linear_model.LogisticRegression if kind == "logistic" else linear_model.LinearRegression
    return preprocessing.StandardScaler(), make(optim.SGD(model.learning_rate))


def _plain(kind: str, model: Any, ts: Any, mid: Any, x: Any) -> None:
    """What one would write without us: predict, then learn what is known ten seconds later."""
    scaler, its = _river(kind, model)
    waiting: deque[Any] = deque()
    for now, price, values in zip(ts.tolist(), mid.tolist(), x.tolist(), strict=True):
        if not price > 0 or values[1] != values[1]:
            continue
        row = dict(zip(_NAMES, values, strict=True))
        if scaler is not None:
            scaler.learn_one(row)
            row = scaler.transform_one(row)
        if isinstance(model, Anomaly):
            its.score_one(row)
            its.learn_one(row)
            continue
        while waiting and waiting[0][0] <= now - _HORIZON:
            _, then, old = waiting.popleft()
            its.learn_one(old, price > then if model.sides else 1e4 * (price / then - 1))
        waiting.append((now, price, row))
        its.predict_proba_one(row) if model.sides else its.predict_one(row)
