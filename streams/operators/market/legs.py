"""Legs: what a basket is told of a member, beside the member's own tape.

Book rows without bars, statuses, the clock, and what became of the slices of parent orders, under
the basket's key, so that all members stand in one order. Rows of a venue that is halted, closed or
in an auction are no quotes that anybody can trade with: they stay on the tape alone.
"""

from collections.abc import Iterator
from dataclasses import replace

from schemas.frames import BOOK, NO_CHECKS, NO_PRINTS, Bars, TapeFrame
from schemas.ledger import Decision, Fill, OrderUpdate
from schemas.records import Status
from streams.operator import Output

LEGS = "baskets"  # the topic


def with_legs(outputs: list[Output], basket: str, open_: bool) -> list[Output]:
    """The outputs, each followed by what the basket is told of it; ``open_`` says that the venue
    trades continuously."""
    return [told for output in outputs for told in (output, *_leg(output, basket, open_))]


def _leg(output: Output, basket: str, open_: bool) -> Iterator[Output]:
    match output.message:
        case Status() | Decision() | Fill() | OrderUpdate():
            yield replace(output, topic=LEGS, key=basket)
        case TapeFrame() as tape if open_ and len(tape.books.seq):
            there = tape.kinds == BOOK
            rows = None if output.rows is None else output.rows[there]
            event = output.event if rows is None else int(rows[-1])
            yield Output(LEGS, basket, _books_only(tape), event, rows)


def _books_only(tape: TapeFrame) -> TapeFrame:
    return replace(
        tape,
        specs=(),
        kinds=tape.kinds[tape.kinds == BOOK],
        bars=Bars(*(column[:0] for column in tape.bars)),
        checks=NO_CHECKS,
        prints=NO_PRINTS,
    )
