"""The whole of it: a history in, a model with all that is known of it out."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from research.train import (
    dataset,
    evaluation,
    export,
    fitting,
    importance,
    leaks,
    overfitting,
    parity,
    splits,
)
from research.train.calibration import KINDS as CALIBRATIONS
from research.train.dataset import Dataset, History, Recipe
from research.train.errors import TrainError
from research.train.evaluation import Evaluation, Scores
from research.train.fits import Params
from research.train.fitting import Model, Plan
from research.train.importance import Worth
from research.train.leaks import Leaks
from research.train.learners import LEARNERS, Learner, Range
from research.train.parity import Parity
from research.train.splits import Spans, Split
from research.train.tuning import Search
from research.train.weights import KINDS as WEIGHINGS

PURGED, COMBINATORIAL, WALK_FORWARD = "purged", "combinatorial", "walk_forward"
VALIDATIONS = (PURGED, COMBINATORIAL, WALK_FORWARD)
_INNER = 3  # folds within each outer one: the search takes most of the time


@dataclass(frozen=True, slots=True)
class Validation:
    """``tested``: groups that a combinatorial split tests at once."""

    kind: str = PURGED
    folds: int = 5
    tested: int = 2
    embargo_ns: int = 0

    def splits(self, spans: Spans) -> list[Split]:
        if self.kind == WALK_FORWARD:
            return splits.walk_forward(spans, self.folds, self.embargo_ns)
        tested = self.tested if self.kind == COMBINATORIAL else 1
        return splits.combinatorial(spans, self.folds, tested, self.embargo_ns)

    def inner(self, spans: Spans) -> list[Split]:
        return splits.purged(spans, min(_INNER, self.folds), self.embargo_ns)

    def final(self, spans: Spans) -> list[Split]:
        """Of the last search, over all rows."""
        return splits.purged(spans, self.folds, self.embargo_ns)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to train. ``params`` hold still, ``ranges`` are searched where there are ``trials``."""

    recipe: Recipe
    validation: Validation
    learner: str
    params: Params
    ranges: dict[str, tuple[float, ...]]
    trials: int
    timeout_s: float
    calibration: str
    seed: int

    def check(self) -> None:
        """Raises TrainError for what can be known before there are data."""
        for what, value, known in (
            ("learner", self.learner, tuple(LEARNERS)),
            ("calibration", self.calibration, CALIBRATIONS),
            ("weights", self.recipe.weighing, WEIGHINGS),
            ("validation", self.validation.kind, VALIDATIONS),
        ):
            if value not in known:
                raise TrainError(f"{what} {value!r}: use one of {', '.join(known)}")
        try:
            self.recipe.label.check()
        except ValueError as error:
            raise TrainError(f"label: {error}") from error
        if self.validation.folds < 2:
            raise TrainError(f"folds {self.validation.folds}: at least 2")
        if not 1 <= self.validation.tested < self.validation.folds:
            raise TrainError(
                f"tested {self.validation.tested}: at least 1 and fewer than the "
                f"{self.validation.folds} folds"
            )
        self.search()

    def search(self) -> Search:
        learner = LEARNERS[self.learner]
        _known(learner, self.params)
        _known(learner, self.ranges)
        ranges = {**learner.ranges, **{n: _range(learner, n, r) for n, r in self.ranges.items()}}
        free = {name: r for name, r in ranges.items() if name not in self.params}
        fixed = {name: _typed(learner, name, value) for name, value in self.params.items()}
        return Search(
            learner,
            fixed,
            free,
            self.trials,
            self.timeout_s,
            self.seed,
            self.recipe.classifier,
        )


class Trained(NamedTuple):
    """``onnx``: the model's bytes. ``luck``: the probability of backtest overfitting. ``paths``:
    scores of the backtest paths, where the splits are combinatorial."""

    data: Dataset
    evaluation: Evaluation
    model: Model
    worths: list[Worth]
    leaks: Leaks
    luck: float | None
    paths: list[Scores]
    onnx: bytes
    parity: Parity


def train(wanted: Wanted, history: History, tell: Callable[[str], None]) -> Trained:
    """``tell`` hears how far it is. Raises TrainError."""
    wanted.check()
    data = dataset.make(history, wanted.recipe)
    rows, classifier = data.rows, wanted.recipe.classifier
    outer = wanted.validation.splits(rows.spans)
    search = wanted.search()
    if search.timeout_s:  # shared among the searches of the outer folds and the last one
        search = search._replace(timeout_s=search.timeout_s / (len(outer) + 1))
    plan = Plan(search, wanted.calibration, wanted.validation.inner)
    tell(f"{len(rows.y):,} rows of {len(data.inputs)} features; {search.learner.title}")
    judged = evaluation.evaluate(plan, rows, outer, tell)
    tell("the model of all rows")
    model = fitting.fit(replace(plan, inner=wanted.validation.final), rows)
    tell("importance and leaks")
    worths = importance.worths(classifier, data.inputs, rows, judged.folds, wanted.seed)
    overlapping = sum(fold.overlaps for fold in judged.folds)
    found = leaks.look(search, rows, outer, worths, overlapping)
    made = export.to_onnx(model, len(data.inputs), classifier)
    same = parity.compare("the exported model", parity.run(made, rows.x), model.predict(rows.x))
    luck = overfitting.probability(model.trials)
    paths = _paths(wanted, data, judged)
    return Trained(data, judged, model, worths, found, luck, paths, made, same)


def _paths(wanted: Wanted, data: Dataset, judged: Evaluation) -> list[Scores]:
    cut = wanted.validation
    if cut.kind != COMBINATORIAL:
        return []
    paths = splits.paths(cut.folds, cut.tested)
    return evaluation.path_scores(wanted.recipe.classifier, data.rows, judged.folds, paths)


def _known(learner: Learner, names: Iterable[str]) -> None:
    for name in names:
        if name not in learner.fixed:
            raise TrainError(
                f"{learner.name} has no parameter {name!r}; known are {', '.join(learner.fixed)}"
            )


def _typed(learner: Learner, name: str, value: float) -> float:
    """As the library takes it: whole numbers where its own is one."""
    whole = isinstance(learner.fixed[name], int)
    if whole and value != int(value):
        raise TrainError(f"{learner.name}.{name} = {value}: must be a whole number")
    return int(value) if whole else float(value)


def _range(learner: Learner, name: str, given: Sequence[float]) -> Range:
    if len(given) != 2 or not given[0] < given[1]:
        raise TrainError(f"range of {name} {list(given)}: write the least and the most, as [1, 9]")
    known = learner.ranges.get(name, Range(0, 0, isinstance(learner.fixed[name], int)))
    low, high = (_typed(learner, name, value) for value in given)
    return Range(low, high, known.whole, known.log and low > 0)
