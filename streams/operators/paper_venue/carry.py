"""What holding a position costs or earns: borrow fees and funding, as ``CashFlow`` records.

Both fall due at whole multiples of the configured interval since the Unix epoch (8 hours: 00:00,
08:00, 16:00 UTC, as perpetual contracts have it), on the position then held, at the instrument's
price then: they are paid by whoever holds at that moment, for the whole interval. A ``Clock``
record tells that the moment has come.
"""

from decimal import Decimal

from schemas.enums import CashKind
from schemas.inbox import CashFlow
from schemas.records import Clock
from streams.operators.paper_venue.market import Market
from streams.operators.paper_venue.terms import borrow_cost, funding
from streams.operators.risk.money import scaled


def carry(market: Market, clock: Clock, interval_ns: int) -> list[CashFlow]:
    """The flows of the intervals that ended with this record."""
    due = clock.ts_event - clock.ts_event % interval_ns
    before, market.carried_ns = market.carried_ns, max(due, market.carried_ns or due)
    price = market.price()
    if before is None or due <= before or price is None:
        return []
    intervals = (due - before) // interval_ns
    flows = []
    for account, units in zip(market.accounts, market.positions.tolist(), strict=True):
        position = scaled(units, market.scales[1])
        borrowed = borrow_cost(market.terms, position, price, interval_ns)
        funded = funding(market.terms, position, price)
        for kind, amount in ((CashKind.BORROW, borrowed), (CashKind.FUNDING, funded)):
            if amount:
                flows.append(_flow(clock.key, account, kind, amount * intervals, due, intervals))
    return flows


def _flow(
    instrument: str, account: str, kind: CashKind, amount: Decimal, due: int, intervals: int
) -> CashFlow:
    return CashFlow(
        account=account,
        instrument=instrument,
        ts_event=due,
        kind=kind,
        amount=amount,
        currency="",
        flow_id=f"{instrument}-{account}-{kind.lower()}-{due}",
        text=f"{intervals} interval(s) of holding the position",
    )
