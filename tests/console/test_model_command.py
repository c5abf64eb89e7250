"""tickstream model: what goes in, what is refused, without a broker."""

from pathlib import Path
from typing import Any

import pytest

from console.commands.model import Models
from console.errors import Failure
from schemas.enums import ModelRole
from streams.models.description import Stage
from streams.operators.features.models.predictor import ModelError
from tests.models.makers import constant, linear

NOBODY = "127.0.0.1:1"
SAID: dict[str, Any] = {"kind": "classifier", "inputs": ["imbalance", "spread"]}


@pytest.fixture
def models(tmp_path: Path) -> Models:
    config = tmp_path / "own.toml"
    config.write_text(
        f'[models_registry]\nfolder = "{tmp_path / "models"}"\n'
        '[models.slot]\nkind = "onnx"\nmodel = "trend"\n'
    )
    return Models(config, NOBODY, "ann")


def file(folder: Path, data: bytes) -> Path:
    path = folder / "made.onnx"
    path.write_bytes(data)
    return path


def test_a_model_goes_from_a_file_to_production(models: Models, tmp_path: Path) -> None:
    made = models.bring(
        file(tmp_path, constant(2, 0.7)), "trend", {**SAID, "metrics": {"auc": 0.6}}
    )
    assert made["stage"] == "candidate"
    assert models.promote("trend", "latest", Stage.PRODUCTION, False, "")["stage"] == "production"
    assert models.show("trend", "")["inputs"] == ("imbalance", "spread")
    (line,) = models.listed()["trend"].values()
    assert line.startswith("production since 20")
    assert line.endswith("auc 0.6")
    (checked,) = models.check("", "").values()
    assert checked["ok"]
    assert checked["p50_us"] > 0


@pytest.mark.parametrize(
    ("data", "said", "why"),
    [
        (b"no model", SAID, "onnxruntime cannot load it"),
        (constant(3, 0.5), SAID, "takes 3 columns; its description names 2"),
        (constant(2, 0.5), {"kind": "classifier"}, "lacks inputs"),
        (constant(2, 0.5), {**SAID, "colour": "red"}, "unknown key colour"),
        (constant(2, 0.5), {**SAID, "outputs": ["p"]}, "has no output 'p'"),
    ],
)
def test_a_file_that_is_not_what_is_said_of_it_is_refused(
    models: Models, tmp_path: Path, data: bytes, said: dict[str, Any], why: str
) -> None:
    with pytest.raises(ModelError, match=why):
        models.bring(file(tmp_path, data), "trend", said)
    assert models.listed() == {}


def test_what_is_in_production_cannot_be_retired(models: Models, tmp_path: Path) -> None:
    models.bring(file(tmp_path, constant(2, 0.7)), "trend", SAID)
    models.promote("trend", "latest", Stage.PRODUCTION, False, "")
    with pytest.raises(Failure, match="is in production; promote another version"):
        models.retire("trend", "latest")
    models.bring(file(tmp_path, constant(2, 0.6)), "trend", SAID)
    assert models.retire("trend", "latest")["stage"] == "retired"


def test_a_slot_that_is_none_and_a_version_that_does_not_fit_are_refused(
    models: Models, tmp_path: Path
) -> None:
    models.bring(file(tmp_path, constant(2, 0.7)), "trend", SAID)
    models.promote("trend", "latest", Stage.PRODUCTION, False, "")
    with pytest.raises(Failure, match=r"models\.p_up is no slot of kind onnx; there are slot"):
        models.deploy("p_up", "latest", ModelRole.SHADOW, 0.5, "")
    with pytest.raises(Failure, match="somebody must be in production"):
        models.deploy("slot", "", ModelRole.PRODUCTION, 0.5, "")
    other = {"kind": "regressor", "inputs": ["rsi_99"], "outputs": ["value"]}
    models.bring(file(tmp_path, linear([1.0])), "trend", other)
    with pytest.raises(Failure, match="takes rsi_99, which no vector has here"):
        models.promote("trend", "latest", Stage.PRODUCTION, True, "")
    assert models.show("trend", "")["kind"] == "classifier"
