"""Money: exact decimals with 18 places, as the ledger and ClickHouse hold them."""

from decimal import ROUND_HALF_EVEN, Context, Decimal

PLACES = Decimal(1).scaleb(-18)
# Python's own context rounds to 28 digits, which 18 places and eleven before them exceed.
EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)
ZERO = Decimal(0)


def scaled(value: int, scale: int) -> Decimal:
    """integer / 10**scale, exact."""
    return Decimal(value).scaleb(-scale, EXACT) if scale else Decimal(value)


def rounded(value: Decimal) -> Decimal:
    """Half-even to 18 places, as records hold money."""
    return EXACT.quantize(value, PLACES)


def times(a: Decimal, b: Decimal) -> Decimal:
    """a × b, rounded half-even to 18 places where it has more."""
    return EXACT.quantize(EXACT.multiply(a, b), PLACES)


def ratio(a: Decimal, b: Decimal) -> Decimal:
    """a / b, rounded half-even to 18 places."""
    return EXACT.quantize(EXACT.divide(a, b), PLACES)


def plain(value: Decimal) -> str:
    """Without exponent and trailing zeros, for people and for the ledger."""
    text = str(value)
    if "E" in text:
        text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
