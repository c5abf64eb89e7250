"""Tables of one's own, TrueFX, Dukascopy and vendors' zips: read exactly, or refused by name."""

import lzma
import struct
import zipfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import csv_columns, forms
from connectors.events import Rejected
from connectors.mapped.mapping import MappingError
from connectors.times_column import times
from research import frames
from schemas.frames import MarketFrame
from schemas.lake import files, layout
from tests.lake.history import flat, put

QUOTES = """
files = "{file}"
kind = "quotes"
instrument = "TRUEFX:USD/JPY"
[columns]
ts_event = "timestamp"
bid = "bid"
ask = "ask"
"""


def ns(text: str) -> int:
    at = datetime.fromisoformat(text)
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000) * 10**6


def quotes(path: Path) -> list[tuple[int, ...]]:
    """(ts, bid, bid size, ask, ask size) of each."""
    found = [f for f in frames.read(path) if isinstance(f, MarketFrame)]
    return [
        row[:1] + row[3:]
        for f in found
        for row in zip(*(c.tolist() for c in f.quotes), strict=True)
    ]


def problems(path: Path) -> list[str]:
    return [part.error for part in frames.read(path) if isinstance(part, Rejected)]


def mapped(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mapping.toml"
    path.write_text(text)
    return path


def test_a_csv_with_a_mapping_is_read_as_it_stands(recorded: Path, tmp_path: Path) -> None:
    source = recorded / "fx" / "truefx_usdjpy_ticks.csv"
    (tmp_path / "ticks.csv").write_bytes(source.read_bytes())
    path = mapped(tmp_path, QUOTES.format(file="*.csv"))
    found = quotes(path)
    lines = source.read_text().splitlines()[1:]
    assert len(found) == len(lines) == 1000
    assert found[0] == (ns("2013-01-01 22:00:00.295"), 86655, 0, 86728, 0)
    put(tmp_path / "lake", path)
    assert flat(tmp_path / "lake") == flat(path)


def test_bars_of_a_file_go_into_the_lake_but_are_not_played(recorded: Path, tmp_path: Path) -> None:
    source = recorded / "futures" / "6EH4_1min_2024-01.csv.gz"
    (tmp_path / source.name).write_bytes(source.read_bytes())
    path = mapped(
        tmp_path,
        'files = "*.csv.gz"\nkind = "bars"\nbar = "1m"\ninstrument = "GLBX:6EH4"\n[columns]\n'
        'ts_open = "timestamp_utc"\nopen = "open"\nhigh = "high"\nlow = "low"\nclose = "close"\n'
        'volume = "volume"\n',
    )
    put(tmp_path / "lake", path)
    first = next(layout.places(tmp_path / "lake"))
    rows, manifest = files.read(tmp_path / "lake", first)
    assert (rows.price_scale, manifest.first_event) == (5, ns("2024-01-01 23:01:00"))
    assert [rows.columns[n][0] for n in ("open", "high", "volume")] == [110760, 110785, 205]
    with pytest.raises(MappingError, match="bars cannot be played"):
        flat(path)


def test_parquet_with_several_symbols_is_told_apart(tmp_path: Path) -> None:
    at = datetime(2024, 7, 1, 9, 30)
    table = pa.table(
        {
            "when": pa.array([at, at, at], pa.timestamp("us")),
            "sym": ["AAPL", "MSFT", "AAPL"],
            "px": [185.1, 370.25, 1e-7],
            "qty": [100, 5, 7],
            "way": ["buy", "S", ""],
        }
    )
    pq.write_table(table, tmp_path / "t.parquet")
    path = mapped(
        tmp_path,
        'files = "t.parquet"\nkind = "trades"\nvenue = "MINE"\ntimezone = "America/New_York"\n'
        '[columns]\nts_event = "when"\nsymbol = "sym"\nprice = "px"\nsize = "qty"\nside = "way"\n',
    )
    found = flat(path)
    assert Counter({name: len(rows) for name, rows in found.items()}) == {
        "MINE:AAPL": 2,
        "MINE:MSFT": 1,
    }
    (scales, _, (ts_event, *_, price, size, side)) = found["MINE:AAPL"][0]
    assert (ts_event, scales, price, size, side) == (
        ns("2024-07-01T13:30:00+00:00"),
        (7, 0),
        1851000000,
        100,
        1,
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("kind", "kinds"), "unknown key kinds; did you mean kind"),
        (('"quotes"', '"ticks"'), "choose one of trades, quotes, bars"),
        (("\nask =", "\nprice ="), "quotes have no column 'price'; there are ts_event"),
        (('\nask = "ask"', ""), "lacks ask"),
        (('bid = "bid"', 'bid = "Bid"'), "has no column 'Bid'; there are timestamp, bid, ask"),
        (("TRUEFX:USD/JPY", "USDJPY"), "write it as VENUE:SYMBOL"),
        (("ticks.csv", "tacks.csv"), "no file is named 'tacks.csv' beside it"),
        (("[columns]", "= ["), "is not TOML"),
    ],
)
def test_a_mapping_that_cannot_be_used_says_why(
    change: tuple[str, str], said: str, tmp_path: Path
) -> None:
    (tmp_path / "ticks.csv").write_text("timestamp,bid,ask\n2013-01-01 22:00:00+00:00,1.1,1.2\n")
    path = mapped(tmp_path, QUOTES.format(file="ticks.csv").replace(*change))
    with pytest.raises(MappingError, match=said):
        flat(path)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("2013-01-01 22:00:00+00:00,1.1,abc", "'abc' is not a decimal"),
        ("2013-01-01 23:59:60+00:00,1.1,1.2", "not of the form 'iso'"),  # no leap second in UTC ns
        ("yesterday,1.1,1.2", "not of the form 'iso'"),
        ("2013-01-01 22:00:00+00:00,1.1", "is no table"),
    ],
)
def test_a_table_that_cannot_be_read_says_where(row: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "ticks.csv").write_text(f"timestamp,bid,ask\n{row}\n")
    with pytest.raises(MappingError, match=f"ticks.csv: .*{said}"):
        flat(mapped(tmp_path, QUOTES.format(file="ticks.csv")))


