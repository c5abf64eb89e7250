"""A lake gives back what it was given, once, and says what is wrong with it."""

import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from connectors.selection import Selection
from schemas.frames import MarketFrame
from schemas.lake import files, layout
from schemas.lake.layout import LakeError, Place
from tests.lake.history import flat, head, put

LINES = 6_000


@pytest.fixture(scope="module")
def capture(recorded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("capture")
    return head(recorded / "binance" / "usdm_btcusdt_20240808.gz", folder / "usdm.gz", LINES)


@pytest.fixture(scope="module")
def lake(capture: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("history") / "lake"
    assert put(folder, capture)["imported"][0]["rejected"] == 0
    return folder


def manifests(lake: Path) -> dict[Place, files.Manifest]:
    return {place: files.read_manifest(lake, place) for place in layout.places(lake)}


def test_a_lake_gives_back_the_events_of_the_capture_in_their_order(
    lake: Path, capture: Path
) -> None:
    given = flat(capture)
    assert sum(map(len, given.values())) > 5_000
    assert flat(lake) == given


@pytest.mark.parametrize(
    "name",
    [
        "okx/OKX.ws.1.0.gz",
        "coinbase/COINBASE.ws.28.0.gz",
        "databento/esh4-glbx-mdp3-20231224.mbo.dbn.zst",
        "databento/orderbooks_mbo_2024-05-08.mbo.dbn.zst",
        "tardis/deribit_incremental_book_L2_BTC-PERPETUAL.csv",
        "tardis/bitmex_trades_XBTUSD.csv",
    ],
)
def test_what_other_forms_hold_comes_back_too(name: str, recorded: Path, tmp_path: Path) -> None:
    put(tmp_path / "lake", recorded / name)
    assert flat(tmp_path / "lake") == flat(recorded / name)


def test_a_file_is_sorted_by_event_time_and_sequence_with_statistics_and_zstd(lake: Path) -> None:
    for place, manifest in manifests(lake).items():
        rows, _ = files.read(lake, place)
        columns, kind = rows.columns, rows.kind
        by = [columns[name].tolist() for name in (kind.event, kind.seq) if name]
        pairs = list(zip(*by, strict=True))
        assert pairs == sorted(pairs)
        assert manifest.sha256 == files.checksum(rows)
        group = pq.read_metadata(place.path(lake)).row_group(0)
        event = next(
            c for c in map(group.column, range(group.num_columns)) if c.path_in_schema == kind.event
        )
        assert event.compression == "ZSTD"
        assert (event.statistics.min, event.statistics.max) == pairs[0][:1] + pairs[-1][:1]


def test_importing_again_adds_nothing_and_changes_no_byte(lake: Path, capture: Path) -> None:
    before = {place: place.path(lake).read_bytes() for place in layout.places(lake)}
    assert put(lake, capture)["rows"] == 0
    assert {place: place.path(lake).read_bytes() for place in layout.places(lake)} == before


def test_captures_that_overlap_give_each_row_once(
    recorded: Path, capture: Path, tmp_path: Path
) -> None:
    source = recorded / "binance" / "usdm_btcusdt_20240808.gz"
    halves = [
        head(source, tmp_path / "a.gz", LINES * 2 // 3),
        head(source, tmp_path / "b.gz", LINES * 2 // 3, LINES // 3),
    ]
    put(tmp_path / "lake", *halves)
    (found,) = flat(tmp_path / "lake").values()
    (whole,) = flat(capture).values()
    # the second begins in the midst of the book, and so has no snapshot and lets diffs go
    assert Counter(map(repr, found)) == Counter(map(repr, whole))


def test_a_part_of_a_lake_is_that_part_of_the_capture(lake: Path, capture: Path) -> None:
    (name,) = flat(lake)
    trades = [said[2] for said in flat(capture)[name] if isinstance(said, tuple) and said[1] == 1]
    times = [ts_event for ts_event, *_ in trades]
    wanted = Selection(("BINANCE*",), times[len(times) // 3], times[len(times) // 2])
    assert flat(lake, wanted) == flat(capture, wanted)
    assert len(flat(lake, wanted)[name]) > 100
    assert not flat(lake, Selection(("KRAKEN:*",)))


def test_a_damaged_file_is_named(lake: Path, capture: Path, tmp_path: Path) -> None:
    put(tmp_path / "lake", capture)
    place = next(layout.places(tmp_path / "lake"))
    path = place.path(tmp_path / "lake")
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(LakeError, match=r"data\.parquet: cannot be read"):
        flat(tmp_path / "lake")


def test_a_folder_of_something_else_is_not_made_a_lake(tmp_path: Path, capture: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(LakeError, match="holds something that is no lake"):
        put(tmp_path, capture)


def test_frames_of_a_lake_hold_no_more_than_a_second(lake: Path) -> None:
    from connectors.lake import form

    found = [f for piece in form.pieces(lake) for f in piece.found if isinstance(f, MarketFrame)]
    assert max(map(len, found)) <= 1000
    for frame in found:
        frame.check()
        times = np.concatenate([frame.trades.ts_recv, frame.quotes.ts_recv, frame.depth.ts_recv])
        assert times.max() // 10**9 == times.min() // 10**9


def test_an_import_that_was_killed_is_taken_up(recorded: Path, tmp_path: Path) -> None:
    capture = recorded / "binance" / "usdm_btcusdt_20240808.gz"
    (tmp_path / "small.toml").write_text("[archive]\nblock_rows = 500\n")
    command = ["data", "import", str(capture.resolve()), "--config", str(tmp_path / "small.toml")]
    command += ["--lake", str(tmp_path / "lake"), "--json"]
    killed = subprocess.Popen([sys.executable, "-m", "console.main", *command])
    deadline = time.monotonic() + 90
    while not any(tmp_path.glob("lake/*/*/*/data.parquet")):
        assert time.monotonic() < deadline
        assert killed.poll() is None
        time.sleep(0.01)
    killed.kill()
    killed.wait()
    before = sum(manifest.rows for manifest in manifests(tmp_path / "lake").values())
    done = subprocess.run([sys.executable, "-m", "console.main", *command], capture_output=True)
    assert done.returncode == 0, done.stderr
    put(tmp_path / "whole", capture)
    found, whole = manifests(tmp_path / "lake"), manifests(tmp_path / "whole")
    assert 0 < before < sum(manifest.rows for manifest in whole.values())
    assert {p: m.sha256 for p, m in found.items()} == {p: m.sha256 for p, m in whole.items()}
