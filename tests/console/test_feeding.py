"""Recorded data on its way into a log: in which order instruments are told of."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from config.tree import Settings
from connectors.selection import EVERYTHING
from console.commands import data_import
from console.context import Context
from console.feeding import feed
from schemas.codec import Codec
from schemas.frames import MarketFrame
from streams.cause import Cause
from streams.topology import OperatorConfigs

NAMES = ("HERE:X", "THERE:X")
START_S, EVERY_MS, QUOTES = 1_700_000_000, 40, 50
MAPPING = """files = "{0}.csv"
kind = "quotes"
instrument = "{0}:X"
time = "ms"
[columns]
ts_event = "t"
bid = "bid"
ask = "ask"
"""


@pytest.fixture
def lake(settings: Settings, tmp_path: Path) -> Path:
    """Two seconds of two venues that quote in turn."""
    files = []
    for late, venue in enumerate(("HERE", "THERE")):
        times = [START_S * 1000 + n * EVERY_MS + late * EVERY_MS // 2 for n in range(QUOTES)]
        rows = "".join(f"{t},100.0,100.1\n" for t in times)
        (tmp_path / f"{venue}.csv").write_text(f"t,bid,ask\n{rows}")
        files.append(tmp_path / f"{venue}.toml")
        files[-1].write_text(MAPPING.format(venue))
    data_import.run(settings, files, tmp_path / "lake", EVERYTHING)
    return tmp_path / "lake"


class Spans:
    """A ``Writer`` that keeps each frame's first and last receive time, and its events."""

    def __init__(self) -> None:
        self.codec, self.of = Codec(), list[tuple[int, int, int]]()

    def send(self, topic: str, key: str, value: bytes, cause: Cause) -> None:
        message = self.codec.decode(value)
        if isinstance(message, MarketFrame):
            sections = (message.trades, message.quotes, message.depth)
            times = np.concatenate([section.ts_recv for section in sections])
            self.of.append((int(times.min()), int(times.max()), len(message)))

    def flush(self) -> None:
        """Nothing waits."""


def spans(settings: Settings, configs: OperatorConfigs, source: Path) -> list[tuple[int, int, int]]:
    log = Spans()
    feed(source, Context(settings, configs, Codec()), log)
    return log.of


def in_order(settings: Settings, found: list[tuple[int, int, int]]) -> bool:
    delay = settings.connectors.frame_delay
    return all(later[0] >= earlier[1] - delay for earlier, later in pairwise(found))


def test_of_members_of_a_group_none_is_told_of_before_what_came_earlier(
    settings: Settings, configs: OperatorConfigs, lake: Path
) -> None:
    """A frame of a second would show the strategy one member's future at the time of another."""
    together = spans(replace(settings, groups={"PAIR": NAMES}), configs, lake)
    assert in_order(settings, together)
    assert sum(count for _, _, count in together) == 2 * QUOTES


def test_so_it_is_in_a_capture_of_many_instruments(
    settings: Settings, configs: OperatorConfigs, recorded: Path
) -> None:
    source = recorded / "coinbase" / "COINBASE.ws.28.0.gz"
    pair = {"PAIR": ("COINBASE:SKL-USD", "COINBASE:SKL-BTC")}
    assert in_order(settings, spans(replace(settings, groups=pair), configs, source))
    assert not in_order(settings, spans(settings, configs, source))


def test_instruments_that_nobody_looks_at_together_come_in_large_frames(
    settings: Settings, configs: OperatorConfigs, lake: Path
) -> None:
    assert len(spans(settings, configs, lake)) == 4
