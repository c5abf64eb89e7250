"""Models of models: what several say together."""

from typing import Any

import numpy as np
import pytest

from config.errors import ConfigError
from config.settings import load
from streams.operators.features.models.combine import Average, Confidence, Stack, Vote
from streams.operators.features.models.slot import Place
from streams.operators.period import Period
from tests.features.market import rows

NAN = np.nan


def say(model: Any, members: Any) -> list[float]:
    p = np.array(members, np.float64)
    names = tuple(f"p{n}" for n in range(p.shape[1]))
    slot = model.slot("together", names, Place("X:A", 1))
    ts = np.arange(len(p))
    whole = slot.fold(ts, np.full(len(p), 100.0), p)
    alone = [slot.fold(ts[n : n + 1], np.full(1, 100.0), p[n : n + 1]) for n in range(len(p))]
    assert np.concatenate(alone).tobytes() == whole.tobytes()
    found: list[float] = whole[:, 0].tolist()
    return found


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ([0.9, 0.8, 0.1], 1.0),
        ([0.4, 0.8, 0.1], 0.0),
        ([0.9, 0.1, 0.5], 0.5),
        ([0.9, 0.1, NAN], 0.5),
        ([0.9, NAN, NAN], 1.0),
        ([NAN, NAN, NAN], NAN),
        ([0.5, 0.5, NAN], NAN),
    ],
)
def test_the_majority_decides(members: list[float], said: float) -> None:
    assert say(Vote(of=("p*",)), [members]) == pytest.approx([said], nan_ok=True)


def test_a_tie_may_be_the_first_voters() -> None:
    members = [[0.9, 0.1, NAN], [0.5, 0.1, 0.9], [0.1, 0.9, 0.8]]
    assert say(Vote(of=("p*",), ties="first"), members) == [1.0, 0.0, 1.0]


def test_too_few_votes_are_no_prediction() -> None:
    found = say(Vote(of=("p*",), quorum=2), [[0.9, NAN, NAN], [0.9, 0.8, NAN]])
    assert found == pytest.approx([NAN, 1.0], nan_ok=True)


def test_the_average_is_weighted_and_waits_for_all() -> None:
    members = [[0.2, 0.8], [0.2, NAN]]
    found = say(Average(of=("p*",), weights=(3.0, 1.0)), members)
    assert found == pytest.approx([0.35, NAN], nan_ok=True)
    found = say(Average(of=("p*",), weights=(3.0, 1.0), quorum=1), members)
    assert found == pytest.approx([0.35, 0.2])


def test_log_odds_are_averaged_where_asked() -> None:
    (found,) = say(Average(of=("p*",), mean="logit"), [[0.9, 0.6]])
    odds = (np.log(9) + np.log(1.5)) / 2
    assert found == pytest.approx(1 / (1 + np.exp(-odds)))
    assert say(Average(of=("p*",), mean="logit"), [[1.0, 0.0]]) == pytest.approx([0.5])


def test_what_is_not_sure_enough_is_not_said() -> None:
    members = [[0.7], [0.35], [0.52], [NAN]]
    found = say(Confidence(of=("p0",), least=0.6), members)
    assert found == pytest.approx([0.7, 0.35, NAN, NAN], nan_ok=True)
    found = say(Confidence(of=("p0",), least=0.6, below="even"), members)
    assert found == pytest.approx([0.7, 0.35, 0.5, NAN], nan_ok=True)


def test_a_stack_learns_whom_to_believe() -> None:
    ts, mid, inputs = rows(3000, 2)
    members = np.stack([(np.sign(inputs[:, 0]) + 1) / 2, np.full(len(ts), 0.5)], axis=1)
    slot = Stack(of=("p0", "p1"), horizon=Period(10**9)).slot("s", ("p0", "p1"), Place("X:A", 1))
    said = slot.fold(ts, mid, members)[:, 0]
    late = np.arange(len(ts)) > 2000
    up, down = said[late & (members[:, 0] == 1)], said[late & (members[:, 0] == 0)]
    assert np.nanmean(up) > np.nanmean(down) + 0.05


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('kind = "vote"\nof = []', "models.both: of is empty"),
        ('kind = "vote"\nof = ["p_down"]', "input 'p_down' is no column"),
        ('kind = "vote"', "lacks of"),
        ('kind = "average"\nof = ["p_up"]\nweights = [1, 2]', "2 weights for 1: p_up"),
        ('kind = "average"\nof = ["p_up"]\nweights = [-1]', "weights must be 0 or more"),
        ('kind = "confidence"\nof = ["ret_*"]', "of names ret_1, ret_10; one column is wanted"),
        ('kind = "confidence"\nof = ["p_up"]\nleast = 0.2', "least 0.2: from 0.5 to 1"),
        ('kind = "stack"\nof = ["p_up"]\ninputs = ["vol"]', "takes of, and no inputs"),
        ('kind = "onnx"\nmodel = "m"\nfallback = "half"', "neither a number nor a column"),
        ('kind = "onnx"\nmodel = "m"\nshadow = "ab"', "name both, or neither"),
        ('kind = "onnx"\nmodel = "m"\nsplit = "coin"', "split 'coin': use instrument, time"),
    ],
)
def test_a_table_that_makes_no_sense_says_why(tmp_path: Any, table: str, said: str) -> None:
    file = tmp_path / "own.toml"
    file.write_text(f"[models.both]\n{table}\n")
    with pytest.raises(ConfigError, match=said):
        load(file, environment={})
