"""What leaves a lake is exact, whatever program reads it."""

import csv
from decimal import Decimal
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from config.settings import load
from connectors.selection import EVERYTHING, Selection
from console.commands import data_export
from console.errors import Failure
from tests.lake.history import flat, head, put


@pytest.fixture(scope="module")
def lake(recorded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export")
    source = recorded / "binance" / "spot_btcusdt_20240808.gz"
    put(folder / "lake", head(source, folder / "spot.gz", 3_000))
    return folder / "lake"


def trades(lake: Path) -> list[tuple[int, Decimal, Decimal]]:
    (events,) = flat(lake).values()
    found = []
    for event in events:
        if isinstance(event, tuple) and event[1] == 1:
            (price, size), _, row = event
            found.append((row[2], Decimal(row[3]).scaleb(-price), Decimal(row[4]).scaleb(-size)))
    return sorted(found)


@pytest.mark.parametrize("to", ["csv", "parquet", "arrow"])
def test_prices_and_sizes_are_exact_in_every_format(lake: Path, tmp_path: Path, to: str) -> None:
    out = tmp_path / f"trades.{to}"
    facts = data_export.run(load(environment={}), lake, "trades", EVERYTHING, to, out)
    if to == "csv":
        rows = list(csv.DictReader(out.open()))
    elif to == "parquet":
        rows = pq.read_table(out).to_pylist()
    else:
        rows = pa.ipc.open_file(out).read_all().to_pylist()
    found = [(int(r["trade_id"]), Decimal(r["price"]), Decimal(r["size"])) for r in rows]
    assert sorted(found) == trades(lake)
    assert facts["rows"] == len(rows)
    assert rows[0]["instrument"] == "BINANCE:BTCUSDT"


def test_depth_becomes_a_row_a_level(lake: Path, tmp_path: Path) -> None:
    out = tmp_path / "depth.parquet"
    data_export.run(load(environment={}), lake, "depth", EVERYTHING, "parquet", out)
    (events,) = flat(lake).values()
    messages = [e[2] for e in events if isinstance(e, tuple) and e[1] == 3]
    found = pl.read_parquet(out)
    assert len(found) == sum(len(levels) for _, levels in messages)
    first = found.filter(pl.col("seq") == messages[0][0][2])
    assert (first["side"] == 1).sum() == messages[0][0][5]


def test_a_lake_is_read_by_other_programs_with_instrument_and_date(lake: Path) -> None:
    found = pl.scan_parquet(lake / "trades" / "**" / "*.parquet", hive_partitioning=True)
    row = found.select("instrument", "date", "trade_id").first().collect()
    assert row["instrument"][0] == "BINANCE:BTCUSDT"
    assert str(row["date"][0]) == "2024-08-08"


def test_what_is_not_there_is_said(lake: Path, tmp_path: Path) -> None:
    with pytest.raises(Failure, match="'ticks' is no kind: choose one of trades"):
        data_export.run(load(environment={}), lake, "ticks", EVERYTHING, "csv", tmp_path / "a.csv")
    with pytest.raises(Failure, match="holds no such trades; there are: BINANCE:BTCUSDT depth"):
        data_export.run(
            load(environment={}),
            lake,
            "trades",
            Selection(("KRAKEN:*",)),
            "csv",
            tmp_path / "a.csv",
        )
