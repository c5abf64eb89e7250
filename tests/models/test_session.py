"""A model of the registry, loaded: contract, numbers, failures."""

import copy
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest

from streams.models.description import describe
from streams.models.session import Session
from streams.operators.features.models.predictor import ModelError
from tests.models.makers import (
    REGRESSOR,
    constant,
    linear,
    logarithm,
    network,
    picky,
    put,
    store_in,
)


def load(data: bytes, inputs: int, **more: Any) -> Session:
    told = {"kind": "classifier", "outputs": ["probabilities"], **more}
    names = [f"f{n}" for n in range(inputs)]
    return Session(data, describe(data, "made", inputs=names, **told))


def test_it_predicts_what_onnxruntime_does() -> None:
    data = network(12)
    model, rows = load(data, 12), np.random.default_rng(2).normal(size=(50, 12))
    found, failures = model.predict(rows)
    plain = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    (expected,) = plain.run(["probabilities"], {"x": rows.astype(np.float32)})
    assert found.tolist() == pytest.approx(expected[:, 1].tolist(), abs=1e-6)
    assert not failures


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
def test_rows_give_bit_for_bit_the_same_however_many_come_together(size: int) -> None:
    model, rows = load(network(12), 12), np.random.default_rng(2).normal(size=(50, 12))
    together, _ = model.predict(rows)
    parts = [model.predict(rows[n : n + size])[0] for n in range(0, 50, size)]
    assert np.concatenate(parts).tobytes() == together.tobytes()


def test_a_regressor_gives_its_value() -> None:
    found, _ = load(linear([1.0, -2.0]), 2, **REGRESSOR).predict(np.array([[3.0, 1.0]]))
    assert found.tolist() == [1.0]


def test_the_class_of_a_rise_may_be_another_than_the_last() -> None:
    found, _ = load(constant(2, 0.7), 2, rise=0).predict(np.zeros((1, 2)))
    assert found.tolist() == pytest.approx([0.3])


@pytest.mark.parametrize("rows", [[-5.0], [3.0, -5.0, 7.0]])
def test_a_row_without_a_number_fails_alone(rows: list[float]) -> None:
    model = load(logarithm(), 1, **REGRESSOR)
    values, failures = model.predict(np.array(rows)[:, np.newaxis])
    at = rows.index(-5.0)
    assert failures == {at: "nan is no number"}
    assert [bool(v) for v in np.isnan(values)] == [row == -5.0 for row in rows]


@pytest.mark.parametrize("rows", [[9.0], [1.0, 9.0, 2.0]])
def test_a_row_on_which_the_model_raises_fails_alone(rows: list[float]) -> None:
    model = load(picky(), 1, **REGRESSOR)
    values, failures = model.predict(np.array(rows)[:, np.newaxis])
    assert list(failures) == [rows.index(9.0)]
    assert "out of data bounds" in failures[rows.index(9.0)]
    assert [v for v in values if v == v] == [v + 0.5 for v in rows if v != 9.0]


def test_a_number_that_is_no_probability_is_a_failure() -> None:
    values, failures = load(constant(2, 1.7), 2).predict(np.zeros((2, 2)))
    assert failures == {0: "1.70000005 is no probability", 1: "1.70000005 is no probability"}
    assert np.isnan(values).all()


@pytest.mark.parametrize(
    ("data", "inputs", "more", "said"),
    [
        (b"no model", 2, {}, "onnxruntime cannot load it"),
        (constant(2, 0.5), 3, {}, "takes 2 columns; its description names 3"),
        (constant(2, 0.5), 2, {"outputs": ["p"]}, "has no output 'p'; there are probabilities"),
        (constant(2, 0.5), 2, {"rise": 5}, "rise = 5, of 2 classes"),
        (
            constant(2, 0.5),
            2,
            {**REGRESSOR, "outputs": ["probabilities"]},
            "gives 2 values for a row; a regressor gives one",
        ),
    ],
)
def test_a_model_that_is_not_as_described_is_refused(
    data: bytes, inputs: int, more: dict[str, Any], said: str
) -> None:
    with pytest.raises(ModelError, match=said):
        load(data, inputs, **more)


def test_a_store_is_copied_and_sent_without_its_sessions(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    made = put(store, "trend", constant(1, 0.7), ("spread",))
    assert store.get("trend", made.version) is store.get("trend", made.version)
    for other in (copy.deepcopy(store), pickle.loads(pickle.dumps(store))):
        assert other.get("trend", made.version).version == made.version
