"""The report of ``tickstream train``: what the model is worth, and why to believe it or not."""

from html import escape
from typing import Any

import numpy as np

from console.report.charts import bar_chart, signed_chart
from console.report.parts import document, figure, table, tiles_of
from console.report.plots import lying_bars, scatter
from research.train.training import Trained

_SHOWN = 30  # features
_BINS = 41

_WORDS = {
    "log_loss": "log loss",
    "brier": "Brier score",
    "auc": "AUC",
    "accuracy": "accuracy",
    "calibration_error": "calibration error",
    "mse": "squared error",
    "rmse": "root of the squared error, bp",
    "rank_correlation": "correlation of ranks",
    "sign_accuracy": "right sign",
}


def page(facts: dict[str, Any], trained: Trained, about: str) -> str:
    """``facts`` as ``train --json`` prints them."""
    said = f"{facts['name']} {facts['version']} · {facts['learner']} · {about}"
    sections = (
        _tiles(facts),
        _verdict(facts),
        _scores(facts, trained),
        _search(facts, trained),
        _worth(facts),
        _trust(facts),
        _data(facts, trained),
    )
    footer = (
        "Scores are those of models that were fitted, tuned and calibrated without the rows that "
        "judge them. The prior is a model that knows only the mean of what it was fitted on. How "
        "to read this is said in docs/how-to/train-a-model.md."
    )
    return document(f"Model {facts['name']}", facts["version"], said, sections, footer)


def _classifier(facts: dict[str, Any]) -> bool:
    return bool(facts["kind"] == "classifier")


def _number(value: float | None, digits: int = 4) -> str:
    return "–" if value is None else f"{value:,.{digits}f}"


def _tiles(facts: dict[str, Any]) -> str:
    scores, gain, verdict = facts["scores"], facts["gain"], facts["verdict"]
    good = {"better than the prior": "good", "worse than the prior": "bad"}
    skill, loss = ("auc", "log_loss") if _classifier(facts) else ("rank_correlation", "mse")
    parity = max(p["largest"] for p in facts["parity"].values())
    return tiles_of(
        [
            (
                "than the prior",
                verdict.removesuffix(" than the prior"),
                good.get(verdict, ""),
            ),
            (_WORDS[skill], _number(scores[skill]), ""),
            (_WORDS[loss], _number(scores[loss]), ""),
            ("… of the prior", _number(facts["prior"][loss]), ""),
            ("gain on the prior", f"{gain['mean']:+.5f}", "good" if gain["low"] > 0 else ""),
            ("rows", f"{facts['vectors']['rows']:,}", ""),
            ("features", f"{len(facts['inputs']):,}", ""),
            ("uniqueness of labels", _number(facts["uniqueness"], 3), ""),
            ("tries", f"{facts['trials']:,}", ""),
            ("probability of overfitting", _number(facts["overfitting"], 2), ""),
            ("export differs by", f"{parity:.1e}", ""),
        ]
    )


def _verdict(facts: dict[str, Any]) -> str:
    gain = facts["gain"]
    loss = "log loss" if _classifier(facts) else "squared error"
    words = (
        f"On rows that it never saw the model is {facts['verdict']}: the {loss} of the prior less "
        f"that of the model is {gain['mean']:+.5f} a row, with 95 % confidence between "
        f"{gain['low']:+.5f} and {gain['high']:+.5f} (from blocks of {gain['block']:,} rows that "
        "follow each other, because labels overlap)."
    )
    if gain["low"] <= 0:
        words += " That is no evidence of an edge: do not trade on it."
    return f"<p>{escape(words)}</p>"


def _scores(facts: dict[str, Any], trained: Trained) -> str:
    loss = "log_loss" if _classifier(facts) else "mse"
    by_fold = [
        (str(fold["fold"]), fold["prior"][loss] - fold["scores"][loss]) for fold in facts["folds"]
    ]
    rows = [
        (_WORDS[name], _round(facts["scores"][name]), _round(facts["prior"][name]))
        for name in facts["scores"]
    ]
    parts = [
        "<h2>Scores</h2>",
        figure(
            f"{_WORDS[loss].capitalize()} of the prior less that of the model, by fold: above "
            "zero the model knows something",
            signed_chart(by_fold),
        ),
        table("All test rows", ("measure", "model", "prior"), rows, ""),
        table("Folds", _fold_columns(facts), map(_fold_row, facts["folds"]), ""),
    ]
    if facts["paths"]:
        parts.append(_paths(facts))
    if trained.evaluation.reliability:
        dots = [(b.predicted, b.happened) for b in trained.evaluation.reliability]
        parts.append(
            figure(
                "Reliability: share of rises among rows by what was predicted for them; on the "
                "line a probability is what it says",
                scatter(dots, [(0.0, 0.0), (1.0, 1.0)], "count", square=True),
            )
        )
    return "".join(parts)


def _fold_columns(facts: dict[str, Any]) -> tuple[str, ...]:
    names = tuple(_WORDS[name] for name in _fold_scores(facts["folds"][0]))
    return ("fold", "from", "until", "rows fit", "rows judge", *names)


def _fold_scores(fold: dict[str, Any]) -> dict[str, Any]:
    """Those that say something of so few rows."""
    few = ("calibration_error", "brier", "mse")
    return {name: value for name, value in fold["scores"].items() if name not in few}


