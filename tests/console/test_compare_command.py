"""``tickstream compare`` as a user calls it: its report, and what it says where it cannot."""

import json
import re
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from config.keys import REPLAY_KEY
from config.settings import load
from console import context
from console.commands.compare import compare
from console.errors import Failure
from schemas.codec import Codec
from tests.commands import tickstream
from tests.research.live_world import ACCOUNT, PLANTED, World, traded


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recorded session."""
    folder = tmp_path_factory.mktemp("compare") / "monday"
    return traded(World(PLANTED), 100).save(folder, Codec())


@pytest.fixture(scope="module")
def facts(saved: Path) -> dict[str, Any]:
    done = tickstream("compare", str(saved), "--json", cwd=saved.parent)
    assert done.returncode == 0, done.stderr
    made: dict[str, Any] = json.loads(done.stdout)
    return made


def test_the_parts_of_every_order_and_of_all_add_up(facts: dict[str, Any]) -> None:
    names = ("latency", "queue", "fee", "missing_data", "remainder")
    for row in facts["by_order"]:
        parts = sum(Decimal(row[name]) for name in names)
        assert parts == Decimal(row["pnl_difference"])
        assert parts == Decimal(row["live_pnl"]) - Decimal(row["paper_pnl"])
    whole = Decimal(facts["pnl"]["live"]) - Decimal(facts["pnl"]["paper"])
    assert sum(Decimal(value) for value in facts["causes"].values()) == whole


def test_the_parameters_are_a_table_of_the_configuration(
    facts: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "fitted.toml").write_text(facts["toml"])
    venue = load(tmp_path / "fitted.toml", environment={}).paper_venue
    assert (venue.queue_model, venue.queue_power) == ("power", 2)
    assert (str(venue.maker_fee), str(venue.taker_fee)) == ("0.0001", "0.0004")
    assert venue.latency_model == "lognormal"


def test_the_report_stands_alone_and_has_its_charts(facts: dict[str, Any]) -> None:
    html = Path(facts["report"]).read_text()
    assert html.count("<svg") == 4
    assert "not enough data" not in html
    assert "http" not in html
    body = html[html.index("<main>") : html.index("</body>")]
    ElementTree.fromstring(body)
    for row in facts["by_order"]:
        assert f"<td>{row['order']}</td>" in html


def test_people_get_a_table_sums_and_the_parameters(saved: Path) -> None:
    out = saved.parent / "x.html"
    done = tickstream("compare", str(saved), "--out", str(out), cwd=saved.parent)
    assert done.returncode == 0, done.stderr
    assert out.exists()
    for words in (
        "live less paper",
        "missing data",
        "remainder",
        "[paper_venue]",
        'queue_model = "power"',
    ):
        assert words in done.stdout


def test_the_fitted_parameters_repeat_the_session(saved: Path, facts: dict[str, Any]) -> None:
    (saved.parent / "fitted.toml").write_text(facts["toml"])
    done = tickstream("compare", str(saved), "--json", "--config", "fitted.toml", cwd=saved.parent)
    again = json.loads(done.stdout)
    assert again["closeness"]["paper_s"] == pytest.approx(facts["closeness"]["fitted_s"])
    assert again["closeness"]["paper_s"] < facts["closeness"]["paper_s"] / 2
    assert again["causes"]["fee"] == "0"


CASES = {
    "rubbish": ({}, "holds no complete recording"),
    "nowhere": ({}, "holds no complete recording"),
    "no-market": ({}, "lacks the topic ticks"),
    "empty-market": ({}, "hold no market data of SIM:XBTUSD"),
    "paper": ({}, "holds no order that a live venue answered"),
    "by-hand": ({}, "execution holds none of its approved orders"),
    "damaged": ({}, "is damaged"),
    "unmarked": ({}, "has no mark"),
    "whole": ({"account": "nobody"}, f"nobody has no live orders; {ACCOUNT} has"),
    "whole ": ({"instrument": "X:Y"}, "sent no order in X:Y; it traded SIM:XBTUSD"),
}


@pytest.fixture(scope="module")
def lacking(saved: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lacking")
    write(saved, folder)
    return folder


@pytest.mark.parametrize("name", CASES)
def test_what_cannot_be_compared_is_said(name: str, lacking: Path) -> None:
    options, words = CASES[name]
    chosen = {"account": "", "instrument": ""} | options
    made = context.make(None, REPLAY_KEY)
    with pytest.raises(Failure, match=re.escape(words)):
        compare(made, lacking / name.strip(), out=None, **chosen)


def test_it_is_said_in_a_line(lacking: Path) -> None:
    done = tickstream("compare", "paper", cwd=lacking)
    assert done.returncode == 1
    assert "record a session in which tickstream trade sent orders" in done.stderr
    assert "Traceback" not in done.stderr


def write(saved: Path, folder: Path) -> None:
    """Recordings that lack something."""
    codec = Codec()
    (folder / "rubbish").mkdir()
    (folder / "rubbish" / "recording.json").write_text("{]")
    shutil.copytree(saved, folder / "whole")
    shutil.copytree(saved, folder / "no-market")
    shutil.rmtree(folder / "no-market" / "ticks")
    shutil.copytree(saved, folder / "damaged")
    (folder / "damaged" / "ticks" / "0.avro").write_bytes(b"Obj\x01rubbish")
    lacking = {
        "empty-market": ("ticks", lambda _: False),
        "by-hand": ("execution", lambda _: False),
        "unmarked": ("orders", lambda row: row[2] != "builder"),
        "paper": ("orders", lambda row: row[2] == "builder"),
    }
    for name, (topic, keeps) in lacking.items():
        world = traded(World(PLANTED), 6)
        world.log[topic] = [row for row in world.log[topic] if keeps(row)]
        world.save(folder / name, codec)
