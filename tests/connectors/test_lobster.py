"""The LOBSTER reader against rows written from a naive book, and rows by hand."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.batch import Batch
from connectors.events import DepthEvent, Instrument, OrderEvent, Rejected, TradeEvent
from connectors.lobster.rows import LobsterReader, parse_name
from schemas.enums import StatusKind
from schemas.frames import ADD, CANCEL, EXECUTE
from schemas.records import Status
from streams.operators.market import validate

DAY = 1_340_251_200 * 10**9  # 2012-06-21 00:00 in New York
LATE = 1_580_360_400 * 10**9  # 2020-01-30
AAPL = Instrument("NASDAQ:AAPL", 4, 0)
AT = DAY + 34_200 * 10**9 + 4_241_176
ROW = b"34200.004241176,%b\n"


def read(*rows: bytes, day: int = DAY) -> list[Any]:
    reader = LobsterReader("AAPL", day)
    return [event for row in rows for event in reader.read(row)]


def seconds(ns: int, decimals: int) -> str:
    """At least so many decimals: LOBSTER leaves out zeros at the end."""
    fraction = f"{ns % 10**9:09}".rstrip("0").ljust(decimals, "0")
    return f"{ns // 10**9}.{fraction}" if fraction else str(ns // 10**9)


@st.composite
def days(draw: st.DrawFn) -> tuple[list[bytes], list[Any]]:
    """Rows of a file and the events that they are."""
    orders: dict[int, list[int]] = {}  # id → [side, price, left]
    rows: list[bytes] = []
    events: list[Any] = []
    ns = 34_200 * 10**9
    for n in range(1, draw(st.integers(0, 30)) + 1):
        ns += draw(st.integers(0, 10**12))
        kind, fields, made = message(draw, orders, n)
        time = seconds(ns, draw(st.sampled_from((0, 3, 9))))
        row = ",".join(map(str, (time, kind, *fields, *draw(st.sampled_from(((), ("null",)))))))
        rows.append(row.encode() + draw(st.sampled_from((b"", b"\n", b"\r\n"))))
        events += [cls(AAPL, DAY + ns, DAY + ns, n, *values) for cls, *values in made]
    return rows, events


def message(draw: st.DrawFn, orders: dict[int, list[int]], n: int) -> tuple[int, Any, list[Any]]:
    kind = draw(st.integers(1, 6))
    side, price = draw(st.sampled_from((1, -1))), draw(st.integers(1, 10**8))
    if kind in (2, 3, 4) and orders:
        id_ = draw(st.sampled_from(list(orders)))
        side, price, left = orders[id_]
        size = left if kind == 3 else draw(st.integers(1, left))
        orders[id_][2] -= size
        if orders[id_][2] == 0:
            del orders[id_]
        action = EXECUTE if kind == 4 else CANCEL
        made: list[Any] = [(OrderEvent, action, side, id_, price, size)]
        made += [(TradeEvent, price, size, -side)] * (kind == 4)
        return kind, (id_, size, price, side), made
    size = draw(st.integers(1, 10**6))
    if kind >= 5:
        aggressor = -side if kind == 5 else 0
        id_ = 0 if kind == 5 else draw(st.integers(-4, -1))
        return kind, (id_, size, price, side), [(TradeEvent, price, size, aggressor)]
    orders[n] = [side, price, size]
    return 1, (n, size, price, side), [(OrderEvent, ADD, side, n, price, size)]


@settings(max_examples=200)
@given(days())
def test_events_are_those_of_the_book(day: tuple[list[bytes], list[Any]]) -> None:
    rows, events = day
    assert read(*rows) == events


@given(st.integers(0, 86_400 * 10**9 - 1))
def test_times_are_exact(ns: int) -> None:
    (event,) = read(f"{seconds(ns, 0)},1,1,1,1,1".encode())
    assert event.ts_event == event.ts_recv == DAY + ns


def test_an_execution_is_a_trade_of_the_other_side() -> None:
    assert read(ROW % b"4,206833312,100,118600,-1") == [
        OrderEvent(AAPL, AT, AT, 1, EXECUTE, -1, 206833312, 118600, 100),
        TradeEvent(AAPL, AT, AT, 1, 118600, 100, 1),
    ]


def test_a_hidden_execution_has_a_side_until_july_2014() -> None:
    row = ROW % b"5,0,100,118600,1"
    assert [event.side for day in (DAY, LATE, 0) for event in read(row, day=day)] == [-1, 0, 0]


@pytest.mark.parametrize(
    ("price", "kind"),
    [(b"-1", StatusKind.HALTED), (b"0", StatusKind.AUCTION), (b"1", StatusKind.TRADING)],
)
def test_halts(price: bytes, kind: StatusKind) -> None:
    (status,) = read(ROW % (b"7,0,0," + price + b",-1"))
    assert isinstance(status, Status)
    assert (status.instrument, status.ts_event, status.kind) == ("NASDAQ:AAPL", AT, kind)


def test_a_cross_in_which_nothing_traded_is_no_trade() -> None:
    assert read(ROW % b"6,-1,0,0,1") == []


@pytest.mark.parametrize(
    "row",
    [
        b"",
        b"\xff,1,1,1,1,1",
        b"34200.1,1,1,1,1",
        b"34200.1,1,1,1,1,1,x,y",
        b"34200.0000000001,1,1,1,1,1",
        b"3.42e4,1,1,1,1,1",
        b"86400,1,1,1,1,1",
        b"-1,1,1,1,1,1",
        b"nan,1,1,1,1,1",
        b"34200.1,8,1,1,1,1",
        b"34200.1,0,1,1,1,1",
        b"34200.1,1,1,0,1,1",
        b"34200.1,1,1,1,0,1",
        b"34200.1,1,1,1,-5,1",
        b"34200.1,1,1,1,1,0",
        b"34200.1,1,1,1,1.5,1",
        b"34200.1,1,1,1,1_0,1",
        b"34200.1,1,99999999999999999999,1,1,1",
        b"34200.1,7,0,0,2,-1",
        b"34200.1,1," + b"9" * 5000 + b",1,1,1",
    ],
)
def test_what_is_no_message_is_rejected_and_the_next_is_read(row: bytes) -> None:
    rejected, event = read(row, ROW % b"1,1,1,1,1")
    assert isinstance(rejected, Rejected)
    assert rejected.payload == row
    assert rejected.error.startswith("row 1: ")
    assert event == OrderEvent(AAPL, AT, AT, 2, ADD, 1, 1, 1, 1)


_CELLS = st.sampled_from((b"1", b"2", b"4", b"5", b"6", b"7", b"-1", b"0", b"34200.5", b"x", b""))


@settings(max_examples=300)
@given(st.one_of(st.binary(max_size=80), st.lists(_CELLS, max_size=8).map(b",".join)))
def test_rubbish_never_raises_and_what_is_read_is_valid(row: bytes) -> None:
    reader, batch = LobsterReader("AAPL", DAY), Batch(AAPL)
    for event in (*reader.read(row), reader.book_row(row, 2)):
        if not isinstance(event, Rejected | Status):
            batch.add(event)
    validate.check(batch.frame())


def test_the_book_row() -> None:
    reader = LobsterReader("AAPL", DAY)
    reader.read(ROW % b"1,16113575,18,5853300,1")
    row = b"5859400,200,5853300,18,5859800,200,5853000,150,9999999999,0,-9999999999,0\n"
    asks, bids = [(5859400, 200), (5859800, 200)], [(5853300, 18), (5853000, 150)]
    assert reader.book_row(row, 3) == DepthEvent(AAPL, AT, AT, 1, 0, True, bids, asks)


@pytest.mark.parametrize(
    "row", [b"1,2,3", b"1,2,3,4,5,6,7,8", b"a,1,1,1", b"\xff,1,1,1", b"5,-1,4,1"]
)
def test_an_book_row_that_cannot_be_read(row: bytes) -> None:
    book = LobsterReader("AAPL", DAY).book_row(row, 1)
    assert isinstance(book, Rejected)
    assert book.payload == row


@pytest.mark.parametrize(
    ("name", "parsed"),
    [
        ("AAPL_2012-06-21_34200000_57600000_message_10.csv", ("AAPL", date(2012, 6, 21))),
        ("BRK.B_2020-01-30_34200000_57600000_orderbook_1.csv", ("BRK.B", date(2020, 1, 30))),
        ("AAPL_2012-06-31_34200000_57600000_message_10.csv", None),
        ("AAPL_2012-06-21_34200000_57600000_trades_10.csv", None),
        ("AAPL_2012-06-21_34200000_57600000_message_10.csv.gz", None),
        ("../AAPL_2012-06-21_34200000_57600000_message_10.csv", None),
        ("", None),
    ],
)
def test_names(name: str, parsed: tuple[str, date] | None) -> None:
    assert parse_name(name) == parsed


@given(st.text())
def test_no_name_raises(name: str) -> None:
    parse_name(name)
