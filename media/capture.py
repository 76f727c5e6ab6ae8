"""The capture record: what a device says about one photo, and its signature.

The record's text is signed as it is and never serialised again; `docs/sync-protocol.md` has its shape. Parsing checks only
that the values are possible; whether they are believable is the business of `media.evidence`.
"""

import base64
import binascii
import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Literal

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from media.errors import MediaError

MAX_RECORD_BYTES = 16 * 1024
MAX_SAMPLES = 32
MAX_UPTIME_MS = 366 * 24 * 3600 * 1000
RECORD_VERSION = 1


class CaptureError(MediaError):
    """Codes: record_too_large, record_malformed, record_version, key_malformed, signature_wrong."""


class Sample(msgspec.Struct, frozen=True):
    """One position fix: WGS-84 degrees, radius of 68 % confidence in metres, the device's clock."""

    lat: float
    lng: float
    accuracy: float
    at: datetime


class CaptureRecord(msgspec.Struct, frozen=True):
    """A parsed capture record. Fields of newer apps are ignored; they stay in the signed text."""

    v: int
    capture_id: str
    sha256: str  # of the final JPEG bytes, lower-case hex
    visit_id: str
    customer_id: str
    device_id: str
    kind: str
    source: Literal["camera", "gallery"]
    taken_at: datetime  # the device's clock, UTC
    offset_minutes: int = 0  # east of UTC
    time_token: str | None = None
    since_token_ms: float | None = None  # monotonic time since the token arrived; None after a restart
    samples: tuple[Sample, ...] = ()


class _Version(msgspec.Struct):
    v: int


_decode_version = msgspec.json.Decoder(_Version).decode
_decode_record = msgspec.json.Decoder(CaptureRecord).decode


def parse_capture(text: str) -> CaptureRecord:
    """The record in `text`. Raises CaptureError; `detail` names what is wrong."""
    if len(text) > MAX_RECORD_BYTES:
        raise CaptureError("record_too_large", limit=MAX_RECORD_BYTES)
    try:
        raw = text.encode()
        if len(raw) > MAX_RECORD_BYTES:
            raise CaptureError("record_too_large", limit=MAX_RECORD_BYTES)
        version = _decode_version(raw).v
        if version != RECORD_VERSION:
            raise CaptureError("record_version", version=version)
        record = _decode_record(raw)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise CaptureError("record_malformed", why=str(error)[:200]) from error
    wrong = _impossible(record)
    if wrong:
        raise CaptureError("record_malformed", why=wrong)
    return record


def _impossible(record: CaptureRecord) -> str | None:
    """Names the first field with a value no device can have."""
    ids = (record.capture_id, record.visit_id, record.customer_id, record.device_id, record.kind)
    if not all(0 < len(value) <= 64 for value in ids):
        return "id"
    if len(record.sha256) != 64 or not set(record.sha256) <= set("0123456789abcdef"):
        return "sha256"
    if record.time_token is not None and len(record.time_token) > 256:
        return "time_token"
    if not -14 * 60 <= record.offset_minutes <= 14 * 60:
        return "offset_minutes"
    since = record.since_token_ms
    if since is not None and not 0 <= since <= MAX_UPTIME_MS:
        return "since_token_ms"
    if len(record.samples) > MAX_SAMPLES:
        return "samples"
    if not _possible_time(record.taken_at):
        return "taken_at"
    for sample in record.samples:
        if not (abs(sample.lat) <= 90 and abs(sample.lng) <= 180 and math.isfinite(sample.lat + sample.lng)):
            return "samples.position"
        if not 0 <= sample.accuracy <= 50_000_000:  # metres; some devices say "half the earth" when they know nothing
            return "samples.accuracy"
        if not _possible_time(sample.at):
            return "samples.at"
    return None


def _possible_time(value: datetime) -> bool:
    """With a zone, and far enough from the ends of the calendar for arithmetic."""
    return value.tzinfo is not None and 1900 <= value.year <= 9000


@lru_cache(maxsize=1024)
def load_device_key(public_key: str) -> ec.EllipticCurvePublicKey:
    """A device's key from SPKI DER in base64url. Raises CaptureError("key_malformed"); use it at enrolment, too."""
    raw = _from_base64url(public_key, 512)
    try:
        key = serialization.load_der_public_key(raw)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise CaptureError("key_malformed") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise CaptureError("key_malformed", why="not P-256")
    return key


def verify_signature(text: str, signature: str, public_key: str) -> None:
    """Checks ECDSA P-256 over SHA-256 of the text, signature as raw r||s in base64url (what WebCrypto gives).

    Raises CaptureError with signature_wrong or key_malformed.
    """
    key = load_device_key(public_key)
    raw = _from_base64url(signature, 128)
    if len(raw) != 64:
        raise CaptureError("signature_wrong", why="length")
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    try:
        key.verify(der, text.encode(), ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, UnicodeError) as error:
        raise CaptureError("signature_wrong") from error


def _from_base64url(text: str, longest: int) -> bytes:
    if len(text) > longest or not text.isascii():
        return b""
    try:
        return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""


def canonical_json(value: object) -> str:
    """The text a device signs: keys sorted, no white space, numbers as JavaScript prints them, times in UTC."""
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{canonical_json(key)}:{canonical_json(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ",".join(canonical_json(item) for item in value) + "]"
    if isinstance(value, datetime):
        value = value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, float):
        return _javascript_number(value)
    return json.dumps(value, ensure_ascii=False)


def _javascript_number(value: float) -> str:
    """Shortest digits as Python finds them, too; but no 12.0, and no exponent before 1e-7 and 1e21."""
    if not math.isfinite(value):
        return "null"
    if value == 0 or 1e-6 <= abs(value) < 1e21:
        return str(int(value)) if value.is_integer() else f"{Decimal(repr(value)):f}"
    return repr(value).replace("e-0", "e-")
