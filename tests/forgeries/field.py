"""A company in which forgers try their luck: visits and photos through push and upload, as phones send them."""

from __future__ import annotations

import hashlib
import io
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import piexif
from PIL import Image
from sqlalchemy.orm import Session

from media.capture import parse_capture
from media.make import make_exif
from server.customers.models import Customer
from server.records.ids import uuid7
from tests.support.fieldwork import NEAR, Shot, check_in, new_shop, shoot, upload
from tests.support.world import Person, World

HOUR = timedelta(hours=1)
_numbers = itertools.count(1)
Made = Callable[["Field"], str]


def encode(picture: Image.Image, exif: bytes = b"", quality: int = 70, kind: str = "JPEG") -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, exif=exif, **({"quality": quality} if kind == "JPEG" else {}))
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def exif_in(data: bytes) -> bytes:
    found: bytes = opened(data).info["exif"]
    return found


@dataclass
class Field:
    """One company, several reps; every call is a request to the real application."""

    world: World

    def person(self, username: str = "rep", device: str = "phone") -> Person:
        person = self.world.person(username, device)
        if not person.time_token:
            person.pull()
        return person

    def token(self, person: Person, age: timedelta) -> str:
        """The server time this phone got that long ago."""
        return str(self.world.app.state.services.tokens.issue(person.device_id, datetime.now(UTC) - age))

    def shop(self, person: Person | None = None, *, filed_days_ago: int = 0, **values: Any) -> str:
        shop_id = new_shop(person or self.person(), f"王记超市 {next(_numbers)} 号", **values)
        if filed_days_ago:

            def age(session: Session) -> None:
                session.get_one(Customer, shop_id).created_at -= timedelta(days=filed_days_ago)

            self.world.app.state.services.writer.call(age)
        return shop_id

    def visit(self, shop: str, person: Person | None = None, at: datetime | None = None) -> str:
        """Checks in; the id of the visit."""
        someone = person or self.person()
        arrive = check_in(someone, shop, at)
        [result] = someone.push(arrive)
        assert result["status"] == "applied", result
        return str(arrive["args"]["id"])

    def shot(self, person: Person | None = None, **more: Any) -> Shot:
        """An honest photo of a new visit to a new shop, not yet handed in."""
        someone = person or self.person()
        shop = more.pop("shop", None) or self.shop(someone)
        began = more.get("at")
        visit = more.pop("visit", None) or self.visit(shop, someone, began and began - timedelta(minutes=1))
        return shoot(someone, visit, shop, **more)

    def send(self, shot: Shot, data: bytes | None = None, person: Person | None = None) -> str:
        """Hands in a photo: its op by push, its bytes by upload; `data` instead of its own bytes, under their own hash
        as a browser would."""
        someone = person or self.person()
        [result] = someone.push(shot.op)
        assert result["status"] == "applied", result
        body = shot.photo.jpeg if data is None else data
        named = shot.photo.sha256 if data is None else hashlib.sha256(body).hexdigest()
        assert upload(someone, body, named).status_code == 201
        return shot.id

    def bytes_of(self, shot: Shot, person: Person | None = None) -> None:
        """Uploads the bytes of a photo whose op was pushed before."""
        assert upload(person or self.person(), shot.photo.jpeg, shot.photo.sha256).status_code == 201

    def send_as(self, data: bytes, shot: Shot | None = None, person: Person | None = None, **fields: Any) -> str:
        """A modified app signs other bytes as if it had taken them."""
        someone = person or self.person()
        signed = (shot or self.shot(someone)).signed(someone, sha256=hashlib.sha256(data).hexdigest(), **fields)
        return self.send(replace(signed, photo=replace(signed.photo, jpeg=data)), data, someone)

    def send_record(self, shot: Shot | None = None, person: Person | None = None, **fields: Any) -> str:
        """A modified app signs another record about the honest bytes."""
        someone = person or self.person()
        return self.send((shot or self.shot(someone)).signed(someone, **fields), person=someone)

    def copy(self, change: Callable[[Image.Image], Image.Image], seed: int, quality: int = 70) -> str:
        """Somebody's earlier photo, changed by `change`, with EXIF and record made anew for another customer. The seed
        says which picture, because not quite every cropped one is found (docs/decisions/0014)."""
        original = self.shot(self.person("rep2"), seed=seed)
        self.send(original, person=self.person("rep2"))
        picture = change(opened(original.photo.jpeg).convert("RGB"))
        shot = self.shot()
        return self.send_as(encode(picture, self.exif_for(shot, picture.size), quality), shot)

    def exif_for(self, shot: Shot, size: tuple[int, int]) -> bytes:
        """What the app would have written into another picture at that moment."""
        record = parse_capture(shot.photo.capture)
        return make_exif(record.taken_at, 480, record.capture_id, record.samples[-1], size)

    @staticmethod
    def samples(shot: Shot) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(shot.photo.capture)["samples"]
        return found

    def result(self, photo_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.world.person("boss").get(f"/api/photos/{photo_id}")
        return found


def still(
    place: tuple[float, float] = NEAR, accuracy: float = 12.0, at: datetime | None = None
) -> list[dict[str, Any]]:
    """Four samples of a program that gives the same position every second."""
    now = at or datetime.now(UTC)
    return [
        {"lat": place[0], "lng": place[1], "accuracy": accuracy, "at": (now - timedelta(seconds=ago)).isoformat()}
        for ago in (6, 4, 2, 0)
    ]


def with_gps(data: bytes, gps: dict[int, Any]) -> bytes:
    """The same picture with another GPS block; the rest of our own EXIF stays."""
    tags = piexif.load(exif_in(data))  # our own bytes, from media.make
    tags["GPS"] = gps
    return encode(opened(data), piexif.dump(tags))


def new_id() -> str:
    return uuid7()