def _fold_row(fold: dict[str, Any]) -> tuple[Any, ...]:
    times = (fold["from"][:19], fold["until"][:19])
    values = tuple(_round(value) for value in _fold_scores(fold).values())
    return (str(fold["fold"]), *times, fold["fit"], fold["judge"], *values)


def _paths(facts: dict[str, Any]) -> str:
    names = list(facts["paths"][0])
    rows = [
        (str(number), *(_round(path[name]) for name in names))
        for number, path in enumerate(facts["paths"], 1)
    ]
    return table("Backtest paths", ("path", *(_WORDS[name] for name in names)), rows, "")


def _search(facts: dict[str, Any], trained: Trained) -> str:
    losses = [trial.loss for trial in trained.model.trials]
    dots = [(float(n), loss) for n, loss in enumerate(losses, 1)]
    lowest = np.minimum.accumulate(losses).tolist()
    line = [(float(n), loss) for n, loss in enumerate(lowest, 1)]
    params = [(name, _round(value)) for name, value in facts["params"].items()]
    words = (
        f"The best of {facts['trials']:,} tries has a loss of {facts['search_loss']:.5f} on the "
        "folds that chose it. The scores above are of searches that ran anew within each fold, so "
        "they are not flattered by the choice."
    )
    if facts["overfitting"] is not None:
        words += (
            f" In {facts['overfitting']:.0%} of the ways to halve the folds, the best try of one "
            "half was among the worse of the other (probability of backtest overfitting)."
        )
    chart = figure("Loss of each try, and the lowest so far", scatter(dots, line, "count"))
    return f"<h2>Search</h2><p>{escape(words)}</p>{chart if len(dots) > 1 else ''}" + table(
        "Parameters", ("parameter", "value"), params, "There are none."
    )


def _worth(facts: dict[str, Any]) -> str:
    worths = facts["importance"]
    skill = "AUC" if _classifier(facts) else "correlation of ranks"
    bars = [(w["feature"], w["loss"], w["error"]) for w in worths[:_SHOWN]]
    rows = [
        (w["feature"], _round(w["loss"]), _round(w["error"]), _round(w["alone"])) for w in worths
    ]
    more = f"; the first {_SHOWN} of {len(worths)}" if len(worths) > _SHOWN else ""
    return (
        "<h2>Features</h2>"
        + figure(
            f"How much the loss grows when a feature is shuffled (± standard error of folds){more}",
            lying_bars(bars),
        )
        + table("", ("feature", "loss grows by", "±", f"{skill} alone"), rows, "")
    )


def _trust(facts: dict[str, Any]) -> str:
    leaks, parity = facts["leaks"], facts["parity"]
    skill = "AUC" if _classifier(facts) else "correlation of ranks"
    rows = [
        ("rows that fit and judge at the same time", f"{leaks['overlaps']:,}", "must be none"),
        (
            f"{skill}, folds shuffled",
            _number(leaks["shuffled"]),
            "what overlapping labels make one believe",
        ),
        (f"{skill}, folds purged", _number(leaks["purged"]), "the learner's own parameters"),
        (
            "features that alone tell nearly all",
            ", ".join(leaks["too_good"]) or "none",
            "such a feature knows its label: look at how it is made",
        ),
        (
            "largest difference of the exported model",
            f"{parity['export']['largest']:.2e}",
            f"over {parity['export']['rows']:,} rows",
        ),
        (
            "largest difference in the stream",
            f"{parity['stream']['largest']:.2e}",
            f"over {parity['stream']['rows']:,} vectors",
        ),
    ]
    return table("Leaks and parity", ("check", "found", ""), rows, "")


def _data(facts: dict[str, Any], trained: Trained) -> str:
    counts = [(name.replace("_", " "), count) for name, count in facts["vectors"].items()]
    about = [
        ("source", f"{facts['source']} ({facts['form']})"),
        ("instruments", ", ".join(facts["instruments"])),
        ("from", facts["first"][:19]),
        ("until", facts["last"][:19]),
        ("feature set", facts["feature_set"]),
        ("label", _label(facts["label"])),
        ("rises", f"{facts['rises']:.1%} of the rows"),
    ]
    return (
        "<h2>Data</h2>"
        + figure("Returns over the labels' spans, basis points", _returns(trained))
        + table("", ("", ""), about, "")
        + table("What became of the vectors", ("", "vectors"), counts, "")
    )


def _label(label: dict[str, Any]) -> str:
    said = {k: f"{v / 1e9:g} s" if k == "horizon" else v for k, v in label.items()}
    return f"{said.pop('label')}: {', '.join(f'{k} {v}' for k, v in said.items())}"


def _returns(trained: Trained) -> str:
    """Without the hundredth at either end, so that the middle can be seen."""
    returns = trained.data.rows.ret
    low, high = np.quantile(returns, [0.01, 0.99]).tolist()
    counts, edges = np.histogram(returns, _BINS, (low, high) if low < high else None)
    middles = (edges[:-1] + edges[1:]) / 2
    bars = [(f"{m:.1f}", float(c)) for m, c in zip(middles, counts, strict=True)]
    return bar_chart(bars, "count", 5)


def _round(value: float | None) -> Any:
    if value is None:
        return "–"
    return value if isinstance(value, int) else round(value, 5)
