"""128-bit integers as (hi, lo) pairs, for sums of price × size that outgrow 64 bits.

One bitcoin at eight and eight decimals is already 6e20, so notional needs them.
"""

from numba import uint64

from streams.kernels import inlined

_LOW = uint64(0xFFFFFFFF)


@inlined
def multiply(price, size):  # type: ignore[no-untyped-def]
    """price × size (size ≥ 0) as (int64 hi, uint64 lo), two's complement."""
    a, b = uint64(abs(price)), uint64(size)
    a0, a1, b0, b1 = a & _LOW, a >> uint64(32), b & _LOW, b >> uint64(32)
    low, mid0, mid1, high = a0 * b0, a1 * b0, a0 * b1, a1 * b1
    mid = (low >> uint64(32)) + (mid0 & _LOW) + (mid1 & _LOW)
    lo = (low & _LOW) | (mid << uint64(32))
    hi = high + (mid0 >> uint64(32)) + (mid1 >> uint64(32)) + (mid >> uint64(32))
    if price < 0:
        lo = ~lo + uint64(1)
        hi = ~hi + (uint64(1) if lo == uint64(0) else uint64(0))
    return hi, lo


@inlined
def add(hi, lo, other_hi, other_lo):  # type: ignore[no-untyped-def]
    """(hi, lo) + (other_hi, other_lo), modulo 2**128, all uint64."""
    total = lo + other_lo
    carry = uint64(1) if total < lo else uint64(0)
    return hi + other_hi + carry, total


def join(hi: int, lo: int) -> int:
    """The Python integer of a pair as it stands in a frame (hi signed, lo unsigned)."""
    return (int(hi) << 64) + int(lo)
