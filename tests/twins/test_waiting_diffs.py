"""Diffs that wait for a snapshot: kept through a restart, in little room."""

from hypothesis import given
from hypothesis import strategies as st

from connectors.batch import Batch
from connectors.events import DepthEvent
from streams import canonical
from streams.operators.market import queries
from streams.operators.market.book import ASK, BID
from streams.operators.market.follow import MAX_WAITING, Book
from tests.twins.test_market_twins import XY, depth_messages, diff


def fold(book: Book, events: list[DepthEvent]) -> None:
    batch = Batch(XY)
    for event in events:
        batch.add(event)
    if events:
        book.fold(batch.frame())


def restarted(book: Book) -> Book:
    return Book.unpack(canonical.unpack(canonical.pack(book.pack())))


@given(depth_messages(), st.data())
def test_what_waits_survives_a_restart(messages: list[DepthEvent], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(messages) - 1))
    first, *rest = messages
    book = Book()
    fold(book, rest[:at])
    again = restarted(book)
    assert len(again.waiting) == len(book.waiting) == at
    assert canonical.pack(again.pack()) == canonical.pack(book.pack())
    for one in (book, again):
        fold(one, [first, *rest[at:]])
    for side in (BID, ASK):
        assert queries.levels(again.state, side, 30) == queries.levels(book.state, side, 30)


def test_a_state_of_before_is_read_without_what_waited() -> None:
    book = Book()
    fold(book, [diff(2, 1, 90)])
    packed = canonical.unpack(canonical.pack(book.pack()))
    packed["waiting"] = [packed.pop("waits")]
    assert Book.unpack(packed).waiting == []


def test_ten_thousand_that_wait_are_as_few_arrays_as_one() -> None:
    book = Book()
    fold(book, [diff(seq, seq - 1, 90 + seq % 7) for seq in range(1, MAX_WAITING + 3)])
    packed = book.pack()["waits"]
    assert [len(column) for column in packed] == [MAX_WAITING] * 9
    assert len(restarted(book).waiting) == MAX_WAITING
