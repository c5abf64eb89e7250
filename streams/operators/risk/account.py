"""What the gate knows of one account: positions, orders, marks, and the sums of its scopes."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from schemas.enums import CashKind, Side, TradingState
from schemas.inbox import CashFlow, Mark, Signal
from streams.operators.execution.tca import CostFold
from streams.operators.risk import pnl, purse
from streams.operators.risk.breakers import Breaker
from streams.operators.risk.config import AccountConfig
from streams.operators.risk.currency import CurrencyConfig, Rates, UnknownRate
from streams.operators.risk.instruments import Instrument, Reference, assets_of, venue_of
from streams.operators.risk.limits import Bound, LimitTree
from streams.operators.risk.lines import Line
from streams.operators.risk.models import Models
from streams.operators.risk.money import ZERO, ratio, scaled, times
from streams.operators.risk.orders import Order, Orders, same_group
from streams.operators.risk.pnl import ProfitAndLoss
from streams.operators.risk.purse import Purses
from streams.operators.risk.quotes import Quote, quote_of
from streams.operators.risk.reconcile import Told
from streams.operators.risk.returns import ReturnWindow
from streams.operators.risk.stops import Exit, Guard
from streams.operators.risk.tail_watch import NO_RISK, Tail, tail_of
from streams.operators.risk.tallies import Tally, note

DAY_NS = 86_400 * 10**9
ONE = Decimal(1)
_MOVED = (CashKind.DEPOSIT, CashKind.WITHDRAWAL)
WHOLE = ""  # the account itself, as a strategy and as a scope


class Asked(NamedTuple):
    """A limit that an order is held to, the sums of its scope, and whether these are of the
    strategy alone."""

    bound: Bound
    tally: Tally
    own: bool


@dataclass(slots=True)
class Account:
    """All that may change what the account may do. Times are event times in ns: they never run
    backwards here. ``lines`` by (strategy, instrument); the strategy WHOLE is the account's own
    line, which all strategies share."""

    config: AccountConfig
    reference: Reference
    limits: LimitTree
    killed: bool = False
    now_ns: int = 0
    clock_ns: int = 0
    state_ns: int = 0
    day: int = -1
    flows: Decimal = ZERO
    carried: Decimal = ZERO  # of the flows, what is profit or loss and stands in the sums
    tail: Tail = NO_RISK
    rates: Rates = field(init=False)
    window: ReturnWindow | None = field(init=False)
    orders: Orders = field(default_factory=Orders)
    lines: dict[tuple[str, str], Line] = field(default_factory=dict)
    held_by: dict[str, list[str]] = field(default_factory=dict)  # instrument → strategies
    quotes: dict[str, Quote] = field(default_factory=dict)
    tallies: dict[str, Tally] = field(default_factory=lambda: {WHOLE: Tally()})
    breakers: dict[str, Breaker] = field(default_factory=dict)
    guards: dict[tuple[str, str], Guard] = field(default_factory=dict)
    exits: dict[tuple[str, str], Exit] = field(default_factory=dict)  # as ``lines``
    purses: dict[str, Purses] = field(default_factory=dict)  # by venue
    costs: CostFold = field(default_factory=CostFold)
    told: Told | None = None  # a reconciliation under way
    recent: deque[tuple[int, str]] = field(default_factory=deque)  # (time, likeness) of approvals
    trades: dict[str, int] = field(default_factory=dict)  # instrument → time of the last fill
    differences: dict[str, Decimal] = field(default_factory=dict)  # of positions, as told
    seen: dict[str, int] = field(default_factory=dict)  # ids of cash flows and commands taken
    unvalued: dict[tuple[str, str], int] = field(
        default_factory=dict
    )  # lines without a rate; since

    known: dict[str, Instrument] = field(default_factory=dict)  # made again when it is asked for
    found: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)  # … scopes likewise
    summed: dict[tuple[str, str], tuple[Tally, ...]] = field(default_factory=dict)
    bounds: dict[tuple[str, str], tuple[LimitTree, tuple[Asked, ...]]] = field(default_factory=dict)
    units: dict[str, tuple[Quote, Decimal, Decimal]] = field(default_factory=dict)  # … worth of one
    models: Models = field(default_factory=Models)  # … and so are these

    def __post_init__(self) -> None:
        self.rates = Rates(CurrencyConfig(self.config.currency))
        rule = self.config.var
        self.window = ReturnWindow(rule.period_ns, rule.length) if rule else None

    def advance(self, ts_event: int) -> None:
        """Time passes; a new day (UTC) starts afresh."""
        self.now_ns = max(self.now_ns, ts_event)
        day = self.now_ns // DAY_NS
        if day != self.day:
            self.day = day
            for tally in self.tallies.values():
                tally.day_start = tally.pnl

    @property
    def state(self) -> TradingState:
        """The strictest that any breaker asks for."""
        if not self.breakers:
            return TradingState.NORMAL
        states = [breaker.state for breaker in self.breakers.values()]
        for state in (TradingState.HALTED, TradingState.REDUCE_ONLY):
            if state in states:
                return state
        return TradingState.NORMAL

    def profits(self) -> tuple[Decimal, Decimal, Decimal]:
        """(realised, unrealised, fees) of all lines, in the account's currency; what has no rate
        is left out, and stands in ``unvalued``."""
        realised, unrealised, fees = ZERO, ZERO, ZERO
        for (strategy, name), line in self.lines.items():
            rate = self.rate_of(line.pnl.contract.currency)
            if strategy == WHOLE and rate is not None:
                mark = self.mark(name)
                realised += times(line.pnl.realised, rate)
                unrealised += times(line.pnl.unrealised(mark), rate) if mark else ZERO
                fees += times(line.pnl.held.fees, rate)
        return realised, unrealised, fees

    @property
    def equity(self) -> Decimal:
        """Capital, all P&L after fees, and cash flows, in the account's currency."""
        return self.config.capital + self.tallies[WHOLE].pnl + self.flows - self.carried

    def mark(self, instrument: str) -> Decimal:
        """Mid of the last mark; 0 before the first."""
        quote = self.quotes.get(instrument)
        return quote.mid if quote else ZERO

    def instrument(self, name: str) -> Instrument:
        known = self.known.get(name)
        if known is None:
            known = self.known[name] = self.reference.of(name)
        return known

    def rate_of(self, currency: str) -> Decimal | None:
        """What one unit of a currency (empty: the account's) is in the account's; None: unknown."""
        if currency in ("", self.config.currency):
            return ONE
        try:
            return self.rates.rate(currency, self.config.currency, self.now_ns)
        except UnknownRate:
            return self._coin(currency)

    def _coin(self, currency: str) -> Decimal | None:
        """A coin that is traded (a spot exchange takes the fee of a buy in it) is worth the fresh
        mark of an instrument that is for it alone."""
        for name in self.held_by:
            known, quote = self.instrument(name), self.quotes.get(name)
            contract = known.contract
            plain = contract.multiplier == 1 and not contract.inverse and known.option is None
            if quote is None or not plain or assets_of(name, contract.currency)[0] != currency:
                continue
            fresh = self.now_ns - quote.told.ts_event <= self.rates.config.max_age_ns
            if fresh and contract.currency in ("", self.config.currency):
                return quote.mid
        return None

    def scopes(self, strategy: str, instrument: str) -> tuple[str, ...]:
        """The keys of the scopes that an order falls into, the account itself apart."""
        found = self.found.get((strategy, instrument))
        if found is None:
            sector = self.instrument(instrument).sector
            keys = [f"venue.{venue_of(instrument)}", f"instrument.{instrument}"]
            keys += [f"sector.{sector}"] if sector else []
            keys += [f"strategy.{strategy}"] if strategy else []
            found = self.found[strategy, instrument] = tuple(keys)
        return found

    def sums(self, strategy: str, instrument: str) -> tuple[Tally, ...]:
        """Of the account and of the scopes that an order falls into."""
        found = self.summed.get((strategy, instrument))
        if found is None:
            keys = (WHOLE, *self.scopes(strategy, instrument))
            found = self.summed[strategy, instrument] = tuple(self.tally(key) for key in keys)
        return found

    def asked(self, strategy: str, instrument: str) -> tuple[Asked, ...]:
        """Every limit that an order must keep: of the account, then of each scope that it falls
        into."""
        limits, found = self.bounds.get((strategy, instrument), (None, ()))
        if limits is not self.limits:
            found = tuple(
                Asked(bound, self.tally(scope), scope.startswith("strategy."))
                for scope, given in self.limits.applying(self.scopes(strategy, instrument))
                for bound in given
            )
            self.bounds[strategy, instrument] = self.limits, found
        return found

    def tally(self, scope: str) -> Tally:
        found = self.tallies.get(scope)
        if found is None:
            found = self.tallies[scope] = Tally()
        return found

    def line(self, strategy: str, instrument: str, size_scale: int) -> Line:
        """The line, made where there is none. All of an instrument count in the finest decimals
        that were asked for: an order made by hand at a venue may have more than ours."""
        found = self.lines.get((strategy, instrument))
        if found is None:
            whole = self.lines.get((WHOLE, instrument))
            scale = max(size_scale, whole.scale) if whole else size_scale
            held = pnl.inventory(self.config.cost_basis, scale)
            found = Line(ProfitAndLoss(self.instrument(instrument).contract, held))
            self.lines[strategy, instrument] = found
            self.held_by.setdefault(instrument, []).append(strategy)
        if found.scale < size_scale:
            for name in self.held_by[instrument]:
                self.lines[name, instrument].widen(size_scale)
        return found

    def pair(self, strategy: str, instrument: str, size_scale: int) -> Iterator[tuple[str, Line]]:
        """(scope, line) of the account and of the strategy."""
        yield WHOLE, self.line(WHOLE, instrument, size_scale)
        yield f"strategy.{strategy}", self.line(strategy, instrument, size_scale)

    def unit(self, name: str) -> Decimal | None:
        """What one of an instrument is worth in the account's currency; None where the mark or the
        rate is unknown."""
        contract, quote = self.instrument(name).contract, self.quotes.get(name)
        rate = self.rate_of(contract.currency)
        if rate is None or quote is None:
            return None
        of, at, unit = self.units.get(name, (None, ZERO, ZERO))
        if of is not quote or at is not rate:
            unit = contract.exposure(ONE, quote.mid)
            unit = unit if rate is ONE else times(unit, rate)
            self.units[name] = (quote, rate, unit)
        return unit

    def _profit(self, line: Line, mark: Decimal) -> Decimal | None:
        """In the account's currency; None where a rate is unknown."""
        profit = ZERO
        for currency, amount in line.pnl.net(mark).items():
            rate = self.rate_of(currency)
            if rate is None:
                return None
            profit += amount if rate is ONE else times(amount, rate)
        return profit

    def revalue(self, strategy: str, name: str, traded: bool = True) -> None:
        """Brings the sums up to date with a line; where only orders changed, profit did not."""
        line = self.lines[strategy, name]
        if traded:
            self.models.held = None
        unit = self.unit(name)
        known = unit is not None and traded
        profit = self._profit(line, self.mark(name)) if known else line.part.pnl
        if unit is None or profit is None:
            if line.position or line.buying or line.selling:
                self.unvalued.setdefault((strategy, name), self.now_ns)
            return
        new = line.exposed(unit, self.instrument(name).margin)
        if traded:
            new = new._replace(pnl=profit)
            self.unvalued.pop((strategy, name), None)
        own = (self.tally(f"strategy.{strategy}"),) if strategy else self.sums(WHOLE, name)
        for tally in own:
            tally.swap(line.part, new)
        line.part = new

    def marked(self, mark: Mark) -> None:
        """A mark came: quotes, and every line of the instrument."""
        quote = quote_of(mark, self.quotes.get(mark.instrument))
        if quote is None:
            return
        self.quotes[mark.instrument] = quote
        self.models.held = None
        if pair := self.config.currencies.get(mark.instrument):
            base, _, of = pair.partition("/")
            self.rates.mark(base, of, quote.mid, mark.ts_event)
        if self.window and mark.instrument in self.held_by:
            self.window.add(mark.instrument, mark.ts_event, float(quote.mid))
        for strategy in self.held_by.get(mark.instrument, ()):
            self.revalue(strategy, mark.instrument)

    def measure(self) -> None:
        """Value at risk of what is held now."""
        if self.window and self.config.var:
            held = {
                name: float(line.part.net)
                for (strategy, name), line in self.lines.items()
                if strategy == WHOLE and line.position
            }
            self.tail = tail_of(self.window, held, self.config.var)

    def reserved(self, order: Order) -> int:
        """Scaled size that works: an order's own, or of a group on its side: all that open, for
        more than one may fill before the others are cancelled, and the largest of its exits."""
        if not order.asked.group:
            return order.leaves if order.works else 0
        works = [o for o in self.together(order.asked) if o.works]
        opening = sum(o.leaves for o in works if not o.shares)
        return opening + max((o.leaves for o in works if o.shares), default=0)

    def covers(self, asked: Signal) -> bool:
        """Whether its strategy holds all that an order would take away."""
        line = self.lines.get((asked.strategy, asked.instrument))
        held = line.pnl.quantity if line else ZERO
        size = scaled(asked.size, asked.size_scale)
        return size <= (held if asked.side is Side.SELL else -held)

    def together(self, asked: Signal) -> list[Order]:
        """The open orders of a signal's group on its side."""
        return [
            order
            for order in self.orders.at(asked.instrument)
            if same_group(order.asked, asked) and order.asked.side is asked.side
        ]

    def works(self, order: Order, more: int, revalue: bool = True) -> None:
        """An order's working size changed by ``more`` (scaled, positive: it may trade more)."""
        asked = order.asked
        for strategy in (WHOLE, asked.strategy):
            line = self.line(strategy, asked.instrument, asked.size_scale)
            if order.sign > 0:
                line.buying += line.units(more, asked.size_scale)
            else:
                line.selling += line.units(more, asked.size_scale)
            if revalue:
                self.revalue(strategy, asked.instrument, traded=False)

    def counts(self, order: Order, more: int) -> None:
        """An order began (1) or ceased (-1) to be open."""
        for tally in self.sums(order.asked.strategy, order.asked.instrument):
            tally.open_orders += more

    def message(self, strategy: str, instrument: str, approved: bool = False) -> None:
        """A message goes to the venue; ``approved``: a new order."""
        for tally in self.sums(strategy, instrument):
            note(tally.messages_ns, self.now_ns)
            if approved:
                note(tally.approved_ns, self.now_ns)

    def flow(self, flow: CashFlow) -> bool:
        """Takes a cash flow once; False when it came before."""
        if flow.flow_id in self.seen:
            return False
        rate = self.rate_of(flow.currency)
        assert rate is not None
        self.remember(flow.flow_id)
        amount = times(flow.amount, rate)
        self.flows += amount
        if flow.kind not in _MOVED:
            self._carry(flow.instrument, amount)
        purse.flowed(self.purses, flow, self.config.currency)
        return True

    def _carry(self, instrument: str, amount: Decimal) -> None:
        """What holding brought or cost is profit or loss: of the account, of the scopes of its
        instrument, and of the strategies that hold it, each for what it holds."""
        self.carried += amount
        if not instrument:
            self.tally(WHOLE).earn(amount)
            return
        for tally in self.sums(WHOLE, instrument):
            tally.earn(amount)
        whole = self.lines.get((WHOLE, instrument))
        for strategy in self.held_by.get(instrument, ()):
            if strategy != WHOLE and whole and whole.position:
                held = ratio(self.lines[strategy, instrument].pnl.quantity, whole.pnl.quantity)
                self.tally(f"strategy.{strategy}").earn(times(amount, held))

    def traded_ns(self, instrument: str) -> int:
        """When the account last traded it; 0: never."""
        return self.trades.get(instrument, 0)

    def remember(self, name: str) -> None:
        """So that the same flow or command is taken once; the oldest is forgotten after 10,000."""
        self.seen[name] = self.now_ns
        while len(self.seen) > 10_000:
            del self.seen[next(iter(self.seen))]

    def orders_of(self, instrument: str = "", strategy: str = "") -> list[Order]:
        """Open orders, held ones too, of an instrument and a strategy where they are named."""
        found = self.orders.at(instrument) if instrument else self.orders.open.values()
        return [order for order in found if strategy in ("", order.asked.strategy)]
