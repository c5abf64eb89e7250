"""The tutorial on strategies, step by step: what it says to type is typed, and must do it."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.docs.test_docs import ROOT, commands, run

PAGE = (ROOT / "docs" / "tutorial-strategy.md").read_text()


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.M | re.S)


def facts(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stdout + done.stderr
    made: dict[str, Any] = json.loads(done.stdout)
    return made


@pytest.mark.timeout(900)
def test_a_newcomer_gets_from_nothing_to_a_report(tmp_path: Path) -> None:
    new, check, first, check_again, second, listed = (
        f"{line} --json" for text in blocks("shell") for line in commands(text)
    )
    begun, changed = blocks("python")
    file = Path(tmp_path / facts(run(new, tmp_path))["file"])
    assert file.read_text() == begun, "the page shows another file than is written"
    assert facts(run(check, tmp_path))["ok"]
    outcome = facts(run(first, tmp_path))
    assert outcome["signals"] > 3
    assert outcome["fills"] > 3
    assert "pnl_after_fees" in outcome
    assert all("rsi_14=" in text for text in outcome["last_signals"].values())
    report = Path(outcome["report"]).read_text()
    assert "Last signals" in report
    assert "is low" in report
    file.write_text(changed)
    assert facts(run(check_again, tmp_path))["ok"]
    outcome = facts(run(second, tmp_path))
    assert outcome["signals"] > 3
    (tmp_path / "mine.toml").write_text(blocks("toml")[0])
    configured = facts(run(listed, tmp_path))["configured"]
    assert configured["dips"] == "my-idea on SIM:*"
    assert configured["ema_cross"].endswith("not enabled")
