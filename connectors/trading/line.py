"""One connection to a stream that numbers its messages and beats: what is missing, what is dead."""

from dataclasses import dataclass

_DEAD_NS = 10 * 10**9  # the venues here send a heartbeat each second


@dataclass(slots=True)
class Line:
    """``heard_at``: when the last message came, ns. ``sequence``: its number; None before the
    first. ``gap``: why the line is of no use any more."""

    heard_at: int
    sequence: int | None = None
    gap: str = ""

    def follows(self, sequence: int) -> bool:
        """Whether a message is the next one: not one that was told already, nor one after a gap."""
        last, self.sequence = self.sequence, max(sequence, self.sequence or 0)
        if last is None or sequence == last + 1:
            return True
        if sequence > last + 1:
            self.gap = f"messages {last + 1} to {sequence - 1} are missing"
        return False

    def silent(self, at: int) -> str:
        """Why a line is dead; empty while it is not."""
        return "no heartbeat for 10 s" if at - self.heard_at > _DEAD_NS else ""
