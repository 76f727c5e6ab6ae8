"""A rep in front of a shop: an honest photo and everything the server knows when it arrives.

Tests take the honest scene and change one thing.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from media.capture import canonical_json
from media.drawing import draw_shop
from media.evidence import DEFAULT_THRESHOLDS, Evidence, Place, Thresholds, Verdict, judge
from media.images import examine
from media.make import DeviceKey, MadePhoto, honest_photo
from media.tokens import TimeTokens

DEVICE, VISIT, CUSTOMER, PHOTO = "device-1", "visit-1", "customer-1", "photo-1"
SHOP = Place(36.0671, 120.3826)
NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)  # in Qingdao
TOKENS = TimeTokens(b"a secret of sixteen bytes or more")
KEY = DeviceKey(b"the phone of a rep")
PICTURE = draw_shop(1, "王记超市")


@dataclass(frozen=True)
class Scene:
    """What was sent and what the server knows; `with_…` methods give a changed copy, properly signed again."""

    photo: MadePhoto
    evidence: Evidence

    def verdict(self, thresholds: Thresholds = DEFAULT_THRESHOLDS) -> Verdict:
        return judge(self.evidence, thresholds)

    def but(self, **known: Any) -> "Scene":
        """Another thing is known to, or sent to, the server."""
        return replace(self, evidence=replace(self.evidence, **known))

    def with_bytes(self, data: bytes, *, signed_again: bool = False) -> "Scene":
        """Other bytes arrive; with `signed_again` a modified app signs them as if it had taken them."""
        changed = self.but(examination=examine(data))
        return changed.with_record(sha256=hashlib.sha256(data).hexdigest()) if signed_again else changed

    def with_record(self, *, key: DeviceKey = KEY, **fields: object) -> "Scene":
        """A record with other fields, signed by the device (or by another key)."""
        text = canonical_json({**self.record(), **fields})
        return self.but(capture=text, signature=key.sign(text))

    def record(self) -> dict[str, Any]:
        assert self.evidence.capture is not None
        record: dict[str, Any] = msgspec.json.decode(self.evidence.capture)
        return record


def honest(
    *,
    taken_at: datetime = NOON,
    since_sync: timedelta = timedelta(minutes=12),
    until_received: timedelta = timedelta(hours=3),
    has_token: bool = True,
    restarted: bool = False,
    clock_off: timedelta = timedelta(),
    lat: float | None = SHOP.lat + 0.0003,
    lng: float | None = SHOP.lng,
    accuracy_m: float = 12.0,
    offset_minutes: int = 480,
    source: str = "camera",
    device_id: str = DEVICE,
) -> Scene:
    """A photo taken at `taken_at` (true time), `since_sync` after the last token, sent `until_received` later."""
    issued = taken_at - since_sync
    claimed = taken_at + clock_off
    photo = honest_photo(
        PICTURE,
        key=KEY,
        device_id=device_id,
        visit_id=VISIT,
        customer_id=CUSTOMER,
        taken_at=claimed,
        time_token=TOKENS.issue(device_id, issued) if has_token else None,
        token_issued=issued + clock_off if has_token and not restarted else None,
        lat=lat,
        lng=lng,
        accuracy_m=accuracy_m,
        offset_minutes=offset_minutes,
        source=source,
    )
    evidence = Evidence(
        photo_id=PHOTO,
        examination=examine(photo.jpeg),
        capture=photo.capture,
        signature=photo.signature,
        device_id=device_id,
        visit_id=VISIT,
        customer_id=CUSTOMER,
        received_at=taken_at + until_received,
        tokens=TOKENS,
        device_key=KEY.public,
        customer_place=SHOP,
    )
    return Scene(photo, evidence)


def codes(verdict: Verdict) -> list[str]:
    """Reason codes of a verdict, in order."""
    return [found.code for found in verdict.reasons]
