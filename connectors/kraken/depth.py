"""Kraken's books keep as many levels a side as were subscribed. What falls out is not announced, in
either version of the interface, so the codecs keep the prices and say that they are gone."""

from bisect import bisect_left, insort

Levels = list[tuple[int, int]]


class Side:
    """Prices of one side of a book that keeps ``depth`` levels; ``sign`` makes the best lowest."""

    def __init__(self, depth: int, sign: int) -> None:
        self._depth, self._sign = depth, sign
        self._prices: list[int] = []

    def dropped(self, changes: Levels) -> Levels:
        """Takes changes in; the levels that fall out of the book by them, as deletions."""
        for level_price, level_size in changes:
            key = self._sign * level_price
            at = bisect_left(self._prices, key)
            there = at < len(self._prices) and self._prices[at] == key
            if level_size and not there:
                insort(self._prices, key)
            elif there and not level_size:
                del self._prices[at]
        out = [(self._sign * key, 0) for key in self._prices[self._depth :]]
        del self._prices[self._depth :]
        return out


class Depth:
    """Both sides of each pair's book, and how many messages came of it: Kraken numbers none."""

    def __init__(self) -> None:
        self._sides: dict[str, tuple[Side, Side]] = {}
        self._seq: dict[str, int] = {}

    def seq(self, pair: str) -> int:
        return self._seq.get(pair, 0)

    def take(
        self, pair: str, depth: int, snapshot: bool, bids: Levels, asks: Levels
    ) -> tuple[int, int]:
        """Adds to ``bids`` and ``asks`` what falls out by them. Returns the number of the message
        and of the one that it follows."""
        if snapshot:
            self._sides[pair] = (Side(depth, -1), Side(depth, 1))
        for side, changes in zip(self._sides.get(pair, ()), (bids, asks), strict=False):
            changes += side.dropped(changes)
        seq = self._seq[pair] = self.seq(pair) + 1
        return seq, 0 if snapshot else seq - 1

    def clear(self) -> None:
        """A new line: books come anew."""
        self._sides.clear()
