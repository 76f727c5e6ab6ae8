"""Makes photos the way the app's camera does: EXIF from our own values, a capture record, a signature.

For the demo company and for tests, which start from an honest photo and then forge one thing.
"""

import base64
import hashlib
import io
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import piexif
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from PIL import Image

from media.capture import Sample, canonical_json

_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class DeviceKey:
    """A device's signing key, as the browser keeps one in IndexedDB. `public` is what enrolment sends (SPKI)."""

    def __init__(self, seed: bytes | None = None) -> None:
        """A new key; with a seed always the same one, so that a demo company can be built again."""
        if seed is None:
            self._private = ec.generate_private_key(ec.SECP256R1())
        else:
            number = int.from_bytes(hashlib.sha512(seed).digest(), "big") % (_P256_ORDER - 1) + 1
            self._private = ec.derive_private_key(number, ec.SECP256R1())
        spki = self._private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.public = _base64url(spki)

    def sign(self, text: str) -> str:
        """Raw r||s in base64url, the same for the same text."""
        der = self._private.sign(text.encode(), ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
        r, s = decode_dss_signature(der)
        return _base64url(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


@dataclass(frozen=True, slots=True)
class MadePhoto:
    """A photo with everything the app sends beside it."""

    jpeg: bytes
    sha256: str
    capture: str
    signature: str
    capture_id: str


def honest_photo(
    picture: Image.Image,
    *,
    key: DeviceKey,
    device_id: str,
    visit_id: str,
    customer_id: str,
    taken_at: datetime,
    time_token: str | None,
    lat: float | None,
    lng: float | None,
    accuracy_m: float = 12.0,
    offset_minutes: int = 480,
    kind: str = "storefront",
    source: str = "camera",
    token_issued: datetime | None = None,
    capture_id: str | None = None,
    quality: int = 70,
) -> MadePhoto:
    """The photo a rep's phone would send. `lat` None: no fix; `token_issued` None: the browser was restarted.

    Times carry a zone; positions are WGS-84.
    """
    capture_id = capture_id or str(uuid.uuid4())
    samples = [] if lat is None or lng is None else walk_up(lat, lng, accuracy_m, taken_at)
    best = samples[-1] if samples else None
    exif = make_exif(taken_at, offset_minutes, capture_id, best, picture.size)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, exif=exif)
    jpeg = out.getvalue()
    sha256 = hashlib.sha256(jpeg).hexdigest()
    capture = canonical_json(
        {
            "v": 1,
            "capture_id": capture_id,
            "sha256": sha256,
            "visit_id": visit_id,
            "customer_id": customer_id,
            "device_id": device_id,
            "kind": kind,
            "source": source,
            "taken_at": taken_at,
            "offset_minutes": offset_minutes,
            "time_token": time_token,
            "since_token_ms": (taken_at - token_issued) // timedelta(milliseconds=1) if token_issued else None,
            "samples": [{"lat": s.lat, "lng": s.lng, "accuracy": s.accuracy, "at": s.at} for s in samples],
        }
    )
    return MadePhoto(jpeg, sha256, capture, key.sign(capture), capture_id)


def walk_up(lat: float, lng: float, accuracy_m: float, taken_at: datetime) -> list[Sample]:
    """Four fixes of the seconds before the shot, each better than the one before, as a receiver settles."""
    wobble: Sequence[tuple[float, int, float]] = (
        (2.4e-5, 6, 3.0),
        (-1.3e-5, 4, 1.8),
        (0.6e-5, 3, 1.2),
        (0.0, 1, 1.0),
    )
    return [
        Sample(
            round(lat + off, 7),
            round(lng - off / 2, 7),
            round(accuracy_m * worse, 1),
            taken_at - timedelta(seconds=ago),
        )
        for off, ago, worse in wobble
    ]


def make_exif(
    taken_at: datetime,
    offset_minutes: int,
    capture_id: str,
    fix: Sample | None,
    size: tuple[int, int] | None = None,
) -> bytes:
    """The EXIF block the app writes. Only our own values go in: piexif must never meet bytes from outside."""
    local = taken_at.astimezone(UTC) + timedelta(minutes=offset_minutes)
    sign, minutes = "-" if offset_minutes < 0 else "+", abs(offset_minutes)
    offset = f"{sign}{minutes // 60:02}:{minutes % 60:02}"
    tags: dict[int, object] = {
        piexif.ExifIFD.DateTimeOriginal: local.strftime("%Y:%m:%d %H:%M:%S"),
        piexif.ExifIFD.OffsetTimeOriginal: offset,
        piexif.ExifIFD.ImageUniqueID: capture_id.replace("-", ""),
        piexif.ExifIFD.UserComment: b"ASCII\0\0\0" + capture_id.encode(),
    }
    if size is not None:
        tags |= {piexif.ExifIFD.PixelXDimension: size[0], piexif.ExifIFD.PixelYDimension: size[1]}
    gps: dict[int, object] = {}
    if fix is not None:
        at = fix.at.astimezone(UTC)
        gps = {
            piexif.GPSIFD.GPSVersionID: (2, 3, 0, 0),
            piexif.GPSIFD.GPSLatitudeRef: "N" if fix.lat >= 0 else "S",
            piexif.GPSIFD.GPSLatitude: _degrees(fix.lat),
            piexif.GPSIFD.GPSLongitudeRef: "E" if fix.lng >= 0 else "W",
            piexif.GPSIFD.GPSLongitude: _degrees(fix.lng),
            piexif.GPSIFD.GPSDateStamp: at.strftime("%Y:%m:%d"),
            piexif.GPSIFD.GPSTimeStamp: ((at.hour, 1), (at.minute, 1), (at.second, 1)),
            piexif.GPSIFD.GPSHPositioningError: Fraction(fix.accuracy).limit_denominator(100).as_integer_ratio(),
        }
    return bytes(piexif.dump({"0th": {}, "Exif": tags, "GPS": gps}))


def _degrees(value: float) -> tuple[tuple[int, int], tuple[int, int], tuple[int, int]]:
    """Degrees, minutes and seconds; a ten-thousandth of a second is 3 mm."""
    units = round(abs(value) * 3600 * 10_000)
    return (units // 36_000_000, 1), (units // 600_000 % 60, 1), (units % 600_000, 10_000)


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
