"""A venue's own book in the local servers: price and size as the venue writes them."""

from connectors.decimals import scaled


class TextBook:
    """``depth`` levels a side are kept, all when it is 0."""

    def __init__(self, depth: int = 0) -> None:
        self.bids: dict[str, str] = {}
        self.asks: dict[str, str] = {}
        self.decimals = (0, 0)  # the most that prices and sizes were written with
        self._depth = depth

    def change(self, bids: list[list[str]], asks: list[list[str]]) -> None:
        for side, levels in ((self.bids, bids), (self.asks, asks)):
            for price, size, *_ in levels:
                self._learn(price, size)
                if float(size):
                    side[price] = size
                else:
                    side.pop(price, None)
        if self._depth:
            for price in [p for p, _ in self.sorted_bids()[self._depth :]]:
                del self.bids[price]
            for price in [p for p, _ in self.sorted_asks()[self._depth :]]:
                del self.asks[price]

    def _learn(self, price: str, size: str) -> None:
        most = zip(self.decimals, (price, size), strict=True)
        places = [max(known, len(text.partition(".")[2])) for known, text in most]
        self.decimals = (places[0], places[1])

    def scaled(self, price: int, size: int) -> tuple[dict[int, int], dict[int, int]]:
        """Bids and asks as integers."""
        both = (self.bids, self.asks)
        bids, asks = ({scaled(p, price): scaled(s, size) for p, s in x.items()} for x in both)
        return bids, asks

    def sorted_bids(self) -> list[tuple[str, str]]:
        return sorted(self.bids.items(), key=lambda level: -float(level[0]))

    def sorted_asks(self) -> list[tuple[str, str]]:
        return sorted(self.asks.items(), key=lambda level: float(level[0]))
