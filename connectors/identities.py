"""Ids of trades, for vendors whose ids are unique only within an exchange, or are no numbers.

The log has a trade's id as one integer: the exchange's code in the upper bits, the vendor's number
in the lower 50. What does not fit, such as a UUID, becomes 63 bits of its BLAKE2b hash.
"""

from hashlib import blake2b

_BITS = 50


def trade_identity(exchange: int, number: int | str) -> int:
    """The same for the same trade, always; ``exchange`` is 0 where there is none."""
    text = str(number)
    if text.isascii() and text.isdecimal() and int(text) < 1 << _BITS and 0 <= exchange < 1 << 13:
        return exchange << _BITS | int(text)
    return int.from_bytes(blake2b(f"{exchange}/{text}".encode(), digest_size=8).digest()) >> 1


def trade_number(text: str) -> int:
    """A number stays; another id (a UUID) becomes a stable hash of 63 bits, an empty one 0."""
    if not text:
        return 0
    if text.isascii() and text.isdigit() and len(text) < 20 and int(text) < 2**63:
        return int(text)
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") >> 1
