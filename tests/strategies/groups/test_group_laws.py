"""What holds for every strategy of a group: a new one is covered by being in the table."""

from dataclasses import fields
from pathlib import Path

import pytest

from research.strategies.group_sample import messages
from research.strategies.laws import LAWS, Law, say, with_fills
from schemas.inbox import Signal
from streams.operators.strategies.groups.library import GROUP_KINDS
from streams.operators.strategies.kind import Kind
from streams.operators.strategies.parameters import check, parameters
from tests.strategies.groups.made import configured

LONG = 400  # rows; the laws play most of it many times
# parameters that are quick to see enough
KEYS = {
    "pairs": "period = 40\nretest = 30\nmost_pairs = 2",
    "constant_mix": 'every = "60s"',
    "stat_arb": "period = 20\ncorrelation = 30",
}
kinds = pytest.mark.parametrize("kind", GROUP_KINDS.values(), ids=str)


@kinds
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_every_law_holds(kind: Kind, law: Law, tmp_path: Path) -> None:
    group = configured(kind.name, tmp_path, KEYS.get(kind.name, ""))
    assert not law(group, with_fills(group, messages(group, LONG)))


@kinds
def test_it_says_something_and_why(kind: Kind, tmp_path: Path) -> None:
    group = configured(kind.name, tmp_path, KEYS.get(kind.name, ""))
    said = say(group, with_fills(group, messages(group, LONG)))
    assert len(said) > 3, "the laws would hold of one who is silent"
    assert all(isinstance(s, Signal) and s.reason and s.features for s in said)
    assert {s.instrument for s in said if isinstance(s, Signal)} == set(group.members)


@kinds
def test_it_says_when_it_fails_and_where_it_comes_from(kind: Kind) -> None:
    assert kind.run.__doc__
    assert kind.fails
    assert kind.source
    explained = {its.name for its, _, says in parameters(kind.params) if says}
    assert explained == {its.name for its in fields(kind.params)}
    check(kind.params())
