"""What must be so whatever the limits are: the desk's state, the market's, the instrument's rules.

``before`` has to be right before there is anything to calculate with; it needs no ``Case``.
"""

from schemas.enums import MarketState, OrdType, TimeInForce, TradingState
from schemas.inbox import Signal
from streams.operators.risk.account import Account
from streams.operators.risk.checks.case import STOPS, Case
from streams.operators.risk.checks.check import Check
from streams.operators.risk.instruments import BASKET, is_open, venue_of
from streams.operators.risk.money import ZERO, plain, scaled
from streams.operators.risk.orders import at_scale

_RESTS = (TimeInForce.GTC, TimeInForce.DAY, TimeInForce.GTD)
_IN_AUCTION = (TimeInForce.OPG, TimeInForce.CLS)


def before(account: Account, order: Signal, order_id: str, change: bool) -> list[Check]:
    """What comes after one that fails means nothing."""
    known = account.orders.get(order_id) is not None and not change
    size = plain(scaled(order.size, order.size_scale))
    wanted = plain(scaled(order.target, order.size_scale)) if order.target else "0"
    marked = order.instrument in account.quotes
    killed = "engaged" if account.killed else "released"
    return [
        ("kill_switch", "released", killed, not account.killed),
        ("duplicate_order", "a new signal", order_id if known else "new", not known),
        ("nothing_to_do", wanted, size, order.size > 0),
        ("no_mark", "a mark of the instrument", order.instrument, marked),
    ]


def conditions(case: Case) -> list[Check]:
    """Of the desk, then of the instrument."""
    account, order = case.account, case.order
    made: list[Check] = []
    if case.reduces:  # says to an auditor why a check below may be beyond its limit
        made.append(("reduces", "limits on exposure and losses stand back", "reduces", True))
    state = account.state
    allowed = state is TradingState.NORMAL or (state is TradingState.REDUCE_ONLY and case.reduces)
    made.append(("trading_state", "NORMAL", state, allowed))
    known = account.rate_of(case.instrument.contract.currency) is not None
    known = known and (not account.unvalued or case.reduces)
    made.append(("currency_rate", "known", "known" if known else "unknown", known))
    if order.reduce_only:
        does = "reduces" if case.reduces else "opens"
        made.append(("reduce_only", "reduces", does, case.reduces))
    if order.parent:
        made.append(_of_the_parent(case))
    crossing = _crossing(case)
    made.append(("self_trade", "none", crossing or "none", not crossing))
    made.append(_market_state(case))
    return made + _rules_of(case)


def _of_the_parent(case: Case) -> Check:
    """A slice takes no more than its parent had left before it was handed over; a change takes
    nothing more."""
    order, parent, left = case.order, case.account.orders.of_signal(case.order.parent), ZERO
    if case.change:
        left = case.size - scaled(abs(case.more), case.whole.line.scale)
    elif parent and parent.works and _slices(parent.asked, order):
        places = parent.asked.size_scale - order.size_scale
        others = parent.cum + parent.given - at_scale(order.size, places)
        left = scaled(max(parent.asked.size - others, 0), parent.asked.size_scale)
    return "parent_size", plain(left), plain(case.size), case.size <= left


def _slices(parent: Signal, order: Signal) -> bool:
    """Whether an order may be a slice of another: an algorithm works that one, for the same
    strategy, on the same side, and at the same instrument, or a basket's members."""
    instrument = parent.instrument
    here = instrument == order.instrument or venue_of(instrument) == BASKET
    alike = parent.strategy == order.strategy and parent.side is order.side
    return bool(parent.algo) and here and alike


def _crossing(case: Case) -> str:
    """An open order of the account's that this one would trade with."""
    order = case.order
    if order.ord_type in STOPS:
        return ""
    for other in case.account.orders.at(order.instrument):
        asked = other.asked
        rests = asked.ord_type is OrdType.LIMIT and asked.time_in_force in _RESTS and other.works
        if asked.side is order.side or not rests:
            continue
        if order.ord_type is OrdType.MARKET or case.sign * (case.price - other.price) >= 0:
            return other.cl_ord_id
    return ""


def _market_state(case: Case) -> Check:
    """Auctions take limit orders, and what is meant for them."""
    state = case.quote.state
    auction = state is MarketState.AUCTION and case.order.ord_type is OrdType.LIMIT
    fine = state is MarketState.TRADING or auction or _waits(case)
    return "market_state", "TRADING", state, fine


def _waits(case: Case) -> bool:
    """For an auction; there need be no market yet, but one must be known."""
    meant = case.order.time_in_force in _IN_AUCTION
    return meant and case.quote.state is not MarketState.DARK


def _rules_of(case: Case) -> list[Check]:
    known, order = case.instrument, case.order
    made: list[Check] = []
    if known.restricted:
        made.append(("restricted", "reduces only", "opens", case.reduces))
    if len(known.hours.opens):
        inside = _waits(case) or is_open(known.hours, case.account.now_ns)
        made.append(("trading_hours", "in session", "in session" if inside else "closed", inside))
    if known.tick:
        price = case.price if order.ord_type is not OrdType.MARKET else ZERO
        made.append(("tick_size", plain(known.tick), plain(price), not price % known.tick))
    if known.lot:
        made.append(("lot_size", plain(known.lot), plain(case.size), not case.size % known.lot))
    if known.min_notional:
        notional = case.size * case.price * known.contract.multiplier
        enough = notional >= known.min_notional or case.reduces
        made.append(("min_notional", plain(known.min_notional), plain(notional), enough))
    if not known.shortable:
        short = scaled(case.whole.line.shortest(case.more), case.whole.line.scale)
        made.append(("short_sale", "0", plain(short), not short or case.reduces))
    return made
