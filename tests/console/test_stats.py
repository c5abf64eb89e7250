"""What is shown while a run goes on, and the report after it, from a run on the local host."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from config.keys import REPLAY_KEY
from config.operators import operator_configs
from config.settings import load
from connectors.sim.venue import CELL_STEPS, SimConfig, SimVenue
from console.commands.demo import DEMO_CONFIG
from console.report.charts import line_chart, log_histogram, nice_ticks
from console.report.data import ReportData, Run
from console.report.page import page
from console.screen import line, screen
from console.stats import Stats
from schemas.codec import Codec
from streams.cause import Cause
from streams.local_host import LocalHost

SECONDS = 12


@pytest.fixture(scope="module")
def stats() -> Stats:
    codec, config = Codec(), SimConfig()
    seen = Stats(config.start_ns / 1e9)
    now = [0.0]
    host = LocalHost(
        operator_configs(load(DEMO_CONFIG, {}), REPLAY_KEY),
        codec,
        [lambda record, message: seen.take(record, message, now[0])],
    )
    for step, frame in SimVenue(config).advance(config.start_ns + SECONDS * 10**9):
        now[0] = config.start_ns / 1e9 + step // (3 * CELL_STEPS) / 100
        host.send("ticks", frame.instrument, codec.encode(frame), Cause("c", "s", step, 0))
    return seen


def test_a_run_is_counted(stats: Stats) -> None:
    assert stats.events == pytest.approx(2000 * SECONDS, rel=0.1)
    assert stats.fills > 0
    assert stats.decisions["approved"] > 0
    rates = stats.rates(stats.started + SECONDS)
    assert rates["events"] == pytest.approx(2000, rel=0.25)
    assert sum(stats.per_second.values()) == stats.events


@pytest.mark.parametrize("size", [(100, 30), (140, 40), (60, 20)])
def test_the_view_shows_it_at_any_size(stats: Stats, size: tuple[int, int]) -> None:
    console = Console(record=True, width=size[0], height=size[1], force_terminal=True)
    with console.capture() as shown:
        console.print(screen(stats, stats.started + SECONDS, 60, "kafka", size[1]))
    assert f"{stats.events:,}" in shown.get()
    assert "SIM:BTC-USD" in shown.get()


def test_the_line_tells_the_same(stats: Stats) -> None:
    assert f"fills {stats.fills}" in line(stats, stats.started + SECONDS)


def test_a_view_of_nothing_is_shown_too() -> None:
    console = Console(width=100)
    with console.capture() as shown:
        console.print(screen(Stats(0.0), 1.0, 60, "kafka", 30))
    assert "waiting for the first signal" in shown.get()


class Balanced(HTMLParser):
    """Raises when a tag is closed that is not open."""

    VOID = ("meta", "path", "rect", "link", "br")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


def test_the_report_of_an_empty_run_says_what_is_missing() -> None:
    run = Run("sim", "kafka", 0.0, 1.0, Stats(0.0), load(environment={}))
    text = page(ReportData(run, {"fills": 0}))
    parser = Balanced()
    parser.feed(text)
    assert parser.open == []
    assert "not enough data" in text
    assert "Nothing was filled." in text
    assert "http" not in text


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e9))
def test_ticks_are_few_round_and_inside(low: float, span: float) -> None:
    ticks = nice_ticks(low, low + span)
    assert 1 <= len(ticks) <= 12
    assert all(low - span * 0.01 <= tick <= low + span * 1.01 for tick in ticks)


def test_a_histogram_counts_every_value() -> None:
    assert sum(count for _, count in log_histogram([0.001, 0.01, 0.011, 5.0])) == 4
    assert log_histogram([]) == []


def test_a_line_has_its_marks() -> None:
    chart = line_chart([(0.0, 1.0), (10.0, 2.0)], "price", [(5.0, 1.5, "buy")])
    assert chart.count('class="mark buy"') == 1
