"""Two looks at whether something tells of the future that must not.

- The same learner judged by shuffled folds: where that looks much better than purged folds, the
  overlap of labels is what it learnt, and a score without purging would have deceived.
- A feature that alone predicts nearly everything, on purged folds, knows its label.
"""

from collections.abc import Sequence
from typing import NamedTuple

from research.train import scores, tuning
from research.train.dataset import Rows
from research.train.importance import Worth
from research.train.splits import Split, plain
from research.train.tuning import Search

_TOO_GOOD = 0.9  # of an AUC, or a correlation of ranks


class Leaks(NamedTuple):
    """``shuffled``, ``purged``: AUC or correlation of ranks of the learner's own parameters;
    ``too_good``: features that alone tell nearly everything; ``overlaps``: rows that fit and judge
    at the same time, which must be none."""

    shuffled: float | None
    purged: float | None
    too_good: tuple[str, ...]
    overlaps: int


def look(
    wanted: Search, rows: Rows, splits: Sequence[Split], worths: Sequence[Worth], overlaps: int
) -> Leaks:
    shuffled = plain(len(rows.y), min(len(splits), 5), wanted.seed)
    known = tuple(w.feature for w in worths if w.alone is not None and w.alone > _TOO_GOOD)
    return Leaks(skill(wanted, rows, shuffled), skill(wanted, rows, splits), known, overlaps)


def skill(wanted: Search, rows: Rows, splits: Sequence[Split]) -> float | None:
    """AUC, or the correlation of ranks, with the learner's own parameters."""
    params = {**wanted.learner.fixed, **wanted.params}
    said = [tuning.out_of_fold(wanted, params, rows, split) for split in splits]
    return scores.skill(wanted.classifier, [rows.y[split.test] for split in splits], said)
