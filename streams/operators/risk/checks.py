"""Every check of an order, in the order in which a desk would ask. Each names its limit, the
limit's value and what the order would make of it; an order that fails none is approved.

What always holds: the checks of a scope speak of the worst that can come of everything that works,
and an order that can only bring a position nearer to zero is never refused for an exposure or a
loss, for that would lock the risk in.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import NamedTuple

from schemas.enums import MarketState, OrdType, Side, TimeInForce, TradingState
from schemas.inbox import Signal
from streams.operators.risk.account import WHOLE, Account
from streams.operators.risk.instruments import is_open
from streams.operators.risk.limits import Limits
from streams.operators.risk.lines import Line, Part
from streams.operators.risk.money import ZERO, plain, ratio, scaled
from streams.operators.risk.tallies import Tally, within_second

SECOND = 10**9
_RESTS = (TimeInForce.GTC, TimeInForce.DAY, TimeInForce.GTD)
_IN_AUCTION = (TimeInForce.OPG, TimeInForce.CLS)
_STOPS = (OrdType.STOP, OrdType.STOP_LIMIT, OrdType.TRAILING_STOP)


class Check(NamedTuple):
    """``rule`` with its ``limit`` and the ``value`` that the order would lead to."""

    rule: str
    limit: str
    value: str
    ok: bool


@dataclass(frozen=True, slots=True)
class Case:
    """An order to be judged: its money, and what it adds to the account's and its strategy's
    lines. ``more`` is its signed size, less what it stands for already when it is changed."""

    account: Account
    order: Signal
    size: Decimal
    price: Decimal
    mark: Decimal
    more: int
    reduces: bool
    lines: dict[str, tuple[Line, Part, Part]]  # "" and "strategy": as it is, as it would be
    change: bool = False


def expected_price(account: Account, order: Signal) -> Decimal:
    """What the order would trade at: its limit, its stop, or the far side of the market."""
    if order.price and order.ord_type in (OrdType.LIMIT, OrdType.STOP_LIMIT):
        return scaled(order.price, order.price_scale)
    if order.stop_price and order.ord_type in _STOPS:
        return scaled(order.stop_price, order.price_scale)
    quote = account.quotes[order.instrument]
    return quote.far(order.side)


def case_of(account: Account, order: Signal, was: int = 0) -> Case:
    """``was``: the size before, of an order that is changed."""
    known, change = was or _reserved_for(account, order), was > 0
    price = expected_price(account, order)
    sign = 1 if order.side is Side.BUY else -1
    more = max(order.size - known, 0) * sign
    lines, name = {}, order.instrument
    for scope, line in account.pair(order.strategy, name, order.size_scale):
        would = account.exposed(name, line, more)
        lines["" if scope == WHOLE else "strategy"] = (line, line.part, would or line.part)
    whole = lines[""][0]
    return Case(
        account,
        order,
        scaled(order.size, order.size_scale),
        price,
        account.mark(name),
        more,
        whole.reduces(sign, abs(more)),
        lines,
        change,
    )


def _reserved_for(account: Account, order: Signal) -> int:
    """Size that counts as working already: what its parent holds for its slices, or what an order
    of its group would trade in its place."""
    if parent := account.orders.of_signal(order.parent):
        return parent.leaves
    if not order.group:
        return 0
    return max((o.leaves for o in account.together(order) if o.works), default=0)


def stoppers(account: Account, order: Signal, order_id: str, change: bool) -> Iterator[Check]:
    """What has to be right before there is anything to calculate with."""
    yield Check(
        "kill_switch", "released", "engaged" if account.killed else "released", not account.killed
    )
    known = account.orders.get(order_id) is not None and not change
    yield Check("duplicate_order", "a new signal", order_id if known else "new", not known)
    wanted = scaled(order.target or 0, order.size_scale)
    yield Check(
        "nothing_to_do", plain(wanted), plain(scaled(order.size, order.size_scale)), order.size > 0
    )
    marked = account.mark(order.instrument) > 0
    yield Check("no_mark", "a mark of the instrument", order.instrument, marked)
    held = account.lines.get((WHOLE, order.instrument))
    scale = held.scale if held else order.size_scale
    yield Check("size_scale", str(scale), str(order.size_scale), scale == order.size_scale)


def checks(case: Case) -> Iterator[Check]:
    """All others."""
    yield from _of_the_desk(case)
    yield from _of_the_instrument(case)
    keys = case.account.scopes(case.order.strategy, case.order.instrument)
    for scope, prefix, limits in case.account.limits.applying(keys):
        for check in _of_a_scope(case, scope, limits):
            yield check._replace(rule=prefix + check.rule) if prefix else check


def _of_the_desk(case: Case) -> Iterator[Check]:
    account, state = case.account, case.account.state
    if case.reduces:  # says to an auditor why a check below may be beyond its limit
        yield Check("reduces", "limits on exposure and losses stand back", "reduces", True)
    allowed = state is TradingState.NORMAL or (state is TradingState.REDUCE_ONLY and case.reduces)
    yield Check("trading_state", "NORMAL", state, allowed)
    unknown = len(account.unvalued)
    rate = account.rate_of(account.instrument(case.order.instrument).contract.currency)
    known = rate is not None and (not unknown or case.reduces)
    yield Check("currency_rate", "known", "known" if known else "unknown", known)
    if case.order.reduce_only:
        yield Check("reduce_only", "reduces", "reduces" if case.reduces else "opens", case.reduces)
    if order_parent := case.order.parent:
        yield _of_the_parent(case, order_parent)
    crossing = _crossing(case)
    yield Check("self_trade", "none", crossing or "none", not crossing)


def _of_the_parent(case: Case, signal_id: str) -> Check:
    """A slice takes no more than its parent has left."""
    parent, scale = case.account.orders.of_signal(signal_id), case.order.size_scale
    left = parent.leaves if parent and parent.works else 0
    return Check(
        "parent_size", plain(scaled(left, scale)), plain(case.size), case.order.size <= left
    )


def _crossing(case: Case) -> str:
    """An open order of the account's that this one would trade with."""
    order, side = case.order, case.order.side
    if order.ord_type in _STOPS:
        return ""
    for other in case.account.orders.open.values():
        asked = other.asked
        rests = asked.ord_type is OrdType.LIMIT and asked.time_in_force in _RESTS and other.works
        if asked.instrument != order.instrument or asked.side is side or not rests:
            continue
        sign = 1 if side is Side.BUY else -1
        if order.ord_type is OrdType.MARKET or sign * (case.price - other.price) >= 0:
            return other.cl_ord_id
    return ""


