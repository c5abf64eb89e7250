"""The ITCH reader against a naive venue that writes the file and knows what it told."""

import struct
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.events import Rejected
from connectors.itch import messages as ms
from connectors.itch.reader import ItchReader
from schemas.codec import Codec
from schemas.enums import StatusKind
from schemas.frames import ORDER, TRADE, MarketFrame
from schemas.records import Status
from streams.operators.market import validate
from tests.connectors.itch_file import NaiveVenue, Row, directory, encode, framed, symbol

DAY = 1_580_360_400 * 10**9  # 2020-01-30 00:00 in New York
EARLY = 1_399_953_600 * 10**9  # 2014-05-13, when the side of a hidden order was told
LOCATES = 3
SKIPPED = {"Y": 20, "L": 26, "V": 35, "W": 12, "K": 28, "J": 35, "h": 21, "B": 19, "I": 50}
SKIPPED |= {"N": 20, "O": 48, "z": 17, "1": 1}  # the last two are no kinds of ITCH


def read(file: bytes, cuts: Iterable[int] = (), date: int = DAY, rows: int = 64) -> list[Any]:
    reader, told, last = ItchReader(date, rows), [], 0
    for cut in (*sorted(cuts), len(file)):
        told += reader.read(file[last:cut])
        last = cut
    return told + list(reader.end())


def rows_of(told: list[Any], date: int = DAY) -> dict[str, list[Row]]:
    """What was told of each instrument, in sequence, as ``NaiveVenue.told`` has it."""
    found: dict[str, list[Row]] = {}
    for item in told:
        if isinstance(item, Status):
            found.setdefault(item.instrument, []).append(
                ("status", item.ts_event - date, item.kind)
            )
        elif isinstance(item, MarketFrame):
            found.setdefault(item.instrument, []).extend(rows_of_frame(item, date))
    return found


def rows_of_frame(frame: MarketFrame, date: int) -> Iterable[Row]:
    frame.check()
    assert (frame.price_scale, frame.size_scale) == (4, 0)
    orders = zip(*(column.tolist() for column in frame.orders), strict=True)
    trades = zip(*(column.tolist() for column in frame.trades), strict=True)
    for kind in frame.kinds:
        ts, received, *row = next(orders if kind == ORDER else trades)
        assert kind in (ORDER, TRADE)
        assert received == ts
        yield ("order" if kind == ORDER else "trade", ts - date, *row)


PRICES, SIZES = st.integers(1, 2**32 - 1), st.integers(1, 1000)
MATCHES = st.integers(0, 2**63 - 1)


@st.composite
def venues(draw: st.DrawFn, hidden_sides: bool = False) -> NaiveVenue:
    venue = NaiveVenue(LOCATES, hidden_sides)
    ids = iter(draw(st.lists(st.integers(0, 2**62 - 1), unique=True, min_size=80, max_size=80)))
    ts = 0
    for _ in range(draw(st.integers(0, 40))):
        ts += draw(st.integers(0, 2 * 10**12))
        step(draw, venue, ts, ids)
    return venue


def step(draw: st.DrawFn, venue: NaiveVenue, ts: int, ids: Any) -> None:
    """One message; most are about orders that are there."""
    locate, price, size = draw(st.integers(1, LOCATES)), draw(PRICES), draw(SIZES)
    match, side, flag = draw(MATCHES), draw(st.sampled_from((1, -1))), draw(st.booleans())
    kind = draw(st.sampled_from("AAAFECXDUECXDUPQHiu"))
    if kind in "ECXDU" and venue.orders:
        of_live(draw, venue, kind, ts, next(ids), (price, match, flag))
    elif kind == "P":
        venue.hidden(locate, ts, side, price, size, match)
    elif kind == "Q":
        venue.cross(locate, ts, price, size * flag, match)
    elif kind == "H":
        venue.state(locate, ts, draw(st.sampled_from("THPQ")))
    elif kind == "i":
        name, length = draw(st.sampled_from(list(SKIPPED.items())))
        venue.send(framed(name.encode() + bytes(length - 1)))
    elif kind == "u":
        venue.unknown(ts, locate, draw(st.sampled_from("XECDU")), 2**62 + next(ids), size)
    else:
        venue.add(locate, ts, next(ids), side, price, size, flag)


