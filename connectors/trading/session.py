"""The contract of a venue's order session: pure, no socket, no clock.

The session says which request an approval becomes, and what an answer or a stream message means;
the driver (``adapter.py``) sends, waits, looks up and writes. Whatever a venue sends never makes a
session raise: what cannot be read becomes a ``Rejected`` with the original bytes.

What every session keeps:

- ``exec_id`` is made of the venue's own names, so the same fill told by the stream, by a lookup and
  by a reconciliation is one.
- What was told once is not told again (``tracker.py``).
- A request that nobody knows the fate of is ``UNKNOWN``; it is looked up before anything is sent.

A venue without a stream has an empty ``stream_url``: what happens there is asked for at each tick.
"""

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Protocol, TypeAlias

from connectors.events import Rejected
from connectors.trading.tracker import LiveOrder, Tracker
from schemas.enums import Holds
from schemas.execution import ApprovedOrder, CancelRequest, ReplaceRequest
from schemas.inbox import (
    CashFlow,
    ExecutionReport,
    Reconciliation,
    VenueBalance,
    VenuePosition,
)

Told: TypeAlias = (
    ExecutionReport | CashFlow | Reconciliation | VenuePosition | VenueBalance | Rejected
)


class Unsupported(ValueError):
    """The venue has no such order: what it lacks, and what to use."""


class Purpose(Enum):
    """What a call is for: it says how its answer is read."""

    NEW = auto()
    CANCEL = auto()
    REPLACE = auto()
    LOOKUP = auto()  # one order
    ORDERS = auto()  # all open orders, or a page of them
    FILLS = auto()  # recent trades and cash flows, or a page of them
    POSITIONS = auto()
    BALANCES = auto()
    STREAM = auto()  # what must be fetched before, or to keep, the stream


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request, not yet signed. ``subject`` is whose answer it is (an order's client id);
    ``revision`` counts the changes of that order. ``spends`` are (budget, weight) of the venue's
    budgets besides the main one (``budgets.py``)."""

    purpose: Purpose
    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: bytes = b""  # JSON
    subject: str = ""
    revision: int = 0
    ts_event: int = 0  # of the record that asked for it, ns
    weight: float = 1.0  # against the venue's main budget
    spends: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Http:
    """A call as it goes out: signed, at the time it is sent."""

    method: str
    url: str
    headers: dict[str, str] = field(repr=False)
    content: bytes = field(repr=False)


class VenueRefuses(Exception):
    """The venue does not take the account's keys: nothing more can be done here."""


class Verdict(Enum):
    """What an answer means for the driver."""

    DONE = auto()  # the venue decided
    WAIT = auto()  # nothing was done: the same again after ``wait_s``
    UNKNOWN = auto()  # nobody knows whether it was done: look it up
    TAKEN = auto()  # the venue has an order of that client id: look it up
    ABSENT = auto()  # a lookup found no such order
    UNAUTHORISED = auto()  # the venue does not take the keys


@dataclass(slots=True)
class Answer:
    """``then`` are calls that follow from it: the next page, the fills of an order; of an ABSENT
    order, where else it may be. ``open`` are the orders that a list of open orders names."""

    verdict: Verdict
    told: list[Told] = field(default_factory=list)
    then: list[Call] = field(default_factory=list)
    open: list[LiveOrder] = field(default_factory=list)
    wait_s: float = 0.0
    text: str = ""


@dataclass(slots=True)
class StreamStep:
    """What a stream message led to. ``ready``: from now on the stream tells everything;
    ``broken``: why the line is of no use and must be made anew; ``refused``: the venue does not
    take the keys."""

    told: list[Told] = field(default_factory=list)
    send: list[str] = field(default_factory=list)
    then: list[Call] = field(default_factory=list)
    ready: bool = False
    broken: str = ""
    refused: bool = False


class OrderSession(Protocol):
    """A venue's side of order entry for one account."""

    tracker: Tracker

    @property
    def venue(self) -> str: ...

    @property
    def holds(self) -> Holds:
        """What its balances are; with ASSETS it knows no positions."""
        ...

    @property
    def tick_s(self) -> float:
        """How long the stream may be silent before ``tick`` is asked; without one, how often."""
        ...

    @property
    def in_order(self) -> bool:
        """Whether requests must arrive in the order in which they were signed: then one at a
        time."""
        ...

    @property
    def settle_s(self) -> float:
        """After so long a lost request that a lookup does not find will not be done any more, or
        the venue refuses its client id the second time."""
        ...

    def new(self, order: ApprovedOrder) -> Call:
        """Raises Unsupported."""
        ...

    def cancel(self, request: CancelRequest) -> Call | None:
        """None while the venue's own name of the order is not known: look it up first."""
        ...

    def replace(self, request: ReplaceRequest) -> Call | None:
        """As ``cancel``. Raises Unsupported."""
        ...

    def lookup(self, cl_ord_id: str, revision: int = 0) -> Call:
        """The order, or the order that it became with a change."""
        ...

    def look_at(self, order: LiveOrder) -> Call:
        """An order by the venue's newest name of it."""
        ...

    def reconcile(self) -> list[Call]:
        """Open orders, positions and balances. Fills have calls of their own."""
        ...

    def fills(self, since: int, at: int) -> list[Call]:
        """What was traded, and what moved cash, since a time, as it is ``at`` now (ns)."""
        ...

    def before(self, at: int) -> Call | None:
        """What must be fetched before anything else can be asked: a token that ran out."""
        ...

    def signed(self, call: Call, at: int) -> Http: ...
    def answer(
        self, call: Call, status: int, headers: dict[str, str], body: bytes, at: int
    ) -> Answer: ...

    def stream_call(self) -> Call | None:
        """What must be fetched before the stream can be opened; None for nothing."""
        ...

    @property
    def stream_url(self) -> str: ...
    def opened(self, at: int) -> StreamStep: ...
    def received(self, data: bytes, at: int) -> StreamStep: ...
    def tick(self, at: int) -> StreamStep:
        """What time brings: keep-alives."""
        ...
