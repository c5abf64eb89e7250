"""The registry of models: what goes in comes out, or is refused with a reason."""

import math
import multiprocessing
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.models import toml
from streams.models.description import Stage, describe
from streams.models.registry import Registry
from streams.operators.features.models.predictor import ModelError
from tests.models.makers import constant, put, store_in

NAMES = ("imbalance", "spread")


def test_a_model_comes_back_as_it_was_imported(tmp_path: Path) -> None:
    store, data = store_in(tmp_path), constant(2, 0.7)
    label = {"kind": "horizon", "horizon": "10s"}
    made = put(store, "trend", data, NAMES, metrics={"auc": 0.61}, label=label, fallback=0.5)
    found = Registry(tmp_path / "models").find("trend", made.version[:4])
    assert found == made
    assert store.registry.read(found) == data
    assert (found.inputs, found.metrics, found.label) == (NAMES, {"auc": 0.61}, label)
    assert found.version == found.sha256[:12]


def test_importing_twice_changes_nothing(tmp_path: Path) -> None:
    store, data = store_in(tmp_path), constant(2, 0.7)
    first = put(store, "trend", data, NAMES, Stage.PRODUCTION)
    assert put(store, "trend", data, NAMES).version == first.version
    assert store.registry.production("trend") == first


def test_the_same_bytes_with_another_contract_are_refused(tmp_path: Path) -> None:
    store, data = store_in(tmp_path), constant(2, 0.7)
    put(store, "trend", data, NAMES)
    with pytest.raises(ModelError, match="with another inputs"):
        put(store, "trend", data, NAMES[::-1])


def test_a_file_that_was_altered_is_refused(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    made = put(store, "trend", constant(2, 0.7), NAMES)
    path = tmp_path / "models" / "trend" / made.version / "model.onnx"
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    with pytest.raises(ModelError, match=r"model\.onnx: its SHA-256 is .* damaged or was changed"):
        store.get("trend", made.version)
    with pytest.raises(ModelError, match="SHA-256"):
        store.registry.move("trend", made.version, Stage.PRODUCTION)


def test_a_contract_that_was_edited_is_refused(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    made = put(store, "trend", constant(2, 0.7), NAMES)
    path = tmp_path / "models" / "trend" / made.version / "model.toml"
    path.write_text(path.read_text().replace('["imbalance", "spread"]', '["spread", "imbalance"]'))
    with pytest.raises(ModelError, match=r"model\.toml: was changed by hand"):
        store.registry.find("trend", made.version)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("kind = ", "kin = "), "unknown key kin"),
        (("[label]", "[label"), "is not TOML"),
        (('kind = "classifier"', 'kind = "oracle"'), "oracle"),
        (("rise = -1", 'rise = "up"'), "must be of type int"),
    ],
)
def test_a_damaged_description_says_what_is_wrong(
    tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    store = store_in(tmp_path)
    made = put(store, "trend", constant(2, 0.7), NAMES)
    path = tmp_path / "models" / "trend" / made.version / "model.toml"
    path.write_text(path.read_text().replace(*change))
    with pytest.raises(ModelError, match=said) as caught:
        store.registry.versions("trend")
    assert str(path) in str(caught.value)


def test_what_is_not_there_is_named_with_what_is(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    made = put(store, "trend", constant(2, 0.7), NAMES)
    with pytest.raises(ModelError, match=f"there are {made.version}"):
        store.get("trend", "0123456789ab")
    with pytest.raises(ModelError, match="12 hexadecimal digits"):
        store.get("trend", f"../trend/{made.version}")
    with pytest.raises(ModelError, match="no version in production"):
        store.registry.production("trend")


@pytest.mark.parametrize("name", ["", ".hidden", "a/b", "..", "a" * 65])
def test_a_name_that_is_no_folder_is_refused(name: str) -> None:
    with pytest.raises(ModelError, match="is no name for a model"):
        describe(constant(2, 0.7), name, kind="classifier", inputs=NAMES, outputs=["p"])


def test_what_is_promoted_retires_what_was_in_production(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    first = put(store, "trend", constant(2, 0.6), NAMES, Stage.PRODUCTION)
    second = put(store, "trend", constant(2, 0.7), NAMES, Stage.PRODUCTION)
    assert store.registry.production("trend").version == second.version
    assert store.registry.find("trend", first.version).stage is Stage.RETIRED
    for expected in (first, second, first):
        store.registry.move("trend", "previous", Stage.PRODUCTION)
        assert store.registry.production("trend").version == expected.version


def test_the_latest_version_is_the_one_that_was_made_last(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    for probability in (0.6, 0.7, 0.65):
        made = put(store, "trend", constant(2, probability), NAMES)
    assert store.registry.find("trend", "latest") == made
    with pytest.raises(ModelError, match="no version in production"):
        store.registry.find("trend", "previous")


def test_after_a_crash_between_two_stages_the_newer_production_counts(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    first = put(store, "trend", constant(2, 0.6), NAMES, Stage.PRODUCTION)
    path = tmp_path / "models" / "trend" / first.version / "model.toml"
    before = path.read_text()
    second = put(store, "trend", constant(2, 0.7), NAMES, Stage.PRODUCTION)
    path.write_text(before)  # as if the old one had not been retired yet
    assert store.registry.production("trend").version == second.version


def _promote(folder: Path, version: str) -> None:
    for _ in range(20):
        Registry(folder).move("trend", version, Stage.PRODUCTION)


def test_two_who_promote_at_once_leave_one_in_production(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    versions = [put(store, "trend", constant(2, p), NAMES).version for p in (0.2, 0.4, 0.6)]
    context = multiprocessing.get_context("fork")
    folder = tmp_path / "models"
    racers = [context.Process(target=_promote, args=(folder, v)) for v in versions]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
        assert racer.exitcode == 0
    stages = [d.stage for d in store.registry.versions("trend")]
    assert stages.count(Stage.PRODUCTION) == 1
    assert not list(folder.rglob("*.partial"))


_VALUES = st.one_of(
    st.text(), st.booleans(), st.integers(-(2**62), 2**62), st.floats(allow_nan=False)
)


@given(
    st.dictionaries(
        st.text(), st.one_of(_VALUES, st.lists(_VALUES), st.dictionaries(st.text(), _VALUES))
    )
)
def test_any_table_comes_back_from_toml(table: dict[str, object]) -> None:
    assert tomllib.loads(toml.dump(table)) == table


def test_numbers_that_are_none_have_a_form_in_toml() -> None:
    assert math.isnan(tomllib.loads(toml.dump({"auc": math.nan}))["auc"])
