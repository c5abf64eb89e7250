"""From a history to a judged model: what it finds where there is something, and says where not."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from research.train import bootstrap, leaks, overfitting, scores, splits, training, tuning
from research.train.dataset import History, Recipe, Vectors, make
from research.train.errors import TrainError
from research.train.training import Trained
from research.train.tuning import Trial
from streams.operators.features.models.labels import Label
from tests.train.markets import SECOND, foreseeable, history, unforeseeable, walk, wanted


def train(told: History, **changed: Any) -> Trained:
    return training.train(wanted(**changed), told, lambda _: None)


def test_what_can_be_foreseen_is_found() -> None:
    made = train(foreseeable())
    assert made.evaluation.verdict == "better than the prior"
    assert made.evaluation.gain.low > 0
    auc = made.evaluation.model["auc"]
    assert auc is not None
    assert auc > 0.65
    assert made.worths[0].feature == "tide"
    assert made.worths[0].loss > 2 * abs(made.worths[1].loss)
    assert made.leaks.overlaps == 0
    assert made.leaks.too_good == ()


def test_where_nothing_can_be_foreseen_it_says_so() -> None:
    for seed in range(2):
        made = train(unforeseeable(seed=seed))
        assert made.evaluation.verdict != "better than the prior"


def test_a_regressor_foresees_the_return() -> None:
    made = train(foreseeable(), recipe={"classifier": False}, calibration="none")
    assert made.evaluation.verdict == "better than the prior"
    assert made.evaluation.model["rank_correlation"] > 0.3  # type: ignore[operator]
    assert made.parity.largest < 1e-3  # basis points


def test_the_same_rows_give_the_same_bytes() -> None:
    first, again = (
        train(foreseeable(300), learner="lightgbm", trials=3, params={"n_estimators": 10.0})
        for _ in range(2)
    )
    assert first.onnx == again.onnx
    assert first.model.params == again.model.params
    assert len(first.model.trials) == 3
    assert first.luck is not None


def test_labels_that_overlap_leak_through_shuffled_folds_and_not_through_purged_ones() -> None:
    """A price level foresees nothing in a random walk, but it tells rows that are near in time:
    their labels overlap, so a model that remembers them looks like one that foresees."""
    mid = walk(700, 11)
    told = history({"level": mid, "slow": np.arange(700.0)}, mid)
    label = Label("horizon", 60 * SECOND)
    asked = wanted(recipe={"label": label}, learner="forest", params={"n_estimators": 30.0})
    asked = replace(asked, params={**asked.params, "max_depth": 12.0, "min_samples_leaf": 2.0})
    rows = make(told, asked.recipe).rows
    purged = splits.purged(rows.spans, 5, 60 * SECOND)
    shuffled = leaks.skill(asked.search(), rows, splits.plain(len(rows.y), 5, 7))
    honest = leaks.skill(asked.search(), rows, purged)
    assert shuffled is not None
    assert honest is not None
    assert shuffled > 0.95
    assert abs(honest - 0.5) < 0.2


def test_a_feature_that_knows_its_label_is_told() -> None:
    """A look ahead is in the rows themselves: no folds can take it out, so it is named."""
    mid = walk(500, 13)
    ahead = np.log(np.append(mid[4:], np.full(4, mid[-1])) / mid)
    noise = np.random.default_rng(1).normal(size=500)
    made = train(history({"ahead": ahead, "noise": noise}, mid))
    assert made.leaks.too_good == ("ahead",)


def test_tuning_is_judged_on_folds_that_it_never_saw() -> None:
    """Of many tries on noise the best looks good where it was chosen; the report is not fooled."""
    made = train(
        unforeseeable(300, seed=8),
        learner="lightgbm",
        trials=6,
        params={"n_estimators": 20.0},
        validation={"folds": 3},
    )
    assert min(t.loss for t in made.model.trials) <= made.model.trials[0].loss
    assert made.evaluation.verdict != "better than the prior"


def test_a_search_that_is_out_of_time_begins_no_further_try() -> None:
    asked = wanted(trials=50, timeout_s=1e-9)
    rows = make(foreseeable(200), asked.recipe).rows
    trials = tuning.search(asked.search(), rows, splits.purged(rows.spans, 3))
    assert len(trials) == 1
    assert trials[0].params == asked.search().learner.fixed


def test_combinatorial_folds_give_paths() -> None:
    made = train(foreseeable(), validation={"kind": "combinatorial", "folds": 4, "tested": 2})
    assert len(made.paths) == 3
    assert all(path["auc"] > 0.6 for path in made.paths)  # type: ignore[operator]


def test_walking_forward_leaves_the_first_stretch_untested() -> None:
    made = train(foreseeable(), validation={"kind": "walk_forward", "folds": 3})
    first = min(fold.split.test.min() for fold in made.evaluation.folds)
    assert first == pytest.approx(len(made.data.rows.y) / 4, abs=2)


def test_instruments_are_pooled_in_the_order_of_time() -> None:
    told = foreseeable(200)
    (vectors,) = told.vectors.values()
    both = replace(told, vectors={"X:A": vectors, "X:B": vectors})
    made = make(both, wanted().recipe)
    assert made.instruments == ("X:A", "X:B")
    assert np.all(np.diff(made.rows.start) >= 0)
    assert made.counts["rows"] == 2 * make(told, wanted().recipe).counts["rows"]
    assert made.rows.weights.mean() == pytest.approx(1.0)


def test_what_becomes_of_each_vector_is_counted() -> None:
    told = foreseeable(200)
    (vectors,) = told.vectors.values()
    values, mid = vectors.values.copy(), vectors.mid.copy()
    values[:20, 0] = np.nan
    mid[50] = np.nan
    mid[105] = mid[100]
    found = make(replace(told, vectors={"X:Y": Vectors(vectors.ts, mid, values)}), wanted().recipe)
    assert found.counts == {
        "vectors": 200,
        "warming_up": 20,
        "without_label": 6,
        "unmoved": 1,
        "rows": 173,
    }
    assert found.rows.x.dtype == np.float32


def test_barriers_may_be_multiples_of_a_column() -> None:
    told = foreseeable(300)
    (vectors,) = told.vectors.values()
    width = np.full((300, 1), 2e-4)
    told = History(
        "made@1",
        (*told.names, "vol"),
        {"X:Y": vectors._replace(values=np.hstack((vectors.values, width)))},
    )
    label = Label("triple_barrier", 20 * SECOND, up=2.0, down=2.0)
    recipe = Recipe(("*", "!vol"), label, "vol", "return", True)
    found = make(told, recipe)
    assert found.inputs == ("tide", "noise")
    assert (np.abs(found.rows.ret) >= 4.0).mean() > 0.8  # 2 × 2 bp, or the time ran out


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"learner": "lightgmb"}, "learner 'lightgmb': use one of linear"),
        ({"learner": "linear", "params": {"depth": 3.0}}, "linear has no parameter 'depth'"),
        ({"learner": "forest", "params": {"max_depth": 2.5}}, "must be a whole number"),
        ({"ranges": {"penalty": (3.0, 1.0)}}, "write the least and the most"),
        ({"calibration": "beta"}, "calibration 'beta': use one of platt"),
        ({"validation": {"folds": 1}}, "folds 1: at least 2"),
        ({"validation": {"kind": "combinatorial", "folds": 4, "tested": 4}}, "tested 4"),
        ({"recipe": {"label": Label("soon")}}, "label: label 'soon'"),
        ({"recipe": {"inputs": ("tied",)}}, "did you mean tide"),
        ({"recipe": {"inputs": ("*", "!*")}}, "leaves no feature"),
    ],
)
def test_what_makes_no_sense_is_refused(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(TrainError, match=said):
        train(foreseeable(80), **changed)


def test_too_little_to_train_on_is_refused() -> None:
    with pytest.raises(TrainError, match="no feature vector"):
        train(foreseeable(0))
    with pytest.raises(TrainError, match="35 rows are too few"):
        train(foreseeable(40))
    rising = 100 * np.exp(np.arange(100) * 1e-4)
    with pytest.raises(TrainError, match="all 95 labels are rises"):
        train(history({"noise": np.arange(100.0)}, rising))


def test_a_difference_is_believed_when_blocks_agree() -> None:
    rng = np.random.default_rng(3)
    chance = bootstrap.mean_interval(rng.normal(0, 1, 500), 10, 1)
    assert bootstrap.verdict(chance) == "no better than the prior"
    assert bootstrap.verdict(bootstrap.mean_interval(rng.normal(0.5, 1, 500), 10, 1)) == (
        "better than the prior"
    )
    last_digits = bootstrap.mean_interval(np.full(500, 1e-12), 10, 1)
    assert bootstrap.verdict(last_digits) == "no better than the prior"
    # one stretch repeated is one observation, not fifty
    slow = np.repeat(rng.normal(0, 1, 10), 50)
    wide, narrow = (bootstrap.mean_interval(slow, block, 1) for block in (50, 1))
    assert wide.high - wide.low > 3 * (narrow.high - narrow.low)


def test_the_best_of_noise_is_luck_and_the_best_of_many_worse_is_not() -> None:
    rng = np.random.default_rng(4)
    noise = [Trial({}, tuple(rng.normal(size=6))) for _ in range(30)]
    skilled = [Trial({}, tuple(rng.normal(n, 0.1, 6))) for n in range(10)]
    luck, skill = overfitting.probability(noise), overfitting.probability(skilled)
    assert luck is not None
    assert luck > 0.3
    assert skill == 0.0
    assert overfitting.probability(noise[:1]) is None


def test_measures_are_those_of_scikit_learn() -> None:
    from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

    rng = np.random.default_rng(5)
    p = np.round(rng.uniform(0.01, 0.99, 300), 2)  # ties
    y = (rng.uniform(size=300) < p).astype(np.float64)
    found = scores.of(True, y, p)
    assert found["log_loss"] == pytest.approx(log_loss(y, p))
    assert found["brier"] == pytest.approx(brier_score_loss(y, p))
    assert found["auc"] == pytest.approx(roc_auc_score(y, p))
    assert scores.auc(np.ones(5), np.arange(5.0)) is None
