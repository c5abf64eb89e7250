"""The five Tardis samples, read by csv and by the reader; hostile rows never raise."""

import csv
from decimal import Decimal
from hashlib import blake2b

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.events import DepthEvent, Event, QuoteEvent, Rejected, TradeEvent
from connectors.tardis.rows import TardisReader, kind_of
from tests.conftest import DATA

pytestmark = pytest.mark.usefixtures("recorded")
FOLDER = DATA / "tardis"
KINDS = {
    "binance-futures_book_snapshot_25_BTCUSDT.csv": "book_snapshot_25",
    "binance-futures_book_snapshot_5_BTCUSDT.csv": "book_snapshot_5",
    "bitmex_trades_XBTUSD.csv": "trades",
    "deribit_incremental_book_L2_BTC-PERPETUAL.csv": "incremental_book_L2",
    "huobi-dm-swap_quotes_BTC-USD.csv": "quotes",
}
L2 = "exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount"
QUOTES = "exchange,symbol,timestamp,local_timestamp,ask_amount,ask_price,bid_price,bid_amount"
TRADES = "exchange,symbol,timestamp,local_timestamp,id,side,price,amount"


def header_and_rows(name: str) -> tuple[str, list[bytes]]:
    header, *rows = (FOLDER / name).read_bytes().splitlines(keepends=True)
    return header.decode(), rows


def events_of(kind: str, header: str, rows: list[bytes]) -> list[Event | Rejected]:
    reader = TardisReader(kind, header)
    return [event for row in rows for event in reader.read(row)] + reader.finish()


def sample(kind: str) -> tuple[list[dict[str, str]], list[Event | Rejected]]:
    """The rows as csv reads them, and the events."""
    name = next(n for n, k in KINDS.items() if k == kind)
    with (FOLDER / name).open() as file:
        return list(csv.DictReader(file)), events_of(kind, *header_and_rows(name))


def e8(text: str) -> int:
    return int(Decimal(text) * 10**8)


@pytest.mark.parametrize("name", KINDS)
def test_kinds_and_times_and_names(name: str) -> None:
    header, rows = header_and_rows(name)
    assert kind_of(header) == KINDS[name]
    venue, symbol = rows[0].decode().split(",")[:2]
    for event in events_of(KINDS[name], header, rows):
        assert isinstance(event, TradeEvent | QuoteEvent | DepthEvent)
        name_here = {"binance-futures": "BINANCEUSDM"}.get(venue, venue.upper())
        assert event.instrument == (f"{name_here}:{symbol}", 8, 8)
        assert 0 < event.ts_recv - event.ts_event < 10**9


@pytest.mark.parametrize("depth", [5, 25])
def test_book_snapshots(depth: int) -> None:
    rows, events = sample(f"book_snapshot_{depth}")
    assert len(events) == len(rows)
    for number, (row, event) in enumerate(zip(rows, events, strict=True), 1):
        assert isinstance(event, DepthEvent)
        bids, asks = (
            [(e8(row[f"{s}[{n}].price"]), e8(row[f"{s}[{n}].amount"])) for n in range(depth)]
            for s in ("bids", "asks")
        )
        assert event[3:] == (number, 0, True, bids, asks)
        assert bids == sorted(bids, reverse=True)
        assert asks == sorted(asks)


def test_incremental_rows_of_one_time_are_one_message() -> None:
    rows, events = sample("incremental_book_L2")
    (event,) = events
    assert isinstance(event, DepthEvent)
    assert event.asks == [(e8(r["price"]), e8(r["amount"])) for r in rows]
    assert event[1:6] == (1585699200245000000, 1585699200355684000, 1, 0, True)
    assert event.bids == []


def test_quotes() -> None:
    rows, events = sample("quotes")
    names = ("bid_price", "bid_amount", "ask_price", "ask_amount")
    expected = [(n, *(e8(row[name]) for name in names)) for n, row in enumerate(rows, 1)]
    assert [e[3:] for e in events if isinstance(e, QuoteEvent)] == expected


def test_trades() -> None:
    rows, events = sample("trades")
    assert len(events) == len(rows)
    for row, event in zip(rows, events, strict=True):
        assert isinstance(event, TradeEvent)
        digest = blake2b(row["id"].encode(), digest_size=8).digest()
        assert event.trade_id == int.from_bytes(digest, "big") // 2 < 2**63
        assert event[4:] == (e8(row["price"]), e8(row["amount"]), -1)
    assert len({e.trade_id for e in events if isinstance(e, TradeEvent)}) == len(rows)


