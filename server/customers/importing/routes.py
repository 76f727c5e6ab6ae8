"""Imports over HTTP: upload, watch, look at the rows, import the good ones, fetch the rest."""

import asyncio
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from server.api.errors import language_of
from server.api.security import require, signed_in
from server.api.state import Services
from server.customers.importing import jobs
from server.customers.importing.columns import sheets_for
from server.customers.importing.template import rest_workbook, template
from server.customers.importing.work import keep_workbook, start_commit, start_reading
from server.customers.importing.workbook import MAX_BYTES, open_workbook
from server.people.logins import Login
from server.records.errors import BusinessError, Rejected
from server.records.fields import L
from server.records.ids import uuid7

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PERMISSION = "customer.import"
_TAGS = ("imports",)


class FileTooLarge(BusinessError):
    status = 413


async def _uploaded(request: Request[Any, Login, Any], name: str) -> tuple[str, bytes]:
    """The file of a form, or the body itself."""
    if request.headers.get("content-type", "").startswith("multipart/"):
        form = await request.form()
        file = next((value for value in form.values() if isinstance(value, UploadFile)), None)
        if file is None:
            raise Rejected("required", field="file", label=L("文件", "檔案", "File"))
        content, name = await file.read(), name or file.filename
    else:
        content = await request.body()
    if len(content) > MAX_BYTES:
        raise FileTooLarge("file_too_large", field="file", max=MAX_BYTES // 1024 // 1024)
    return name[:200] or "客户资料.xlsx", content


@post(
    "/api/imports/customers",
    operation_id="import_customers",
    status_code=202,
    guards=[signed_in],
    tags=_TAGS,
    request_max_body_size=MAX_BYTES + 64 * 1024,
)
async def upload(
    services: NamedDependency[Services], request: Request[Any, Login, Any], name: FromQuery[str] = ""
) -> dict[str, Any]:
    """Takes a workbook (multipart or as the body) and reads it behind the answer; poll the job until `preview`.

    422 not_a_workbook, wrong_sheets, wrong_headers, workbook_too_large; 413 file_too_large.
    """
    actor = require(request, _PERMISSION)
    file_name, content = await _uploaded(request, name)
    sheets = await services.reader.run(lambda session: sheets_for(session, actor))
    opened = await asyncio.to_thread(open_workbook, content, sheets)
    headers = {table.sheet.key: table.headers for table in opened.tables}
    job_id, language = uuid7(), language_of(request)
    await services.writer.run(lambda session: jobs.new_job(session, actor, job_id, file_name, headers, opened.count))
    await asyncio.to_thread(keep_workbook, services, job_id, content)
    start_reading(services, actor, job_id, opened)
    return await services.reader.run(lambda session: jobs.describe(session, actor, job_id, language))


@get("/api/imports/{job_id:str}", operation_id="import_state", guards=[signed_in], tags=_TAGS)
async def state(
    services: NamedDependency[Services], request: Request[Any, Login, Any], job_id: FromPath[str]
) -> dict[str, Any]:
    """reading → preview → importing → done; failed or interrupted with `code` and `text`. `done` of `total` rows; while it
    is read, the total is an estimate."""
    actor, language = require(request, _PERMISSION), language_of(request)
    return await services.reader.run(lambda session: jobs.describe(session, actor, job_id, language))


@get("/api/imports/{job_id:str}/rows", operation_id="import_rows", guards=[signed_in], tags=_TAGS)
async def rows(
    services: NamedDependency[Services],
    request: Request[Any, Login, Any],
    job_id: FromPath[str],
    only: FromQuery[str] = "",
    sheet: FromQuery[str] = "",
    after: FromQuery[int] = 0,
    limit: FromQuery[int] = 100,
) -> dict[str, Any]:
    """Each row as it will be. `only`: errors, warnings or ok; `sheet`: customer or contact; `after`: the last `seq`."""
    actor, language = require(request, _PERMISSION), language_of(request)
    count = max(1, min(limit, jobs.MAX_PAGE))
    return await services.reader.run(
        lambda session: jobs.list_rows(session, actor, job_id, only, sheet, after, count, language)
    )


@post(
    "/api/imports/{job_id:str}/commit", operation_id="import_commit", status_code=202, guards=[signed_in], tags=_TAGS
)
async def commit(
    services: NamedDependency[Services], request: Request[Any, Login, Any], job_id: FromPath[str]
) -> dict[str, Any]:
    """Imports the good rows behind the answer. Asked twice it runs once; an interrupted one goes on."""
    actor, language = require(request, _PERMISSION), language_of(request)
    actor.require("customer.create")
    if await services.writer.run(lambda session: jobs.begin_commit(session, actor, job_id)):
        start_commit(services, actor, job_id)
    return await services.reader.run(lambda session: jobs.describe(session, actor, job_id, language))


def _workbook(content: bytes, name: str) -> Response[bytes]:
    disposition = f"attachment; filename=\"import.xlsx\"; filename*=UTF-8''{quote(name)}"
    return Response(content, media_type=XLSX, headers={"content-disposition": disposition})


@get("/api/imports/{job_id:str}/rest.xlsx", operation_id="import_rest", guards=[signed_in], tags=_TAGS)
async def rest(
    services: NamedDependency[Services], request: Request[Any, Login, Any], job_id: FromPath[str]
) -> Response[bytes]:
    """The rows that were not imported, with a column that says why; corrected, it can be imported itself."""
    actor, language = require(request, _PERMISSION), language_of(request)
    content = await services.reader.run(
        lambda session: rest_workbook(*jobs.rest_of(session, actor, job_id, language), language)
    )
    return _workbook(content, "未导入.xlsx")


@get("/api/imports/template.xlsx", operation_id="import_template", guards=[signed_in], tags=_TAGS)
async def template_file(services: NamedDependency[Services], request: Request[Any, Login, Any]) -> Response[bytes]:
    """The workbook to fill in: two sheets, a note on every column, the company's lists as choices."""
    actor, language = require(request, _PERMISSION), language_of(request)
    content = await services.reader.run(lambda session: template(session, actor, language))
    return _workbook(content, "客户资料.xlsx")


import_routes = [upload, state, rows, commit, rest, template_file]
