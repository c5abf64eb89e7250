"""The kernel of linear models is river, number for number, and the slot tests, then trains."""

from collections import deque
from typing import Any

import numpy as np
import pytest
from river import linear_model, optim, preprocessing

from streams.operators.features.models.linear_kinds import Linear, Logistic
from streams.operators.features.models.slot import Place
from streams.operators.period import Period
from tests.features.market import rows

SECOND = 10**9
PLACE = Place("TEST:ONE", 60 * SECOND)


def river_loop(kind: Any, ts: Any, mid: Any, x: Any) -> list[float]:
    """The same in plain river, one vector after the other."""
    scaler, model = preprocessing.StandardScaler(), kind
    names, waiting, learnt, out = [f"x{n}" for n in range(x.shape[1])], deque[Any](), 0, []
    for now, price, values in zip(ts.tolist(), mid.tolist(), x.tolist(), strict=True):
        while price > 0 and waiting and waiting[0][0] <= now - 10 * SECOND:
            _, then, old = waiting.popleft()
            regression = isinstance(model, linear_model.LinearRegression)
            if regression or price != then:
                target = np.log(price / then) * 1e4 if regression else price > then
                model.learn_one(scaler.transform_one(old), target)
                learnt += 1
        if not price > 0 or not np.isfinite(values).all():
            out.append(np.nan)
            continue
        row = dict(zip(names, values, strict=True))
        waiting.append((now, price, row))
        scaler.learn_one(row)
        if learnt < 30:
            out.append(np.nan)
        elif hasattr(model, "predict_proba_one"):
            out.append(model.predict_proba_one(scaler.transform_one(row))[True])
        else:
            out.append(model.predict_one(scaler.transform_one(row)))
    return out


@pytest.mark.parametrize("l2", [0.0, 0.01])
@pytest.mark.parametrize("kind", [Logistic, Linear])
def test_it_predicts_what_river_predicts(kind: Any, l2: float) -> None:
    ts, mid, x = rows(3000)
    river = linear_model.LogisticRegression if kind is Logistic else linear_model.LinearRegression
    rate = 0.05 if kind is Logistic else 1e-4
    wanted = river_loop(river(optim.SGD(rate), l2=l2), ts, mid, x)
    names = tuple(f"x{n}" for n in range(x.shape[1]))
    found = kind(learning_rate=rate, l2=l2).slot("m", names, PLACE).fold(ts, mid, x)[:, 0]
    assert np.isfinite(found).sum() > 2500
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12)


def test_a_batch_of_labels_makes_one_step() -> None:
    ts, mid, x = rows(500)
    model = Linear(batch=1000, warm_up=0, horizon=Period(SECOND))
    found = model.slot("m", ("a", "b", "c"), PLACE).fold(ts, mid, x[:, :3])
    assert set(found[np.isfinite(found)]) == {0.0}
