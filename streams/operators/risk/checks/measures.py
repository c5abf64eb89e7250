"""What a limit is compared with: of the order alone, of its account's health, of what it would
lead to in a scope. None: there is nothing to compare."""

import math
from decimal import Decimal
from fnmatch import fnmatchcase

from schemas.enums import OrdType
from schemas.inbox import Signal
from streams.operators.risk.account import ONE, WHOLE, Account
from streams.operators.risk.checks.case import Case, Stake
from streams.operators.risk.money import ZERO, ratio, scaled
from streams.operators.risk.stress_watch import loss_with
from streams.operators.risk.tallies import Tally, within_second

SECOND = 10**9
NEVER = Decimal("Infinity")
_UNPRICED = (OrdType.STOP, OrdType.TRAILING_STOP)


def mark_age(case: Case, tally: Tally, stake: Stake) -> Decimal:
    return Decimal(case.account.now_ns - case.quote.ts) / SECOND


def clock_age(case: Case, tally: Tally, stake: Stake) -> Decimal:
    return Decimal(case.account.now_ns - case.account.clock_ns) / SECOND


def lost_today(case: Case, tally: Tally, stake: Stake) -> Decimal:
    return tally.day_start - tally.pnl


def drawdown(case: Case, tally: Tally, stake: Stake) -> Decimal:
    return tally.peak - tally.pnl


def losses_in_a_row(case: Case, tally: Tally, stake: Stake) -> Decimal:
    return Decimal(tally.losses)


def orders_a_second(case: Case, tally: Tally, stake: Stake) -> Decimal:
    return Decimal(within_second(tally.approved_ns, case.account.now_ns) + 1)


def messages_a_second(case: Case, tally: Tally, stake: Stake) -> Decimal:
    return Decimal(within_second(tally.messages_ns, case.account.now_ns) + 1)


def size(case: Case, tally: Tally, stake: Stake) -> Decimal:
    return case.size


def notional(case: Case, tally: Tally, stake: Stake) -> Decimal:
    """In the account's currency."""
    contract = case.instrument.contract
    rate = case.account.rate_of(contract.currency)
    worth = contract.exposure(case.size, case.price)
    return worth if rate is None or rate is ONE else worth * rate


def off_the_mark(case: Case, tally: Tally, stake: Stake) -> Decimal | None:
    """Distance of the price from the mark, as a fraction of it; of a stop-limit order from its
    stop. What has no price of its own yet has no distance."""
    order = case.order
    if order.ord_type in _UNPRICED:
        return None
    reference = case.quote.mid
    if order.ord_type is OrdType.STOP_LIMIT:
        reference = scaled(order.stop_price, order.price_scale)
    return ratio(abs(case.price - reference), reference)


def slippage(case: Case, tally: Tally, stake: Stake) -> Decimal:
    """Of the average price that the displayed book would give, as a fraction of the mark."""
    mid = case.quote.mid
    average = case.quote.average(case.order.side, case.size) if case.takes else mid
    if case.order.ord_type is OrdType.LIMIT:
        average = case.sign * min(case.sign * average, case.sign * case.price)
    return ratio(abs(average - mid), mid)


def of_the_displayed(case: Case, tally: Tally, stake: Stake) -> Decimal | None:
    displayed = case.quote.displayed(case.order.side)
    return ratio(case.size, displayed) if displayed else None


def since_its_twin(case: Case, tally: Tally, stake: Stake) -> Decimal | None:
    """Seconds since the last order like it."""
    if case.order.parent:
        return None
    account, like = case.account, likeness(case.order)
    ages = [account.now_ns - at for at, other in account.recent if other == like]
    return Decimal(min(ages)) / SECOND if ages else NEVER


def likeness(order: Signal) -> str:
    """Orders of the same likeness are taken for copies of one another."""
    return (
        f"{order.strategy}|{order.instrument}|{order.side}|{order.ord_type}|{order.size}"
        f"|{order.price}"
    )


def position(case: Case, tally: Tally, stake: Stake) -> Decimal:
    return scaled(abs(stake.line.worst(case.more)), stake.line.scale)


def short(case: Case, tally: Tally, stake: Stake) -> Decimal:
    return scaled(stake.line.shortest(case.more), stake.line.scale)


def open_orders(case: Case, tally: Tally, stake: Stake) -> Decimal:
    return Decimal(tally.open_orders + 1)


def gross(case: Case, tally: Tally, stake: Stake) -> Decimal:
    return tally.gross + stake.would.gross - stake.now.gross


def net(case: Case, tally: Tally, stake: Stake) -> Decimal:
    return tally.net_worst(stake.now, stake.would)


def leverage(case: Case, tally: Tally, stake: Stake) -> Decimal:
    return _of_equity(case, gross(case, tally, stake))


def concentration(case: Case, tally: Tally, stake: Stake) -> Decimal:
    return _of_equity(case, stake.would.gross)


def margin(case: Case, tally: Tally, stake: Stake) -> Decimal:
    bound = tally.margin + stake.would.margin - stake.now.margin
    return _of_equity(case, bound)


def _of_equity(case: Case, value: Decimal) -> Decimal:
    return ratio(value, case.equity) if case.equity > 0 else NEVER


def value_at_risk(case: Case, tally: Tally, stake: Stake) -> Decimal:
    """Of the account as it was last measured; what is not known, or not measured, is without
    bound."""
    account = case.account
    return _estimated(account.tail.var) if account.config.var else NEVER


def stress_loss(case: Case, tally: Tally, stake: Stake) -> Decimal:
    """Of the account in the worst of its scenarios: all that it holds, whatever strategy holds it,
    and all of this order that is not filled, at the last marks. Other open orders are not counted,
    nor what the order may pay beyond the mark. Negative where every scenario wins; what is not
    known is without bound."""
    account, order = case.account, case.order
    known = account.orders.of_signal(order.signal_id) if case.change else None
    left = scaled(order.size - (known.cum if known else 0), order.size_scale)
    return _estimated(loss_with(account, order.instrument, case.sign * float(left)))


def _estimated(loss: float) -> Decimal:
    """To six digits."""
    return NEVER if math.isnan(loss) else Decimal(f"{loss:.6g}")


def correlated(case: Case, tally: Tally, stake: Stake) -> Decimal:
    """|own exposure + Σ ρ × others'|, in the account's currency: what moves with the order."""
    name, would = case.order.instrument, stake.would
    total = would.net + would.up if case.more > 0 else would.net - would.down
    for (strategy, other), line in case.account.lines.items():
        if strategy == WHOLE and other != name and line.part.net:
            total += _correlation(case.account, name, other) * line.part.net
    return abs(total)


def _correlation(account: Account, one: str, other: str) -> Decimal:
    for a, b, rho in account.config.correlations:
        if (fnmatchcase(one, a) and fnmatchcase(other, b)) or (
            fnmatchcase(one, b) and fnmatchcase(other, a)
        ):
            return rho
    return ZERO