def test_times_are_exact_in_every_form() -> None:
    expected = [ns("2024-01-02T03:04:05.678")]
    for form, text in {
        "s": "1704164645.678",
        "ms": "1704164645678",
        "us": "1704164645678000",
        "ns": "1704164645678000000",
        "iso": "2024-01-02T03:04:05.678",
        "%Y%m%d %H:%M:%S": "20240102 03:04:05.678",
        "%m/%d/%Y %H:%M:%S": "01/02/2024 03:04:05.678",
    }.items():
        assert times(pa.array([text]), form).tolist() == expected
    zoned = times(
        pa.array(["2024-03-11 09:30:00", "2024-03-08 09:30:00"]), "iso", "America/New_York"
    )
    assert zoned.tolist() == [ns("2024-03-11T13:30:00"), ns("2024-03-08T14:30:00")]
    for skipped_or_twice in ("2024-03-10 02:30:00", "2024-11-03 01:30:00"):
        with pytest.raises(ValueError, match="not of the form"):
            times(pa.array([skipped_or_twice]), "iso", "America/New_York")


@given(st.lists(st.decimals(-(10**9), 10**9, places=6), min_size=1), st.booleans())
def test_decimals_are_read_as_decimal_does(values: list, padded: bool) -> None:
    texts = [f"{value:f}{'000' if padded else ''}" for value in values]
    (found,), scale = csv_columns.decimals([pa.array(texts)])
    assert [int(value.scaleb(scale)) for value in values] == found.tolist()
    assert scale <= 6


def test_truefx_files_name_their_pair(tmp_path: Path) -> None:
    text = (
        "EUR/USD,20120102 00:00:00.123,1.2935,1.29355\nEUR/USD,20120102 00:00:01.000,1.29351,1.3\n"
    )
    with zipfile.ZipFile(tmp_path / "EURUSD-2012-01.zip", "w") as archive:
        archive.writestr("EURUSD-2012-01.csv", text)
    path = tmp_path / "EURUSD-2012-01.zip"
    assert forms.recognise(path)[0] == "TrueFX ticks of EUR/USD"
    assert quotes(path) == [
        (ns("2012-01-02T00:00:00.123"), 129350, 0, 129355, 0),
        (ns("2012-01-02T00:00:01"), 129351, 0, 130000, 0),
    ]
    (tmp_path / "bad.csv").write_text(text + "EUR/USD,20120102 00:00:02.000,1.2x,1.3\n")
    assert "'1.2x' is not a decimal" in problems(tmp_path / "bad.csv")[0]


