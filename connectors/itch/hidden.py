"""Whether NASDAQ told the side of a hidden order that traded.

From 14 July 2014 on the buy/sell indicator of a non-cross trade (ITCH message P, LOBSTER type 5)
always says "buy", whatever the order was; before that it was the order's own
(NQTVITCHSpecification 5.0, "Trade Message (Non-Cross)").
"""

_UNTOLD_FROM_NS = 1_405_310_400 * 10**9  # 2014-07-14 00:00 in New York


def side_is_told(date_ns: int) -> bool:
    """``date_ns`` is the trading day's midnight in New York; 0, an unknown day, counts as late."""
    return 0 < date_ns < _UNTOLD_FROM_NS
