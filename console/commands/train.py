"""``tickstream train``: a model from ClickHouse, a lake, a recording or a capture.

The vectors are those of the very operators that make them in the stream. What is written is the
model, what it is, and a report; nothing is written when the model in the stream does not say what
the fitted one says.
"""

import time
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from config.keys import REPLAY_KEY
from connectors.extras import MissingExtra
from console import context
from console.output import say

if TYPE_CHECKING:
    from research.train.training import Trained

_NEEDED = ("lightgbm", "onnx", "optuna", "scipy", "sklearn", "xgboost")


def run(
    file: Path | None, flags: dict[str, Any], config: Path | None, out: Path | None
) -> dict[str, Any]:
    """What ``train --json`` prints. Raises Failure, ConfigError, TrainError and MissingExtra."""
    if any(find_spec(name) is None for name in _NEEDED):
        raise MissingExtra("models to train", "train")
    from console import experiments, train_facts
    from console.train_source import open_source
    from research.train import training

    began = time.perf_counter()
    experiment = experiments.load(file, flags)
    wanted = experiments.wanted(experiment)
    made = context.make(config, REPLAY_KEY)
    source = open_source(experiment, made)
    history = source.history()
    trained = training.train(wanted, history, say)
    described = train_facts.describe(experiment, wanted, trained)
    streamed = source.parity(trained, described, history)
    models = Path(made.settings.models_registry.folder)
    described = train_facts.register(models, trained, described)
    facts = train_facts.facts(experiment, source.form, trained, described, streamed)
    folder = models / described.name / described.version
    report = _report(facts, trained, out or folder / "report.html")
    seconds = round(time.perf_counter() - began, 3)
    return facts | {"folder": str(folder), "report": str(report), "seconds": seconds}


def _report(facts: dict[str, Any], trained: "Trained", target: Path) -> Path:
    from console.report.training import page

    about = f"tickstream {version('tickstream')} · {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    target.write_text(page(facts, trained, about))
    return target


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
