"""Our money and coins beside the venue's, at the end of a reconciliation.

- What a venue tells first is where we begin. A spot exchange may have more of a coin than our
  positions: the rest is not ours to trade. It must not have less.
- What moved after the cut-off is compared the next time. So is a difference that was not there
  before: what is under way has arrived by then.
- A difference within the tolerance is rounding, and is taken over in silence.
- A coin that we hold and of which the venue has another amount stops opening orders until a person
  has looked: a fill is missing, or somebody else moved it.
- Money that differs is taken over: somebody paid in or out, or it was interest that nobody told.
"""

from decimal import Decimal

from schemas.enums import DiscrepancyKind, Holds
from streams.operators.risk import entries, safety
from streams.operators.risk.account import WHOLE, Account
from streams.operators.risk.instruments import assets_of, venue_of
from streams.operators.risk.money import EXACT, ZERO, plain, rounded, times
from streams.operators.risk.purse import Purse, Purses
from streams.operators.risk.reconcile import BREAKER, Told
from streams.operators.risk.reports import Entries

_TOLERANCE = Decimal("0.00001")  # of what is there, or of what moved: fees are rounded


def settle(account: Account, name: str, told: Told) -> Entries:
    """Every balance that differs; what is settled is changed here."""
    if told.holds is Holds.UNKNOWN:
        return []
    held = _held(account, told)
    known = account.purses.get(told.venue)
    if known is None:
        _begin(account, told, held)
        return []
    made: Entries = []
    for currency in sorted({**known.by_name, **told.balances}):
        purse = known.by_name.setdefault(currency, Purse())
        theirs = told.balances.get(currency, ZERO)
        if purse.moved_ns < told.cutoff_ns and _stays(purse, theirs):
            made += _settled(account, name, told, currency, purse, theirs, currency in held)
    return made


def _begin(account: Account, told: Told, held: dict[str, Decimal]) -> None:
    """Not while a fill is under way: nobody knows whether the balances have it."""
    late = (ts for n, ts in account.trades.items() if venue_of(n) == told.venue)
    if max(late, default=0) >= told.cutoff_ns:
        return
    purses = account.purses[told.venue] = Purses(told.holds)
    for currency in sorted({**told.balances, **held}):
        least = held.get(currency, ZERO) if told.holds is Holds.ASSETS else ZERO
        theirs = told.balances.get(currency, ZERO)
        purses.by_name[currency] = Purse(max(theirs, least))


def _held(account: Account, told: Told) -> dict[str, Decimal]:
    """The coins of which we have positions at the venue, and how much of each there must be."""
    found: dict[str, Decimal] = {}
    if told.holds is not Holds.ASSETS:
        return found
    for (strategy, instrument), line in account.lines.items():
        if strategy != WHOLE or venue_of(instrument) != told.venue or not line.position:
            continue
        currency = line.pnl.contract.currency or account.config.currency
        base, _ = assets_of(instrument, currency, told.balances)
        if base:
            there = EXACT.subtract(line.pnl.quantity, line.pnl.other_fees.get(base, ZERO))
            found[base] = rounded(EXACT.add(found.get(base, ZERO), there))
    return found


def _stays(purse: Purse, theirs: Decimal) -> bool:
    """Whether there is a difference that was there before and has not been told."""
    difference = rounded(EXACT.subtract(theirs, purse.expected))
    most = max(abs(theirs), abs(purse.expected), purse.turnover)
    if abs(difference) <= times(most, _TOLERANCE):
        purse.agree(theirs)
        return False
    before, purse.seen = purse.seen, difference
    return difference == before and difference != purse.told


def _settled(
    account: Account,
    name: str,
    told: Told,
    currency: str,
    purse: Purse,
    theirs: Decimal,
    held: bool,
) -> Entries:
    ours, resolution = purse.expected, "taken over"
    stopped: Entries = []
    if held:
        purse.told = purse.seen
        why = f"balance of {currency}: ours {plain(ours)}, the venue's {plain(theirs)}"
        stopped = safety.stop_opening(account, name, BREAKER, why)
        resolution = f"no opening orders until breaker {BREAKER!r} is reset by a person"
    else:
        purse.agree(theirs)
    entry = entries.discrepancy(
        name,
        account.now_ns,
        DiscrepancyKind.BALANCE,
        currency,
        plain(ours),
        plain(theirs),
        resolution,
        not held,
        batch=told.batch,
    )
    return [("ledger", entry), *stopped]