def l2(*rows: str) -> list[Event | Rejected]:
    """Rows as ``symbol local_timestamp is_snapshot side price amount``."""
    lines = [f"x,{s},1,{t},{flag},{rest}".encode() for s, t, flag, rest in map(str.split, rows)]
    return events_of("incremental_book_L2", L2, lines)


def test_a_message_ends_where_its_time_its_flag_or_its_symbol_changes() -> None:
    events = l2(
        "A 5 true bid,1,2",
        "A 5 true ask,3,4",
        "A 6 true bid,0.5,9",  # the same snapshot goes on
        "A 7 false ask,3,0",
        "A 7 false bid,1.5,1",
        "B 7 false bid,7,7",
        "A 8 true bid,1,1",  # the connection began anew
        "A 8 true ask,2,0",
        "A 8 false ask,2,5",
    )
    one = 10**8
    assert [(e.instrument.name, *e[2:]) for e in events if isinstance(e, DepthEvent)] == [
        ("X:A", 5000, 1, 0, True, [(one, 2 * one)], [(3 * one, 4 * one)]),
        ("X:A", 6000, 2, 1, False, [(one // 2, 9 * one)], []),
        ("X:A", 7000, 3, 2, False, [(3 * one // 2, one)], [(3 * one, 0)]),
        ("X:B", 7000, 1, 0, False, [(7 * one, 7 * one)], []),
        ("X:A", 8000, 4, 0, True, [(one, one)], []),
        ("X:A", 8000, 5, 4, False, [], [(2 * one, 5 * one)]),
    ]


def test_a_damaged_row_ends_the_message_before_it() -> None:
    events = l2("A 5 true bid,1,2", "A 5 true bid,oops,2", "A 5 true bid,3,2")
    first, rejected, second = events
    assert isinstance(first, DepthEvent)
    assert first.snapshot
    assert rejected == Rejected("'oops' is not a decimal", b"x,A,1,5,true,bid,oops,2")
    assert isinstance(second, DepthEvent)
    assert (second.prev_seq, second.snapshot) == (1, False)


def test_a_truncated_file_gives_what_lies_before_and_one_rejection() -> None:
    header, rows = header_and_rows("deribit_incremental_book_L2_BTC-PERPETUAL.csv")
    cut = [*rows[:4], rows[4][:50]]
    depth, rejected = events_of("incremental_book_L2", header, cut)
    assert isinstance(depth, DepthEvent)
    assert len(depth.asks) == 4
    assert isinstance(rejected, Rejected)


def one(kind: str, header: str, row: str) -> Event | Rejected:
    (event,) = events_of(kind, header, [row.encode()])
    return event


def test_empty_sides() -> None:
    quote = one("quotes", QUOTES, "x,A,1,2,,,3,4")
    assert isinstance(quote, QuoteEvent)
    assert quote[4:] == (3 * 10**8, 4 * 10**8, 0, 0)
    assert isinstance(one("book_ticker", QUOTES, "x,A,1,2,,,,"), QuoteEvent)
    assert isinstance(one("quotes", QUOTES, "x,A,1,2,5,,3,4"), Rejected)
    names = [f"{s}[{n}].{w}" for n in (0, 1) for s in ("asks", "bids") for w in ("price", "amount")]
    header = ",".join(["exchange,symbol,timestamp,local_timestamp", *names])
    assert kind_of(header) == "book_snapshot_2"
    depth = one("book_snapshot_2", header, "x,A,1,2,5,1,4,1,,,3,2")
    assert isinstance(depth, DepthEvent)
    assert (len(depth.bids), len(depth.asks)) == (2, 1)


@pytest.mark.parametrize(
    ("text", "trade_id"), [("", 0), ("77", 77), ("9223372036854775807", 2**63 - 1)]
)
def test_trade_ids_that_stay(text: str, trade_id: int) -> None:
    trade = one("trades", TRADES, f"x,A,1,2,{text},unknown,3,1e-7")
    assert isinstance(trade, TradeEvent)
    assert trade[3:] == (trade_id, 3 * 10**8, 10, 0)


@pytest.mark.parametrize("text", ["9223372036854775808", "9" * 5000, "²", "1.5", "-1"])
def test_trade_ids_that_are_hashed(text: str) -> None:
    trade = one("trades", TRADES, f"x,A,1,2,{text},buy,3,4")
    assert isinstance(trade, TradeEvent)
    assert 0 <= trade.trade_id < 2**63


@pytest.mark.parametrize(
    ("row", "error"),
    [
        ("x,A,1,2,9,buy,3,0.123456789", "'0.123456789' has more than 8 decimals"),
        ("x,A,1,2,9,buy,1e-9,1", "'0.000000001' has more than 8 decimals"),
        ("x,A,1,2,9,buy,3,92233720369", "'92233720369' is too large with 8 decimals"),
        ("x,A,1,2,9,buy,1e999999999,1", "'1e999999999' is not a decimal"),
        ("x,A,1,2,9,buy,-3,1", "price '-3' is not positive"),
        ("x,A,1,2,9,hold,3,1", "side 'hold' is unknown"),
        ("x,A,,2,9,buy,3,1", "time '' is not a number of microseconds"),
        (
            "x,A,1,9223372036854776,9,buy,3,1",
            "time '9223372036854776' is not a number of microseconds",
        ),
        ("x,,1,2,9,buy,3,1", "exchange or symbol is unreadable"),
        ("x,A,1,2", "a row of 4 fields where 8 belong"),
    ],
)
def test_rejections_say_why(row: str, error: str) -> None:
    assert one("trades", TRADES, row) == Rejected(error, row.encode())


def test_flags_and_sides_of_levels() -> None:
    for rest in ("maybe,bid,1,2", "true,left,1,2"):
        assert isinstance(one("incremental_book_L2", L2, f"x,A,1,2,{rest}"), Rejected)


@pytest.mark.parametrize("header", ["", "a,b", TRADES + ",more", TRADES + ",id", "exchange"])
def test_other_headers(header: str) -> None:
    assert kind_of(header) is None
    with pytest.raises(ValueError, match="header"):
        TardisReader("trades", header)


def test_the_header_again_and_empty_lines_say_nothing() -> None:
    rows = [b"", b"\n", TRADES.encode() + b"\r\n", b"x,A,1,2,9,buy,3,1\r\n"]
    (event,) = events_of("trades", TRADES + "\n", rows)
    assert isinstance(event, TradeEvent)


def well_formed(events: list[Event | Rejected]) -> None:
    for event in events:
        if isinstance(event, TradeEvent | QuoteEvent | DepthEvent):
            event.instrument.name.encode()
            flat = [n for n in event[1:] if isinstance(n, int)]
            if isinstance(event, DepthEvent):
                flat += [n for level in event.bids + event.asks for n in level]
            assert all(-1 <= n < 2**63 for n in flat)
        else:
            assert isinstance(event, Rejected)


@given(st.text(max_size=60))
def test_any_text_may_be_a_header(header: str) -> None:
    assert kind_of(header) is None


@given(st.sampled_from(sorted(KINDS)), st.lists(st.binary(max_size=80), max_size=5))
def test_random_rows_never_raise(name: str, rubbish: list[bytes]) -> None:
    header, rows = header_and_rows(name)
    well_formed(events_of(KINDS[name], header, [rows[0], *rubbish, rows[1]]))


@settings(max_examples=400)
@given(st.sampled_from(sorted(KINDS)), st.data())
def test_mutated_and_truncated_rows_never_raise(name: str, data: st.DataObject) -> None:
    header, rows = header_and_rows(name)
    row = data.draw(st.sampled_from(rows))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(row)))
        stop = data.draw(st.integers(start, len(row)))
        row = row[:start] + data.draw(st.binary(max_size=4)) + row[stop:]
    well_formed(events_of(KINDS[name], header, [rows[0], row, rows[1]]))


FIELDS = st.sampled_from(["", "0", "-0", "1e5", "1e-8", "1.5", ".", "-", "٣", "9" * 30, "true"])


@settings(max_examples=400)
@given(st.sampled_from(sorted(KINDS)), st.integers(0, 103), FIELDS | st.text(max_size=6))
def test_a_field_of_nonsense_never_raises(name: str, column: int, text: str) -> None:
    header, rows = header_and_rows(name)
    fields = rows[0].decode().rstrip().split(",")
    fields[column % len(fields)] = text
    well_formed(events_of(KINDS[name], header, [",".join(fields).encode(), rows[1]]))
