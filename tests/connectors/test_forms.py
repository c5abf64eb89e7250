"""Files are recognised by what is in them, however they are compressed, and read in flat memory."""

import bz2
import gzip
import random
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import forms
from connectors.compressed import Damaged, blocks, head
from connectors.events import DepthEvent, OrderEvent, Rejected, TradeEvent
from connectors.itch.form import day_of
from research import frames
from schemas.frames import MarketFrame
from schemas.records import Status
from tests.connectors.itch_file import directory, encode

KRAKEN = b"""wss://ws.kraken.com <-> 1618678132.38
1618678132.92: {"channelID":1,"event":"subscriptionStatus","pair":"A/B","status":"subscribed"}
1618678133.71: [1,{"as":[["2.50","1.0","1618678133.1"]],"bs":[["2.40","3.0","1618678133.1"]]},\
"book-10","A/B"]
1618678133.91: [1,{"a":[["2.45","1.5","1618678133.9"]]},"book-10","A/B"]
"""


def packed(folder: Path, data: bytes) -> dict[str, Path]:
    made = {
        "x": data,
        "x.gz": gzip.compress(data[:100]) + gzip.compress(data[100:]),
        "x.zst": zstandard.compress(data[:100]) + zstandard.compress(data[100:]),
        "x.bz2": bz2.compress(data[:100]) + bz2.compress(data[100:]),
    }
    for name, content in made.items():
        (folder / name).write_bytes(content)
    with zipfile.ZipFile(folder / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside.txt", data)
    return {path.name: path for path in folder.iterdir()}


def test_a_file_is_told_by_its_content_however_it_is_compressed(tmp_path: Path) -> None:
    files = packed(tmp_path, KRAKEN)
    assert len(files) == 5
    for path in files.values():
        assert b"".join(blocks(path)) == KRAKEN
        name, pieces = forms.recognise(path)
        assert name == "annotated capture of Kraken WebSocket v1"
        found = [e for piece in pieces for e in piece.found]
        assert [(e.bids, e.asks) for e in found if isinstance(e, DepthEvent)] == [
            ([(240, 30)], [(250, 10)]),
            ([], [(245, 15)]),
        ]


@pytest.mark.parametrize("name", ["x.gz", "x.zst", "x.bz2", "x.zip"])
def test_a_file_that_ends_too_early_gives_what_is_whole_and_says_so(
    tmp_path: Path, name: str
) -> None:
    path = packed(tmp_path, KRAKEN * 500)[name]
    path.write_bytes(path.read_bytes()[:-30])
    if name == "x.zip":
        with pytest.raises(Damaged):
            list(blocks(path))
        return
    found = [e for piece in forms.recognise(path)[1] for e in piece.found]
    assert isinstance(found[-1], Rejected)
    assert "damaged after line" in found[-1].error
    assert all(not isinstance(e, Rejected) for e in found[:-1])


STARTS = [b"", b"\x1f\x8b", b"BZh9", b"DBN\x03", b"DBN\x03\x40\0\0\0", b"PK\x03\x04", b"\0\x0cS"]


@settings(max_examples=300)
@given(
    st.binary(max_size=300), st.sampled_from([b"", b"\x1f\x8b", b"BZh9", b"DBN\x03", b"PK\x03\x04"])
)
def test_rubbish_is_refused_or_rejected_but_never_a_crash(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, start: bytes
) -> None:
    path = tmp_path_factory.mktemp("rubbish") / "x"
    path.write_bytes(start + data)
    try:
        _, pieces = forms.recognise(path)
    except forms.UnknownForm:
        return
    assert all(isinstance(e, Rejected) for piece in pieces for e in piece.found)


def test_a_capture_cut_anywhere_never_crashes(recorded: Path, tmp_path: Path) -> None:
    for source in ("okx/OKX.ws.1.0.gz", "databento/orderbooks_mbo_2024-05-08.mbo.dbn.zst"):
        data = b"".join(blocks(recorded / source))
        for size in (10_000, 50_001, len(data) // 2):
            (tmp_path / "cut").write_bytes(data[:size])
            found = [e for piece in forms.recognise(tmp_path / "cut")[1] for e in piece.found]
            assert sum(isinstance(e, Rejected) for e in found) <= 1
            assert len(found) > 1


def test_memory_stays_flat_however_long_the_file(tmp_path: Path) -> None:
    """What cannot be packed well is read in many blocks."""
    rng, sides = random.Random(1), b'[["2.45","%d.5","%d.9"]]'
    line = b'1618678133.91: [1,{"a":' + sides + b',"b":' + sides + b'},"book-10","A/B"]\n'
    path, peaks = tmp_path / "long.gz", []
    for count in (4_000, 12_000):
        with gzip.open(path, "wb", 1) as file:
            file.write(KRAKEN)
            for _ in range(count):
                file.write(line % tuple(rng.randrange(10**9, 9 * 10**9) for _ in range(4)))
        tracemalloc.start()
        found = sum(len(part) for part in frames.read(path) if isinstance(part, MarketFrame))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert found == count + 2, found
    assert peaks[1] < 1.5 * peaks[0] < 4 << 20


def test_itch_files_tell_their_day(tmp_path: Path) -> None:
    added = encode("A", 7, 5, "QcI8sI", 1, b"B", 100, b"XYZ     ", 12_3400)
    start = encode("S", 0, 1, "c", b"O")
    path = tmp_path / "01302020.NASDAQ_ITCH50.gz"
    path.write_bytes(gzip.compress(start + directory(7) + added))
    name, pieces = forms.recognise(path)
    assert name == "NASDAQ ITCH 5.0 file of 2020-01-30"
    (frame,) = [e for piece in pieces for e in piece.found if isinstance(e, MarketFrame)]
    assert frame.orders.ts_event.tolist() == [1_580_360_400 * 10**9 + 5]
    assert frame.orders.price.tolist() == [123_400]
    assert str(day_of("S081321-v50.txt.gz")) == "2021-08-13"
    assert day_of("whatever") is None


def test_lobster_books_come_from_the_orderbook_file_where_it_is_there(tmp_path: Path) -> None:
    rows = "34200.5,1,11,5,1000000,1\n34201.5,4,11,2,1000000,1\n"
    path = tmp_path / "AB_2012-06-21_34200000_57600000_message_1.csv"
    path.write_text(rows)
    name, pieces = forms.recognise(path)
    assert name == "LOBSTER messages of AB, 2012-06-21"
    found = [e for piece in pieces for e in piece.found]
    assert [type(e) for e in found] == [OrderEvent, OrderEvent, TradeEvent]
    path.with_name(path.name.replace("message", "orderbook")).write_text(
        "1000100,7,1000000,5\n1000100,7,1000000,3\n"
    )
    name, pieces = forms.recognise(path)
    assert name.endswith("with its orderbook file")
    found = [e for piece in pieces for e in piece.found]
    assert [type(e) for e in found] == [DepthEvent, TradeEvent, DepthEvent]
    assert found[2].bids == [(1_000_000, 3)]
    assert found[1].ts_event == 1_340_251_200 * 10**9 + 34_201_500_000_000


def test_statuses_of_a_form_reach_whoever_reads(tmp_path: Path) -> None:
    path = tmp_path / "AB_2012-06-21_34200000_57600000_message_1.csv"
    path.write_text("34200.5,7,0,0,-1,-1\n")
    assert [part.kind for part in frames.read(path) if isinstance(part, Status)] == ["HALTED"]


def test_the_head_of_a_file_is_what_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "x.gz").write_bytes(gzip.compress(struct.pack(">I", 7) * 10_000))
    assert head(tmp_path / "x.gz", 8) == struct.pack(">II", 7, 7)
