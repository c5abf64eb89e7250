"""Our money and coins beside the venue's: each kind of difference, and what is no difference."""

from decimal import Decimal
from typing import Any

import pytest

from schemas.enums import CashKind, ExecType, Holds, Side
from schemas.inbox import BreakerReset, CashFlow, Reconciliation, VenueBalance, VenuePosition
from schemas.ledger import Discrepancy
from streams.operators.risk.contracts import Contract
from streams.operators.risk.instruments import Instrument, assets_of
from tests.risk.desk import Desk, of

BATCHES = iter(range(1000))
BTC = "X:BTC/USD"


def look(
    desk: Desk,
    money: dict[str, str],
    holds: Holds = Holds.ASSETS,
    late: bool = False,
    positions: dict[str, int] | None = None,
) -> list[Discrepancy]:
    """One reconciliation; the venue knows nothing of the last second where it is ``late``."""
    batch = f"b{next(BATCHES)}"
    desk.now += 2.0 if not late else 0.001
    cutoff = desk.ts - 10**9
    desk.send(Reconciliation("a", desk.ts, "X", batch, False, cutoff, holds))
    for name, size in (positions or {}).items():
        desk.send(VenuePosition("a", name, desk.ts, size, 0, Decimal(100), batch))
    for name, total in money.items():
        amount = Decimal(total)
        desk.send(VenueBalance("a", desk.ts, "X", name, amount, amount, batch))
    made = desk.send(Reconciliation("a", desk.ts, "X", batch, True, cutoff, holds))
    return [d for d in of(made, Discrepancy) if d.kind in ("BALANCE", "POSITION")]


def twice(desk: Desk, money: dict[str, str], **more: Any) -> list[Discrepancy]:
    """A difference counts when it is there for the second time."""
    assert look(desk, money, **more) == []
    return look(desk, money, **more)


def trade(desk: Desk, size: int, price: float = 100.0, name: str = BTC, **more: Any) -> Any:
    side = Side.BUY if size > 0 else Side.SELL
    order = desk.order(abs(size), side, instrument=name)
    desk.report(order, ExecType.TRADE, abs(size), price, **more)
    return order


def begun(money: dict[str, str] | None = None, holds: Holds = Holds.ASSETS, **kind: Any) -> Desk:
    """A desk that may trade, and has seen what lies at the venue."""
    desk = Desk(**kind)
    desk.mark(instrument=BTC)
    assert look(desk, money or {"USD": "1000", "BTC": "3"}, holds) == []
    return desk


def test_what_trades_and_fees_move_is_no_difference() -> None:
    desk = begun(currency="USD", currencies={BTC: "BTC/USD"})
    trade(desk, 5, fee=Decimal("0.5"))
    trade(desk, -2, 110.0, fee=Decimal("0.25"), fee_currency="USD")
    trade(desk, 1, 100.0, fee=Decimal("0.001"), fee_currency="BTC")
    assert twice(desk, {"USD": "619.25", "BTC": "6.999"}) == []


def test_money_that_differs_is_taken_over_once() -> None:
    desk = begun()
    trade(desk, 1)
    (found,) = twice(desk, {"USD": "1400", "BTC": "4"})
    assert (found.kind, found.subject, found.ours, found.venues) == (
        "BALANCE",
        "USD",
        "900",
        "1400",
    )
    assert (found.resolved, found.resolution) == (True, "taken over")
    assert twice(desk, {"USD": "1400", "BTC": "4"}) == []
    trade(desk, 1)
    assert twice(desk, {"USD": "1300", "BTC": "5"}) == []
    assert desk.ask(1, instrument=BTC).approved


def test_a_coin_that_we_hold_and_that_differs_stops_opening_orders_until_a_person_looked() -> None:
    desk = begun()
    trade(desk, 2)
    money = {"USD": "800", "BTC": "4"}  # one is missing
    (found,) = twice(desk, money)
    assert (found.subject, found.ours, found.venues, found.resolved) == ("BTC", "5", "4", False)
    assert desk.ask(1, instrument=BTC).rule == "trading_state"
    assert twice(desk, money) == [], "it was told"
    desk.send(BreakerReset("a", desk.ts, "", "me", "looked"))
    trade(desk, 1)
    assert twice(desk, {"USD": "700", "BTC": "5"}) == [], "the same difference, and looked at"
    (again,) = twice(desk, {"USD": "700", "BTC": "2"})
    assert again.venues == "2"


def test_a_difference_that_goes_away_was_under_way() -> None:
    desk = begun()
    trade(desk, 1)
    assert look(desk, {"USD": "1000", "BTC": "3"}) == []
    assert twice(desk, {"USD": "900", "BTC": "4"}) == []
    assert look(desk, {"USD": "1000", "BTC": "3"}) == [], "seen anew"


def test_what_moved_after_the_cutoff_is_not_compared() -> None:
    desk = begun()
    trade(desk, 1)
    for _ in range(3):
        assert look(desk, {"USD": "1000", "BTC": "3"}, late=True) == []
    assert twice(desk, {"USD": "900", "BTC": "4"}) == []


