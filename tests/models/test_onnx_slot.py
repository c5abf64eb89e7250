"""A slot with a model of the registry: columns, roles, failures, changes while it runs."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.enums import ModelCondition, ModelRole
from schemas.records import Evaluation, ModelChange, ModelState
from streams import canonical
from streams.models.description import Stage
from streams.models.store import Store
from streams.operator import Refused
from streams.operators.features.models.lineup import Lineup
from streams.operators.features.models.onnx import Onnx, lineup
from streams.operators.features.models.onnx_slot import OnnxSlot
from streams.operators.features.models.predictor import ModelError
from streams.operators.features.models.slot import Place, plan
from streams.operators.period import Period
from streams.partitions import key_in, partition_of
from tests.models.makers import REGRESSOR, constant, linear, network, picky, put, store_in

FEATURES = ("a", "b", "c")
MINUTE = 60 * 10**9
CHANGE = ModelChange("models/0", 1, 5, "m", ModelRole.PRODUCTION, "", 0.0, "ann", "better")


def lineup_of(model: Onnx, store: Store, feature_set: str = "core@1") -> Lineup:
    models = (("m", model),)
    return lineup(models, plan(models, FEATURES), feature_set, store)


def slot_of(model: Onnx, store: Store, instrument: str = "X:A") -> OnnxSlot:
    return model.slot("m", FEATURES, Place(instrument, MINUTE, lineup_of(model, store)))


def fold(slot: OnnxSlot, rows: Any, first: int = 0) -> tuple[Any, list[tuple[int, Any]]]:
    inputs = np.array(rows, np.float64).reshape(-1, len(FEATURES))
    ts = np.arange(first, first + len(inputs)) * 10**9
    mid = 100 + ts // 10**9 * 7919 % 101 / 100
    return slot.fold(ts, mid, inputs), slot.said()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return store_in(tmp_path)


def test_it_takes_its_inputs_by_name_in_the_order_of_the_model(store: Store) -> None:
    put(store, "sum", linear([10.0, 1.0]), ("c", "a"), Stage.PRODUCTION, **REGRESSOR)
    values, said = fold(slot_of(Onnx(model="sum"), store), [[1, 2, 3], [4, 5, 6]])
    assert values[:, 0].tolist() == [31.0, 64.0]
    assert np.isnan(values[:, 1]).all()
    assert said == []


def test_inputs_of_the_configuration_take_the_place_of_the_models_own(store: Store) -> None:
    put(store, "sum", linear([10.0, 1.0]), ("x1", "x2"), Stage.PRODUCTION, **REGRESSOR)
    values, _ = fold(slot_of(Onnx(model="sum", inputs=("b", "c")), store), [[1, 2, 3]])
    assert values[0, 0] == 23.0


def test_without_an_input_there_is_no_prediction_and_no_failure(store: Store) -> None:
    put(store, "sum", linear([1.0, 1.0]), ("a", "b"), Stage.PRODUCTION, **REGRESSOR)
    values, said = fold(slot_of(Onnx(model="sum"), store), [[np.nan, 2, 3], [1, 2, np.nan]])
    assert np.isnan(values[0, 0])
    assert values[1, 0] == 3.0
    assert said == []


def test_a_model_that_takes_missing_values_gets_them(store: Store) -> None:
    put(store, "sum", constant(1, 0.75), ("a",), Stage.PRODUCTION, takes_nan=True)
    store.get("sum", store.registry.production("sum").version)
    values, said = fold(slot_of(Onnx(model="sum"), store), [[np.nan, 2, 3]])
    # 0 × NaN is NaN, which no probability is: the model says it takes it, and fails
    assert np.isnan(values[0, 0])
    assert said[0][1].condition is ModelCondition.FAILED


def test_a_shadow_has_a_column_of_its_own_and_moves_nothing(store: Store) -> None:
    put(store, "p", constant(1, 0.25), ("a",), Stage.PRODUCTION)
    put(store, "p", constant(1, 0.75), ("a",), Stage.SHADOW)
    values, _ = fold(slot_of(Onnx(model="p"), store), [[1, 2, 3]])
    assert values.tolist() == [[0.25, 0.75]]


def test_a_challenger_takes_its_share_of_the_instruments_for_ever(store: Store) -> None:
    first = put(store, "p", constant(1, 0.25), ("a",))
    second = put(store, "p", constant(1, 0.75), ("a",))
    model = Onnx(model="p", version=first.version, challenger=second.version, share=0.3)
    names = [f"X:{n}" for n in range(200)]
    said = [fold(slot_of(model, store, name), [[1, 2, 3]])[0][0, 0] for name in names]
    again = [fold(slot_of(model, store, name), [[9, 2, 3]], 7)[0][0, 0] for name in names]
    assert said == again
    assert 0.2 < said.count(0.75) / len(said) < 0.4


def test_a_challenger_may_take_its_share_of_the_time(store: Store) -> None:
    first = put(store, "p", constant(1, 0.25), ("a",))
    second = put(store, "p", constant(1, 0.75), ("a",))
    model = Onnx(model="p", version=first.version, challenger=second.version, share=0.5)
    model = replace(model, split="time", bucket=Period(5 * 10**9))
    values, _ = fold(slot_of(model, store), [[1, 2, 3]] * 500)
    turns = values[:, 0].reshape(-1, 5)
    assert (turns == turns[:, :1]).all()
    assert 0.3 < (turns[:, 0] == 0.75).mean() < 0.7


def test_a_failure_is_told_once_and_the_fallback_stands_in(store: Store) -> None:
    made = put(store, "t", picky(), ("a",), Stage.PRODUCTION, **REGRESSOR)
    slot = slot_of(Onnx(model="t", fallback="b"), store)
    values, said = fold(slot, [[0, 7, 0], [9, 7, 0], [9, 8, 0], [1, 7, 0]])
    assert values[:, 0].tolist() == [0.5, 7.0, 8.0, 1.5]
    assert [(row, m.condition) for row, m in said] == [
        (1, ModelCondition.FAILED),
        (3, ModelCondition.RECOVERED),
    ]
    failed = said[0][1]
    assert isinstance(failed, ModelState)
    assert (failed.key, failed.version, failed.ts_event) == ("X:A", made.version, 10**9)
    assert failed.detail.endswith("b stands in")
    assert "out of data bounds" in failed.detail


@pytest.mark.parametrize(
    ("fallback", "own", "expected", "told"),
    [("0.5", None, 0.5, "0.5 stands in"), ("", 0.25, 0.25, "0.25 stands in"), ("", None, None, "")],
)
def test_a_number_stands_in_the_configurations_or_the_models_own(
    store: Store, fallback: str, own: float | None, expected: float | None, told: str
) -> None:
    more = REGRESSOR if own is None else {**REGRESSOR, "fallback": own}
    put(store, "t", picky(), ("a",), Stage.PRODUCTION, **more)
    values, said = fold(slot_of(Onnx(model="t", fallback=fallback), store), [[9, 0, 0]])
    assert said[0][1].detail.endswith(told or "nothing stands in")
    assert values[0, 0] == expected if expected else np.isnan(values[0, 0])


def test_production_stands_in_for_a_challenger_that_fails(store: Store) -> None:
    first = put(store, "t", linear([1.0]), ("b",), **REGRESSOR)
    second = put(store, "t", picky(), ("a",), **REGRESSOR)
    model = Onnx(model="t", version=first.version, challenger=second.version, share=1.0)
    values, said = fold(slot_of(model, store), [[0, 7, 0], [9, 7, 0]])
    assert values[:, 0].tolist() == [0.5, 7.0]
    assert [m.role for _, m in said] == [ModelRole.CHALLENGER]


def test_a_change_holds_from_the_next_row_and_by_snapshot(store: Store) -> None:
    first = put(store, "p", constant(1, 0.25), ("a",), Stage.PRODUCTION)
    second = put(store, "p", constant(1, 0.75), ("a",))
    model = Onnx(model="p")
    players = lineup_of(model, store)
    slot = model.slot("m", FEATURES, Place("X:A", MINUTE, players))
    assert fold(slot, [[1, 2, 3]])[0][0, 0] == 0.25
    change = replace(CHANGE, version=second.version)
    told = players.take(change)
    slot.swap(change)
    assert (told.version, told.condition) == (second.version, ModelCondition.ACTIVE)
    assert fold(slot, [[1, 2, 3]])[0][0, 0] == 0.75
    put(store, "p", constant(1, 0.5), ("a",), Stage.PRODUCTION)  # not told to the log
    again = lineup_of(model, Store(store.registry.folder))
    again.restore(players.state())
    assert again.state() == players.state()
    taken_up = model.slot("m", FEATURES, Place("X:A", MINUTE, again))
    taken_up.restore(slot.state())
    assert fold(taken_up, [[1, 2, 3]])[0][0, 0] == 0.75
    assert again.began("m").version == first.version


def test_a_version_that_the_configuration_names_anew_comes_first(store: Store) -> None:
    first = put(store, "p", constant(1, 0.25), ("a",))
    second = put(store, "p", constant(1, 0.75), ("a",))
    before = lineup_of(Onnx(model="p", version=first.version), store)
    model = Onnx(model="p", version=second.version)
    after = lineup_of(model, store)
    after.restore(before.state())
    assert (
        fold(model.slot("m", FEATURES, Place("X:A", MINUTE, after)), [[1, 2, 3]])[0][0, 0] == 0.75
    )


def test_a_change_reaches_the_instruments_of_its_partition_alone(store: Store) -> None:
    put(store, "p", constant(1, 0.25), ("a",), Stage.PRODUCTION)
    second = put(store, "p", constant(1, 0.75), ("a",))
    model, names = Onnx(model="p"), [f"X:{n}" for n in range(20)]
    players = lineup_of(model, store)
    players.take(replace(CHANGE, version=second.version, key=key_in(2, 4, "models"), partitions=4))
    for name in names:
        slot = model.slot("m", FEATURES, Place(name, MINUTE, players))
        expected = 0.75 if partition_of(name, 4) == 2 else 0.25
        assert fold(slot, [[1, 2, 3]])[0][0, 0] == expected


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": "0123456789ab"}, "is not there; there are .* what runs goes on"),
        ({"slot": "n", "version": "0123456789ab"}, "models.n is no slot of kind onnx; there are m"),
        ({"version": ""}, "somebody must be in production"),
        ({"role": ModelRole.CHALLENGER, "version": "0123456789ab"}, "a share of 0"),
        ({"version": "0123456789ab", "partitions": 0}, "0 partitions"),
    ],
)
def test_a_change_that_cannot_be_is_refused_and_leaves_no_trace(
    store: Store, change: dict[str, Any], said: str
) -> None:
    put(store, "p", constant(1, 0.25), ("a",), Stage.PRODUCTION)
    players = lineup_of(Onnx(model="p"), store)
    before = players.state()
    with pytest.raises(Refused, match=said):
        players.take(replace(CHANGE, **change))
    assert players.state() == before


def test_a_version_with_inputs_that_no_vector_has_is_refused(store: Store) -> None:
    put(store, "p", constant(1, 0.25), ("a",), Stage.PRODUCTION)
    other = put(store, "p", constant(2, 0.75), ("a", "rsi_21"))
    players = lineup_of(Onnx(model="p"), store)
    with pytest.raises(Refused, match="takes rsi_21, which no vector has here"):
        players.take(replace(CHANGE, version=other.version))


def test_a_version_that_says_something_else_is_refused(store: Store) -> None:
    put(store, "p", constant(1, 0.25), ("a",), Stage.PRODUCTION)
    other = put(store, "p", linear([1.0]), ("a",), **REGRESSOR)
    players = lineup_of(Onnx(model="p"), store)
    with pytest.raises(Refused, match="is a regressor; the slot is of a classifier"):
        players.take(replace(CHANGE, version=other.version))


def test_a_model_of_another_feature_set_is_refused(store: Store) -> None:
    put(store, "p", constant(1, 0.25), ("a",), Stage.PRODUCTION, feature_set="core@1+ab")
    lineup_of(Onnx(model="p"), store, "core@1+cd")
    with pytest.raises(ModelError, match="made for the feature set core@1; this is core@2"):
        lineup_of(Onnx(model="p"), store, "core@2")


def test_predictions_of_each_role_are_held_against_the_models_own_label(store: Store) -> None:
    label = {"label": "horizon", "horizon": "3s"}
    first = put(store, "p", constant(1, 0.25), ("a",), label=label)
    second = put(store, "p", constant(1, 0.75), ("a",), label=label)
    third = put(store, "p", constant(1, 0.5), ("a",), label=label)
    model = Onnx(
        model="p",
        version=first.version,
        challenger=second.version,
        shadow=third.version,
        split="time",
        bucket=Period(10**9),
    )
    _, said = fold(slot_of(model, store), [[1, 2, 3]] * 65)
    found = {m.model: m for _, m in said if isinstance(m, Evaluation)}
    assert set(found) == {"m", "m_shadow", "m_challenger", "m_production"}
    both = found["m_challenger"].labels + found["m_production"].labels
    assert found["m"].labels == both == found["m_shadow"].labels > 50
    assert found["m_shadow"].brier == pytest.approx(0.25)
    rises = found["m_production"].rises
    assert found["m_production"].brier == pytest.approx(rises * 0.75**2 + (1 - rises) * 0.25**2)


def test_a_swap_to_a_model_of_another_label_judges_by_that(store: Store) -> None:
    put(store, "p", constant(1, 0.25), ("a",), Stage.PRODUCTION)
    label = {"label": "bars", "bars": 2}
    second = put(store, "p", constant(1, 0.75), ("a",), label=label)
    model = Onnx(model="p")
    players = lineup_of(model, store)
    slot = model.slot("m", FEATURES, Place("X:A", MINUTE, players))
    assert fold(slot, [[1, 2, 3]] * 65)[1] == []
    change = replace(CHANGE, version=second.version)
    players.take(change)
    slot.swap(change)
    _, said = fold(slot, [[1, 2, 3]] * 65, 65)
    assert [m.labels for _, m in said if isinstance(m, Evaluation)] == [53]


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ({"horizon": "soon"}, "label: "),
        ({"label": "weather"}, "label 'weather': use horizon, triple_barrier, bars"),
        ({"hours": 2}, "label says hours; known are label, horizon"),
        ({"volatility": "vol_9"}, "takes vol_9, which no vector has here"),
    ],
)
def test_a_label_that_is_none_is_refused(store: Store, label: dict[str, Any], said: str) -> None:
    put(store, "p", constant(1, 0.25), ("a",), Stage.PRODUCTION, label=label)
    with pytest.raises(ModelError, match=said):
        lineup_of(Onnx(model="p"), store)


@given(st.lists(st.integers(1, 7), max_size=8), st.integers(0, 2**16))
def test_splitting_rows_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int], seed: int
) -> None:
    slots = _ab(tmp_path_factory)
    rng = np.random.default_rng(seed)
    rows = rng.normal(0, 2, (90, 3))
    rows[rng.random((90, 3)) < 0.05] = np.nan
    expected, told = fold(slots[0], rows)
    values, said, first = [], [], 0
    for size in [*cuts, 90]:
        part, states = fold(slots[1], rows[first : first + size], first)
        values.append(part)
        said += [(first + row, state) for row, state in states]
        first += len(part)
    assert np.concatenate(values).tobytes() == expected.tobytes()
    assert repr(said) == repr(told)  # an evaluation may hold NaN
    assert canonical.pack(slots[0].state()) == canonical.pack(slots[1].state())
    assert any(isinstance(record, Evaluation) for _, record in said)


def _ab(tmp_path_factory: pytest.TempPathFactory) -> list[OnnxSlot]:
    """Two of the same, with a challenger by time that fails on some rows, and a shadow."""
    store = _STORES.get(0) or store_in(tmp_path_factory.mktemp("ab"))
    _STORES[0] = store
    label = {"label": "horizon", "horizon": "2s"}
    first = put(store, "p", network(3, 1), FEATURES, label=label)
    second = put(store, "p", picky(0.2, 0.9, output="probabilities"), ("a",))
    third = put(store, "p", network(3, 2), FEATURES)
    model = Onnx(
        model="p",
        version=first.version,
        challenger=second.version,
        shadow=third.version,
        split="time",
        bucket=Period(4 * 10**9),
        fallback="0.5",
    )
    return [slot_of(model, store) for _ in range(2)]


_STORES: dict[int, Store] = {}
