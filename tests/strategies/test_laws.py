"""What holds for every strategy: a new one is covered by being in the library's table."""

from dataclasses import fields
from pathlib import Path

import pytest

from research.strategies.laws import LAWS, Law, say, with_fills
from research.strategies.sample import SECOND
from schemas.frames import TapeFrame
from schemas.inbox import Signal
from streams.operators.strategies.kind import Kind
from streams.operators.strategies.library import KINDS
from streams.operators.strategies.parameters import check, parameters
from tests.strategies.made import configured, sample

# no cancel is confirmed in what the laws are shown, so all that it replaces counts
KEYS = 'learn = true\nrequote = 1\nk = 2.0\nmax_inventory = "5"'
kinds = pytest.mark.parametrize("kind", KINDS.values(), ids=str)


@kinds
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_every_law_holds(kind: Kind, law: Law, tmp_path: Path) -> None:
    config, features = configured(kind.name, tmp_path)
    messages = with_fills(config, sample(features))
    assert not law(config, messages)


def test_the_laws_hold_of_one_that_looks_between_vectors(tmp_path: Path) -> None:
    config, features = configured("market_making", tmp_path, KEYS)
    messages = with_fills(config, sample(features)[:700])
    assert sum(len(m) for m in messages if isinstance(m, TapeFrame)) > 400
    between = [s for s in say(config, messages) if isinstance(s, Signal) and s.ts_event % SECOND]
    assert len(between) > 20, "the laws would hold of one who is silent there"
    assert not [text for law in LAWS for text in law(config, messages)]


@kinds
def test_it_says_something_and_why(kind: Kind, tmp_path: Path) -> None:
    config, features = configured(kind.name, tmp_path)
    said = say(config, with_fills(config, sample(features)))
    assert len(said) > 3, "the laws would hold of one who is silent"
    wanted = set(config.columns.values())
    assert all(s.reason for s in said)
    assert all(wanted <= s.features.keys() for s in said if hasattr(s, "features"))


@kinds
def test_it_says_when_it_fails_and_where_it_comes_from(kind: Kind) -> None:
    assert kind.run.__doc__
    assert kind.fails
    assert kind.source
    explained = {its.name for its, _, says in parameters(kind.params) if says}
    assert explained == {its.name for its in fields(kind.params)}
    check(kind.params())