def bi5(*ticks: tuple[int, int, int, float, float]) -> bytes:
    return lzma.compress(
        b"".join(struct.pack(">IIIff", *tick) for tick in ticks), format=lzma.FORMAT_ALONE
    )


def test_dukascopys_hours_are_read_one_after_the_other(tmp_path: Path) -> None:
    day = tmp_path / "EURUSD" / "2024" / "00" / "15"
    day.mkdir(parents=True)
    (day / "13h_ticks.bi5").write_bytes(bi5((7, 109512, 109510, 0.37, 1.5)))
    (day / "14h_ticks.bi5").write_bytes(b"")
    (day / "15h_ticks.bi5").write_bytes(b"\x5d\x00 not a file")
    (day / "16h_ticks.bi5").write_bytes(bi5((3_599_999, 109513, 109511, 12.25, 0.1)))
    assert forms.recognise(tmp_path)[0] == "Dukascopy ticks of EURUSD"
    assert quotes(tmp_path) == [
        (ns("2024-01-15T13:00:00.007"), 109510, 1_500_000, 109512, 370_000),
        (ns("2024-01-15T16:59:59.999"), 109511, 100_000, 109513, 12_250_000),
    ]
    assert ["15h_ticks.bi5" in problem for problem in problems(tmp_path)] == [True]
    (frame,) = [f for f in frames.read(day / "13h_ticks.bi5") if isinstance(f, MarketFrame)]
    assert (frame.instrument, frame.price_scale) == ("DUKASCOPY:EURUSD", 5)


@given(st.binary(max_size=200))
def test_no_bytes_make_the_readers_fail(data: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "USDJPY" / "2024" / "11" / "31" / "00h_ticks.bi5"
        path.parent.mkdir(parents=True)
        path.write_bytes(data)
        list(frames.read(path))
        named = Path(folder) / "BTCUSDT-trades-2024-01-02.zip"
        named.write_bytes(data)
        list(frames.read(named))
        pair = Path(folder) / "fx.csv"
        pair.write_bytes(b"EUR/USD,20120102 00:00:00.123,1.2935,1.3\n" + data)
        list(frames.read(pair))


def test_binances_zips_are_read_as_they_were_downloaded(tmp_path: Path) -> None:
    for name, line in {
        "BTCUSDT-trades-2024-01-02": "7,42000.01,0.5,42.0,1704153600000,True,True\n",
        "ETHUSDT-aggTrades-2024-01": "5,2300.1,3,50,52,1704153600000,true\n",
    }.items():
        with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as archive:
            archive.writestr(f"{name}.csv", line)
    spot, futures = (flat(path) for path in sorted(tmp_path.glob("*.zip")))
    assert [list(spot), list(futures)] == [["BINANCE:BTCUSDT"], ["BINANCEUSDM:ETHUSDT"]]
    put(tmp_path / "lake", *sorted(tmp_path.glob("*.zip")))
    kinds = {(place.instrument, place.kind) for place in layout.places(tmp_path / "lake")}
    assert kinds == {("BINANCE:BTCUSDT", "trades"), ("BINANCEUSDM:ETHUSDT", "agg_trades")}
    assert flat(tmp_path / "lake") == spot | futures


def test_a_zip_of_hours_that_is_cut_short_is_rejected(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "hours.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for hour in ("13", "14"):
            ticks = bi5(*((n, 109512, 109510, 1.0, 1.0) for n in range(50)))
            archive.writestr(f"EURUSD/2024/00/15/{hour}h_ticks.bi5", ticks)
    data = bytearray((tmp_path / "hours.zip").read_bytes())
    assert len(quotes(tmp_path / "hours.zip")) == 100
    data[len(data) // 2] ^= 0xFF
    (tmp_path / "bad.zip").write_bytes(data)
    assert forms.recognise(tmp_path / "bad.zip")[0] == "Dukascopy ticks of EURUSD"
    assert len(problems(tmp_path / "bad.zip")) == 1
