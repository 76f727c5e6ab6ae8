"""Stamped copies to hand out, and what anybody signed in may learn from the code on one (`/verify/<code>`)."""

import asyncio
import hashlib
from typing import Any, Literal

import msgspec
from litestar import Controller, Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy import select
from sqlalchemy.orm import Session

from media.codes import read_code
from media.store import BlobError
from server.api.security import signed_in
from server.api.state import Services
from server.company.zone import company_zone
from server.people.logins import Login
from server.photos.models import Photo
from server.photos.queries import Picture, find_picture
from server.photos.stamp import StampLines, stamp_lines, stamped
from server.records.actor import Actor
from server.records.errors import NotFound, error_texts
from server.records.fields import L
from server.records.visibility import checked, visible

#: Whatever a file claims to be, nothing in it may run.
SAFE_HEADERS = {
    "content-security-policy": "default-src 'none'; sandbox",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
}
Language = Literal["zh-CN", "zh-TW", "en"]
_MOST = 20

error_texts(
    {
        "code_mistyped": L(
            "核验码有误，请逐字核对（12 位字母和数字）",
            "核驗碼有誤，請逐字核對（12 位字母和數字）",
            "This code is mistyped; compare it letter by letter (12 letters and digits)",
        ),
        "code_unknown": L(
            "公司没有这个核验码的照片：这不是本系统的照片",
            "公司沒有這個核驗碼的照片：這不是本系統的照片",
            "The company has no photo with this code: it did not come from here",
        ),
    }
)


def find_stamp(session: Session, actor: Actor, photo_id: str, language: str) -> tuple[Picture, StampLines]:
    """A photo that this actor may see, and what stands on its stamped copy. Raises `NotFound` as `find_picture` does."""
    picture = find_picture(session, actor, photo_id)
    photo = session.scalars(select(Photo).where(visible(actor, Photo, [photo_id]))).one()
    return picture, stamp_lines(session, [photo], company_zone(session), language)[photo_id]


class Genuine(msgspec.Struct):
    """One photo that a code stands for: what is printed on its stamped copy, line by line, and the verdict of today.

    `id` only where the asking person may see the photo itself; `withdrawn` where its taker set it aside, e.g. took it again.
    """

    customer: str
    when: str
    where: str
    who: str
    mark: str
    kind: str
    kind_id: str | None
    verdict: str
    withdrawn: bool
    id: str | None = None
    has_picture: bool = False


class Verified(msgspec.Struct):
    """The photos with this code, the first one handed in first; more than one means that its bytes were handed in again."""

    code: str
    photos: list[Genuine]


# unrestricted: whoever holds a stamped copy may learn whether it is genuine, and nothing that is not printed on it
def verify(session: Session, actor: Actor, typed: str, language: str) -> Verified:
    """Raises `NotFound` code_mistyped, code_unknown."""
    code = read_code(typed)
    if code is None:
        raise NotFound("code_mistyped", typed=typed[:40])
    statement = select(Photo).where(Photo.code == code).order_by(Photo.created_at, Photo.id).limit(_MOST)
    photos = session.scalars(statement).all()
    if not photos:
        raise NotFound("code_unknown", typed=code)
    seen = set(session.scalars(select(Photo.id).where(Photo.code == code, checked(actor, Photo))))
    lines = stamp_lines(session, photos, company_zone(session), language)
    return Verified(code, [_genuine(photo, lines[photo.id], photo.id in seen) for photo in photos])


def _genuine(photo: Photo, lines: StampLines, seen: bool) -> Genuine:
    return Genuine(
        customer=lines.customer,
        when=lines.when,
        where=lines.where,
        who=lines.who,
        mark=lines.mark,
        kind=photo.kind,
        kind_id=photo.kind_id,
        verdict=photo.overruled_to or photo.verdict,
        withdrawn=photo.withdrawn_at is not None,
        id=photo.id if seen else None,
        has_picture=seen and photo.uploaded_at is not None,
    )


class StampController(Controller):
    path = "/media/v1"
    tags = ("media",)

    @get("/photos/{photo_id:str}/stamped", guards=[signed_in], operation_id="get_photo_stamped")
    async def get_stamped(
        self,
        services: NamedDependency[Services],
        request: Request[Any, Login, Any],
        photo_id: FromPath[str],
        lang: FromQuery[Language] = "zh-CN",
    ) -> Response[Any]:
        """A copy of 1280 pixels to hand out, with time, place, person, customer and code over its foot; anybody signed in
        can check the code at `/verify/<code>`. 404 not_uploaded, no_preview."""
        actor = request.auth.actor
        picture, lines = await services.reader.run(lambda session: find_stamp(session, actor, photo_id, lang))
        # Names change, so the browser has to ask again.
        tag = f'"{hashlib.sha256(repr((picture.sha256, lines)).encode()).hexdigest()[:32]}"'
        headers = {**SAFE_HEADERS, "cache-control": "private, no-cache", "etag": tag}
        if request.headers.get("if-none-match") == tag:
            return Response(None, status_code=304, headers=headers)
        try:
            data = await services.blobs.get("large", picture.sha256)
        except BlobError:
            raise NotFound("no_preview", id=photo_id) from None
        name = lines.code if lines.code.isascii() else photo_id[:36]  # one from before there were codes
        headers["content-disposition"] = f'inline; filename="{name}.jpg"'
        return Response(await asyncio.to_thread(stamped, data, lines), media_type="image/jpeg", headers=headers)


class VerifyController(Controller):
    path = "/api/verify"
    tags = ("photos",)
    guards = (signed_in,)

    @get("/{code:str}", operation_id="verify_code")
    async def get_code(
        self,
        services: NamedDependency[Services],
        request: Request[Any, Login, Any],
        code: FromPath[str],
        lang: FromQuery[Language] = "zh-CN",
    ) -> Verified:
        """Whether a code on a stamped copy is genuine, and what must then stand on it. 404 code_mistyped, code_unknown."""
        actor = request.auth.actor
        return await services.reader.run(lambda session: verify(session, actor, code, lang))
