"""One side of a price-aggregated book: prices ascending with the best last.

Asks are kept with negated prices, so that both sides share this code and the busy end of the
array is its end: changes near the touch move few elements. A deleted level leaves an empty slot
(size 0) that a new price nearby takes over, with the few levels between moved by one: moving what
lies up to the end was five sixths of the time. The best slot is never empty.
"""

from streams.kernels import inlined, kernel

REACH = 64  # slots each way that a new level looks for an empty one


@kernel
def find(prices, n, price, hint):  # type: ignore[no-untyped-def]
    """Index of the first of n prices that is >= price; n when none is. Gallops from ``hint``: the
    levels of a message are sorted, so the next one is near the last."""
    step = 1
    low = min(hint, n - 1)
    if low >= 0 and prices[low] < price:
        high = low + 1
        while high < n and prices[high] < price:
            low = high
            step *= 2
            high = low + step
        high = min(high, n)
    else:
        high = low + 1
        while low >= 0 and prices[low] >= price:
            high = low
            step *= 2
            low = high - step
        low = max(low, -1)
    while high - low > 1:
        middle = (low + high) >> 1
        if prices[middle] < price:
            low = middle
        else:
            high = middle
    return high


@kernel
def set_levels(prices, sizes, n, sign, new_prices, new_sizes, start, stop):  # type: ignore[no-untyped-def]
    """Sets the sizes of the levels start … stop-1 (0 deletes), their prices times ``sign``; returns
    the new number of slots in use. The arrays must have room for all of them."""
    at = n - 1
    for i in range(start, stop):
        price, size = sign * new_prices[i], new_sizes[i]
        at = find(prices, n, price, at)
        if at < n and prices[at] == price:
            sizes[at] = size
            while n > 0 and sizes[n - 1] == 0:
                n -= 1
        elif size > 0:
            n = _insert(prices, sizes, n, at, price, size)
    return n


@inlined
def set_level(prices, sizes, n, price, size):  # type: ignore[no-untyped-def]
    """One level, as ``set_levels`` sets many; also returns where it looked."""
    at = find(prices, n, price, n - 1)
    if at < n and prices[at] == price:
        sizes[at] = size
        while n > 0 and sizes[n - 1] == 0:
            n -= 1
    elif size > 0:
        n = _insert(prices, sizes, n, at, price, size)
    return n, at


@kernel
def _insert(prices, sizes, n, at, price, size):  # type: ignore[no-untyped-def]
    """Into the nearest empty slot, with what lies between moved by one; else at the end."""
    free = at
    above, below_ = at, at - 1
    for _ in range(REACH):
        if above < n and sizes[above] == 0:
            _move_up(prices, sizes, at, above)
            break
        if below_ >= 0 and sizes[below_] == 0:
            free = at - 1
            _move_down(prices, sizes, below_, free)
            break
        above += 1
        below_ -= 1
    else:
        _open_gap(prices[at : n + 1])
        _open_gap(sizes[at : n + 1])
        n += 1
    prices[free] = price
    sizes[free] = size
    return n


@inlined
def _move_up(prices, sizes, first, last):  # type: ignore[no-untyped-def]
    """Slots first … last-1 to the places one above."""
    for i in range(last, first, -1):
        prices[i], sizes[i] = prices[i - 1], sizes[i - 1]


@inlined
def _move_down(prices, sizes, first, last):  # type: ignore[no-untyped-def]
    """Slots first+1 … last to the places one below."""
    for i in range(first, last):
        prices[i], sizes[i] = prices[i + 1], sizes[i + 1]


@kernel
def _open_gap(a):  # type: ignore[no-untyped-def]
    """Moves all but the last element one up. Eight at a time, read before they are written:
    the compiler does not vectorise a plain downward loop, and this is 2.7 times faster."""
    k = len(a)
    while k > 8:
        m0, m1, m2, m3 = a[k - 2], a[k - 3], a[k - 4], a[k - 5]
        m4, m5, m6, m7 = a[k - 6], a[k - 7], a[k - 8], a[k - 9]
        a[k - 1], a[k - 2], a[k - 3], a[k - 4] = m0, m1, m2, m3
        a[k - 5], a[k - 6], a[k - 7], a[k - 8] = m4, m5, m6, m7
        k -= 8
    while k > 1:
        a[k - 1] = a[k - 2]
        k -= 1


@kernel
def compact(prices, sizes, n):  # type: ignore[no-untyped-def]
    """Drops the empty slots; returns the number of levels."""
    kept = 0
    for i in range(n):
        if sizes[i]:
            prices[kept], sizes[kept] = prices[i], sizes[i]
            kept += 1
    return kept


@kernel
def spread(prices, sizes, n):  # type: ignore[no-untyped-def]
    """Puts an empty slot after every second level, so that new levels find one near; returns the
    new number of slots, at most 3/2 of those in use. An empty slot has the price of the level
    before it: the first slot with a price is the one that counts."""
    n = compact(prices, sizes, n)
    at = slots = n + (n - 1) // 2 if n else 0
    for i in range(n - 1, -1, -1):
        at -= 1
        prices[at], sizes[at] = prices[i], sizes[i]
        if i and i % 2 == 0:
            at -= 1
            prices[at], sizes[at] = prices[i - 1], 0
    return slots


@kernel
def below(sizes, at):  # type: ignore[no-untyped-def]
    """The next level's slot under ``at`` (start with the number of slots); -1 when none is left."""
    at -= 1
    while at >= 0 and sizes[at] == 0:
        at -= 1
    return at