def of_live(
    draw: st.DrawFn, venue: NaiveVenue, kind: str, ts: int, new_id: int, of: tuple[int, int, bool]
) -> None:
    id_ = draw(st.sampled_from(list(venue.orders)))
    price, match, flag = of
    part = draw(st.integers(1, venue.orders[id_][3]))
    match kind:
        case "E":
            venue.fill(ts, id_, part, match)
        case "C":
            venue.fill_at(ts, id_, part, match, price, flag)
        case "X":
            venue.cancel(ts, id_, part)
        case "D":
            venue.delete(ts, id_)
        case "U":
            venue.replace(ts, id_, new_id, price, part)


@settings(max_examples=200)
@given(venues(), st.data())
def test_rows_are_those_of_the_venue_wherever_the_file_is_cut(
    venue: NaiveVenue, data: st.DataObject
) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(venue.file)), max_size=8))
    told = read(venue.file, cuts, rows=data.draw(st.integers(1, 50)))
    assert not [item for item in told if isinstance(item, Rejected)]
    assert rows_of(told) == {name: rows for name, rows in venue.told.items() if rows}


@settings(max_examples=30)
@given(venues(hidden_sides=True))
def test_before_july_2014_hidden_trades_have_a_side(venue: NaiveVenue) -> None:
    told = rows_of(read(venue.file, date=EARLY), EARLY)
    assert told == {name: rows for name, rows in venue.told.items() if rows}


@settings(max_examples=100)
@given(venues(), st.data())
def test_damage_in_between_costs_only_itself(venue: NaiveVenue, data: st.DataObject) -> None:
    """A message of a wrong length before the last one."""
    venue.add(1, 86_000 * 10**9, 2**63 - 1, 1, 5, 5, False)
    damage = data.draw(st.sampled_from((b"\0\0", framed(b"A" * 30), framed(b"D"), b"\0\0" * 9)))
    at = len(venue.file) - 38
    told = read(venue.file[:at] + damage + venue.file[at:], data.draw(st.lists(st.integers(0, at))))
    assert [item.payload for item in told if isinstance(item, Rejected)] == [damage]
    last = rows_of(told)["NASDAQ:SYM1"][-1]
    assert last[3:] == venue.told["NASDAQ:SYM1"][-1][3:]


@settings(max_examples=200)
@given(st.binary(max_size=600), st.lists(st.integers(0, 600), max_size=4), st.integers(1, 9))
def test_rubbish_is_told_and_never_raises(rubbish: bytes, cuts: list[int], rows: int) -> None:
    read(rubbish, [cut for cut in cuts if cut <= len(rubbish)], rows=rows)


@settings(max_examples=300)
@given(venues(), st.data())
def test_flipped_bytes_never_raise_and_frames_stay_valid(
    venue: NaiveVenue, data: st.DataObject
) -> None:
    file = bytearray(venue.file)
    for _ in range(data.draw(st.integers(1, 20))):
        file[data.draw(st.integers(0, len(file) - 1))] = data.draw(st.integers(0, 255))
    for item in read(bytes(file), rows=data.draw(st.integers(1, 50))):
        if isinstance(item, MarketFrame):
            item.check()
            validate.check(item)


@settings(max_examples=100)
@given(st.lists(st.tuples(st.sampled_from("SRHAFECXDUPQ"), st.binary(min_size=60, max_size=60))))
def test_right_lengths_with_rubbish_inside(messages: list[tuple[str, bytes]]) -> None:
    """Every byte but kind, length and locate is anything."""
    file = directory(1) + b"".join(
        framed((kind.encode() + b"\0\1" + rest)[: int(ms._LENGTHS[ord(kind)])])
        for kind, rest in messages
    )
    for item in read(file):
        if isinstance(item, MarketFrame):
            item.check()
            validate.check(item)


def test_frames_go_through_the_codec() -> None:
    venue = NaiveVenue(1)
    venue.add(1, 10, 1, -1, 1_000_000, 100, False)
    venue.fill(11, 1, 60, 9)
    (frame,) = read(venue.file)
    codec = Codec()
    assert rows_of([codec.decode(codec.encode(frame))]) == venue.told


def test_one_frame_an_instrument_and_block() -> None:
    venue = NaiveVenue(3)
    for n in range(30):
        venue.add(1 + n % 3, n, n, 1, 100, 1, False)
    names = [item.instrument for item in read(venue.file)]
    assert names == ["NASDAQ:SYM1", "NASDAQ:SYM2", "NASDAQ:SYM3"]


def test_a_status_stands_between_what_came_before_and_after() -> None:
    venue = NaiveVenue(1)
    venue.add(1, 1, 1, 1, 100, 1, False)
    venue.state(1, 2, "H")
    venue.add(1, 3, 2, 1, 100, 1, False)
    first, status, second = read(venue.file)
    assert status == Status(
        "NASDAQ:SYM1", DAY + 2, DAY + 2, StatusKind.HALTED, "halted in all US markets: T1"
    )
    assert (first.orders.seq.tolist(), second.orders.seq.tolist()) == ([2], [4])


