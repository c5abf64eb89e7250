"""One check of an order, as a decision keeps it.

A bare tuple, for a decision makes thirty of them, and a named one costs twenty times as much.
"""

from typing import TypeAlias

# (rule, its limit, the value that the order would lead to, whether that is allowed)
Check: TypeAlias = tuple[str, str, str, bool]
