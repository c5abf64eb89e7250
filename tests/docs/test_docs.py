"""Every command, query and program that the documentation shows is run."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.processes import Child
from tests.commands import ROOT, Done, environment, tickstream
from tests.waiting import wait_for

FIRST = [ROOT / "README.md", ROOT / "docs" / "quickstart.md"]
PAGES = FIRST + [page for page in sorted((ROOT / "docs").rglob("*.md")) if page not in FIRST]
LONG = ("worker", "sink", "connect", "archive")


def blocks(kind: str) -> Iterator[tuple[str, str]]:
    """(page, content) of the fenced blocks of a kind."""
    for page in PAGES:
        for named, content in re.findall(r"^```(\w*)\n(.*?)^```$", page.read_text(), re.M | re.S):
            if named == kind:
                yield str(page.relative_to(ROOT)), content


def commands(text: str) -> list[str]:
    """The lines that are commands of ours, a quoted one over several lines included."""
    shown = re.findall(r"^(?:\$ )?(\.venv/bin/(?:[^\"\n]|\"[^\"]*\")*)", text, re.M)
    return [line.split("  #")[0].strip() for line in shown]


def run(line: str, folder: Path, **env: str) -> Done:
    if line.startswith(".venv/bin/tickstream"):
        return tickstream(*arguments(line), cwd=folder, **env)
    return python(*arguments(line), cwd=folder, **env)


def python(*arguments: str, cwd: Path, given: str = "", **env: str) -> Done:
    return subprocess.run(
        [sys.executable, *arguments],
        input=given,
        capture_output=True,
        text=True,
        cwd=cwd,
        env=environment(**env),
    )


def arguments(line: str) -> list[str]:
    """Of a command of a page."""
    return [_recorded(word) for word in shlex.split(line)[1:]]


def _recorded(argument: str) -> str:
    """Where a recorded file lies that the page names, with or without its folder."""
    data = ROOT.parent / "shared"
    if argument.endswith((".gz", ".zst")) and "/" not in argument:
        return str(next((data / "data").rglob(argument), argument))
    return argument.replace("../shared", str(data.resolve()))


def test_the_quickstart_works_line_by_line(recorded: Path, tmp_path: Path) -> None:
    lines = [line for _, text in blocks("console") for line in commands(text)]
    assert len(lines) >= 5
    for line in lines:
        done = run(line, tmp_path)
        assert done.returncode == 0, f"{line}\n{done.stderr}"


def test_the_parts_run_as_shown(broker_alone: str, recorded: Path, tmp_path: Path) -> None:
    config = tmp_path / "quiet.toml"
    config.write_text("[sim]\nrate = 50\n")
    env = {"TICKSTREAM_BROKER": broker_alone, "TICKSTREAM_CONFIG": str(config)}
    lines = [line for _, text in blocks("") for line in commands(text)]
    lines = [line for line in lines if "demo" not in line]
    assert any("verify" in line for line in lines)
    children = []
    here = Path.cwd()
    os.chdir(tmp_path)
    try:
        for n, line in enumerate(lines):
            words = arguments(line)
            if words[0] in LONG:
                words = [*words[: words.index("--port")], "--port", "0"]
                children.append(Child(words[0], words, tmp_path / f"{n}.log", environment(**env)))
                continue
            if words[0] == "record" and children:
                wait_for(lambda: recorded_something(broker_alone), children)
                for child in reversed(children):
                    child.stop()
                children = []
            done = run(line, tmp_path, **env)
            assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    finally:
        for child in children:
            child.stop()
        os.chdir(here)


def recorded_something(bootstrap: str) -> bool:
    from streams import kafka

    return any(
        kafka.last_record(bootstrap, "tape", p)
        for p in range(kafka.partition_counts(bootstrap).get("tape", 0))
    )


def test_the_queries_run_on_the_real_tables(tmp_path: Path) -> None:
    queries = [text.strip() for _, text in blocks("sql")]
    assert queries
    code = (
        "import json, sys\n"
        "from sinks.clickhouse.writer import ClickHouseWriter\n"
        "writer = ClickHouseWriter('embedded:ch')\n"
        "for query in json.load(sys.stdin): writer.client.query(query)\n"
    )
    done = python("-c", code, cwd=tmp_path, given=json.dumps(queries))
    assert done.returncode == 0, done.stderr


def _at(text: str, broker: str, recorded: Path) -> str:
    """A program of the documentation, with this run's broker and the recorded data."""
    return text.replace("127.0.0.1:9092", broker).replace("../shared/data", str(recorded.resolve()))


def test_the_programs_run(broker_alone: str, recorded: Path, tmp_path: Path) -> None:
    made = run(".venv/bin/tickstream topics create", tmp_path, TICKSTREAM_BROKER=broker_alone)
    assert made.returncode == 0, made.stderr
    programs: dict[str, str] = {}
    for page, text in blocks("python"):  # those of a page are one program
        programs[page] = programs.get(page, "") + text
    assert programs
    for text in programs.values():
        done = python("-c", _at(text, broker_alone, recorded), cwd=ROOT)
        assert done.returncode == 0, done.stderr


def test_live_commands_name_a_venue_that_exists() -> None:
    """They need the venue itself; tests/venues runs the same connector against a local server."""
    from connectors.venues import VENUES

    lines = [line for _, text in blocks("live") for line in commands(text)]
    assert lines
    for line in lines:
        source = shlex.split(line)[2]
        assert source.partition(":")[0] in VENUES


def test_the_reference_is_made_from_the_code() -> None:
    done = python("docs/generate.py", "--check", cwd=ROOT)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
        assert (page.parent / target).exists(), target
