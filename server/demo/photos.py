"""From the diary's shots to photo rows with the verdict the server would have given."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from sqlalchemy import insert
from sqlalchemy.orm import Session

from media.capture import parse_capture
from media.codes import photo_code
from media.evidence import Evidence, Place, Thresholds, judge
from media.make import DeviceKey
from media.tokens import TimeTokens
from server.demo.diary import Shot
from server.demo.dice import Dice
from server.demo.pictures import Made
from server.demo.pictures import Order as PictureOrder
from server.photos.alike import file_fingerprint
from server.photos.models import PHOTO_KINDS, Photo, blob
from server.photos.service import write_verdict
from server.visits.completeness import lacking
from server.visits.service import roll_up

_WEAK_ACCURACY_M = 900.0


def order_pictures(dice: Dice, shots: list[Shot], tokens: TimeTokens) -> list[PictureOrder]:
    """What the phones did. An honest photo may still lack proof: from the gallery, without a fix, without a token."""
    orders = []
    for shot in shots:
        no_fix = shot.trouble in ("no_position", "gallery")
        no_token = shot.trouble in ("no_token", "gallery")
        device = shot.rep.device_id
        orders.append(
            PictureOrder(
                photo_id=dice.id_at(shot.taken_at),
                capture_id=dice.id_at(shot.taken_at),
                scene=int(shot.customer.id[-8:], 16),
                label=_sign(shot.customer.name),
                kind=shot.kind,
                key_seed=shot.rep.key_seed,
                device_id=device,
                visit_id=shot.visit.id,
                customer_id=shot.customer.id,
                taken_at=shot.taken_at,
                time_token=None if no_token else tokens.issue(device, shot.synced_at),
                token_issued=None if no_token else shot.synced_at,
                lat=None if no_fix else shot.place[0],
                lng=None if no_fix else shot.place[1],
                accuracy_m=_WEAK_ACCURACY_M if shot.trouble == "weak" else shot.accuracy_m,
                source="gallery" if shot.trouble == "gallery" else "camera",
            )
        )
    return orders


def _sign(name: str) -> str:
    """What stands above the door."""
    return name.removesuffix("有限公司")[:14]


def file_photos(
    session: Session,
    shots: list[Shot],
    orders: list[PictureOrder],
    made: Iterable[Made],
    tokens: TimeTokens,
    geofence_m: float,
    needs: Mapping[str, list[dict[str, Any]]],
) -> list[Photo]:
    """The rows of the photos, judged by the real judge; visits and storefronts of customers follow from them. `needs`:
    the photos that each type of visit asks for."""
    photos: list[Photo] = []
    blobs: list[dict[str, Any]] = []
    by_visit: dict[str, list[Photo]] = {}
    keys: dict[bytes, str] = {}
    for shot, order, one in zip(shots, orders, made, strict=True):
        key = keys.setdefault(shot.rep.key_seed, "") or DeviceKey(shot.rep.key_seed).public
        keys[shot.rep.key_seed] = key
        photo = _judged(shot, order, one, tokens, key, geofence_m)
        photos.append(photo)
        by_visit.setdefault(shot.visit.id, []).append(photo)
        file_fingerprint(session, one.examination.sha256, one.likeness)
        blobs.append(
            {
                "sha256": photo.sha256,
                "size": one.examination.size,
                "examination": msgspec.json.encode(one.examination).decode(),
                "uploaded_by": shot.rep.id,
                "uploaded_at": shot.received_at,
            }
        )
    if blobs:
        session.execute(insert(blob), blobs)
    for shot in shots:
        _settle(shot, by_visit[shot.visit.id], needs)
    return photos


def _judged(shot: Shot, order: PictureOrder, made: Made, tokens: TimeTokens, key: str, geofence_m: float) -> Photo:
    customer = shot.customer
    assert customer.geo_lat is not None
    assert customer.geo_lng is not None
    verdict = judge(
        Evidence(
            photo_id=made.photo_id,
            examination=made.examination,
            capture=made.capture,
            signature=made.signature,
            device_id=order.device_id,
            visit_id=order.visit_id,
            customer_id=order.customer_id,
            received_at=shot.received_at,
            tokens=tokens,
            device_key=key,
            customer_place=Place(customer.geo_lat, customer.geo_lng),
        ),
        Thresholds(geofence_m=geofence_m),
    )
    record = parse_capture(made.capture)
    photo = Photo(
        id=made.photo_id,
        customer_id=customer.id,
        visit_id=shot.visit.id,
        kind=shot.kind if shot.kind in PHOTO_KINDS else "other",
        kind_id=None if shot.kind in PHOTO_KINDS else shot.kind,
        source=record.source,
        taken_by=shot.rep.id,
        taken_at=shot.taken_at,
        sha256=record.sha256,
        code=photo_code(record.sha256),
        capture_id=record.capture_id,
        capture=made.capture,
        signature=made.signature,
        device_id=order.device_id,
        created_at=shot.received_at,
        created_by=shot.rep.id,
    )
    write_verdict(photo, verdict, made.examination, shot.received_at)
    return photo


def _settle(shot: Shot, photos: list[Photo], needs: Mapping[str, list[dict[str, Any]]]) -> None:
    """What `server.photos.service.settle_visit` writes after a verdict, and `note_missing` at the end of the visit."""
    roll_up(shot.visit, photos)
    if shot.visit.state == "done":
        shot.visit.missing_photos = lacking(
            needs[shot.visit.visit_type_id or ""], [one.kind_id or one.kind for one in photos]
        )
    fronts = [photo for photo in photos if photo.kind == "storefront"]
    if shot.visit.evidence == "verified" and fronts and shot.customer.storefront_photo is None:
        shot.customer.storefront_photo = min(fronts, key=lambda photo: photo.id).id
