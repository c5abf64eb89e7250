"""What a venue told → the log, with its cause.

A cause is a number: the run's start in seconds and a count within the run, neither of which ever
falls back, whatever the clock does. It cannot be the approval's offset: the answer to an approval
that is looked up after a restart may say more than the first one did, and would be dropped as the
same. That nothing counts twice rests on exec ids: the tracker tells each once, and the gate ignores
one that it has seen, as after a crash between a record and the snapshot that knows of it.
"""

from connectors.events import Rejected
from connectors.trading.session import Told
from schemas.codec import Codec
from schemas.records import DeadLetter
from streams.cause import Cause
from streams.log import Writer

_NOT_IN_SCHEMA = (ValueError, TypeError, ArithmeticError)
_PER_RUN = 1 << 30  # records of a run; seconds since 1970 above them fit 63 bits for centuries


class Journal:
    """``run`` numbers this start of the adapter; it must be larger than that of any before."""

    def __init__(self, writer: Writer, codec: Codec, account: str, venue: str, run: int) -> None:
        self._writer, self._codec, self._account = writer, codec, account
        self._name, self._source = f"trade.{account}", f"{venue}/{account}"
        self._next = run * _PER_RUN

    def told(self, told: list[Told]) -> None:
        """Writes what a venue told, in its order."""
        for record in told:
            cause = Cause(self._name, self._source, self._next, 0)
            self._next += 1
            if isinstance(record, Rejected):
                self._reject(record, cause)
                continue
            try:
                value = self._codec.encode(record)
            except _NOT_IN_SCHEMA as error:  # a number of the venue's beyond 64 bits
                why = f"{type(error).__name__}: {error}"
                self._reject(Rejected(why, repr(record).encode()), cause)
            else:
                self._writer.send("orders", self._account, value, cause)

    def _reject(self, record: Rejected, cause: Cause) -> None:
        letter = DeadLetter(self._source, 0, cause.offset, self._name, record.error, record.payload)
        self._writer.send("dead-letters", self._source, self._codec.encode(letter), cause)
