"""What people ask of the desk and mistype is said, and said at once."""

import time
from pathlib import Path

import pytest

from console.commands.desk import Desk
from console.errors import Failure
from streams.log import LogError

CONFIG = """
[accounts.paper.breakers.slow]
measure = "latency"
limit = "1"
then = "REDUCE_ONLY"
"""
NOBODY = "127.0.0.1:1"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    path = tmp_path / "mine.toml"
    path.write_text(CONFIG)
    return Desk(path, NOBODY, "me")


def test_a_broker_that_is_away_is_told_within_seconds(desk: Desk) -> None:
    began = time.monotonic()
    with pytest.raises(LogError, match=f"broker {NOBODY} does not answer"):
        desk.kill("paper", True, False, "strange prices")
    assert time.monotonic() - began < 60


def test_a_breaker_that_is_none_is_not_reset(desk: Desk) -> None:
    with pytest.raises(Failure, match="no breaker 'fast'; there are slow, reconciliation"):
        desk.reset("paper", "fast", "seen")


@pytest.mark.parametrize("name", ["BTC-USD", ":BTC-USD", "SIM:"])
def test_what_can_be_no_instrument_is_neither_cancelled_nor_flattened(
    desk: Desk, name: str
) -> None:
    with pytest.raises(Failure, match="VENUE:SYMBOL"):
        desk.flatten("paper", name, "")
    with pytest.raises(Failure, match="VENUE:SYMBOL"):
        desk.cancel("paper", "", name, "", "")


@pytest.mark.parametrize(
    ("limit", "note"),
    [
        ("strategy.typo.max_position", "no strategy 'typo' is configured"),
        ("sector.typo.max_position", "no sector 'typo' is configured; there are none"),
        ("instrument.BTCUSD.max_position", "VENUE:SYMBOL"),
        ("instrument.SIM:BTC-USD.max_position", ""),
        ("max_position", ""),
    ],
)
def test_a_limit_of_what_nobody_knows_is_given_with_a_note(
    desk: Desk, limit: str, note: str
) -> None:
    assert note in desk._unheard_of(limit).get("note", "")
    assert bool(note) == bool(desk._unheard_of(limit))
