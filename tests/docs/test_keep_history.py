"""The page on history is run line by line, at a local server of the vendors."""

import re
import shutil
from pathlib import Path

import pytest

from tests.docs.test_docs import ROOT, blocks, commands, run
from tests.lake.test_download import MIDNIGHT, config
from tests.lake.vendors_server import HOUR, KEY, SECRET, serving

PAGE = "docs/how-to/keep-history.md"


def test_the_page_on_history_works_line_by_line(recorded: Path, tmp_path: Path) -> None:
    shutil.copy(recorded / "fx" / "truefx_usdjpy_ticks.csv", tmp_path)
    (mapping,) = (text for page, text in blocks("mapping") if page == PAGE)
    (tmp_path / "usdjpy.toml").write_text(mapping)
    (actions,) = (text for page, text in blocks("csv") if page == PAGE)
    lines = [line for page, text in blocks("history") if page == PAGE for line in commands(text)]
    assert len(lines) > 10
    with serving() as server:
        server.trades = [(MIDNIGHT + 15 * HOUR + n, n, 185.5, 100) for n in range(5)]
        server.zip(
            "/data/spot/daily/trades/BTCUSDT/BTCUSDT-trades-2024-01-02.zip",
            "7,42000.01,0.5,42.0,1704153600000,True,True\n",
        )
        env = {
            "TICKSTREAM_CONFIG": str(config(server, tmp_path)),
            "TICKSTREAM_ALPACA_KEY": KEY,
            "TICKSTREAM_ALPACA_SECRET": SECRET,
            "TICKSTREAM_MASSIVE_KEY": KEY,
        }
        for line in lines:
            done = run(line, tmp_path, **env)
            assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
            if "import usdjpy" in line:
                (tmp_path / "var" / "lake" / "corporate_actions.csv").write_text(actions)


@pytest.mark.parametrize("word", ["import", "download", "list", "check", "export"])
def test_every_command_of_history_is_on_the_page(word: str) -> None:
    assert re.search(rf"tickstream data {word}\b", (ROOT / PAGE).read_text())
