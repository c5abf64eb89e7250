"""The pages for those who run it: their commands, all of them, in their order, on a real broker."""

import os
import re
import shlex
import subprocess
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import pytest

from config.experiment import Experiment
from config.keys import REPLAY_KEY
from config.operators import operator_configs
from config.settings import load, load_table
from console.commands.desk import Desk
from console.processes import Child, free_port
from schemas.codec import Codec
from schemas.records import ModelState
from streams import kafka
from streams.models.description import Stage
from streams.models.store import Store
from tests.commands import here
from tests.docs.test_docs import ROOT, blocks, recorded_something
from tests.models.makers import constant, put
from tests.waiting import wait_for

OPERATIONS = ROOT / "docs" / "operations.md"
LIMITS = ROOT / "docs" / "how-to" / "change-limits.md"
TICKSTREAM = ".venv/bin/tickstream"
LONG = ("worker", "sink", "alerts", "connect")
KEY = "a key for tests"
FAST = """
[worker]
snapshot_interval = "500ms"
[sim]
rate = 50                      # a market that costs little
[models.trend]
kind = "onnx"
model = "trend"
"""
PORTS = ("6066", "6067", "6068", "6069")


def sections(page: Path) -> Iterator[tuple[str, list[str]]]:
    """(heading, lines of its shell blocks)."""
    for part in re.split(r"^##+ ", page.read_text(), flags=re.M)[1:]:
        lines = re.findall(r"^```sh\n(.*?)^```$", part, re.M | re.S)
        yield part.splitlines()[0], [line for text in lines for line in text.splitlines()]


class Shell:
    """A folder with the commands as the pages name them, on a broker of its own."""

    def __init__(self, bootstrap: str, folder: Path) -> None:
        self.bootstrap, self.folder = bootstrap, folder
        self.children: dict[str, Child] = {}
        self._ports = {port: str(free_port()) for port in PORTS}
        (folder / "fast.toml").write_text(FAST)
        registry = Store(folder / "var" / "models")
        for probability, stage in ((0.4, Stage.PRODUCTION), (0.6, Stage.CANDIDATE)):
            put(registry, "trend", constant(1, probability), ("imbalance",), stage)
        self.env = {
            "TICKSTREAM_BROKER": bootstrap,
            "TICKSTREAM_CONFIG": str(folder / "fast.toml"),
            "TICKSTREAM_DESK_TOKEN": "a token",
            "TICKSTREAM_RISK_KEY": KEY,
            "PYTHONPATH": str(ROOT),
        }

    def run(self, line: str) -> str:
        """A line of a page; processes that run until they are stopped are started."""
        for shown, free in self._ports.items():
            line = re.sub(rf"\b{shown}\b", free, line)
        words = line.split()
        if words[0] == TICKSTREAM and words[1] in LONG:
            return self.start(words[1], words[1:])
        if words[1:2] == ["record"]:
            self.stop()
        if words[0] == TICKSTREAM:
            done = here(*shlex.split(line)[1:], cwd=self.folder, **self.env)
        else:
            done = subprocess.run(
                ["bash", "-c", line],
                cwd=self.folder,
                env={**os.environ, **self.env},
                capture_output=True,
                text=True,
            )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        return done.stdout

    def start(self, name: str, arguments: list[str]) -> str:
        """In the place of one of its name."""
        if name in self.children:
            self.children[name].stop()
        log, here = self.folder / f"{name}.log", Path.cwd()
        os.chdir(self.folder)
        try:
            self.children[name] = Child(name, arguments, log, self.env)
        finally:
            os.chdir(here)
        return ""

    def wait_for(self, condition: Callable[[], bool]) -> None:
        wait_for(condition, self.children.values())

    def answers(self, port: str) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self._ports[port]}/health").is_success
        except httpx.TransportError:
            return False

    @cached_property
    def desk(self) -> Desk:
        """What the command does, without starting a process for each question."""
        return Desk(self.folder / "fast.toml", self.bootstrap, "tests")

    def account(self) -> Any:
        return self.desk.show("paper")["paper"]

    def saved(self) -> bool:
        """Whether the gate has a snapshot to show."""
        counts = kafka.partition_counts(self.bootstrap).get("gate.state", 0)
        return any(kafka.last_record(self.bootstrap, "gate.state", n) for n in range(counts))

    def swaps(self) -> int:
        """That workers have told of."""
        codec, counts = Codec(), kafka.partition_counts(self.bootstrap).get("features", 0)
        return sum(
            isinstance(codec.decode(record.value), ModelState)
            for n in range(counts)
            for record, _ in kafka.read_partition(self.bootstrap, "features", n)
        )

    def stop(self) -> None:
        """In the order in which data flows."""
        for name in ("connect", "worker", "sink", "alerts"):
            if name in self.children:
                self.children.pop(name).stop()


@pytest.fixture
def shell(broker_alone: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    monkeypatch.setenv("TICKSTREAM_RISK_KEY", KEY)
    made = Shell(broker_alone, tmp_path)
    yield made
    made.stop()


def test_the_pages_work_line_by_line(shell: Shell) -> None:
    operations_work(shell)
    limits_are_changed(shell)
    for name, child in shell.children.items():
        assert child.running, f"{name}: {child.last_words()}"


def operations_work(shell: Shell) -> None:
    killed = 0
    for heading, lines in sections(OPERATIONS):
        for line in lines:
            shell.run(line)
            if heading == "Halt" and re.search(r"KILL|/kill| kill ", line):
                killed += 1
                shell.wait_for(lambda: shell.account()["kill_switch"] == "engaged")
                (shell.folder / "var" / "KILL").unlink(missing_ok=True)
                shell.desk.kill("all", False, False, "")
                shell.wait_for(lambda: shell.account()["kill_switch"] == "released")
        if heading == "Start":
            shell.wait_for(lambda: all(shell.answers(port) for port in PORTS))
            shell.wait_for(lambda: recorded_something(shell.bootstrap) and shell.saved())
        if heading == "Halt":
            shell.wait_for(lambda: shell.account()["limits"]["max_gross_notional"] == "0")
        if heading == "Swap a model":
            shell.wait_for(lambda: shell.swaps() == 2 * 4)  # changes by partitions
        if heading == "Resume":
            shell.wait_for(lambda: shell.account()["limits"]["max_gross_notional"] == "200000")
    assert killed == 5


def limits_are_changed(shell: Shell) -> None:
    """On the worker that the other page started last, with a market again."""
    shell.start("connect", ["connect", "sim"])
    for _, lines in sections(LIMITS):
        for line in lines:
            shell.run(line)
    limits = {
        "max_gross_notional": "100000",
        "strategy.ema_cross.max_gross_notional": "20000",
        "venue.SIM.max_gross_notional": "0",
    }
    shell.wait_for(lambda: limits.items() <= shell.account()["limits"].items())


def test_configurations_can_be_loaded(tmp_path: Path) -> None:
    shown = [(page, text) for page, text in blocks("toml") if "reference" not in page]
    assert len(shown) >= 2
    for n, (page, text) in enumerate(shown):
        file = tmp_path / f"{n}.toml"
        file.write_text(text)
        if "my-idea" in text:
            continue  # the tutorial's test writes that strategy, and runs it
        if "[train]" in text:
            assert load_table(Experiment, "train", file), page
            continue
        assert operator_configs(load(file, environment={}), REPLAY_KEY), page
