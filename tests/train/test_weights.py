"""Weights of labels that overlap."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.train import weights
from research.train.splits import Spans


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 9)), min_size=1, max_size=40))
def test_uniqueness_is_what_counting_gives(rows: list[tuple[int, int]]) -> None:
    start = np.cumsum([gap for gap, _ in rows])
    end = start + np.array([length for _, length in rows])
    open_at = {t: sum(a <= t <= b for a, b in zip(start, end, strict=True)) for t in start}
    expected = [
        np.mean([1 / open_at[t] for t in start if a <= t <= b])
        for a, b in zip(start, end, strict=True)
    ]
    assert weights.uniqueness(Spans(start, end)) == pytest.approx(expected)


def test_a_label_alone_is_unique() -> None:
    start = np.array([0, 10, 20])
    assert weights.uniqueness(Spans(start, start + 5)).tolist() == [1.0, 1.0, 1.0]


def test_a_move_is_divided_among_the_labels_that_share_it() -> None:
    start = np.array([0, 1, 2])
    mid = np.exp([0.0, 0.3, 0.3])  # rises once, in the step that only the first label begins before
    first, second, third = weights.attribution(Spans(start, start + 1), mid)
    assert first == pytest.approx(0.3)
    assert second == third == pytest.approx(0.0)
    assert weights.normalised(np.zeros(3)).tolist() == [1.0, 1.0, 1.0]
    assert weights.normalised(np.array([1.0, 3.0])).tolist() == [0.5, 1.5]
