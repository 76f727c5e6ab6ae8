"""Passwords of accounts as they are stored: encrypted with a key that follows from the installation's secret. Whoever has
the database alone, or a backup of it, has none of them."""

import base64
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


@dataclass(frozen=True, slots=True)
class Vault:
    secret: bytes

    def _key(self) -> Fernet:
        key = HKDF(hashes.SHA256(), 32, salt=None, info=b"xunke mail accounts").derive(self.secret)
        return Fernet(base64.urlsafe_b64encode(key))

    def close(self, password: str) -> str:
        return self._key().encrypt(password.encode()).decode()

    def open(self, stored: str) -> str | None:
        """None where it was encrypted by another installation: it has to be typed in again."""
        try:
            return self._key().decrypt(stored.encode()).decode()
        except (InvalidToken, ValueError):
            return None
