"""How much a row counts in training: labels that overlap tell the same thing more than once
(López de Prado, *Advances in Financial Machine Learning*, 2018, chapter 4).

Everything is of one instrument, with rows in time order; ends may lie between or behind rows.
"""

from typing import Any

import numpy as np

from research.train.splits import Spans

KINDS = ("uniqueness", "return", "none")


def concurrency(spans: Spans) -> Any:
    """How many labels span the moment of each row (snippet 4.1)."""
    begun = np.searchsorted(spans.start, spans.start, "right")
    return begun - np.searchsorted(np.sort(spans.end), spans.start, "left")


def uniqueness(spans: Spans) -> Any:
    """The mean of 1 / concurrency over the rows that a label spans (snippet 4.2): 1 for a label
    that overlaps none."""
    running = np.concatenate(([0.0], np.cumsum(1.0 / concurrency(spans))))
    first, behind = _covered(spans)
    return (running[behind] - running[first]) / (behind - first)


def attribution(spans: Spans, mid: Any) -> Any:
    """The absolute log return over a label's span, each step divided among the labels that share
    it (snippet 4.10); a label over which nothing moved weighs nothing."""
    begun = np.searchsorted(spans.start, spans.start, "right")
    shared = begun - np.searchsorted(np.sort(spans.end), spans.start, "right")
    steps = np.diff(np.log(mid), append=np.log(mid[-1])) / np.maximum(shared, 1)
    running = np.concatenate(([0.0], np.cumsum(steps)))
    first, behind = _covered(spans)  # the step from the last row it spans is beyond it
    return np.abs(running[behind - 1] - running[first])


def normalised(weights: Any) -> Any:
    """With a mean of one; ones where nothing weighs anything."""
    total = weights.sum()
    return weights * (len(weights) / total) if total > 0 else np.ones(len(weights))


def _covered(spans: Spans) -> tuple[Any, Any]:
    """The first row a label spans and the row behind its last."""
    first = np.arange(len(spans.start))
    return first, np.maximum(np.searchsorted(spans.start, spans.end, "right"), first + 1)
