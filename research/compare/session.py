"""What an account asked of a live venue in a recorded session, and what the venue said.

Orders are those that the risk gate approved and an adapter sent: slices of algorithms, but not the
parents, which no venue sees. What the venue says is what the account's adapter wrote.

A fee in what an instrument is priced in counts as money, one in what is traded at the price of the
fill; a fee in a third currency keeps its name, for no rate is known.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from research.compare.outcome import Outcome, price_of
from schemas.codec import Message
from schemas.enums import ExecType
from schemas.execution import ApprovedOrder, CancelRequest, ReplaceRequest, Signed
from schemas.inbox import ExecutionReport, Mark
from streams.operators.risk.instruments import Reference
from streams.operators.risk.money import times

_ANSWERS = {
    CancelRequest: (ExecType.CANCELED, ExecType.CANCEL_REJECTED),
    ReplaceRequest: (ExecType.REPLACED, ExecType.REPLACE_REJECTED),
}


@dataclass(slots=True)
class Asked:
    """An order, the requests for it in their order, and what became of it live."""

    order: ApprovedOrder
    live: Outcome
    requests: list[CancelRequest | ReplaceRequest] = field(default_factory=list)

    @property
    def sent(self) -> list[Signed]:
        return [self.order, *self.requests]

    def delays(self) -> dict[str, int]:
        """ns from each message to what the venue said of it, by the name under which the paper
        venue draws a latency for it; those without an answer are left out."""
        name, found = self.order.cl_ord_id, {}
        if self.live.acked_ns is not None:
            found[f"{name}>0"] = self.live.acked_ns - self.order.ts_event
        answers = list(self.live.answers)
        for n, request in enumerate(self.requests, 1):
            answer = next((a for a in answers if a[0] in _ANSWERS[type(request)]), None)
            if answer:
                answers.remove(answer)
                found[f"{name}>{n}"] = answer[1] - request.ts_event
        return found


@dataclass(slots=True)
class LiveSession:
    """``marks`` as the account saw them; ``strangers``: orders at the venue that were not sent
    from here."""

    account: str
    orders: dict[str, Asked] = field(default_factory=dict)
    marks: list[Mark] = field(default_factory=list)
    strangers: set[str] = field(default_factory=set)

    @property
    def instruments(self) -> list[str]:
        return sorted({asked.order.instrument for asked in self.orders.values()})

    def only(self, instrument: str) -> None:
        """Forgets the other instruments' orders."""
        self.orders = {n: a for n, a in self.orders.items() if a.order.instrument == instrument}


def read(
    account: str,
    reference: Reference,
    execution: Iterable[Message],
    inbox: Iterable[tuple[str, Message]],
) -> LiveSession:
    """From the records of ``execution``, and of ``orders`` with their writers."""
    session = LiveSession(account)
    for message in execution:
        if isinstance(message, Signed) and message.account == account:
            _asked(session, message)
    for writer, message in inbox:
        if getattr(message, "account", "") != account:
            continue
        if isinstance(message, Mark):
            session.marks.append(message)
        elif isinstance(message, ExecutionReport) and writer == f"trade.{account}":
            _told(session, _in_own_currency(message, reference))
    return session


def _asked(session: LiveSession, message: Signed) -> None:
    if isinstance(message, ApprovedOrder):
        if not message.algo:
            outcome = Outcome(message.size)
            session.orders.setdefault(message.cl_ord_id, Asked(message, outcome))
    elif message.cl_ord_id in session.orders:
        session.orders[message.cl_ord_id].requests.append(message)


def _told(session: LiveSession, report: ExecutionReport) -> None:
    asked = session.orders.get(report.cl_ord_id)
    if asked:
        asked.live.take(report)
    else:
        session.strangers.add(report.cl_ord_id)


def _in_own_currency(report: ExecutionReport, reference: Reference) -> ExecutionReport:
    """A fee in the contract's currency has no name."""
    fee, symbol = report.fee_currency, report.instrument.partition(":")[2]
    own = reference.of(report.instrument).contract.currency
    if not fee:
        return report
    if fee == own or (not own and symbol.endswith(fee)):
        return replace(report, fee_currency="")
    if symbol.startswith(fee):
        return replace(report, fee=times(report.fee, price_of(report)), fee_currency="")
    return report
