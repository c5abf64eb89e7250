"""Legs: what a basket is told of a member, beside the member's own tape.

Book rows without bars, statuses, the clock, and what became of the slices of parent orders, under
the basket's key, so that all members stand in one order. Rows of a venue that is halted, closed or
in an auction are no quotes that anybody can trade with: they stay on the tape alone.

A group whose strategies look at books is told of these alone. An instrument may be a member of
many, so nothing goes there that does not say for which: where a status takes a book away, the group
is told of an empty one.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from schemas.enums import StatusKind
from schemas.frames import BOOK, NO_CHECKS, NO_PRINTS, Bars, Books, TapeFrame
from schemas.ledger import Decision, Fill, OrderUpdate
from schemas.records import Status
from streams.operator import Output

LEGS = "baskets"  # the topic
_NO_QUOTES = (
    *(StatusKind.GAP, StatusKind.CROSSED, StatusKind.CHECKSUM, StatusKind.DISCONNECTED),
    *(StatusKind.AUCTION, StatusKind.HALTED, StatusKind.CLOSED),
)


def with_legs(outputs: list[Output], basket: str, open_: bool) -> list[Output]:
    """The outputs, each followed by what the basket is told of it; ``open_`` says that the venue
    trades continuously."""
    return [told for output in outputs for told in (output, *_leg(output, basket, open_))]


def _leg(output: Output, basket: str, open_: bool) -> Iterator[Output]:
    match output.message:
        case Status() | Decision() | Fill() | OrderUpdate():
            yield output._replace(topic=LEGS, key=basket)
        case TapeFrame() as tape if open_ and len(tape.books.seq):
            yield _book_leg(output, tape, basket)


def with_books(
    outputs: list[Output],
    groups: tuple[str, ...],
    open_: bool,
    scales: tuple[int, int],
    levels: int,
) -> list[Output]:
    """The outputs, each followed by what these groups are told of it."""
    made = list[Output]()
    for output in outputs:
        made.append(output)
        match output.message:
            case TapeFrame() as tape if open_ and output.topic == "tape" and len(tape.books.seq):
                made += [_book_leg(output, tape, group) for group in groups]
            case Status() as status if output.topic == "tape" and status.kind in _NO_QUOTES:
                nothing = _empty(status, scales, levels)
                made += [
                    Output(LEGS, group, replace(nothing, basket=group), output.event)
                    for group in groups
                ]
    return made


def _empty(status: Status, scales: tuple[int, int], levels: int) -> TapeFrame:
    columns = [[status.ts_event], [status.ts_recv], [0], *([[0] * levels] * 4)]
    books = Books(*(np.array(column, np.int64) for column in columns))
    none = Bars(*(np.empty(0, np.int64) for _ in Bars._fields))
    kinds = np.array([BOOK], np.uint8)
    return TapeFrame(status.instrument, *scales, levels, (), kinds, books, none)


def _book_leg(output: Output, tape: TapeFrame, basket: str) -> Output:
    rows = None if output.rows is None else output.rows[tape.kinds == BOOK]
    event = output.event if rows is None else int(rows[-1])
    return Output(LEGS, basket, _books_only(tape, basket), event, rows)


def _books_only(tape: TapeFrame, basket: str) -> TapeFrame:
    return replace(
        tape,
        basket=basket,
        specs=(),
        kinds=tape.kinds[tape.kinds == BOOK],
        bars=Bars(*(column[:0] for column in tape.bars)),
        checks=NO_CHECKS,
        prints=NO_PRINTS,
    )
