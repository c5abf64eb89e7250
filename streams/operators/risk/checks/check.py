"""One check of an order, as a decision keeps it."""

from typing import NamedTuple


class Check(NamedTuple):
    """``rule`` with its ``limit`` and the ``value`` that the order would lead to."""

    rule: str
    limit: str
    value: str
    ok: bool
