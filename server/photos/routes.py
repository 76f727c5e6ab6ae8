"""The routes of pictures: bytes go up under their hash, and come down only through the photo's visibility."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal

from litestar import Controller, Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Stream
from sqlalchemy.orm import Session

from media.store import BlobError
from server.api.security import signed_in
from server.api.state import Services
from server.company.zone import company_zone
from server.people.logins import Login
from server.photos.queries import RepTrust, find_picture, trust_by_person
from server.photos.report.controller import ReportController
from server.photos.uploads import UploadController
from server.photos.verifying import SAFE_HEADERS, StampController, VerifyController
from server.photos.wall import WallPage, moments_of, wall_page
from server.records.errors import NotFound

#: A photo's bytes never change, but who may see them does: only the own browser keeps them.
_CACHE = "private, max-age=31536000, immutable"


class MediaController(Controller):
    path = "/media/v1"
    tags = ("media",)

    @get("/photos/{photo_id:str}/{size:str}", guards=[signed_in], operation_id="get_photo_picture")
    async def get_picture(
        self,
        services: NamedDependency[Services],
        request: Request[Any, Login, Any],
        photo_id: FromPath[str],
        size: FromPath[Literal["original", "large", "small"]],
    ) -> Response[Any]:
        """The picture (`large` 1280, `small` 320 pixels) or the original bytes; 404 not_uploaded, no_preview, original_removed.

        Originals that no browser can show, damaged ones among them, come as a download.
        """
        actor = request.auth.actor
        picture = await services.reader.run(lambda session: find_picture(session, actor, photo_id))
        tag = f'"{picture.sha256}-{size}"'
        headers = {**SAFE_HEADERS, "cache-control": _CACHE, "etag": tag}
        if request.headers.get("if-none-match") == tag:
            return Response(None, status_code=304, headers=headers)
        if size == "original" and picture.removed:
            raise NotFound("original_removed", id=photo_id)
        if size == "original":
            if picture.media_type is None:
                headers["content-disposition"] = f'attachment; filename="{photo_id[:36]}.bin"'
            headers["content-length"] = str(picture.size)
            media_type = picture.media_type or "application/octet-stream"
            return Stream(services.blobs.stream("original", picture.sha256), media_type=media_type, headers=headers)
        try:
            data = await services.blobs.get(size, picture.sha256)
        except BlobError:
            raise NotFound("no_preview", id=photo_id) from None
        return Response(data, media_type="image/jpeg", headers=headers)


class TrustController(Controller):
    path = "/api/evidence"
    tags = ("team",)
    guards = (signed_in,)

    @get("/by-person", operation_id="trust_by_person")
    async def by_person(
        self,
        services: NamedDependency[Services],
        request: Request[Any, Login, Any],
        since: FromQuery[date | None] = None,
        until: FromQuery[date | None] = None,
    ) -> list[RepTrust]:
        """How far the photos of each person can be believed, for the people whose photos one may see: from `since` to
        `until`, business days included (default: the last 30). Most open suspects first; the photos themselves are
        `GET /api/photos?sort=-attention`."""
        actor = request.auth.actor

        def read(session: Session) -> list[RepTrust]:
            zone = company_zone(session)
            last = until or datetime.now(UTC).astimezone(zone).date()
            first = since or last - timedelta(days=29)
            start, end = (datetime.combine(day, time.min, zone) for day in (first, last + timedelta(days=1)))
            return trust_by_person(session, actor, start.astimezone(UTC), end.astimezone(UTC))

        return await services.reader.run(read)

    @get("/wall", operation_id="photo_wall")
    async def wall(
        self,
        services: NamedDependency[Services],
        request: Request[Any, Login, Any],
        since: FromQuery[date | None] = None,
        until: FromQuery[date | None] = None,
        after: FromQuery[str] = "",
    ) -> WallPage:
        """The photos of the business days from `since` to `until` (default: today) that one may see, the doubtful ones
        first, in pages of 1,000 thin rows; the whole row is `GET /api/photos/{id}`."""
        actor = request.auth.actor

        def read(session: Session) -> WallPage:
            zone = company_zone(session)
            last = until or datetime.now(UTC).astimezone(zone).date()
            return wall_page(session, actor, moments_of(zone, since or last, last), after)

        return await services.reader.run(read)


routes = [UploadController, MediaController, StampController, VerifyController, TrustController, ReportController]
