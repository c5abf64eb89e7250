"""The page of evidence: strategies that are played again do what it says of them."""

import re
from pathlib import Path

from config.strategy_tables import SHIPPED
from tests.docs.test_docs import ROOT, blocks, commands, run

PAGE = "docs/strategies/evidence.md"
TEXT = (ROOT / PAGE).read_text()
PLAY = ".venv/bin/python docs/evidence/play.py"


def played(line: str, folder: Path) -> str:
    done = run(line.replace(PLAY, f".venv/bin/python {ROOT}/docs/evidence/play.py"), folder)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def holds(printed: str, *kinds: str) -> None:
    table, *sections = printed.split("\n\n### ")
    assert len(table.splitlines()) == 2 + len(kinds)
    for line in table.splitlines():
        assert f"\n{line}\n" in TEXT
    assert len(sections) == len(kinds)
    for kind, section in zip(kinds, sections, strict=True):
        assert section.startswith(f"{kind}\n")
        assert f"\n### {section}\n" in TEXT


def test_momentum_on_recorded_data_does_what_the_page_says(recorded: Path, tmp_path: Path) -> None:
    (line,) = (one for page, text in blocks("shell") if page == PAGE for one in commands(text))
    assert line.startswith(PLAY)
    holds(played(line, tmp_path), "momentum")


def test_the_simulated_market_gives_what_the_page_says(tmp_path: Path) -> None:
    kinds = ("stat_arb", "triangular")
    holds(played(f"{PLAY} here {' '.join(kinds)}", tmp_path), *kinds)


def test_the_page_has_trades_with_reasons_and_values_of_every_kind_of_strategy() -> None:
    for kind in SHIPPED:
        assert f"| [{kind}](#{kind}) |" in TEXT, f"give it a table in docs/evidence/*.toml: {kind}"
        section = TEXT.split(f"\n### {kind}\n")[1].split("\n#")[0]
        assert re.findall(r"^- .+ (?:BUY|SELL) .+: \*.+\*\n  `\S.*` -?\d", section, re.M), kind
