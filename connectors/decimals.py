"""Exact decimal strings → scaled integers, without a float on the way."""


def scaled(text: str, scale: int) -> int:
    """``"61800.20"`` at scale 1 → 618002. Raises ValueError on anything but a plain decimal, and
    on non-zero digits beyond the scale."""
    whole, point, fraction = text.partition(".")
    if point and len(fraction) > scale:
        if fraction[scale:].strip("0"):
            raise ValueError(f"{text!r} has more than {scale} decimals")
        fraction = fraction[:scale]
    if not text.isascii() or "_" in text or " " in text:
        raise ValueError(f"{text!r} is not a decimal")
    return int(whole + fraction.ljust(scale, "0"))


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
