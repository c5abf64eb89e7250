"""Exact decimal strings → scaled integers, without a float on the way."""


def scaled(text: str, scale: int) -> int:
    """``"61800.20"`` at scale 1 → 618002. Raises ValueError on anything but a plain decimal, and
    on non-zero digits beyond the scale."""
    whole, _, fraction = text.removeprefix("-").partition(".")
    if not (whole + fraction).isdigit() or not text.isascii():
        raise ValueError(f"{text!r} is not a decimal")
    if len(fraction) > scale:
        if fraction[scale:].strip("0"):
            raise ValueError(f"{text!r} has more than {scale} decimals")
        fraction = fraction[:scale]
    value = int(whole + fraction.ljust(scale, "0") or "0")
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
