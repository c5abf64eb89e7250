"""How the gate gets out of a position by itself: for a stop, a target, or an order to flatten.

What always holds:

- An exit goes on until its position is as small as it should be: what is refused or stays
  unfilled is sent again after a while, for as long as it takes; after each round that was refused
  the while is twice as long, for a market may be closed for days.
- It never takes more than its strategy holds, less what works on that side already.
- What one order may not take (``max_order_size``, ``max_order_notional``) goes in pieces.
"""

from decimal import ROUND_FLOOR

from schemas.enums import OrdType, Side, TimeInForce
from schemas.inbox import Signal
from streams.operators.risk.account import ONE, WHOLE, Account
from streams.operators.risk.cancels import cancelled
from streams.operators.risk.desk import client_order_id, submit
from streams.operators.risk.reports import Entries
from streams.operators.risk.signing import SigningKey
from streams.operators.risk.stops import Exit

PATIENCE_NS = 5 * 10**9  # for other orders to end before it is tried all the same
AGAIN_NS = 10**9  # to the next round
_DOUBLINGS = 6  # of that at the most, where rounds are refused
_PIECES = 50  # a round


def flatten(account: Account, name: str, instrument: str, reason: str, key: SigningKey) -> Entries:
    """Cancels what works, everywhere or at one instrument, and closes what is held."""
    made: Entries = []
    for order in account.orders_of(instrument):
        made += cancelled(account, order, reason, key)
    for strategy, held in account.lines:
        if strategy != WHOLE and instrument in ("", held):
            _begin(account, strategy, held, 0, "flatten")
    return made + work(account, name, key)


def leave(
    account: Account,
    name: str,
    strategy: str,
    instrument: str,
    to: int,
    why: str,
    key: SigningKey,
) -> Entries:
    """Makes a strategy's position smaller; where nothing is to be left, its orders go first."""
    made: Entries = []
    if not to:
        for order in account.orders_of(instrument, strategy):
            made += cancelled(account, order, why, key)
    _begin(account, strategy, instrument, to, why)
    return made + work(account, name, key)


def _begin(account: Account, strategy: str, instrument: str, to: int, why: str) -> None:
    position = account.lines[strategy, instrument].position
    if position:
        sign = 1 if position > 0 else -1
        account.exits[strategy, instrument] = Exit(why, sign, to, account.now_ns)


def work(account: Account, name: str, key: SigningKey) -> Entries:
    """Whatever happened: exits that are done end, and those that may go on do."""
    made: Entries = []
    for (strategy, instrument), exit_ in list(account.exits.items()):
        left = account.lines[strategy, instrument].position * exit_.sign - exit_.to
        if left <= 0:
            del account.exits[strategy, instrument]
        elif instrument in account.quotes and _may_go(account, exit_, strategy, instrument):
            made += _round(account, name, exit_, strategy, instrument, left, key)
    return made


def _may_go(account: Account, exit_: Exit, strategy: str, instrument: str) -> bool:
    waited = account.now_ns - exit_.since
    if exit_.sent:
        last = [account.orders.get(order_id) for order_id in exit_.sent]
        if any(order and not order.ended for order in last):
            return waited >= PATIENCE_NS
        return waited >= AGAIN_NS << min(max(exit_.refused - 1, 0), _DOUBLINGS)
    others = not exit_.to and account.orders_of(instrument, strategy)
    return not others or waited >= PATIENCE_NS


def _round(
    account: Account,
    name: str,
    exit_: Exit,
    strategy: str,
    instrument: str,
    left: int,
    key: SigningKey,
) -> Entries:
    """Orders for all that is left, until one is refused."""
    made: Entries = []
    exit_.since, exit_.sent = account.now_ns, []
    most = _most(account, strategy, instrument) or left
    while left > 0 and len(exit_.sent) < _PIECES:
        asked = _order(account, name, exit_, strategy, instrument, min(left, most))
        order_id = client_order_id(name, asked.signal_id)
        made += submit(account, asked, order_id, key, own=True)
        exit_.sent.append(order_id)
        if account.orders.get(order_id) is None:
            break
        left -= asked.size
    exit_.refused = exit_.refused + 1 if account.orders.get(exit_.sent[0]) is None else 0
    return made


def _most(account: Account, strategy: str, instrument: str) -> int:
    """Scaled size that the limits of a single order allow, in whole lots; 0: they do not say."""
    known, quote = account.instrument(instrument), account.quotes[instrument]
    rate = account.rate_of(known.contract.currency) or ONE
    worth = known.contract.exposure(ONE, max(quote.bid, quote.ask)) * rate
    sizes = []
    for _, given in account.limits.applying(account.scopes(strategy, instrument)):
        for bound in given:
            if bound.what == "max_order_size":
                sizes.append(bound.value)
            elif bound.what == "max_order_notional":
                sizes.append(bound.value / worth)
    if not sizes:
        return 0
    size = min(sizes)
    size -= size % known.lot if known.lot else 0
    scale = account.lines[strategy, instrument].scale
    return int(size.scaleb(scale).to_integral_value(ROUND_FLOOR))


def _order(
    account: Account, name: str, exit_: Exit, strategy: str, instrument: str, size: int
) -> Signal:
    quote = account.quotes[instrument]
    return Signal(
        account=name,
        strategy=strategy,
        signal_id=f"{exit_.why}-{strategy}-{instrument}-{exit_.since}-{len(exit_.sent)}",
        instrument=instrument,
        ts_event=account.now_ns,
        side=Side.SELL if exit_.sign > 0 else Side.BUY,
        ord_type=OrdType.MARKET,
        time_in_force=TimeInForce.IOC,
        price=0,
        size=size,
        price_scale=quote.told.price_scale,
        size_scale=account.lines[strategy, instrument].scale,
        target=None,
        probability=float("nan"),
        reason=exit_.why,
        reduce_only=True,
    )
