"""A CDP API key: each request, and each message of the stream, carries a token of its own
(docs.cdp.coinbase.com, "API key authentication"): ES256, good for two minutes, a request's for its
method, host and path alone."""

import secrets

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from connectors.trading.credentials import Credentials, KeysError

_LIVES_S = 120


class CdpKey:
    """``key`` is the key's name (``organizations/…/apiKeys/…``), ``secret`` its EC private key in
    PEM, line breaks written as ``\\n`` where they must be. Raises KeysError."""

    def __init__(self, account: str, keys: Credentials) -> None:
        self._name, self._private = keys.key, _private(account, keys.secret)

    def token(self, at: int, method: str = "", host: str = "", path: str = "") -> str:
        """``at`` in ns; without a method: for the stream."""
        now = at // 10**9
        claims: dict[str, str | int] = {"sub": self._name, "iss": "cdp", "nbf": now}
        claims["exp"] = now + _LIVES_S
        if method:
            claims["uri"] = f"{method} {host}{path}"
        headers = {"kid": self._name, "nonce": secrets.token_hex(16)}
        return jwt.encode(claims, self._private, algorithm="ES256", headers=headers)


def _private(account: str, secret: str) -> EllipticCurvePrivateKey:
    pem = secret.replace("\\n", "\n").strip().encode()
    try:
        private = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        private = None
    if isinstance(private, EllipticCurvePrivateKey) and isinstance(private.curve, SECP256R1):
        return private
    raise KeysError(
        f"account {account}: Coinbase's secret is an EC private key (ECDSA, not Ed25519) in PEM, "
        "'-----BEGIN EC PRIVATE KEY-----\\n…', on one line with \\n for line breaks"
    )
