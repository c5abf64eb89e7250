"""Random numbers that are a function of (seed, counter): the same on every run and every machine.

The nth number is splitmix64's nth (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number
Generators", 2014), computed without the ones before it. So a scenario does not change when more
are asked for, and no state is kept between calls.
"""

from numba import uint64

from streams.kernels import inlined
from streams.operators.risk.normal import quantile


@inlined
def bits(seed, counter):  # type: ignore[no-untyped-def]
    z = uint64(seed) + (uint64(counter) + uint64(1)) * uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> uint64(30))) * uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> uint64(27))) * uint64(0x94D049BB133111EB)
    return z ^ (z >> uint64(31))


@inlined
def uniform(seed, counter):  # type: ignore[no-untyped-def]
    """Strictly between 0 and 1, 52 bits: the middle of one of 2**52 equal parts."""
    return (float(bits(seed, counter) >> uint64(12)) + 0.5) / 4503599627370496.0


@inlined
def normal(seed, counter):  # type: ignore[no-untyped-def]
    """Mean 0, variance 1, by inversion."""
    return quantile(uniform(seed, counter))