def test_nothing_begins_while_a_fill_is_under_way() -> None:
    desk = Desk()
    desk.mark(instrument=BTC)
    trade(desk, 1)
    assert look(desk, {"USD": "1000", "BTC": "3"}, late=True) == []
    assert look(desk, {"USD": "900", "BTC": "4"}) == []
    trade(desk, 1)
    assert twice(desk, {"USD": "800", "BTC": "5"}) == []


def test_a_venue_that_has_less_than_our_position_is_told_and_one_that_has_more_is_not() -> None:
    for there, told in (("2", 1), ("5", 0), ("9", 0)):
        desk = Desk()
        desk.mark(instrument=BTC)
        trade(desk, 5)
        assert look(desk, {"USD": "1", "BTC": there}) == []
        assert len(twice(desk, {"USD": "1", "BTC": there})) == told


def test_a_coin_that_was_never_there_begins_at_nothing_and_one_sold_out_is_not_listed() -> None:
    desk = begun({"USD": "1000"})
    trade(desk, 4)
    assert twice(desk, {"USD": "600", "BTC": "4"}) == []
    trade(desk, -4)
    assert twice(desk, {"USD": "1000"}) == []


def test_rounding_is_taken_over_in_silence() -> None:
    desk = begun()
    trade(desk, 5, fee=Decimal("0.12345"))
    assert twice(desk, {"USD": "499.8765", "BTC": "8"}) == []
    trade(desk, -8)
    assert twice(desk, {"USD": "1299.8764", "BTC": "0.00000001"}) == []


def test_a_spot_exchange_without_positions_does_not_lack_ours() -> None:
    desk = begun()
    trade(desk, 5)
    assert twice(desk, {"USD": "500", "BTC": "8"}) == []
    assert desk.ask(1, instrument=BTC).approved


def test_cash_pays_for_positions_and_the_positions_are_compared_themselves() -> None:
    desk = Desk()
    desk.mark(instrument="X:AAPL")
    assert look(desk, {"USD": "1000"}, Holds.CASH) == []
    trade(desk, 3, name="X:AAPL", fee=Decimal(1))
    held = {"X:AAPL": 3}
    assert twice(desk, {"USD": "699"}, holds=Holds.CASH, positions=held) == []
    found = look(desk, {"USD": "699"}, Holds.CASH, positions={"X:AAPL": 2})
    assert [d.kind for d in found] == ["POSITION"]


@pytest.mark.parametrize("name", ["X:BTCUSDT", "X:BTC-PERP"])
def test_a_wallet_is_moved_by_profit_alone(name: str) -> None:
    perpetual = Instrument(Contract("USDT", Decimal(2)))
    desk = Desk(reference={"X:*": perpetual}, currency="USDT")
    desk.mark(instrument=name)
    assert look(desk, {"USDT": "1000", "BNB": "7"}, Holds.WALLET) == []
    trade(desk, 3, 100.0, name)
    trade(desk, -1, 110.0, name, fee=Decimal("0.5"), fee_currency="BNB")
    money = {"USDT": "1020", "BNB": "6.5"}
    assert twice(desk, money, holds=Holds.WALLET, positions={name: 2}) == []


def flow(desk: Desk, amount: str, currency: str, name: str) -> CashFlow:
    money = Decimal(amount)
    return CashFlow("a", "", desk.ts, CashKind.DEPOSIT, money, currency, name, "")


def test_a_deposit_that_is_told_is_no_difference_and_counts_once() -> None:
    desk = begun(currency="USD")
    for _ in range(2):
        desk.send(flow(desk, "250", "USD", "d1"))
        desk.send(flow(desk, "-50", "", "d2"))
    assert twice(desk, {"USD": "1200", "BTC": "3"}) == []


def test_a_fill_that_is_taken_back_moves_back() -> None:
    desk = begun()
    order = trade(desk, 5, exec_id="venue-1")
    desk.report(order, ExecType.TRADE_CANCEL, 0, 0.0, exec_id="c1", ref_exec_id="venue-1")
    assert twice(desk, {"USD": "1000", "BTC": "3"}) == []


def test_a_venue_that_does_not_say_what_its_balances_are_is_not_compared() -> None:
    desk = Desk()
    assert look(desk, {"USD": "1"}, Holds.UNKNOWN) == []
    assert twice(desk, {"USD": "2"}, holds=Holds.UNKNOWN) == []


@pytest.mark.parametrize(
    ("name", "currency", "known", "found"),
    [
        ("X:BTC/USD", "", (), ("BTC", "USD")),
        ("X:XBT/EUR", "", (), ("BTC", "EUR")),
        ("X:BTC-BRL", "BRL", (), ("BTC", "BRL")),
        ("X:BTCUSDT", "USDT", (), ("BTC", "USDT")),
        ("X:BTCUSDT", "", ("T", "USDT", "BTC"), ("BTC", "USDT")),
        ("X:AAPL", "USD", (), ("", "USD")),
        ("X:AAPL", "", (), ("", "")),
    ],
)
def test_an_instruments_name_tells_its_two_sides(
    name: str, currency: str, known: tuple[str, ...], found: tuple[str, str]
) -> None:
    assert assets_of(name, currency, known) == found


def test_a_difference_is_told_with_its_reconciliation() -> None:
    desk = begun()
    (found,) = twice(desk, {"USD": "1", "BTC": "3"})
    assert found.batch.startswith("b")
    assert found.account == "a"
