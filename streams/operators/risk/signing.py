"""Approvals are signed: HMAC-SHA256 over an order's canonical bytes (RFC 2104).

Only the gate has reason to sign. The execution side verifies with the same key and refuses what
does not match, so an order that reached the execution topic in any other way goes nowhere.
"""

import hashlib
import hmac
from dataclasses import dataclass, field, replace
from typing import TypeVar

from schemas.execution import ApprovedOrder, CancelRequest, ReplaceRequest

Signed = TypeVar("Signed", ApprovedOrder, CancelRequest, ReplaceRequest)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """``key_id`` travels with the signature; the secret never does, nor is it printed."""

    key_id: str
    secret: bytes = field(repr=False)


def sign(order: Signed, key: SigningKey) -> Signed:
    """The order with the key's id and signature."""
    named = order if order.key_id == key.key_id else replace(order, key_id=key.key_id)
    return replace(named, signature=_mac(named, key))


def verifies(order: ApprovedOrder | CancelRequest | ReplaceRequest, key: SigningKey) -> bool:
    """Whether the order carries this key's signature over exactly what it says."""
    expected = _mac(order, key)
    return order.key_id == key.key_id and hmac.compare_digest(order.signature, expected)


def _mac(order: ApprovedOrder | CancelRequest | ReplaceRequest, key: SigningKey) -> bytes:
    return hmac.new(key.secret, canonical_bytes(order), hashlib.sha256).digest()


def canonical_bytes(order: ApprovedOrder | CancelRequest | ReplaceRequest) -> bytes:
    """Every field but the signature, each with its length before it, in schema order."""
    values = [type(order).__name__.encode()]
    values += [_text(getattr(order, name)) for name in order.__slots__ if name != "signature"]
    return b"".join(b"%d:%s" % (len(value), value) for value in values)


def _text(value: object) -> bytes:
    """Parameters in the order of their names: a map of the wire has none."""
    return str(sorted(value.items()) if isinstance(value, dict) else value).encode()
