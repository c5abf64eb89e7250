"""``tickstream train``: a model from ClickHouse, a lake, a recording or a capture.

The vectors are those of the very operators that make them in the stream. What is written is the
model, what it is, and a report; nothing is written when the exported model does not say what the
fitted one says.
"""

import time
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from config.experiment import Experiment
from config.keys import REPLAY_KEY
from connectors.extras import MissingExtra
from console import context
from console.context import Context
from console.feeding import check_there, feed
from console.output import say

_NEEDED = ("lightgbm", "onnx", "optuna", "scipy", "sklearn", "xgboost")
_CLICKHOUSE = ("embedded:", "http://", "https://")


def run(
    file: Path | None, flags: dict[str, Any], config: Path | None, models: Path, out: Path | None
) -> dict[str, Any]:
    """What ``train --json`` prints. Raises Failure, ConfigError, TrainError and MissingExtra."""
    if any(find_spec(name) is None for name in _NEEDED):
        raise MissingExtra("models to train", "train")
    from console import experiments, train_facts
    from console.report.training import page
    from research.train import streaming, training

    began = time.perf_counter()
    experiment = experiments.load(file, flags)
    wanted = experiments.wanted(experiment)
    made = context.make(config, REPLAY_KEY)
    history, form = _history(experiment, made)
    trained = training.train(wanted, history, say)
    described = train_facts.describe(experiment, wanted, trained)
    streamed = streaming.check(trained, described, history)
    described = train_facts.register(models, trained, described)
    facts = train_facts.facts(experiment, form, trained, described, streamed)
    folder = models / described.name / described.version
    target = out or folder / "report.html"
    about = f"tickstream {version('tickstream')} · {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    target.write_text(page(facts, trained, about))
    seconds = round(time.perf_counter() - began, 3)
    return facts | {"folder": str(folder), "report": str(target), "seconds": seconds}


def _history(experiment: Experiment, made: Context) -> tuple[Any, str]:
    """The vectors, and what the source is."""
    from console import experiments
    from research.train import table
    from research.train.vectors import VectorFold, model_columns

    outputs = model_columns(made.configs.features)
    asked = [name for name in outputs if name in experiment.features]
    selection = experiments.selection(experiment)
    source = experiment.source
    if source == "clickhouse" or source.startswith(_CLICKHOUSE):
        from sinks.clickhouse.target import open_client

        target = made.settings.clickhouse.target if source == "clickhouse" else source
        with open_client(target) as client:
            ignored = [name for name in outputs if name not in asked]
            found = table.read(client, selection, experiment.feature_set, ignored)
            return found, "clickhouse"
    path = Path(source)
    check_there(path)
    say(f"vectors of {path.name}")
    fold = VectorFold(made.configs, made.codec, asked)
    form = feed(path, made, fold, selection)
    return fold.history(), form


def summary(facts: dict[str, Any]) -> dict[str, Any]:
    """What people want to know first; the rest is in the report."""
    gain = facts["gain"]
    return {
        "model": f"{facts['name']} {facts['version']}, {facts['learner']}",
        "rows": f"{facts['vectors']['rows']:,} of {facts['vectors']['vectors']:,} vectors",
        "verdict": f"{facts['verdict']}: its loss less the model's is {gain['mean']:+.5f}, with "
        f"95 % confidence between {gain['low']:+.5f} and {gain['high']:+.5f}",
        "scores": facts["scores"],
        "prior": facts["prior"],
        "folder": facts["folder"],
        "report": facts["report"],
        "seconds": facts["seconds"],
    }
