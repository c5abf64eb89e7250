"""What a venue told → the log, with its cause.

The answer to an approval is named by the approval's offset and the rank of what was answered: told
again after a restart it is the same cause, and readers drop it, while a later state of the same
order is a newer one. Approvals of one instrument are answered in their order, so those causes only
grow. Everything else is counted: the run's start in seconds and a number within the run, neither
of which ever falls back, whatever the clock does.
"""

from connectors.events import Rejected
from connectors.trading.session import Told
from schemas.codec import Codec
from schemas.enums import ExecType
from schemas.execution import Signed
from schemas.inbox import ExecutionReport
from schemas.records import DeadLetter
from streams.cause import Cause
from streams.log import LogRecord, Writer

_RANKS = (
    ExecType.PENDING_NEW,
    ExecType.NEW,
    ExecType.REPLACED,
    ExecType.REJECTED,
    ExecType.CANCEL_REJECTED,
    ExecType.REPLACE_REJECTED,
    ExecType.EXPIRED,
    ExecType.CANCELED,
)
_NOT_IN_SCHEMA = (ValueError, TypeError, ArithmeticError)
_PER_RUN = 1 << 30  # records of a run; seconds since 1970 above them fit 63 bits for centuries


class Journal:
    """``run`` numbers this start of the adapter; it must be larger than that of any before."""

    def __init__(self, writer: Writer, codec: Codec, account: str, venue: str, run: int) -> None:
        self._writer, self._codec, self._account = writer, codec, account
        self._name, self._source = f"trade.{account}", f"{venue}/{account}"
        self._next = run * _PER_RUN
        self.records = 0

    def told(self, told: list[Told]) -> None:
        """What came from the venue by itself, or in a reconciliation."""
        for record in told:
            self._send(record, Cause(self._name, self._source, self._next, 0))
            self._next += 1

    def answered(self, record: LogRecord, message: Signed, told: list[Told]) -> None:
        """What came as the answer to an approval."""
        source = f"{record.topic}/{record.partition}/{message.instrument}"
        for answer in told:
            own = isinstance(answer, ExecutionReport) and answer.cl_ord_id == message.cl_ord_id
            if own and answer.exec_type in _RANKS:  # type: ignore[union-attr]
                rank = _RANKS.index(answer.exec_type)  # type: ignore[union-attr]
                self._send(answer, Cause(self._name, source, record.offset, rank))
            else:
                self.told([answer])

    def _send(self, record: Told, cause: Cause) -> None:
        self.records += 1
        if not isinstance(record, Rejected):
            try:
                value = self._codec.encode(record)
            except _NOT_IN_SCHEMA as error:  # a number of the venue's beyond 64 bits
                record = Rejected(f"{type(error).__name__}: {error}", repr(record).encode())
            else:
                self._writer.send("orders", self._account, value, cause)
                return
        letter = DeadLetter(self._source, 0, cause.offset, self._name, record.error, record.payload)
        self._writer.send("dead-letters", self._source, self._codec.encode(letter), cause)
