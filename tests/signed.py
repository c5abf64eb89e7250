"""Approvals that no gate made, for tests of who must verify them."""

from dataclasses import fields

from streams.operators.risk.signing import Kind, SigningKey, signed


def sign(order: Kind, key: SigningKey) -> Kind:
    """The order with the key's id and signature in place of its own."""
    names = (f.name for f in fields(order) if f.name != "signature")
    return signed(type(order), key, **{name: getattr(order, name) for name in names})
