"""Approvals are signed: HMAC-SHA256 over an order's canonical bytes (RFC 2104).

Only the gate has reason to sign. The execution side verifies with the same key and refuses what
does not match, so an order that reached the execution topic in any other way goes nowhere.
"""

import hmac
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter
from typing import Any, TypeVar

from schemas.execution import ApprovedOrder, CancelRequest, ReplaceRequest, Signed

Kind = TypeVar("Kind", ApprovedOrder, CancelRequest, ReplaceRequest)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """``key_id`` travels with the signature; the secret never does, nor is it printed."""

    key_id: str
    secret: bytes = field(repr=False)


def signed(kind: type[Kind], key: SigningKey, **values: Any) -> Kind:
    """A record of these values with the key's id and its signature."""
    values["key_id"] = key.key_id
    return kind(**values, signature=_mac(kind, values, key))


def verifies(order: Signed, key: SigningKey) -> bool:
    """Whether the order carries this key's signature over exactly what it says."""
    values = {name: getattr(order, name) for name in _SIGNED[type(order)]}
    matches = hmac.compare_digest(order.signature, _mac(type(order), values, key))
    return order.key_id == key.key_id and matches


_SIGNED: dict[type[Signed], tuple[str, ...]] = {
    kind: tuple(name for name in kind.__slots__ if name != "signature")
    for kind in (ApprovedOrder, CancelRequest, ReplaceRequest)
}

_IN_ORDER = {kind: itemgetter(*names) for kind, names in _SIGNED.items()}


def _mac(kind: type[Signed], values: dict[str, Any], key: SigningKey) -> bytes:
    mac = _keyed(key.secret).copy()
    mac.update(_canonical(kind, values))
    return mac.digest()


@lru_cache
def _keyed(secret: bytes) -> hmac.HMAC:
    """With the secret taken in, and nothing else yet."""
    return hmac.new(secret, digestmod="sha256")


def _canonical(kind: type[Signed], values: dict[str, Any]) -> bytes:
    """Every field but the signature, in schema order, each with its length before it; parameters
    in the order of their names, for a map of the wire has none."""
    if "params" in values:
        values = {**values, "params": sorted(values["params"].items())}
    texts = [kind.__name__, *map(str, _IN_ORDER[kind](values))]
    return "".join([f"{len(text)}:{text}" for text in texts]).encode()
