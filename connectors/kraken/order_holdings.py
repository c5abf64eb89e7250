"""Kraken's balances and ledger → what the venue says that we hold, and money that moves alone."""

from decimal import Decimal
from typing import Any

from connectors.kraken.endpoints import VENUE
from connectors.kraken.order_states import seconds_ns
from connectors.kraken.symbols import asset_of
from schemas.enums import CashKind
from schemas.inbox import CashFlow, VenueBalance

_KINDS = {
    "rollover": CashKind.BORROW,
    "staking": CashKind.DIVIDEND,
    "dividend": CashKind.DIVIDEND,
    "reward": CashKind.DIVIDEND,
    "earn": CashKind.DIVIDEND,
}
_BY_SIGN = ("deposit", "withdrawal", "transfer", "adjustment", "credit")
_WITHIN = (
    "allocation",
    "deallocation",
    "autoallocation",
    "spottofutures",
)  # of one owner's wallets


def balances(result: dict[str, Any], account: str, at: int) -> list[VenueBalance]:
    """Of Balance (text) or BalanceEx (with what orders hold); what is not held is left out."""
    totals: dict[str, tuple[Decimal, Decimal]] = {}
    for code, row in result.items():
        total, held = (row["balance"], row["hold_trade"]) if isinstance(row, dict) else (row, "0")
        asset = asset_of(code)
        before = totals.get(asset, (Decimal(0), Decimal(0)))
        totals[asset] = before[0] + Decimal(total), before[1] + Decimal(held)
    return [
        VenueBalance(account, at, VENUE, asset, total, total - held, "")
        for asset, (total, held) in totals.items()
        if total
    ]


def cash_flow(entry_id: str, row: dict[str, Any], account: str) -> CashFlow | None:
    """A ledger entry, its fee taken off. Trades tell their own; moves between wallets are none."""
    amount = Decimal(row["amount"]) - Decimal(row["fee"])
    kind = _KINDS.get(row["type"])
    if row["type"] in _BY_SIGN:
        kind = CashKind.DEPOSIT if amount > 0 else CashKind.WITHDRAWAL
    if kind is None or not amount or row.get("subtype") in _WITHIN:
        return None
    return CashFlow(
        account=account,
        instrument="",
        ts_event=seconds_ns(row["time"]),
        kind=kind,
        amount=amount,
        currency=asset_of(row["asset"]),
        flow_id=entry_id,
        text=f"{row['type']} {row['refid']}",
    )
