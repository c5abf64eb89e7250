"""Splits and dividends on known dates."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from config.settings import load
from connectors.history import bars as bars_page
from connectors.history import trades as trades_page
from connectors.selection import EVERYTHING
from console.commands import data_export
from console.errors import Failure
from schemas.lake.kinds import KINDS
from schemas.lake.layout import LakeError
from schemas.lake.rows import of_columns
from sinks.archive.writer import LakeWriter
from streams.calendars import midnight_ns
from streams.cause import Cause

AAPL = "ALPACA:AAPL"
# closes of Apple as they were traded; the split was 4 for 1, the dividend 0.82 a share
CLOSES = {
    "2020-08-06": "455.61",
    "2020-08-07": "444.45",
    "2020-08-28": "499.23",
    "2020-08-31": "129.04",
}
TABLE = """instrument,ex_date,kind,value,close
ALPACA:AAPL,2020-08-31,split,4,
ALPACA:AAPL,2020-08-07,dividend,0.82,
BINANCE:X,2020-08-07,split,100,
"""


def ns(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 10**9


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    writer = LakeWriter(tmp_path / "lake")
    for n, (day, close) in enumerate(CLOSES.items()):
        price, notional = Decimal(close), Decimal(close) * 1000
        row = (ns(f"{day}T19:59"), price, price, price, price, 1000, 10, notional)
        page = bars_page([row], "1m")
        scales = (page.price_scale, page.size_scale)
        rows = of_columns(KINDS["bars"], AAPL, scales, page.columns, "test@bars", n)
        writer.keep(rows, Cause("test", "bars", n, 0))
    # just before and after New York's midnight of the ex-date
    times = [ns("2020-08-31T03:59:59"), ns("2020-08-31T04:00:00")]
    page = trades_page([(at, n, Decimal("500.00") / (4**n), 3, 0) for n, at in enumerate(times)])
    cause = Cause("test", "trades", 0, 0)
    scales = (page.price_scale, page.size_scale)
    writer.keep(of_columns(KINDS["trades"], AAPL, scales, page.columns, "test@trades"), cause)
    writer.close()
    (tmp_path / "lake" / "corporate_actions.csv").write_text(TABLE)
    return tmp_path / "lake"


def export(lake: Path, kind: str, adjust: str) -> pl.DataFrame:
    out = lake.parent / f"{kind}-{adjust}.parquet"
    settings = load(environment={})
    data_export.run(settings, lake, kind, EVERYTHING, "parquet", out, adjust)
    return pl.read_parquet(out)


def test_the_split_of_apple_divides_prices_by_four_and_multiplies_sizes(lake: Path) -> None:
    found = export(lake, "bars", "splits")
    closes = [value.normalize() for value in found["close"]]
    assert [str(value) for value in closes] == ["113.9025", "111.1125", "124.8075", "129.04"]
    assert [int(value) for value in found["volume"]] == [4000, 4000, 4000, 1000]
    assert [int(value) for value in found["notional"]] == [455610, 444450, 499230, 129040]


def test_a_dividend_takes_its_part_of_the_close_before(lake: Path) -> None:
    found = export(lake, "bars", "all")["close"]
    left = 1 - Decimal("0.82") / Decimal("455.61")
    assert found[0] == (Decimal("113.9025") * left).quantize(Decimal("1e-8"))
    assert [str(value.normalize()) for value in found[1:]] == ["111.1125", "124.8075", "129.04"]


def test_the_raw_view_is_what_was_traded(lake: Path) -> None:
    found = export(lake, "bars", "none")
    assert [str(value.normalize()) for value in found["close"]] == list(CLOSES.values())


def test_the_ex_date_begins_at_midnight_in_new_york(lake: Path) -> None:
    found = export(lake, "trades", "splits")
    assert [str(value.normalize()) for value in found["price"]] == ["125", "125"]
    assert [int(value) for value in found["size"]] == [12, 3]
    hours = [midnight_ns("XNYS", day) // 3600_000_000_000 % 24 for day in DST]
    assert hours == [5, 4, 4, 5]  # winter time, summer time; summer time, winter time


DST = (date(2024, 3, 10), date(2024, 3, 11), date(2024, 11, 3), date(2024, 11, 4))


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("instrument,ex_date,kind\nA,2020-01-01,split", "lacks the column 'value'"),
        ("instrument,ex_date,kind,value\nA,31.8.2020,split,4", "row 1: .*dates are YYYY-MM-DD"),
        ("instrument,ex_date,kind,value\nA,2020-08-31,merger,4", "must be a split or dividend"),
        ("instrument,ex_date,kind,value\nA,2020-08-31,split,-4", "of a positive value"),
        ("instrument,ex_date,kind,value\nALPACA:AAPL,2019-08-09,dividend,1", "no price before it"),
        (
            "instrument,ex_date,kind,value,close\nALPACA:AAPL,2020-08-07,dividend,9,8",
            "9 is not less than the close before, 8",
        ),
    ],
)
def test_a_table_that_makes_no_sense_says_so(lake: Path, table: str, said: str) -> None:
    (lake / "corporate_actions.csv").write_text(table)
    with pytest.raises(LakeError, match=said):
        export(lake, "bars", "all")


def test_what_has_no_adjusted_view_is_refused(lake: Path) -> None:
    with pytest.raises(Failure, match="'some' is no adjustment: choose one of none, splits, all"):
        export(lake, "bars", "some")
