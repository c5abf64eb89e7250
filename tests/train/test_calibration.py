"""Calibrators, and their graphs."""

import numpy as np
import pytest

from research.train import calibration, parity, scores
from research.train.graph import INPUT, Graph


@pytest.mark.parametrize("kind", ["platt", "isotonic"])
def test_what_is_too_sure_is_corrected(kind: str) -> None:
    rng = np.random.default_rng(1)
    truth = rng.uniform(0.2, 0.8, 4000)
    y = (rng.uniform(size=4000) < truth).astype(np.float64)
    sure = 1 / (1 + np.exp(-3 * calibration.logit(truth)))
    made = calibration.fit(kind, sure[:2000], y[:2000], np.ones(2000))
    before = scores.calibration_error(y[2000:], sure[2000:])
    after = scores.calibration_error(y[2000:], made.apply(sure[2000:]))
    assert after < 0.05 < before
    assert np.all(np.diff(made.apply(np.linspace(0, 1, 99))) >= 0)


@pytest.mark.parametrize("kind", calibration.KINDS)
def test_the_graph_corrects_as_the_calibrator_does(kind: str) -> None:
    rng = np.random.default_rng(2)
    p = np.concatenate(([0.0, 1.0], rng.uniform(size=500)))
    y = (rng.uniform(size=502) < p**2).astype(np.float64)
    made = calibration.fit(kind, p, y, np.ones(502))
    graph = Graph()
    out = graph.probabilities(made.to_graph(graph, graph.wide(INPUT)))
    x = p.astype(np.float32)
    found = parity.run(graph.finish(out, 1, True), x.reshape(-1, 1))
    assert found == pytest.approx(made.apply(x.astype(np.float64)), abs=1e-6)


def test_predictions_that_order_rows_the_wrong_way_become_the_mean() -> None:
    p = np.linspace(0.1, 0.9, 100)
    made = calibration.fit("platt", p, (p < 0.5).astype(np.float64), np.ones(100))
    assert made.apply(p) == pytest.approx(0.5)
