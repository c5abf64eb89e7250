"""Captures keep every line; damage costs what lies behind it and is told."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import forms, plain_capture
from connectors.capture import CaptureWriter
from connectors.clock import Clock
from connectors.decimals import scaled
from connectors.events import Instrument, Rejected
from connectors.piece import Found
from connectors.rate_limit import Budget
from connectors.reconnect import Backoff

SECOND = 10**9


LISTED = {"XBT/USD": Instrument("KRAKEN:BTC-USD", 1, 8)}
TRADE = b'[1,[["5.5","1","%d.5","b","l",""]],"trade","XBT/USD"]'


def write(path: Path, lines: int) -> None:
    writer = CaptureWriter(path)
    writer.begins("krakenv1", ("ws://x", "http://x"), "KRAKEN", 30 * SECOND, LISTED)
    for n in range(lines):
        writer.received(TRADE % n, (10**9 + n) * SECOND // 10)
    writer.close()


def found(path: Path) -> list[Found]:
    return [event for piece in forms.recognise(path)[1] for event in piece.found]


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_what_is_written_is_read(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"c{suffix}"
    write(path, 100)
    write(path, 100)
    events = found(path)
    assert [event.ts_event // SECOND for event in events] == [*range(100), *range(100)]
    assert [event.ts_recv for event in events[:2]] == [10**17, 10**17 + SECOND // 10]
    assert {event.instrument for event in events} == set(LISTED.values())


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_a_truncated_file_gives_what_lies_before_and_one_problem(
    tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"c{suffix}"
    write(path, 100)
    path.write_bytes(path.read_bytes()[:-20])
    events = found(path)
    assert len(events) > 50
    assert [isinstance(e, Rejected) for e in events] == [False] * (len(events) - 1) + [True]


def test_a_malformed_line_is_one_problem_and_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "c.txt"
    path.write_bytes(b"1 one\nnonsense\n3 three\n")
    lines = list(plain_capture.read(path))
    assert [line.data for line in lines] == [b"one", b"nonsense", b"three"]
    assert "line 2" in lines[1].problem
    assert not lines[2].problem


def test_a_killed_writer_leaves_a_readable_file(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from connectors.capture import CaptureWriter\n"
        "w = CaptureWriter(Path(sys.argv[1]))\n"
        "w.begins('krakenv1', ('', ''), 'KRAKEN', 10**9, {})\n"
        "n = 10**10\n"
        "while True:\n"
        "    w.received(b'{}', n * 10**8 + 1); n += 1; time.sleep(0.0005)\n"
    )
    path = tmp_path / "c.gz"
    writer = subprocess.Popen([sys.executable, "-c", code, str(path)])
    while not path.exists() or path.stat().st_size < 2000:
        time.sleep(0.05)
    writer.kill()
    writer.wait()
    pieces = list(forms.recognise(path)[1])
    assert len(pieces) > 100
    assert not any(piece.found for piece in pieces[:-1])


@given(st.integers(-(10**15), 10**15), st.integers(0, 9))
def test_decimals_are_read_exactly(value: int, scale: int) -> None:
    digits = f"{abs(value):0{scale + 1}d}"
    text = digits[:-scale] + "." + digits[-scale:] if scale else digits
    assert scaled(("-" if value < 0 else "") + text, scale) == value


@given(st.text(max_size=12))
def test_anything_else_is_no_decimal(text: str) -> None:
    try:
        scaled(text, 2)
    except ValueError:
        return
    assert text.removeprefix("-").replace(".", "", 1).isdecimal()


class HalfWay:
    """A source of jitter that is always in the middle."""

    def uniform(self, low: float, high: float) -> float:
        return (low + high) / 2


def test_delays_double_up_to_a_bound_and_start_anew_after_a_stable_time() -> None:
    backoff = Backoff(HalfWay(), first_s=1, most_s=8, stable_s=60)  # type: ignore[arg-type]
    assert [backoff.delay(0) for _ in range(5)] == [0.75, 1.5, 3.0, 6.0, 6.0]
    assert backoff.delay(61) == 0.75


def test_a_budget_makes_who_spent_it_wait() -> None:
    budget = Budget(100, 10)
    assert [budget.delay(50, 0), budget.delay(50, 0), budget.delay(20, 0)] == [0, 0, 2]
    assert budget.delay(10, 100) == 0
    with pytest.raises(ValueError, match="exceeds the budget"):
        budget.delay(101, 0)


def test_a_budget_that_the_venue_paused_gives_nothing_before() -> None:
    budget = Budget(100, 10)
    assert budget.delay(1, 50) == 0
    budget.pause(5, 50)
    assert [budget.delay(1, 50), budget.delay(1, 54), budget.delay(1, 55)] == [5, 1, 0]


def test_the_clock_tells_whole_intervals_and_after_a_pause_only_the_last() -> None:
    clock = Clock(SECOND)
    times = [SECOND // 2, SECOND, SECOND + 1, 2 * SECOND + 5, 9 * SECOND + 1]
    assert [clock.due(t) for t in times] == [[], [SECOND], [], [2 * SECOND], [9 * SECOND]]
