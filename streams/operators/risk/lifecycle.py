"""The life of an order, as FIX 4.4 appendix D draws it: a state, what happens, the next state.

    HELD → PENDING_NEW → NEW → PARTIALLY_FILLED → FILLED
                            ↘ PENDING_CANCEL → CANCELED,  PENDING_REPLACE → back to work
                            ↘ REJECTED, EXPIRED, DONE_FOR_DAY

What always holds:

- A fill is a fact: it counts whenever it comes, also before the acknowledgement, while a cancel
  is under way, and after the end; a state that has ended stays ended, but for FILLED.
- What comes twice or too late changes nothing.
- A refused cancel or change puts the order back to where it was.
"""

from schemas.enums import ExecType, OrdStatus

ENDED = frozenset(
    (
        OrdStatus.FILLED,
        OrdStatus.CANCELED,
        OrdStatus.REJECTED,
        OrdStatus.EXPIRED,
        OrdStatus.DONE_FOR_DAY,
    )
)
_ENDS = {
    ExecType.CANCELED: OrdStatus.CANCELED,
    ExecType.REJECTED: OrdStatus.REJECTED,
    ExecType.EXPIRED: OrdStatus.EXPIRED,
    ExecType.DONE_FOR_DAY: OrdStatus.DONE_FOR_DAY,
}
_ASKED = (OrdStatus.PENDING_CANCEL, OrdStatus.PENDING_REPLACE)


def at_work(cum: int, size: int) -> OrdStatus:
    """What an order is that nothing is asked of."""
    if not cum:
        return OrdStatus.NEW
    return OrdStatus.FILLED if cum >= size else OrdStatus.PARTIALLY_FILLED


def after(status: OrdStatus, event: ExecType, cum: int, size: int) -> OrdStatus:
    """The state after a venue's message; ``cum`` and ``size`` hold what it said already."""
    if event is ExecType.TRADE or event in (ExecType.TRADE_CORRECT, ExecType.TRADE_CANCEL):
        return _after_trade(status, cum, size)
    if status in ENDED or event is ExecType.STATUS:
        return status
    if event in _ENDS:
        return _ENDS[event]
    if event is ExecType.SUSPENDED:
        return OrdStatus.SUSPENDED
    if event in (ExecType.REPLACED, ExecType.CANCEL_REJECTED, ExecType.REPLACE_REJECTED):
        return at_work(cum, size)
    if event is ExecType.PENDING_NEW or status in _ASKED:
        return status
    return at_work(cum, size)  # NEW, TRIGGERED


def _after_trade(status: OrdStatus, cum: int, size: int) -> OrdStatus:
    if cum >= size:
        return OrdStatus.FILLED
    if status is OrdStatus.FILLED:  # a bust took some of it back
        return OrdStatus.PARTIALLY_FILLED
    return status if status in ENDED or status in _ASKED else at_work(cum, size)
