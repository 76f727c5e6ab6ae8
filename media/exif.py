"""Reads the few EXIF values that evidence needs, from bytes nobody trusts.

A reader of our own, because it can be bounded: it visits exactly three directories (the first, Exif, GPS) and never
follows the chain of next directories, so there is nothing to loop in; it looks only at tags it wants, and reads at
most 1 KB of any. Numbers that mean nothing (0/0, NaN, 0°/0°, out of range) are missing, not zero.
Tag numbers are those of CIPA DC-008 (Exif 2.32).
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from media import geo

MAX_ENTRIES = 1000
MAX_VALUE_BYTES = 1024

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8}
_BYTES, _ASCII, _SHORT, _LONG, _RATIONAL, _UNDEFINED, _SIGNED_RATIONAL = 1, 2, 3, 4, 5, 7, 10

_MAKE, _MODEL, _ORIENTATION, _EXIF_IFD, _GPS_IFD = 0x010F, 0x0110, 0x0112, 0x8769, 0x8825
_TAKEN, _TAKEN_OFFSET, _COMMENT, _UNIQUE_ID = 0x9003, 0x9011, 0x9286, 0xA420
_PIXEL_X, _PIXEL_Y = 0xA002, 0xA003
_LAT_REF, _LAT, _LNG_REF, _LNG, _GPS_TIME, _GPS_DATE, _GPS_ERROR = 1, 2, 3, 4, 7, 0x1D, 0x1F

_FIRST_TAGS = frozenset({_MAKE, _MODEL, _ORIENTATION, _EXIF_IFD, _GPS_IFD})
_EXIF_TAGS = frozenset({_TAKEN, _TAKEN_OFFSET, _COMMENT, _UNIQUE_ID, _PIXEL_X, _PIXEL_Y})
_GPS_TAGS = frozenset({_LAT_REF, _LAT, _LNG_REF, _LNG, _GPS_TIME, _GPS_DATE, _GPS_ERROR})


@dataclass(frozen=True, slots=True)
class Exif:
    """What a photo says about itself. Everything may be missing; nothing here is proof."""

    taken_at: datetime | None = None  # DateTimeOriginal: local, without zone
    offset_minutes: int | None = None  # OffsetTimeOriginal: minutes east of UTC
    lat: float | None = None  # WGS-84 degrees, north positive; lat and lng are both there or both missing
    lng: float | None = None
    gps_at: datetime | None = None  # GPSDateStamp and GPSTimeStamp, UTC
    positioning_error_m: float | None = None
    image_unique_id: str | None = None
    user_comment: str | None = None
    make: str | None = None
    model: str | None = None
    orientation: int | None = None  # 1 to 8
    pixel_width: int | None = None  # as the writer of the EXIF says; an editor that cuts forgets it
    pixel_height: int | None = None
    damaged: bool = False  # directories or wanted values point outside the block

    @property
    def empty(self) -> bool:
        """True when not one value could be read."""
        return self in (Exif(), Exif(damaged=True))


@dataclass(frozen=True, slots=True)
class _Value:
    type: int
    count: int
    raw: bytes  # at most MAX_VALUE_BYTES


class _Tiff:
    """The TIFF structure inside an EXIF block, one directory at a time."""

    def __init__(self, block: bytes) -> None:
        self.block = block
        self.damaged = False
        mark = block[:4]
        self.order = {b"II*\0": "little", b"MM\0*": "big"}.get(mark)
        if self.order is None or len(block) < 8:
            self.damaged = True

    def number(self, raw: bytes, *, signed: bool = False) -> int:
        return int.from_bytes(raw, "little" if self.order == "little" else "big", signed=signed)

    def directory(self, offset: int, wanted: frozenset[int]) -> dict[int, _Value]:
        """The wanted tags of the directory at `offset`; the first of a repeated tag counts."""
        block, values = self.block, dict[int, _Value]()
        if self.order is None or not 8 <= offset <= len(block) - 2:
            self.damaged = True
            return values
        claimed = self.number(block[offset : offset + 2])
        count = min(claimed, MAX_ENTRIES, (len(block) - offset - 2) // 12)
        if count < claimed:
            self.damaged = True
        for at in range(offset + 2, offset + 2 + 12 * count, 12):
            tag = self.number(block[at : at + 2])
            if tag not in wanted or tag in values:
                continue
            kind, length = self.number(block[at + 2 : at + 4]), self.number(block[at + 4 : at + 8])
            size = _SIZES.get(kind, 0) * length
            start = at + 8 if size <= 4 else self.number(block[at + 8 : at + 12])
            if kind not in _SIZES or start + size > len(block):
                self.damaged = True
                continue
            values[tag] = _Value(kind, length, block[start : start + min(size, MAX_VALUE_BYTES)])
        return values

    def pointer(self, value: _Value | None) -> int | None:
        if value is None or value.type != _LONG or value.count != 1:
            return None
        return self.number(value.raw)

    def short(self, value: _Value | None) -> int | None:
        if value is None or value.type != _SHORT or value.count < 1:
            return None
        return self.number(value.raw[:2])

    def whole(self, value: _Value | None) -> int | None:
        """A positive SHORT or LONG."""
        if value is None or value.type not in (_SHORT, _LONG) or value.count < 1:
            return None
        return self.number(value.raw[: _SIZES[value.type]]) or None

    def rationals(self, value: _Value | None) -> list[float] | None:
        """Quotients of a RATIONAL value; None when it is of another type or a denominator is 0."""
        if value is None or value.type not in (_RATIONAL, _SIGNED_RATIONAL):
            return None
        signed, quotients = value.type == _SIGNED_RATIONAL, list[float]()
        for at in range(0, len(value.raw) - 7, 8):
            above = self.number(value.raw[at : at + 4], signed=signed)
            below = self.number(value.raw[at + 4 : at + 8], signed=signed)
            if below == 0:
                return None
            quotients.append(above / below)
        return quotients or None


def read_exif(block: bytes | None) -> Exif:
    """Values of an EXIF block (the TIFF structure). Never raises; an absent block gives an empty Exif."""
    if not block:
        return Exif()
    tiff = _Tiff(block)
    first = tiff.directory(tiff.number(block[4:8]), _FIRST_TAGS)
    exif_at, gps_at = tiff.pointer(first.get(_EXIF_IFD)), tiff.pointer(first.get(_GPS_IFD))
    exif = tiff.directory(exif_at, _EXIF_TAGS) if exif_at is not None else {}
    gps = tiff.directory(gps_at, _GPS_TAGS) if gps_at is not None else {}
    orientation = tiff.short(first.get(_ORIENTATION))
    lat, lng = _position(tiff, gps)
    error = tiff.rationals(gps.get(_GPS_ERROR))
    return Exif(
        taken_at=_local_time(_text(exif.get(_TAKEN))),
        offset_minutes=_offset(_text(exif.get(_TAKEN_OFFSET))),
        lat=lat,
        lng=lng,
        gps_at=_gps_time(_text(gps.get(_GPS_DATE)), tiff.rationals(gps.get(_GPS_TIME))),
        positioning_error_m=error[0] if error and error[0] >= 0 else None,
        image_unique_id=_text(exif.get(_UNIQUE_ID)),
        user_comment=_comment(exif.get(_COMMENT), tiff.order),
        make=_text(first.get(_MAKE)),
        model=_text(first.get(_MODEL)),
        orientation=orientation if orientation is not None and 1 <= orientation <= 8 else None,
        pixel_width=tiff.whole(exif.get(_PIXEL_X)),
        pixel_height=tiff.whole(exif.get(_PIXEL_Y)),
        damaged=tiff.damaged,
    )


def _text(value: _Value | None) -> str | None:
    """Text up to the first NUL; files without a NUL, or padded with many, are common."""
    if value is None or value.type not in (_ASCII, _BYTES, _UNDEFINED):
        return None
    return _clean(value.raw.split(b"\0", 1)[0].decode("utf-8", "replace"))


def _comment(value: _Value | None, order: str | None) -> str | None:
    if value is None or value.type not in (_UNDEFINED, _ASCII) or len(value.raw) < 8:
        return None
    charset, raw = value.raw[:8], value.raw[8:]
    if charset == b"UNICODE\0":
        return _clean(raw.decode("utf-16-le" if order == "little" else "utf-16-be", "replace").split("\0", 1)[0])
    if charset in (b"ASCII\0\0\0", b"\0" * 8):
        return _clean(raw.split(b"\0", 1)[0].decode("utf-8", "replace"))
    return None


def _clean(text: str) -> str | None:
    return "".join(c for c in text if c.isprintable()).strip() or None


_LOCAL_TIME = re.compile(r"(\d{4})[:\-/](\d\d)[:\-/](\d\d)[ T](\d\d):(\d\d):(\d\d)", re.ASCII)
_OFFSET = re.compile(r"([+-])(\d\d):?([0-5]\d)$", re.ASCII)


def _local_time(text: str | None) -> datetime | None:
    found = _LOCAL_TIME.match(text or "")
    try:
        return datetime(*map(int, found.groups())) if found else None  # type: ignore[arg-type] # noqa: DTZ001
    except ValueError:  # 0000:00:00, month 13
        return None


def _offset(text: str | None) -> int | None:
    if text == "Z":
        return 0
    found = _OFFSET.match(text or "")
    if not found:
        return None
    minutes = int(found[2]) * 60 + int(found[3])
    return None if minutes > 14 * 60 else -minutes if found[1] == "-" else minutes


def _position(tiff: _Tiff, gps: Mapping[int, _Value]) -> tuple[float | None, float | None]:
    lat = _degrees(tiff.rationals(gps.get(_LAT)), _text(gps.get(_LAT_REF)), "N", "S")
    lng = _degrees(tiff.rationals(gps.get(_LNG)), _text(gps.get(_LNG_REF)), "E", "W")
    if lat is None or lng is None or not geo.is_position(lat, lng):
        return None, None
    return lat, lng


def _degrees(parts: list[float] | None, ref: str | None, positive: str, negative: str) -> float | None:
    """Degrees, minutes, seconds with a hemisphere. Without a hemisphere the place is unknown."""
    ref = (ref or "").upper()
    if not parts or ref not in (positive, negative):
        return None
    degrees, minutes, seconds = [*parts, 0.0, 0.0][:3]
    value = degrees + minutes / 60 + seconds / 3600
    return value if ref == positive else -value


def _gps_time(date: str | None, parts: list[float] | None) -> datetime | None:
    found = re.match(r"(\d{4})[:\-](\d\d)[:\-](\d\d)$", date or "", re.ASCII)
    if not found or not parts or len(parts) < 3:
        return None
    hour, minute, second = parts[:3]
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 61) or not math.isfinite(second):
        return None
    try:
        day = datetime(int(found[1]), int(found[2]), int(found[3]), tzinfo=UTC)
        return day + timedelta(hours=hour, minutes=minute, seconds=second)
    except (ValueError, OverflowError):
        return None
