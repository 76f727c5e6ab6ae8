"""The built web app: files with hashed names for ever, everything else fresh, unknown paths are the app's own."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from sqlalchemy.exc import SQLAlchemyError

from server.api.security import content_policy
from server.api.state import Services
from server.company.tiles import tile_origin

_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".html": "text/html",
}
#: What the build has compressed beside the file itself, so that nobody waits while it is done for somebody else.
COMPRESSED = ("^/assets/", "^/app\\.pack$")
_FOREVER = "public, max-age=31536000, immutable"
_SERVER_PATHS = ("api/", "sync/", "media/", "schema")


def _file(root: Path, path: str) -> Path | None:
    """The file below the folder that a path names, or None: paths from outside may be anything."""
    try:
        target = (root / path).resolve()
        return target if target.is_relative_to(root) and target.is_file() else None
    except (ValueError, OSError):  # a NUL in it, longer than the disk allows
        return None


async def _tiles(services: Services) -> str | None:
    """The app starts, without tiles, also while the database does not answer."""
    try:
        return await services.reader.run(tile_origin)
    except SQLAlchemyError:
        return None


def pwa_routes(folder: Path) -> list[HTTPRouteHandler]:
    """Routes that serve the folder; without a build they say how to make one."""
    root = folder.resolve()

    async def respond(path: str, services: Services, headers: Mapping[str, str]) -> Response[Any]:
        accepted = headers.get("accept-encoding", "")
        target = _file(root, path) if path else root / "index.html"
        if target is None:
            # A page of the app may have a dot in its name (/reports/customers.count); what no page asks for is a file.
            opened = "text/html" in headers.get("accept", "") and not path.startswith("assets/")
            if path.startswith(_SERVER_PATHS) or ("." in path.rsplit("/", 1)[-1] and not opened):
                raise NotFoundException(path)
            target = root / "index.html"
        if not target.is_file():
            return Response("The web app is not built: run `make demo`.", status_code=503, media_type="text/plain")
        hashed = target.parent.name == "assets"
        sent = {"cache-control": _FOREVER if hashed else "no-cache"}
        if target.name == "sw.js":
            sent["service-worker-allowed"] = "/"
        if target.suffix == ".html":
            sent["content-security-policy"] = content_policy(await _tiles(services))
        media_type = _TYPES.get(target.suffix, "application/octet-stream")
        small = target.with_name(f"{target.name}.br")
        if small.is_file():
            sent["vary"] = "accept-encoding"
            if "br" in accepted:
                sent["content-encoding"] = "br"
                target = small
        return Response(target.read_bytes(), media_type=media_type, headers=sent)

    @get("/", include_in_schema=False)
    async def index(request: Request[Any, Any, Any], services: NamedDependency[Services]) -> Response[Any]:
        return await respond("", services, request.headers)

    @get("/{path:path}", include_in_schema=False)
    async def anything(
        request: Request[Any, Any, Any], services: NamedDependency[Services], path: FromPath[str]
    ) -> Response[Any]:
        return await respond(path.strip("/"), services, request.headers)

    return [index, anything]
