"""What Binance says that an account holds, and the money that moves without a trade."""

from decimal import Decimal
from typing import Any

from connectors.binance.trading_markets import TradingMarket
from connectors.decimals import decimals_of, scaled
from connectors.trading.tracker import Tracker
from schemas.enums import CashKind
from schemas.inbox import CashFlow, VenueBalance, VenuePosition

_MS = 10**6


def balances(data: Any, market: TradingMarket, account: str, at: int) -> list[VenueBalance]:
    """Of spot's account, or of USD-M's wallets; assets that are not held are left out."""
    if market.futures:
        rows = [(r["asset"], r["balance"], r["availableBalance"]) for r in data]
    else:
        rows = [
            (r["asset"], str(Decimal(r["free"]) + Decimal(r["locked"])), r["free"])
            for r in data["balances"]
        ]
    return [
        VenueBalance(account, at, market.venue, asset, Decimal(total), Decimal(free), "")
        for asset, total, free in rows
        if Decimal(total)
    ]


def position(
    row: dict[str, Any], market: TradingMarket, tracker: Tracker, at: int
) -> VenuePosition:
    instrument, amount = f"{market.venue}:{row['symbol']}", row["positionAmt"]
    scale = max(tracker.scale_of(instrument), decimals_of(amount))
    quantity, price = scaled(amount, scale), Decimal(row["entryPrice"])
    return VenuePosition(tracker.account, instrument, at, quantity, scale, price, "")


def cash_flow(row: dict[str, Any], market: TradingMarket, account: str) -> CashFlow | None:
    """A row of USD-M's income. Commissions and profits are in the trades already."""
    amount = Decimal(row["income"])
    transfer = CashKind.DEPOSIT if amount > 0 else CashKind.WITHDRAWAL
    kinds = {"FUNDING_FEE": CashKind.FUNDING, "INSURANCE_CLEAR": CashKind.FEE, "TRANSFER": transfer}
    kind = kinds.get(row["incomeType"])
    if kind is None or not amount:
        return None
    return CashFlow(
        account=account,
        instrument=f"{market.venue}:{row['symbol']}" if row.get("symbol") else "",
        ts_event=int(row["time"]) * _MS,
        kind=kind,
        amount=amount,
        currency=row["asset"],
        flow_id=f"{row['incomeType']}:{row['tranId']}",
        text=row.get("info") or row["incomeType"],
    )
