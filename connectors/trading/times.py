"""Times in force that a venue does not ask for: what it does without must be what the order says.

A market order ends at once; a stop that becomes one rests until it is cancelled, and then ends at
once. An order that says anything else would do something else there without a word.
"""

from connectors.trading.session import Unsupported
from schemas.enums import OrdType, TimeInForce
from schemas.execution import ApprovedOrder

_AT_ONCE = (TimeInForce.IOC, TimeInForce.DAY, TimeInForce.GTC, TimeInForce.GTD)
_RESTS = (TimeInForce.GTC, TimeInForce.IOC)


def check_unasked(order: ApprovedOrder, venue: str, also: tuple[TimeInForce, ...] = ()) -> None:
    """Of an order whose time in force is not sent; ``also``: what the venue has for market orders
    beside. Raises Unsupported."""
    kind, time = order.ord_type, order.time_in_force
    if kind is OrdType.MARKET and time not in (*_AT_ONCE, *also):
        raise Unsupported(f"{venue} has no {time} for market orders: they trade at once; use IOC")
    if kind in (OrdType.STOP, OrdType.TRAILING_STOP) and time not in _RESTS:
        raise Unsupported(
            f"{venue} keeps {kind} orders until they are cancelled; use GTC, or let the gate "
            f"hold a {time} one"
        )