def test_the_end_of_system_hours_closes_every_instrument() -> None:
    told = read(directory(1) + directory(2) + encode("S", 0, 5, "c", b"E"))
    assert [(s.instrument, s.kind) for s in told] == [
        ("NASDAQ:SYM1", StatusKind.CLOSED),
        ("NASDAQ:SYM2", StatusKind.CLOSED),
    ]


def test_what_is_not_in_the_directory_is_rejected() -> None:
    message = encode("A", 9, 5, "QcI8sI", 1, b"B", 1, symbol(9), 1)
    (rejected,) = read(message)
    assert rejected == Rejected("locate 9 is not in the stock directory (1 changes)", message)


@pytest.mark.parametrize(
    ("message", "error"),
    [
        (encode("A", 1, 5, "QcI8sI", 1, b"X", 1, symbol(1), 1), "a side, size, price or time"),
        (encode("A", 1, 5, "QcI8sI", 1, b"B", 0, symbol(1), 1), "a side, size, price or time"),
        (encode("D", 1, 86_400 * 10**9, "Q", 1), "a side, size, price or time"),
        (encode("Q", 1, 5, "Q8sIQc", 2**60, symbol(1), 1, 1, b"O"), "a side, size, price or time"),
        (encode("H", 1, 5, "8scc4s", symbol(1), b"?", b" ", b"    "), "trading state '?'"),
        (encode("R", 1, 5, "8s20s", b"\xff\xfe A    ", b""), "is not a symbol"),
        (b"\0\0", "a length that is 0"),
        (b"\0\5ABCDE", "a length that is 0, or not that of the message's kind"),
        (b"\0\5xy", "the file ends inside message 2, 4 bytes of it"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_bytes(message: bytes, error: str) -> None:
    (rejected,) = read(directory(1) + message)
    assert error in rejected.error
    assert rejected.payload == message


def test_a_long_damaged_stretch_is_one_rejected_message() -> None:
    (rejected,) = read(bytes(100_000), rows=5)
    assert "(100000 bytes)" in rejected.error
    assert len(rejected.payload) == 4096


def test_every_column_of_every_kind() -> None:
    """The fields by hand, with every byte of the message different."""
    expected = {
        "A": (0x0C0D0E0F10111213, 0, 1, 0x15161718, 0x21222324, 0),
        "E": (0x0C0D0E0F10111213, 0, 0, 0x14151617, 0, 0x18191A1B1C1D1E1F),
        "C": (0x0C0D0E0F10111213, 0, 0, 0x14151617, 0x21222324, 0x18191A1B1C1D1E1F),
        "X": (0x0C0D0E0F10111213, 0, 0, 0x14151617, 0, 0),
        "D": (0x0C0D0E0F10111213, 0, 0, 0, 0, 0),
        "U": (0x0C0D0E0F10111213, 0x1415161718191A1B, 0, 0x1C1D1E1F, 0x20212223, 0),
        "P": (0x0C0D0E0F10111213, 0, 1, 0x15161718, 0x21222324, 0x25262728292A2B2C),
    }
    for kind, values in expected.items():
        body = bytearray(range(1, int(ms._LENGTHS[ord(kind)]) + 1))
        body[0] = ord(kind)
        body[5] = 0
        if kind in "AP":
            body[19] = ord("B")
        out = ms.empty_messages(1)
        rows, used, seq = ms.parse(np.frombuffer(framed(bytes(body)), np.uint8), 41, out)
        assert (rows, used, seq) == (1, len(body) + 2, 42)
        row = (out.order_id, out.new_id, out.side, out.size, out.price, out.match)
        assert tuple(int(column[0]) for column in row) == values, kind
        assert (out.locate[0], out.ts[0], out.seq[0]) == (0x0203, 0x0708090A0B, 42)


def test_ids_are_unsigned_in_the_file() -> None:
    file = directory(1) + encode("A", 1, 5, "QcI8sI", 2**64 - 1, b"B", 1, symbol(1), 1)
    (frame,) = read(file)
    assert struct.unpack("<Q", frame.orders.order_id.tobytes()) == (2**64 - 1,)


@settings(max_examples=100)
@given(venues())
def test_orders_that_left_take_no_room(venue: NaiveVenue) -> None:
    reader = ItchReader(DAY, 64)
    list(reader.read(venue.file))
    assert reader._live.count[0] == len(venue.orders)
