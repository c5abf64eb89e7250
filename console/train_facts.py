"""What ``tickstream train`` tells: of the model for the registry, of the training for people."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from config.experiment import Experiment
from console import experiments
from console.times import show_ns
from research.train.graph import PROBABILITIES, VALUES
from research.train.parity import Parity
from research.train.training import Trained, Wanted
from research.train.tuning import best
from streams.models.description import Description
from streams.models.description import describe as described_of
from streams.models.registry import Registry


def describe(experiment: Experiment, wanted: Wanted, trained: Trained) -> Description:
    """Of the model, but for when it was made."""
    data, judged = trained.data, trained.evaluation
    classifier = wanted.recipe.classifier
    metrics = experiments.finite(judged.model)
    metrics |= {f"prior_{k}": v for k, v in experiments.finite(judged.prior).items()}
    metrics |= {"gain": judged.gain.mean, "gain_low": judged.gain.low}
    return described_of(
        trained.onnx,
        experiment.name,
        kind=experiment.kind,
        inputs=list(data.inputs),
        outputs=[PROBABILITIES if classifier else VALUES],
        feature_set=data.feature_set,
        label=experiments.label_table(wanted.recipe.label, wanted.recipe.volatility),
        metrics=metrics | {"gain_high": judged.gain.high},
        trained_on=_trained_on(experiment, trained),
    )


def register(models: Path, trained: Trained, described: Description) -> Description:
    """Puts the version into the registry; raises ModelError."""
    return Registry(models).add(trained.onnx, described)


def _trained_on(experiment: Experiment, trained: Trained) -> str:
    rows = trained.data.rows
    first, last = show_ns(int(rows.start[0])), show_ns(int(rows.end.max()))
    return (
        f"{len(rows.y)} rows of {', '.join(trained.data.instruments)}, {first} to {last}, from "
        f"{Path(experiment.source).name or experiment.source}"
    )


def facts(
    experiment: Experiment, form: str, trained: Trained, described: Description, streamed: Parity
) -> dict[str, Any]:
    """As ``train --json`` prints them."""
    data, judged, rows = trained.data, trained.evaluation, trained.data.rows
    chosen = best(trained.model.trials)
    return {
        "name": described.name,
        "version": described.version,
        "source": experiment.source,
        "form": form,
        "kind": experiment.kind,
        "learner": experiment.learner.kind,
        "feature_set": data.feature_set,
        "inputs": list(data.inputs),
        "instruments": list(data.instruments),
        "first": show_ns(int(rows.start[0])),
        "last": show_ns(int(rows.end.max())),
        "vectors": data.counts,
        "label": described.label,
        "rises": round(float((rows.ret > 0).mean()), 6),
        "uniqueness": round(data.uniqueness, 6),
        "verdict": judged.verdict,
        "scores": judged.model,
        "prior": judged.prior,
        "gain": judged.gain._asdict(),
        "folds": [_fold(trained, number) for number in range(len(judged.folds))],
        "paths": trained.paths,
        "params": trained.model.params,
        "trials": len(trained.model.trials),
        "search_loss": chosen.loss,
        "overfitting": trained.luck,
        "importance": [worth._asdict() for worth in trained.worths],
        "leaks": trained.leaks._asdict(),
        "parity": {"export": trained.parity._asdict(), "stream": streamed._asdict()},
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _fold(trained: Trained, number: int) -> dict[str, Any]:
    fold = trained.evaluation.folds[number]
    rows = trained.data.rows
    return {
        "fold": number + 1,
        "fit": len(fold.split.train),
        "judge": len(fold.split.test),
        "from": show_ns(int(rows.start[fold.split.test[0]])),
        "until": show_ns(int(rows.end[fold.split.test].max())),
        "scores": trained.evaluation.by_fold[number][0],
        "prior": trained.evaluation.by_fold[number][1],
        "params": fold.model.params,
    }
