"""Exports over HTTP: ask for a file, watch it, fetch it in as many parts as the network takes."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import msgspec
from litestar import Controller, Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from litestar.response import Stream

from server.api.errors import language_of
from server.api.security import signed_in
from server.api.state import Services
from server.exports import jobs
from server.exports.jobs import PIECE, ExportState
from server.exports.making import Asked, maker_of
from server.exports.ranges import part_asked
from server.exports.work import gone, start
from server.people.logins import Login
from server.records.ids import uuid7


class ExportList(msgspec.Struct):
    """The newest first."""

    items: list[ExportState]


class ExportController(Controller):
    path = "/api/exports"
    tags = ("exports",)
    guards = (signed_in,)

    @post(operation_id="start_export", status_code=202)
    async def ask(
        self, data: JSONBody[Asked], services: NamedDependency[Services], request: Request[Any, Login, Any]
    ) -> ExportState:
        """Makes a list's workbook or a report's file behind the answer; poll it until `done`, then fetch it. It is kept
        for twelve hours. 403 forbidden, 404 not_found, 422 for a query that its list would refuse, 429 exports_busy."""
        actor, job_id = request.auth.actor, uuid7()
        await services.reader.run(lambda session: maker_of(data).check(session, actor, data))
        await services.writer.run(lambda session: jobs.new_job(session, actor, job_id, data, gone(services)))
        start(services, actor, job_id, data)
        return await self._state(services, request, job_id)

    @get(operation_id="list_exports")
    async def mine(self, services: NamedDependency[Services], request: Request[Any, Login, Any]) -> ExportList:
        """One's own files, made or being made."""
        actor, language = request.auth.actor, language_of(request)
        found = await services.reader.run(lambda session: jobs.jobs_of(session, actor))
        return ExportList([jobs.state_of(job, language, gone(services)) for job in found])

    @get("/{job_id:str}", operation_id="export_state")
    async def state(
        self, services: NamedDependency[Services], request: Request[Any, Login, Any], job_id: FromPath[str]
    ) -> ExportState:
        """writing → done, or failed with `code` and `text`. Only for whom it was made; 404 not_found."""
        return await self._state(services, request, job_id)

    @delete("/{job_id:str}", operation_id="forget_export", status_code=204)
    async def forget(
        self, services: NamedDependency[Services], request: Request[Any, Login, Any], job_id: FromPath[str]
    ) -> None:
        """Throws the file away before its time, once one has it. 404 not_found."""
        actor = request.auth.actor

        def work(session: Any) -> None:
            jobs.forget(session, jobs.job_of(session, actor, job_id).id)

        await services.writer.run(work)

    @get("/{job_id:str}/file", operation_id="export_file", response_class=Response)
    async def file(
        self, services: NamedDependency[Services], request: Request[Any, Login, Any], job_id: FromPath[str]
    ) -> Response[Any]:
        """The file, or the part of it that `Range` asks for (one range of bytes), so that a fetch that was cut off goes on
        where it was; with `If-Range`, the `ETag` of the file. 403 where the right to it is gone, 404 not_found, 409
        export_not_ready, 416 for bytes that it does not have."""
        actor = request.auth.actor
        job = await services.reader.run(lambda session: jobs.file_of(session, actor, job_id))
        etag = f'"{job.sha256}"'
        headers = {
            "accept-ranges": "bytes",
            "cache-control": "private, no-store",
            "content-disposition": f'attachment; filename="{job.file_name}"',
            "etag": etag,
        }
        asked = part_asked(request.headers.get("range"), request.headers.get("if-range"), etag, job.size)
        first, end = asked or (0, job.size)
        if asked is not None and first >= end:
            headers["content-range"] = f"bytes */{job.size}"
            return Response(b"", status_code=416, media_type=job.media_type, headers=headers)
        if asked is not None:
            headers["content-range"] = f"bytes {first}-{end - 1}/{job.size}"
        headers["content-length"] = str(end - first)
        return Stream(
            _bytes(services, job.id, first, end),
            status_code=200 if asked is None else 206,
            media_type=job.media_type,
            headers=headers,
        )

    async def _state(self, services: Services, request: Request[Any, Login, Any], job_id: str) -> ExportState:
        actor, language = request.auth.actor, language_of(request)
        job = await services.reader.run(lambda session: jobs.job_of(session, actor, job_id))
        return jobs.state_of(job, language, gone(services))


async def _bytes(services: Services, job_id: str, first: int, end: int) -> AsyncIterator[bytes]:
    """A file from one byte to before another, a piece at a time."""
    for part in range(first // PIECE, (end - 1) // PIECE + 1):
        piece = await services.reader.run(partial(jobs.piece_of, job_id=job_id, part=part))
        yield piece[max(0, first - part * PIECE) : end - part * PIECE]


routes = [ExportController]