def _of_the_instrument(case: Case) -> Iterator[Check]:
    order, account = case.order, case.account
    known, quote = account.instrument(order.instrument), account.quotes[order.instrument]
    if known.restricted:
        yield Check("restricted", "reduces only", "opens", case.reduces)
    auction = quote.state is MarketState.AUCTION and order.ord_type is OrdType.LIMIT
    waits = order.time_in_force in _IN_AUCTION and quote.state is not MarketState.DARK
    trades = quote.state is MarketState.TRADING or auction or waits
    yield Check("market_state", "TRADING", quote.state, trades)
    if len(known.hours.opens):
        inside = waits or is_open(known.hours, account.now_ns)
        yield Check("trading_hours", "in session", "in session" if inside else "closed", inside)
    if known.tick:
        price = case.price if order.ord_type is not OrdType.MARKET else ZERO
        yield Check("tick_size", plain(known.tick), plain(price), not price % known.tick)
    if known.lot:
        yield Check("lot_size", plain(known.lot), plain(case.size), not case.size % known.lot)
    if known.min_notional:
        notional = case.size * case.price * known.contract.multiplier
        enough = notional >= known.min_notional or case.reduces
        yield Check("min_notional", plain(known.min_notional), plain(notional), enough)
    if not known.shortable:
        short = scaled(case.lines[""][0].shortest(case.more), order.size_scale)
        yield Check("short_sale", "0", plain(short), not short or case.reduces)


def _of_a_scope(case: Case, scope: str, limits: Limits) -> Iterator[Check]:
    tally = case.account.tally(scope)
    adds = not case.change or case.more != 0  # a change may make an order smaller, or only move it
    yield from _health(case, limits)
    if adds:
        yield from _losses(case, tally, limits)
    yield from _rates(case, tally, limits)
    yield from _one_order(case, limits)
    if adds:
        yield from _exposure(case, scope, tally, limits)


def _at_most(
    rule: str, limit: Decimal | None, value: Decimal, pardoned: bool = False
) -> Iterator[Check]:
    if limit is not None:
        yield Check(rule, plain(limit), plain(value), pardoned or value <= limit)


def _health(case: Case, limits: Limits) -> Iterator[Check]:
    now, quote = case.account.now_ns, case.account.quotes[case.order.instrument]
    yield from _at_most("max_mark_age", limits.max_mark_age, Decimal(now - quote.ts) / SECOND)
    if limits.max_clock_age is not None:
        age = Decimal(now - case.account.clock_ns) / SECOND
        yield from _at_most("max_clock_age", limits.max_clock_age, age)


def _losses(case: Case, tally: Tally, limits: Limits) -> Iterator[Check]:
    pardoned = case.reduces
    yield from _at_most("daily_loss", limits.daily_loss, tally.day_start - tally.pnl, pardoned)
    yield from _at_most("max_drawdown", limits.max_drawdown, tally.peak - tally.pnl, pardoned)
    yield from _at_most(
        "max_consecutive_losses", limits.max_consecutive_losses, Decimal(tally.losses), pardoned
    )


def _rates(case: Case, tally: Tally, limits: Limits) -> Iterator[Check]:
    now = case.account.now_ns
    if limits.order_rate is not None and not case.change:
        count = within_second(tally.approved_ns, now) + 1
        yield from _at_most("order_rate", limits.order_rate, Decimal(count))
    if limits.message_rate is not None:
        count = within_second(tally.messages_ns, now) + 1
        yield from _at_most("message_rate", limits.message_rate, Decimal(count))


