"""Evaluations are what scikit-learn says of the same predictions; drift is found where it is."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn import metrics

from schemas.records import DriftDetected, Evaluation
from streams import canonical
from streams.operators.features.feature_drift import DriftConfig, Watcher
from streams.operators.features.models.evaluation import Evaluator
from streams.operators.features.models.library import KINDS
from streams.operators.features.models.slot import Place
from streams.operators.period import Period

SECOND = 10**9
PLACE = Place("TEST:ONE", 60 * SECOND)
COUNT = 600
TS = np.arange(COUNT) * SECOND


def predictions(seed: int = 1) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    y = (rng.random(COUNT) < 0.4).astype(float)
    p = np.clip(0.5 + 0.2 * (y - 0.5) + rng.normal(0, 0.2, COUNT), 0.01, 0.99)
    return np.round(p, 3), y


def test_each_period_is_scored_as_scikit_learn_scores_it() -> None:
    p, y = predictions()
    said = Evaluator("m", PLACE, True).fold(TS, np.arange(COUNT), p, y)
    assert [row for row, _ in said] == list(range(60, COUNT, 60))
    for row, made in said:
        assert isinstance(made, Evaluation)
        one, of = p[row - 60 : row], y[row - 60 : row]
        assert (made.ts_event, made.labels) == (row * SECOND, 60)
        wanted = (of.mean(), metrics.log_loss(of, one), metrics.brier_score_loss(of, one))
        np.testing.assert_allclose((made.rises, made.log_loss, made.brier), wanted, rtol=1e-9)
        assert made.accuracy == pytest.approx(((one >= 0.5) == of).mean())
        assert made.auc == pytest.approx(metrics.roc_auc_score(of, one), abs=0.01)
        bins = np.minimum((one * 10).astype(int), 9)
        assert made.bin_labels == tuple(np.bincount(bins, minlength=10))
        for n in np.unique(bins):
            assert made.bin_predicted[n] == pytest.approx(one[bins == n].mean())
            assert made.bin_rises[n] == pytest.approx(of[bins == n].mean())


def test_the_area_is_exact_where_no_two_probabilities_share_a_bin() -> None:
    y = np.random.default_rng(3).permutation(np.repeat([0.0, 1.0], 30))
    p = (np.random.default_rng(2).permutation(200)[:60] + 0.5) / 200
    ((_, made),) = Evaluator("m", PLACE, True).fold(TS[:61], np.arange(60), p, y)
    assert isinstance(made, Evaluation)
    assert made.auc == pytest.approx(metrics.roc_auc_score(y, p), abs=1e-12)


def test_returns_are_scored_by_their_error() -> None:
    rng = np.random.default_rng(1)
    y = rng.normal(0, 5, COUNT)
    p = 0.5 * y + rng.normal(0, 2, COUNT)
    ((_, made), *_) = Evaluator("m", PLACE, False).fold(TS, np.arange(COUNT), p, y)
    assert isinstance(made, Evaluation)
    a, b = p[:60], y[:60]
    assert made.mean_error == pytest.approx(np.abs(a - b).mean())
    assert made.rms_error == pytest.approx(np.sqrt(((a - b) ** 2).mean()))
    assert made.correlation == pytest.approx(np.corrcoef(a, b)[0, 1])
    assert made.accuracy == pytest.approx((a * b > 0).mean())
    assert np.isnan([made.log_loss, made.brier, made.auc, made.rises]).all()
    assert made.bin_labels == ()


def test_a_prediction_or_a_label_that_is_missing_counts_nowhere() -> None:
    p, y = predictions()
    p[::2], y[1::4] = np.nan, np.nan
    ((_, made), *_) = Evaluator("m", PLACE, True).fold(TS, np.arange(COUNT), p, y)
    assert isinstance(made, Evaluation)
    assert made.labels == 15


def turned(count: int = 2400) -> tuple[Any, Any, Any]:
    """A market that goes with its first input, and from the middle on against it."""
    x = np.random.default_rng(4).normal(0, 1, (count, 6))
    sign = np.where(np.arange(count) < count // 2, 1.0, -1.0)
    move = np.concatenate(([0.0], (sign * np.sign(x[:, 0]))[:-1]))
    return np.arange(count) * SECOND, 100 * np.exp(1e-4 * np.cumsum(move)), x


def folded(kind: str, **more: Any) -> tuple[Any, list[Any]]:
    ts, mid, x = turned()
    model = replace(KINDS[kind](), horizon=Period(SECOND), **more)  # type: ignore[type-var]
    slot = model.slot("m", tuple(f"x{n}" for n in range(6)), PLACE)  # type: ignore[attr-defined]
    out = slot.fold(ts, mid, x)[:, 0]
    return out, [record for _, record in slot.said()]


@pytest.mark.parametrize("detector", ["adwin", "page_hinkley", "kswin"])
@pytest.mark.parametrize("action", ["tell", "reset", "reweight"])
def test_a_turn_of_the_market_is_found_and_answered(detector: str, action: str) -> None:
    _, said = folded("naive_bayes", drift=detector, on_drift=action, page_hinkley_threshold=20.0)
    found = [each for each in said if isinstance(each, DriftDetected)]
    late = [each for each in found if each.ts_event > 1200 * SECOND]
    assert late, "no drift was found"
    assert late[0].ts_event < 1500 * SECOND
    assert late[0].error_after > late[0].error_before
    assert late[0].done == action
    evaluations = [each for each in said if isinstance(each, Evaluation)]
    ended = [each for each in found if each.ts_event < evaluations[-1].ts_event]
    assert sum(each.drifts for each in evaluations) == len(ended)
    last = np.mean([each.accuracy for each in evaluations[-5:]])
    if action != "tell":
        assert last > 0.9


def test_what_begins_anew_warms_up_again_and_what_is_reweighted_does_not() -> None:
    for action, holes in (("reset", True), ("reweight", False)):
        out, _ = folded("hoeffding_tree", drift="adwin", on_drift=action)
        assert np.isnan(out[1200:]).any() == holes


def test_a_watched_model_goes_on_bit_for_bit_after_a_snapshot() -> None:
    ts, mid, x = turned(1500)
    model = KINDS["naive_bayes"](drift="kswin", on_drift="reweight", horizon=Period(3 * SECOND))
    names = tuple(f"x{n}" for n in range(6))
    first, second = (model.slot("m", names, PLACE) for _ in range(2))  # type: ignore[attr-defined]
    first.fold(ts[:900], mid[:900], x[:900])
    first.said()
    second.restore(canonical.unpack(canonical.pack(first.state())))
    found = [slot.fold(ts[900:], mid[900:], x[900:]).tobytes() for slot in (first, second)]
    assert found[0] == found[1]
    assert str(first.said()) == str(second.said())
    assert canonical.pack(first.state()) == canonical.pack(second.state())


CONFIG = DriftConfig(reference=200, period_ns=100 * SECOND)


def drifting(step: int) -> tuple[list[Any], Watcher]:
    rng = np.random.default_rng(1)
    values = np.column_stack([rng.normal(0, 1, COUNT), rng.normal(5, 2, COUNT), np.ones(COUNT)])
    values[400:, 1] += 2.0
    values[::7, 0] = np.nan
    watcher, said = Watcher(CONFIG, ("same", "moved", "still"), "TEST:ONE", "core@1"), []
    for at in range(0, COUNT, step):
        part = slice(at, at + step)
        said += [(at + row, made) for row, made in watcher.fold(TS[part], values[part])]
        packed = canonical.pack(watcher.state())
        watcher.restore(canonical.unpack(packed))
        assert canonical.pack(watcher.state()) == packed
    return said, watcher


def test_a_feature_that_moved_is_told_and_one_that_did_not_is_not() -> None:
    said, _ = drifting(COUNT)
    row, last = said[-1]
    assert (row, last.ts_event) == (500, 500 * SECOND)
    same, moved, still = zip(last.counted, last.psi, last.shift, strict=True)
    assert moved[0] == still[0] == 100
    assert same[1] < 0.25 < moved[1]
    assert abs(same[2]) < 0.5
    assert moved[2] == pytest.approx(1.0, abs=0.3)
    assert still[1] < 0.05
    assert np.isnan(still[2])


def test_feature_drift_does_not_depend_on_how_rows_come() -> None:
    said, whole = drifting(COUNT)
    singly, pieces = drifting(1)
    assert str(singly) == str(said)
    assert canonical.pack(pieces.state()) == canonical.pack(whole.state())
