"""Password hashes: argon2id with the library's recommended parameters."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from server.records.errors import Rejected

MIN_LENGTH = 8
hasher = PasswordHasher()
#: Verified against when the user name does not exist, so that the answer takes as long.
_NOBODY = hasher.hash("nobody has this password")


def check_strength(password: str) -> None:
    if len(password) < MIN_LENGTH:
        raise Rejected("weak_password", field="password", min=MIN_LENGTH)


def hash_password(password: str) -> str:
    return hasher.hash(password)


def verify(password_hash: str | None, password: str) -> bool:
    """Whether the password fits. Takes about 50 ms on purpose; call it off the event loop."""
    try:
        return hasher.verify(password_hash or _NOBODY, password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False