def _one_order(case: Case, limits: Limits) -> Iterator[Check]:
    order, size = case.order, case.size
    yield from _at_most("max_order_size", limits.max_order_size, size)
    if limits.max_order_notional is not None:
        yield from _at_most("max_order_notional", limits.max_order_notional, _notional(case))
    if limits.price_collar is not None and order.ord_type not in (
        OrdType.STOP,
        OrdType.TRAILING_STOP,
    ):
        reference = case.mark
        if order.ord_type is OrdType.STOP_LIMIT:
            reference = scaled(order.stop_price, order.price_scale)
        distance = ratio(abs(case.price - reference), reference)
        yield from _at_most("price_collar", limits.price_collar, distance)
    quote = case.account.quotes[order.instrument]
    if limits.max_slippage is not None:
        average = quote.average(order.side, size) if _takes(case) else case.mark
        if order.ord_type is OrdType.LIMIT:
            sign = 1 if order.side is Side.BUY else -1
            average = sign * min(sign * average, sign * case.price)
        slipped = ratio(abs(average - case.mark), case.mark)
        yield from _at_most("max_slippage", limits.max_slippage, slipped)
    displayed = quote.displayed(order.side)
    if limits.max_displayed is not None and displayed:
        yield from _at_most("max_displayed", limits.max_displayed, ratio(size, displayed))
    if limits.duplicate_window is not None and not case.change and not order.parent:
        age = _age_of_twin(case.account, order)
        long_ago = age is None or age > limits.duplicate_window
        told = "none" if age is None else plain(age)
        yield Check("duplicate_window", plain(limits.duplicate_window), told, long_ago)


def _notional(case: Case) -> Decimal:
    """Of the order, in the account's currency."""
    contract = case.account.instrument(case.order.instrument).contract
    rate = case.account.rate_of(contract.currency)
    return contract.exposure(case.size, case.price) * (rate if rate is not None else 1)


def _takes(case: Case) -> bool:
    """Whether it would trade at once."""
    order = case.order
    if order.ord_type is OrdType.MARKET:
        return True
    far = case.account.quotes[order.instrument].far(order.side)
    sign = 1 if order.side is Side.BUY else -1
    return order.ord_type is OrdType.LIMIT and sign * (case.price - far) >= 0


def likeness(order: Signal) -> str:
    """Orders of the same likeness are taken for copies of one another."""
    terms = (order.strategy, order.instrument, order.side, order.ord_type, order.size, order.price)
    return "|".join(map(str, terms))


def _age_of_twin(account: Account, order: Signal) -> Decimal | None:
    """Seconds since the last order like it; None: there was none."""
    like = likeness(order)
    ages = [account.now_ns - at for at, other in account.recent if other == like]
    return Decimal(min(ages)) / SECOND if ages else None


def _exposure(case: Case, scope: str, tally: Tally, limits: Limits) -> Iterator[Check]:
    line, old, new = case.lines["strategy" if scope.startswith("strategy.") else ""]
    scale, pardoned = case.order.size_scale, case.reduces
    worst = scaled(abs(line.worst(case.more)), scale)
    yield from _at_most("max_position", limits.max_position, worst, pardoned)
    if limits.max_short is not None:
        short = scaled(line.shortest(case.more), scale)
        yield from _at_most("max_short", limits.max_short, short, pardoned)
    if not case.change:
        count = Decimal(tally.open_orders + 1)
        yield from _at_most("max_open_orders", limits.max_open_orders, count)
    gross = tally.gross + new.gross - old.gross
    yield from _at_most("max_gross_notional", limits.max_gross_notional, gross, pardoned)
    if limits.max_net_notional is not None:
        net = tally.net_worst(old, new)
        yield from _at_most("max_net_notional", limits.max_net_notional, net, pardoned)
    yield from _of_equity(case, tally, limits, gross, old, new)
    if limits.max_correlated_notional is not None:
        together = _correlated(case, new)
        yield from _at_most(
            "max_correlated_notional", limits.max_correlated_notional, together, pardoned
        )


def _of_equity(
    case: Case, tally: Tally, limits: Limits, gross: Decimal, old: Part, new: Part
) -> Iterator[Check]:
    margin = tally.margin + new.margin - old.margin
    for rule, value in (
        ("max_leverage", gross),
        ("max_concentration", new.gross),
        ("max_margin", margin),
    ):
        limit: Decimal | None = getattr(limits, rule)
        if limit is None:
            continue
        equity = case.account.equity
        share = ratio(value, equity) if equity > 0 else Decimal("Infinity")
        yield Check(rule, plain(limit), plain(share), case.reduces or share <= limit)
    if limits.max_var is not None:
        risk = case.account.tail.var
        known = risk <= float(limits.max_var)  # NaN, unknown, is not
        yield Check("max_var", plain(limits.max_var), f"{risk:.6g}", case.reduces or known)


def _correlated(case: Case, new: Part) -> Decimal:
    """|own exposure + Σ ρ × others'|, in the account's currency: what moves with the order."""
    name = case.order.instrument
    total = new.net + new.up if case.more > 0 else new.net - new.down
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
