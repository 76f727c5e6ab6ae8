"""The way down for files: only as a download, and only through the customer's visibility."""

import unicodedata
from typing import Any
from urllib.parse import quote

from litestar import Controller, Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from server.api.security import signed_in
from server.api.state import Services
from server.attachments.service import find_file
from server.people.logins import Login
from server.photos.verifying import SAFE_HEADERS
from server.records.errors import NotFound


class FileController(Controller):
    path = "/media/v1/files"
    tags = ("media",)

    @get("/{attachment_id:str}", guards=[signed_in], operation_id="get_file")
    async def get_file(
        self, services: NamedDependency[Services], request: Request[Any, Login, Any], attachment_id: FromPath[str]
    ) -> Response[Any]:
        """The bytes of an attachment, always as a download and never as what they say they are; 404 file_not_here,
        file_refused."""
        actor = request.auth.actor
        name, sha256, size = await services.reader.run(lambda session: find_file(session, actor, attachment_id))
        tag = f'"{sha256}"'
        headers = {
            **SAFE_HEADERS,
            "cache-control": "private, no-cache",
            "content-disposition": disposition(name),
            "etag": tag,
        }
        if request.headers.get("if-none-match") == tag:
            return Response(None, status_code=304, headers=headers)
        if await services.blobs.head("original", sha256) is None:
            raise NotFound("file_not_here", id=attachment_id)
        headers["content-length"] = str(size)
        content = services.blobs.stream("original", sha256)
        return Stream(content, media_type="application/octet-stream", headers=headers)


def disposition(name: str) -> str:
    """`Content-Disposition` with the name as it is (RFC 5987), and one in plain letters for who cannot read that."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    safe = "".join(c if c.isalnum() or c in "-_." else "_" for c in plain).lstrip(".")
    stem, _, ending = safe.rpartition(".")
    return f"attachment; filename=\"{stem or 'file'}.{ending}\"; filename*=UTF-8''{quote(name, safe='')}"


routes = [FileController]
