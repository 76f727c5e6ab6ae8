"""The way down for the pictures of form templates: only as a download, for everybody who is signed in."""

from typing import Any

from litestar import Controller, Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from server.api.security import signed_in
from server.api.state import Services
from server.layouts.templates import find_picture
from server.people.logins import Login
from server.photos.verifying import SAFE_HEADERS
from server.records.errors import NotFound


class TemplatePictureController(Controller):
    path = "/media/v1/form-templates"
    tags = ("media",)

    @get("/{template_id:str}", guards=[signed_in], operation_id="get_form_template_picture")
    async def picture(
        self, services: NamedDependency[Services], request: Request[Any, Login, Any], template_id: FromPath[str]
    ) -> Response[Any]:
        """The bytes of a form template's picture, a PNG or JPEG, always as a download; the row says which."""
        actor = request.auth.actor
        sha256, kind, size = await services.reader.run(lambda session: find_picture(session, actor, template_id))
        tag = f'"{sha256}"'
        headers = {
            **SAFE_HEADERS,
            "cache-control": "private, no-cache",
            "content-disposition": f'attachment; filename="picture.{kind}"',
            "etag": tag,
        }
        if request.headers.get("if-none-match") == tag:
            return Response(None, status_code=304, headers=headers)
        if await services.blobs.head("original", sha256) is None:
            raise NotFound("not_found", record="form_template", id=template_id)
        headers["content-length"] = str(size)
        return Stream(
            services.blobs.stream("original", sha256), media_type="application/octet-stream", headers=headers
        )


routes = [TemplatePictureController]
