"""Exact decimal strings → scaled integers, without a float on the way."""

import json
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

_MOST_DIGITS = 40  # before or after the point: no venue has more
LIMIT = 2**63  # what a column of a frame holds


def exact_json(data: bytes) -> Any:
    """JSON whose fractions are ``Decimal``, for venues that write prices as numbers. Raises
    ValueError."""
    try:
        return json.loads(data, parse_float=Decimal, parse_constant=_no_number)
    except RecursionError as error:
        raise ValueError("JSON is nested too deep") from error


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is not a number")


def number_text(value: Any) -> str:
    """A number of ``exact_json``, or text of one, as a plain decimal: ``1.5E-5`` → ``0.000015``.
    Raises ValueError."""
    try:
        number = Decimal(value)
    except (ArithmeticError, TypeError) as error:
        raise ValueError(f"{value!r} is not a decimal") from error
    if not number.is_finite() or abs(number.adjusted()) > _MOST_DIGITS:
        raise ValueError(f"{value!r} is not a decimal that a venue would write")
    return f"{number:f}"


def scaled(text: str, scale: int) -> int:
    """``"61800.20"`` at scale 1 → 618002. Raises ValueError on anything but a plain decimal, and
    on non-zero digits beyond the scale, and on what 64 bits do not hold."""
    whole, _, fraction = text.removeprefix("-").partition(".")
    if not (whole + fraction).isdigit() or not text.isascii():
        raise ValueError(f"{text!r} is not a decimal")
    if len(fraction) > scale:
        if fraction[scale:].strip("0"):
            raise ValueError(f"{text!r} has more than {scale} decimals")
        fraction = fraction[:scale]
    value = int(whole + fraction.ljust(scale, "0") or "0")
    if value >= LIMIT:
        raise ValueError(f"{text!r} is too large with {scale} decimals")
    return -value if text[0] == "-" else value


def size(text: str, scale: int) -> int:
    """A scaled size. Raises ValueError also when it is negative."""
    value = scaled(text, scale)
    if value < 0:
        raise ValueError(f"size {text!r} is negative")
    return value


def price(text: str, scale: int) -> int:
    """A scaled price. Raises ValueError also when it is not positive."""
    value = scaled(text, scale)
    if value <= 0:
        raise ValueError(f"price {text!r} is not positive")
    return value


def rounded(value: Decimal | int | str, scale: int) -> int:
    """A number that may have more decimals than ``scale``, such as an average, half to even.
    Raises ArithmeticError on what is none."""
    whole = Decimal(value).scaleb(scale).to_integral_value(ROUND_HALF_EVEN)
    if not -LIMIT <= whole < LIMIT:
        raise ValueError(f"{value} does not fit 64 bits at scale {scale}")
    return int(whole)


def decimals_of(text: str) -> int:
    """How many decimal places a plain decimal needs: 2 for ``"1.2300"``."""
    return len(text.partition(".")[2].rstrip("0"))


def text_of(value: int, scale: int) -> str:
    """A scaled integer as venues write it: 618002 at scale 1 → ``"61800.2"``."""
    digits = str(abs(value)).rjust(scale + 1, "0")
    whole, fraction = (digits[:-scale], digits[-scale:].rstrip("0")) if scale else (digits, "")
    return ("-" if value < 0 else "") + whole + (f".{fraction}" if fraction else "")
