"""``book``, ``bars`` and ``heatmap`` as a user calls them."""

import json
from importlib.metadata import version
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.commands import tickstream


@pytest.fixture(scope="module")
def mbo(recorded: Path) -> str:
    return str(recorded / "databento" / "orderbooks_mbo_2024-05-08.mbo.dbn.zst")


def test_book_shows_levels_and_their_orders(mbo: str, tmp_path: Path) -> None:
    done = tickstream("book", mbo, "--depth", "2", "--json", cwd=tmp_path)
    (book,) = json.loads(done.stdout)["books"]
    assert book["instrument"] == "GLBX:ESM4"
    assert book["bids"] == [
        {"price": "5214", "size": "28", "orders": 22},
        {"price": "5213.75", "size": "34", "orders": 19},
    ]
    assert book["asks"][0] == {"price": "5214.25", "size": "17", "orders": 11}
    shown = tickstream("book", mbo, "--depth", "1", cwd=tmp_path).stdout
    assert "5214.00" in shown
    assert "5214.25" in shown


def test_bars_are_written_and_counted(mbo: str, tmp_path: Path) -> None:
    done = tickstream("bars", mbo, "--kind", "tick", "--spec", "2", "--json", cwd=tmp_path)
    facts = json.loads(done.stdout)
    assert facts["bars"] == 2
    assert facts["instruments"] == {"GLBX:ESM4": 2}
    assert len((tmp_path / facts["out"]).read_text().splitlines()) == 3


def test_the_heat_map_is_a_picture_of_its_own(mbo: str, tmp_path: Path) -> None:
    done = tickstream("heatmap", mbo, "--out", "x.svg", "--json", cwd=tmp_path)
    assert json.loads(done.stdout)["instrument"] == "GLBX:ESM4"
    assert ElementTree.parse(tmp_path / "x.svg").getroot().tag.endswith("svg")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("book", "nowhere.gz"), 2, "does not exist"),
        (("book", "{mbo}", "--at", "yesterday"), 2, "no time"),
        (("book", "{mbo}", "--instrument", "X:Y"), 1, "GLBX:ESM4"),
        (("book", "{mbo}", "--at", "2001-01-01"), 1, "no event was received"),
        (("bars", "{mbo}", "--kind", "tik"), 1, "bar kind 'tik'"),
        (("bars", "{mbo}", "--to", "xlsx"), 1, ".csv or .parquet"),
        (("bars", "rubbish.bin"), 1, "is not recognised"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(
    mbo: str, tmp_path: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    (tmp_path / "rubbish.bin").write_bytes(b"\x00\x01rubbish")
    done = tickstream(*(a.replace("{mbo}", mbo) for a in arguments), cwd=tmp_path)
    assert done.returncode == code
    assert words in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.glob("*.part"))


def test_it_says_which_version_it_is(tmp_path: Path) -> None:
    assert tickstream("--version", cwd=tmp_path).stdout == f"tickstream {version('tickstream')}\n"
