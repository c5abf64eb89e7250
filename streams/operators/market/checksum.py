"""The checksums that venues send with their books, computed from the rebuilt one.

- Kraken (WebSocket API v1 and v2, "Book checksum"): CRC32 of the ten best asks, then the ten best
  bids, each price and size as its digits without the point and without leading zeros. That is the
  scaled integer itself where the scales are the venue's own decimals.
- OKX (API v5, "Checksum"): CRC32 of ``bid:size:ask:size:…`` over the 25 best levels, the sides in
  turn, each number as the venue writes it: a decimal without trailing zeros. A side that is
  shorter is left out where it ends.

- Bitfinex (WebSocket v2, "WebSocket Checksum"): as OKX, with the sizes of asks negative, and
  numbers as JavaScript writes them: below a millionth with an exponent.

CRC32 is that of zlib (polynomial 0xEDB88320), in a kernel because the book lies there.
"""

import numpy as np
from numba import uint32

from schemas.frames import BITFINEX_CRC32, KRAKEN_CRC32, OKX_CRC32
from streams.kernels import kernel
from streams.operators.market.book import ASK, BID
from streams.operators.market.levels import below, best_place, price_at, size_at

KRAKEN_LEVELS, IN_TURN_LEVELS = 10, 25
_COLON, _MINUS, _POINT, _ZERO, _EXPONENT = 58, 45, 46, 48, 101
_MILLIONTH = 6  # decimals; what is smaller JavaScript writes as 1.2e-7


def _table() -> np.ndarray:
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, (table >> 1) ^ np.uint32(0xEDB88320), table >> 1)
    return table.astype(np.uint32)


_CRC = _table()


@kernel
def compute(scheme, book, price_scale, size_scale):  # type: ignore[no-untyped-def]
    """The book's checksum by a scheme of ``schemas.frames``; -1 for a scheme unknown here."""
    if scheme == KRAKEN_CRC32:
        return _kraken(book.levels)
    if scheme == OKX_CRC32:
        return _in_turn(book.levels, price_scale, size_scale, False)
    if scheme == BITFINEX_CRC32:
        return _in_turn(book.levels, price_scale, size_scale, True)
    return np.int64(-1)


@kernel
def _kraken(levels):  # type: ignore[no-untyped-def]
    crc = uint32(0xFFFFFFFF)
    for side in (ASK, BID):
        at, left = best_place(levels, side), KRAKEN_LEVELS
        while at >= 0 and left:
            crc = _digits(crc, price_at(levels, side, at), 1)
            crc = _digits(crc, size_at(levels, side, at), 1)
            at, left = below(levels, side, at), left - 1
    return np.int64(crc ^ uint32(0xFFFFFFFF))


@kernel
def _in_turn(levels, price_scale, size_scale, script):  # type: ignore[no-untyped-def]
    crc, first = uint32(0xFFFFFFFF), True
    bid, ask = best_place(levels, BID), best_place(levels, ASK)
    for _ in range(IN_TURN_LEVELS):
        for side, at in ((BID, bid), (ASK, ask)):
            if at >= 0:
                if not first:
                    crc = _byte(crc, _COLON)
                first = False
                crc = _number(crc, price_at(levels, side, at), price_scale, script)
                crc = _byte(crc, _COLON)
                if script and side == ASK:
                    crc = _byte(crc, _MINUS)
                crc = _number(crc, size_at(levels, side, at), size_scale, script)
        bid = below(levels, BID, bid) if bid >= 0 else -1
        ask = below(levels, ASK, ask) if ask >= 0 else -1
    return np.int64(crc ^ uint32(0xFFFFFFFF))


@kernel
def _byte(crc, byte):  # type: ignore[no-untyped-def]
    return uint32((crc >> uint32(8)) ^ _CRC[(crc ^ uint32(byte)) & uint32(255)])


@kernel
def _digits(crc, value, least):  # type: ignore[no-untyped-def]
    """Of a number >= 0, with leading zeros up to ``least`` digits."""
    unit, count = np.int64(1), 1
    while count < least or value // unit >= 10:
        unit *= 10
        count += 1
    while unit:
        crc = _byte(crc, _ZERO + value // unit % 10)
        unit //= 10
    return crc


@kernel
def _decimal(crc, value, scale):  # type: ignore[no-untyped-def]
    """Of a scaled number, without trailing zeros."""
    unit = np.int64(10) ** scale
    whole, fraction = value // unit, value % unit
    crc = _digits(crc, whole, 1)
    if fraction:
        places = scale
        while fraction % 10 == 0:
            fraction //= 10
            places -= 1
        crc = _digits(_byte(crc, _POINT), fraction, places)
    return crc


@kernel
def _number(crc, value, scale, script):  # type: ignore[no-untyped-def]
    """As the venue writes it; ``script``: as JavaScript does."""
    if script and scale > _MILLIONTH and 0 < value < np.int64(10) ** (scale - _MILLIONTH):
        return _scientific(crc, value, scale)
    return _decimal(crc, value, scale)


@kernel
def _scientific(crc, value, scale):  # type: ignore[no-untyped-def]
    """``1.2e-7``: a digit, what follows it without trailing zeros, the exponent."""
    digits, unit = 0, np.int64(1)
    while value // unit >= 10:
        unit *= 10
        digits += 1
    crc = _decimal(crc, value, digits)
    crc = _byte(_byte(crc, _EXPONENT), _MINUS)
    return _digits(crc, np.int64(scale - digits), 1)
