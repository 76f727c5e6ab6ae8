"""Time tokens: the server's clock in a device's hands.

A token says "this device talked to the server at this instant". A record made with it cannot be older than the token,
whatever the device's clock claims. Layout (24 bytes, base64url, 32 characters: every pull carries one):

    version 1 | key 3 | issued 6 (Unix milliseconds) | device 2 | HMAC-SHA256, first 12

`key` names the secret so that secrets can be replaced; `device` only tells a token of another device from a forged
one. The HMAC covers everything before it and the whole device id.
"""

import base64
import binascii
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

from media.errors import MediaError

_VERSION = b"\x02"
_BYTES = 24
_MAC_BYTES = 12
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


class TokenError(MediaError):
    """Codes: token_forged (also malformed), token_unknown_key, token_other_device."""


class TimeTokens:
    """Issues and checks time tokens. `secret` signs; tokens of `previous` secrets are still believed."""

    def __init__(self, secret: bytes, *previous: bytes) -> None:
        if any(len(key) < 16 for key in (secret, *previous)):
            raise ValueError("a time token secret needs at least 16 bytes")
        self._current = _key_name(secret)
        self._secrets = {_key_name(key): key for key in (*previous, secret)}

    def issue(self, device_id: str, now: datetime) -> str:
        """A token for `device_id`; `now` must carry a zone and is kept to the millisecond."""
        issued = (now - _EPOCH) // _MS
        body = _VERSION + self._current + issued.to_bytes(6, "big") + _device_tag(device_id)
        return _encode(body + self._mac(self._current, body, device_id))

    def verify(self, token: str, device_id: str) -> datetime:
        """When the token was issued (UTC). Raises TokenError."""
        raw = _decode(token)
        if len(raw) != _BYTES or raw[:1] != _VERSION:
            raise TokenError("token_forged")
        body, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
        key = body[1:4]
        if key not in self._secrets:
            raise TokenError("token_unknown_key")
        if body[10:12] != _device_tag(device_id):
            raise TokenError("token_other_device")
        if not hmac.compare_digest(mac, self._mac(key, body, device_id)):
            raise TokenError("token_forged")
        try:
            return _EPOCH + int.from_bytes(body[4:10], "big") * _MS
        except OverflowError as error:
            raise TokenError("token_forged") from error

    def _mac(self, key: bytes, body: bytes, device_id: str) -> bytes:
        return hmac.digest(self._secrets[key], body + device_id.encode(), hashlib.sha256)[:_MAC_BYTES]


def _key_name(secret: bytes) -> bytes:
    return hashlib.sha256(b"xunke time token key\0" + secret).digest()[:3]


def _device_tag(device_id: str) -> bytes:
    return hashlib.sha256(device_id.encode()).digest()[:2]


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(token: str) -> bytes:
    if len(token) > 64 or not token.isascii():
        return b""
    try:
        return base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""
