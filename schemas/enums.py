"""The words of the enumerations in the schemas, named after FIX where FIX has them."""

from enum import StrEnum


class Side(StrEnum):
    BUY = "BUY"
    SELL = "SELL"


class OrdType(StrEnum):
    MARKET = "MARKET"
    LIMIT = "LIMIT"
    STOP = "STOP"
    STOP_LIMIT = "STOP_LIMIT"
    TRAILING_STOP = "TRAILING_STOP"


class TimeInForce(StrEnum):
    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"
    DAY = "DAY"
    GTD = "GTD"
    OPG = "OPG"
    CLS = "CLS"


class OrderAction(StrEnum):
    NEW = "NEW"
    CANCEL = "CANCEL"
    REPLACE = "REPLACE"


class ExecType(StrEnum):
    PENDING_NEW = "PENDING_NEW"
    NEW = "NEW"
    TRADE = "TRADE"
    CANCELED = "CANCELED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    REPLACED = "REPLACED"
    TRIGGERED = "TRIGGERED"
    CANCEL_REJECTED = "CANCEL_REJECTED"
    REPLACE_REJECTED = "REPLACE_REJECTED"
    TRADE_CORRECT = "TRADE_CORRECT"
    TRADE_CANCEL = "TRADE_CANCEL"
    DONE_FOR_DAY = "DONE_FOR_DAY"
    SUSPENDED = "SUSPENDED"
    STATUS = "STATUS"


class Liquidity(StrEnum):
    NONE = "NONE"
    MAKER = "MAKER"
    TAKER = "TAKER"


class StatusKind(StrEnum):
    CONNECTED = "CONNECTED"
    DISCONNECTED = "DISCONNECTED"
    GAP = "GAP"
    RESYNCED = "RESYNCED"
    STALE = "STALE"
    CROSSED = "CROSSED"
    LOCKED = "LOCKED"
    CHECKSUM = "CHECKSUM"
    UNKNOWN_ORDER = "UNKNOWN_ORDER"
    TRADING = "TRADING"
    AUCTION = "AUCTION"
    HALTED = "HALTED"
    CLOSED = "CLOSED"


class DisclosedAction(StrEnum):
    """What somebody did to a position: opened it, enlarged it, made it smaller, ended it."""

    NEW = "NEW"
    INCREASED = "INCREASED"
    REDUCED = "REDUCED"
    SOLD = "SOLD"


class TradeNoticeKind(StrEnum):
    CORRECTED = "CORRECTED"
    CANCELED = "CANCELED"
    OFF_MARKET = "OFF_MARKET"


class OrdStatus(StrEnum):
    """FIX 39. HELD is ours: not sent yet, waiting for its parent or its trigger."""

    HELD = "HELD"
    PENDING_NEW = "PENDING_NEW"
    NEW = "NEW"
    PARTIALLY_FILLED = "PARTIALLY_FILLED"
    FILLED = "FILLED"
    PENDING_CANCEL = "PENDING_CANCEL"
    CANCELED = "CANCELED"
    PENDING_REPLACE = "PENDING_REPLACE"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    SUSPENDED = "SUSPENDED"
    DONE_FOR_DAY = "DONE_FOR_DAY"


class CommandAction(StrEnum):
    CANCEL = "CANCEL"
    REPLACE = "REPLACE"
    CANCEL_ALL = "CANCEL_ALL"
    FLATTEN = "FLATTEN"


class CashKind(StrEnum):
    FUNDING = "FUNDING"
    BORROW = "BORROW"
    DIVIDEND = "DIVIDEND"
    FEE = "FEE"
    DEPOSIT = "DEPOSIT"
    WITHDRAWAL = "WITHDRAWAL"


class DiscrepancyKind(StrEnum):
    UNKNOWN_ORDER = "UNKNOWN_ORDER"
    MISSING_ORDER = "MISSING_ORDER"
    MISSED_FILL = "MISSED_FILL"
    ORDER_STATE = "ORDER_STATE"
    POSITION = "POSITION"
    BALANCE = "BALANCE"


class TradingState(StrEnum):
    """What the circuit breakers of an account allow."""

    NORMAL = "NORMAL"
    REDUCE_ONLY = "REDUCE_ONLY"
    HALTED = "HALTED"


class Holds(StrEnum):
    """What a venue tells of what an account has. UNKNOWN: not said, so it is not compared. ASSETS:
    a spot exchange's balances, of which a trade moves both sides. CASH: money, which pays for
    positions whole. WALLET: money that only profit, fees and funding move."""

    UNKNOWN = "UNKNOWN"
    ASSETS = "ASSETS"
    CASH = "CASH"
    WALLET = "WALLET"


class MarketState(StrEnum):
    """Whether an instrument trades. DARK: no book to judge by, after a gap or a disconnect."""

    TRADING = "TRADING"
    AUCTION = "AUCTION"
    HALTED = "HALTED"
    CLOSED = "CLOSED"
    DARK = "DARK"


class ModelRole(StrEnum):
    """What a version of a model does in its slot."""

    PRODUCTION = "PRODUCTION"
    SHADOW = "SHADOW"
    CHALLENGER = "CHALLENGER"


class ModelCondition(StrEnum):
    ACTIVE = "ACTIVE"
    FAILED = "FAILED"
    RECOVERED = "RECOVERED"
