"""The page of evidence: strategies that are played again do what it says of them."""

import re
from pathlib import Path

import pytest

from config.strategy_tables import SHIPPED
from tests.conftest import DATA
from tests.docs.test_docs import ROOT, blocks, commands, run

PAGE = "docs/strategies/evidence.md"
TEXT = (ROOT / PAGE).read_text()


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the command of the page prints; without the recorded data, of the simulated market."""
    (line,) = (one for page, text in blocks("shell") if page == PAGE for one in commands(text))
    line = line.replace("docs/", f"{ROOT}/docs/")
    line = line if DATA.is_dir() else line.replace(" momentum", "")
    done = run(line, tmp_path_factory.mktemp("evidence"))
    assert done.returncode == 0, done.stderr
    return done.stdout


def holds(kind: str, printed: str) -> None:
    """The row of the table, and the section with its trades."""
    (row,) = re.findall(rf"^\| \[{kind}\].+$", printed, re.M)
    assert f"\n{row}\n" in TEXT
    (section,) = re.findall(rf"^### {kind}\n.*?(?=\n### |\Z)", printed, re.M | re.S)
    assert f"\n{section.strip()}\n" in TEXT


def test_momentum_on_recorded_data_does_what_the_page_says(recorded: Path, printed: str) -> None:
    holds("momentum", printed)


def test_triangular_on_the_simulated_market_does_what_the_page_says(printed: str) -> None:
    holds("triangular", printed)


def test_the_page_has_trades_with_reasons_and_values_of_every_kind_of_strategy() -> None:
    for kind in SHIPPED:
        assert f"| [{kind}](#{kind}) |" in TEXT, f"give it a table in docs/evidence/*.toml: {kind}"
        section = TEXT.split(f"\n### {kind}\n")[1].split("\n#")[0]
        assert re.findall(r"^- .+ (?:BUY|SELL) .+: \*.+\*\n  `\S.*` -?\d", section, re.M), kind
