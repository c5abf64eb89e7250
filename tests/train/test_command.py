"""``tickstream train``: what it takes, what it writes, what it refuses."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from config.errors import ConfigError
from console import experiments
from console.commands.train import run
from console.errors import Failure
from research.train.errors import TrainError
from streams.models.registry import Registry
from tests.commands import ROOT, tickstream
from tests.train import recordings

QUICK = {
    "name": "trend",
    "learner.kind": "linear",
    "tuning.trials": 0,
    "validation.folds": 3,
    "label.horizon": 5 * 10**9,
}


@pytest.fixture(scope="module")
def recorded_sim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return recordings.make(tmp_path_factory.mktemp("train") / "recording")


@pytest.fixture(autouse=True)
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TICKSTREAM_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


def test_a_recording_becomes_a_model_in_the_registry(recorded_sim: Path, models: Path) -> None:
    facts = run(None, {**QUICK, "source": str(recorded_sim)}, None, None)
    (described,) = Registry(models).versions("trend")
    assert described.version == facts["version"]
    assert described.inputs == tuple(facts["inputs"])
    assert "ema_fast" not in described.inputs
    assert "p_up" not in described.inputs
    assert described.outputs == ("probabilities",)
    assert described.label == {"label": "horizon", "horizon": 5 * 10**9}
    assert described.metrics["log_loss"] == pytest.approx(facts["scores"]["log_loss"])
    assert facts["instruments"] == ["SIM:BTC-USD", "SIM:ETH-USD", "SIM:SOL-USD"]
    assert facts["vectors"]["rows"] > 300
    assert facts["parity"]["stream"]["largest"] < 1e-5
    assert facts["leaks"]["overlaps"] == 0
    json.dumps(facts)  # plain values only
    page = Path(facts["report"]).read_text()
    for said in ("Reliability", "Leaks and parity", facts["verdict"], "SIM:BTC-USD", "<svg"):
        assert said in page
    again = run(None, {**QUICK, "source": str(recorded_sim)}, None, None)
    assert again["version"] == facts["version"]


def test_a_file_says_what_to_train_and_flags_are_laid_over_it(
    recorded_sim: Path, tmp_path: Path
) -> None:
    file = tmp_path / "trend.toml"
    file.write_text(
        f"""
        [train]
        name = "barriers"
        source = "{recorded_sim}"
        features = ["ret_*", "imbalance*", "p_up"]
        kind = "regressor"
        weights = "return"
        [train.label]
        kind = "triple_barrier"
        horizon = "8s"
        volatility = "vol"
        up = 0.5
        down = 0.5
        [train.validation]
        kind = "combinatorial"
        folds = 4
        embargo = "2s"
        [train.learner]
        kind = "boosting"
        params = {{ max_iter = 5 }}
        [train.tuning]
        trials = 2
        ranges = {{ max_leaf_nodes = [3, 9] }}
        """
    )
    facts = run(
        file,
        {"seed": 3, "learner.kind": "linear", "learner.params": {}} | {"tuning.ranges": {}},
        None,
        tmp_path / "page.html",
    )
    assert facts["inputs"] == ["ret_1", "ret_10", "imbalance", "imbalance_n", "p_up"]
    assert facts["label"]["volatility"] == "vol"
    assert facts["trials"] == 2
    assert len(facts["paths"]) == 3
    assert "Backtest paths" in (tmp_path / "page.html").read_text()


def test_the_table_gives_the_model_that_the_recording_gives(
    recorded_sim: Path, tmp_path: Path
) -> None:
    flags = ["--name", "trend", "--learner", "lightgbm", "--trials", "0", "--folds", "3", "--json"]
    stored = tickstream("replay", str(recorded_sim), "--clickhouse", "embedded:ch", cwd=tmp_path)
    assert stored.returncode == 0, stored.stderr
    done = tickstream("train", "embedded:ch", *flags, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert facts["form"] == "clickhouse"
    given = {"learner.kind": "lightgbm", "label.horizon": 10 * 10**9}
    same = run(None, {**QUICK, **given, "source": str(recorded_sim)}, None, None)
    assert (facts["version"], facts["scores"]) == (same["version"], same["scores"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[train]\nname = "x"\nlearnr = 1', "unknown key train.learnr; did you mean learner"),
        ('[train]\nname = "x"\n[train.label]\nhorizn = "1s"', "train.label.horizn; did you mean"),
        ('[training]\nname = "x"', "unknown key training; did you mean train"),
        ('[train]\nname = "x"\nseed = "7"', "train.seed = '7': must be of type int"),
        ('source = "x"', "unknown key source"),
    ],
)
def test_a_file_that_says_something_else_is_refused(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "wrong.toml").write_text(text)
    with pytest.raises(ConfigError, match=said):
        experiments.load(tmp_path / "wrong.toml", {})


@pytest.mark.parametrize(
    ("flags", "error", "said"),
    [
        ({"name": ""}, Failure, "what is the name"),
        ({"source": ""}, Failure, "what is the source"),
        ({"source": "nowhere.gz"}, Failure, "no such file"),
        ({"kind": "guesser"}, Failure, "use classifier or regressor"),
        ({"since": "soon"}, Failure, "since: 'soon' is no time"),
        ({"learner.kind": "forrest"}, TrainError, "use one of linear, forest"),
        ({"features": ("ret_1", "rsj")}, TrainError, "did you mean rsi"),
        ({"label.horizon": 10**14}, TrainError, "rows are too few"),
    ],
)
def test_what_cannot_be_done_is_said(
    flags: dict[str, Any], error: type[Exception], said: str, recorded_sim: Path
) -> None:
    with pytest.raises(error, match=said):
        run(None, {**QUICK, "source": str(recorded_sim), **flags}, None, None)


def test_without_the_extra_it_says_what_to_install() -> None:
    code = (
        "import sys, importlib.util as u; there = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name == 'optuna' else there(name, *a)\n"
        "sys.argv = ['tickstream', 'train', 'x']\n"
        "from console.main import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 1
    assert "pip install 'tickstream[train]'" in done.stderr
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert "optuna" in declared["optional-dependencies"]["train"]
