"""The search for parameters: Optuna's TPE sampler, from a seed, so the same rows find the same.

Each try is judged by its mean loss over purged folds. The parameters that stand in the learner's
table are the first try: what is found is never worse than they are on these folds.
"""

import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from research.train.dataset import Rows
from research.train.fits import Params
from research.train.fitted import Task
from research.train.learners import Learner, Range
from research.train.scores import losses_of
from research.train.splits import Split


class Trial(NamedTuple):
    """``losses``: the mean of each fold."""

    params: Params
    losses: tuple[float, ...]

    @property
    def loss(self) -> float:
        return sum(self.losses) / len(self.losses)


class Search(NamedTuple):
    """What may be tried; ``timeout_s`` 0: no limit. After it no further try begins."""

    learner: Learner
    params: Params
    ranges: dict[str, Range]
    trials: int
    timeout_s: float
    seed: int
    classifier: bool


def search(wanted: Search, rows: Rows, splits: Sequence[Split]) -> list[Trial]:
    """In the order in which they were made; at least one."""
    first = {**wanted.learner.fixed, **wanted.params}
    if wanted.trials < 2 or not wanted.ranges:
        return [judge(wanted, first, rows, splits)]
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    sampler = optuna.samplers.TPESampler(seed=wanted.seed)
    study = optuna.create_study(direction="minimize", sampler=sampler)
    study.enqueue_trial({name: first[name] for name in wanted.ranges})
    made: list[Trial] = []
    began = time.monotonic()
    while len(made) < wanted.trials:
        asked = study.ask()
        params = {**first, **{n: _suggest(asked, n, r) for n, r in wanted.ranges.items()}}
        made.append(judge(wanted, params, rows, splits))
        study.tell(asked, made[-1].loss)
        if wanted.timeout_s and time.monotonic() - began >= wanted.timeout_s:
            break
    return made


def best(trials: Sequence[Trial]) -> Trial:
    """The first of the best."""
    return min(trials, key=lambda trial: trial.loss)


def judge(wanted: Search, params: Params, rows: Rows, splits: Sequence[Split]) -> Trial:
    loss = losses_of(wanted.classifier)
    losses = [
        float(loss(rows.y[split.test], out_of_fold(wanted, params, rows, split)).mean())
        for split in splits
    ]
    return Trial(params, tuple(losses))


def out_of_fold(wanted: Search, params: Params, rows: Rows, split: Split) -> Any:
    """What a model that is fitted on one part says of the other. A part with one class only is
    predicted as what it is."""
    own = rows.part(split.train)
    if wanted.classifier and np.ptp(own.y) == 0:
        return np.full(len(split.test), own.y[0])
    task = Task(wanted.classifier, own.x, own.y, own.weights, wanted.seed)
    return wanted.learner.fit(task, params).predict(rows.x[split.test])


def _suggest(trial: Any, name: str, wanted: Range) -> Any:
    if wanted.whole:
        return trial.suggest_int(name, int(wanted.low), int(wanted.high), log=wanted.log)
    return trial.suggest_float(name, wanted.low, wanted.high, log=wanted.log)
