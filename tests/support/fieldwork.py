"""What a rep does in the field, in the words of the tests: visits with honest or forged photos."""

from __future__ import annotations

import base64
import itertools
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from PIL import Image

from media.capture import canonical_json
from media.drawing import draw_shop
from media.make import MadePhoto, honest_photo
from server.records.ids import uuid7
from tests.support.world import Person

#: In front of a shop in Qingdao, and how far a rep stands from it.
SHOP = (36.0671, 120.3826)
NEAR = (36.0673, 120.3826)


@cache
def picture(seed: int = 1) -> Image.Image:
    return draw_shop(seed, "王记超市").resize((640, 480))


@dataclass(frozen=True)
class Shot:
    """A photo on the phone: its bytes and the op that tells of it."""

    id: str
    photo: MadePhoto
    op: dict[str, Any]

    def signed(self, person: Person, **fields: Any) -> Shot:
        """The same bytes with another record, signed by the device all the same: a modified app."""
        text = canonical_json({**json.loads(self.photo.capture), **fields})
        signature = person.key.sign(text)
        args = {**self.op["args"], "capture": text, "signature": signature}
        return replace(
            self, photo=replace(self.photo, capture=text, signature=signature), op={**self.op, "args": args}
        )


_shots = itertools.count(1)
_mobiles = itertools.count(13_900_000_001)


def shop_values(name: str = "王记超市", **values: Any) -> dict[str, Any]:
    """The fields of a customer whose place is known."""
    return {"name": name, "mobile": str(next(_mobiles)), "geo_lat": SHOP[0], "geo_lng": SHOP[1], **values}


def new_shop(person: Person, name: str = "王记超市", **values: Any) -> str:
    return person.create("customer", **shop_values(name, **values))


def check_in(person: Person, customer_id: str, at: datetime | None = None, **more: Any) -> dict[str, Any]:
    """The op of a check-in at the door; its `args["id"]` is the visit."""
    moment = at or datetime.now(UTC)
    place = {"lat": NEAR[0], "lng": NEAR[1], "accuracy": 12.0}
    args = {"id": uuid7(), "customer_id": customer_id, "at": moment.isoformat(), **place, **more}
    return person.op("visit.check_in", args, at=moment)


def shoot(
    person: Person,
    visit_id: str,
    customer_id: str,
    *,
    at: datetime | None = None,
    place: tuple[float, float] | None = NEAR,
    seed: int | None = None,
    kind: str = "storefront",
    needs: list[str] | None = None,
    **more: Any,
) -> Shot:
    """An honest photo with the app's camera; the person must have pulled, which is where time tokens come from.

    Without a `seed` every photo shows another picture; and nobody stands on the same centimetre twice.
    """
    assert person.time_token, "pull first"
    taken = at or datetime.now(UTC)
    number = next(_shots)
    lat, lng = (place[0] + number % 500 * 1e-7, place[1]) if place else (None, None)
    photo = honest_photo(
        picture(1000 + number if seed is None else seed),
        key=person.key,
        device_id=person.device_id,
        visit_id=visit_id,
        customer_id=customer_id,
        taken_at=taken,
        lat=lat,
        lng=lng,
        kind=kind,
        **{"time_token": person.time_token, "token_issued": taken - timedelta(milliseconds=1), **more},
    )
    photo_id = uuid7()
    args = {
        "id": photo_id,
        "visit_id": visit_id,
        "customer_id": customer_id,
        "kind": kind,
        "capture": photo.capture,
        "signature": photo.signature,
    }
    return Shot(photo_id, photo, person.op("photo.attach", args, needs=needs or [], at=taken))


def upload(person: Person, data: bytes, sha256: str) -> Any:
    """Hands in bytes under a hash, in one request; the raw response, 201 when they are stored and judged."""
    headers = {
        "tus-resumable": "1.0.0",
        "upload-length": str(len(data)),
        "upload-metadata": f"sha256 {base64.b64encode(sha256.encode()).decode()}",
        "content-type": "application/offset+octet-stream",
    }
    return person.client.post("/media/v1/uploads", content=data, headers=headers)


def uploaded(person: Person, sha256: str) -> int | None:
    """How many bytes under a hash are at the server; None where it knows of none."""
    found = person.client.head(f"/media/v1/uploads/{sha256}", headers={"tus-resumable": "1.0.0"})
    return None if found.status_code == 404 else int(found.headers["upload-offset"])


def visit_with_photo(person: Person, customer_id: str, **more: Any) -> tuple[str, Shot]:
    """A visit of now with one photo, handed in and uploaded; its id and the shot."""
    person.pull()
    arrive = check_in(person, customer_id)
    visit_id: str = arrive["args"]["id"]
    shot = shoot(person, visit_id, customer_id, **more)
    results = person.push(arrive, shot.op)
    assert [result["status"] for result in results] == ["applied", "applied"], results
    assert upload(person, shot.photo.jpeg, shot.photo.sha256).status_code == 201
    return visit_id, shot


def codes(row: dict[str, Any]) -> list[str]:
    """Reason codes of a photo, in order."""
    return [reason["code"] for reason in row["reasons"] or []]
