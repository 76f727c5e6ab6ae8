"""The way up for the bytes of a photo: tus 1.0 under `/media/v1/uploads`, resumable and idempotent by hash.

An upload is named by the SHA-256 it claims, and belongs to who sends it: `POST` names it (metadata `sha256`) and may be
repeated; its answer says in `Upload-Offset` how much is here already, all of it where these bytes are stored. The last
piece is answered when the whole agrees with its hash, is on the disk, and was judged.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from litestar import Controller, HttpMethod, Request, Response, head, patch, post, route
from litestar.di import NamedDependency
from litestar.exceptions import InternalServerException
from litestar.params import FromPath

from media import tus
from media.errors import MediaError
from media.images import DEFAULT_LIMITS
from media.spool import Progress, Writing
from server.api.admission import Busy, told_length
from server.api.errors import on_business_error
from server.api.security import signed_in
from server.api.state import Services
from server.people.logins import Login
from server.photos.intake import PhotoIntake, check_hash
from server.records.errors import BusinessError, NotFound, Rejected, error_texts
from server.records.fields import L

MAX_BLOB_BYTES = DEFAULT_LIMITS.max_bytes
#: Photos that may be stored and examined at once; who brings the next one comes again in a moment.
MOST_AT_WORK = 40
_COME_AGAIN = 15  # seconds
_STATUS = {"upload_missing": 404, "upload_locked": 423, "too_many_uploads": 429}
_TUS = {"tus-resumable": tus.VERSION, "cache-control": "no-store"}

error_texts(
    {
        "upload_missing": L(
            "上传已中断太久，将重新发送",
            "上傳已中斷太久，將重新傳送",
            "This upload was interrupted for too long and will begin anew",
        ),
        "upload_locked": L("这张照片正在上传", "這張照片正在上傳", "This photo is being uploaded already"),
        "too_many_uploads": L(
            "同时上传的照片太多，请稍后", "同時上傳的照片太多，請稍後", "Too many photos are being uploaded at once"
        ),
        "upload_offset": L(
            "服务器已收到 {offset} 字节，请从那里继续",
            "伺服器已收到 {offset} 位元組，請從那裡繼續",
            "The server has {offset} bytes; go on from there",
        ),
        "upload_too_long": L("发送的内容比声明的长", "傳送的內容比聲明的長", "More was sent than was announced"),
        "upload_header": L("请求头 {header} 不对", "請求標頭 {header} 不對", "The header {header} is not right"),
        "tus_version": L("只支持 tus {version}", "只支援 tus {version}", "Only tus {version} is spoken here"),
        "body_cut": L("传输中断，请继续", "傳輸中斷，請繼續", "The transfer was cut off; go on with it"),
        "body_stalled": L("传输停顿太久，请继续", "傳輸停頓太久，請繼續", "The transfer stalled; go on with it"),
        "checksum_mismatch": L(
            "这一段在传输中损坏，请重发",
            "這一段在傳輸中損壞，請重發",
            "This piece was damaged on the way; send it again",
        ),
    }
)


class UploadRefused(BusinessError):
    """`status` is what tus wants for it."""

    def __init__(self, status: int, code: str, **params: Any) -> None:
        super().__init__(code, **params)
        self.status = status


def _on_error(request: Request[Any, Any, Any], error: BusinessError | MediaError) -> Response[Any]:
    if isinstance(error, MediaError):
        status = error.status if isinstance(error, tus.TusError) else _STATUS.get(error.code, 422)
        error = UploadRefused(status, error.code, **error.detail)
    response = on_business_error(request, error)
    response.headers.update(_TUS)
    if error.status == 412:
        response.headers["tus-version"] = tus.VERSION
    if error.code == "upload_offset":
        response.headers["upload-offset"] = str(error.params["offset"])
    return response


def intake_of(services: Services, request: Request[Any, Any, Any]) -> PhotoIntake:
    """The one of this application; made with the first photo."""
    state = request.app.state
    if "photo_intake" not in state:
        state["photo_intake"] = PhotoIntake.open(services.blobs, services.writer, services.reader)
    intake: PhotoIntake = state["photo_intake"]
    return intake


class UploadController(Controller):
    path = "/media/v1/uploads"
    tags = ("media",)
    exception_handlers = {BusinessError: _on_error, MediaError: _on_error}

    @route("/", http_method=HttpMethod.OPTIONS, status_code=204, operation_id="upload_abilities")
    async def abilities(self) -> Response[None]:
        """What of tus is spoken here."""
        headers = {
            **_TUS,
            "tus-version": tus.VERSION,
            "tus-extension": tus.EXTENSIONS,
            "tus-max-size": str(MAX_BLOB_BYTES),
            "tus-checksum-algorithm": ",".join(tus.ALGORITHMS),
        }
        return Response(None, status_code=204, headers=headers)

    @post("/", guards=[signed_in], status_code=201, operation_id="begin_upload")
    async def begin(self, services: NamedDependency[Services], request: Request[Any, Login, Any]) -> Response[None]:
        """Begins or goes on with an upload of `Upload-Length` bytes whose SHA-256 is `Upload-Metadata: sha256`. The
        answer's `Upload-Offset` says how many are here; all where nothing needs to be sent. With a body (of type
        `application/offset+octet-stream`) the first bytes come along, where none are here.

        422 wrong_type, hash_mismatch; 413 blob_too_large; 423 upload_locked; 429 too_many_uploads; 460
        checksum_mismatch; 503 busy.
        """
        tus.check_version(request.headers)
        length = tus.number(request.headers, "upload-length")
        sha256 = tus.metadata(request.headers).get("sha256", "")
        check_hash(sha256)
        if length > MAX_BLOB_BYTES:
            raise UploadRefused(413, "blob_too_large", mb=MAX_BLOB_BYTES // 2**20)
        check = tus.checksum(request.headers)
        place = {"location": f"/media/v1/uploads/{sha256}"}
        stored = await intake_of(services, request).stored(sha256)
        if stored is not None:
            if stored != length:
                raise Rejected("hash_mismatch", field="sha256", sha256=sha256)
            return _answer(201, Progress(length, length, 0), place)
        writing = await asyncio.to_thread(services.spool.begin, request.auth.actor.employee_id, sha256, length)
        try:
            first = writing.end == 0 and request.headers.get("content-type") == tus.CONTENT_TYPE
            if first or length == 0:
                await _take(services, request, writing, sha256, check)
            return _answer(201, writing.progress(), place)
        finally:
            writing.close()

    @head("/{sha256:str}", guards=[signed_in], operation_id="look_at_upload")
    async def look(
        self, services: NamedDependency[Services], request: Request[Any, Login, Any], sha256: FromPath[str]
    ) -> Response[None]:
        """How far one's own upload is; all of it where these bytes are stored. 404 upload_missing."""
        tus.check_version(request.headers)
        found = await asyncio.to_thread(services.spool.look, request.auth.actor.employee_id, sha256)
        stored = await intake_of(services, request).stored(sha256)
        if stored is not None:
            found = Progress(stored, stored, 0)
        if found is None:
            raise NotFound("upload_missing")
        return _answer(200, found, {"upload-length": str(found.length)})

    @patch("/{sha256:str}", guards=[signed_in], status_code=204, operation_id="continue_upload")
    async def go_on(
        self, services: NamedDependency[Services], request: Request[Any, Login, Any], sha256: FromPath[str]
    ) -> Response[None]:
        """Adds bytes at `Upload-Offset`. The answer to the last ones comes when the whole is stored and judged.

        404 upload_missing; 409 upload_offset; 413 upload_too_long; 415; 422 hash_mismatch (the upload is over); 423
        upload_locked; 460 checksum_mismatch; 503 busy.
        """
        tus.check_version(request.headers)
        if request.headers.get("content-type") != tus.CONTENT_TYPE:
            raise UploadRefused(415, "upload_header", header="content-type")
        offset = tus.number(request.headers, "upload-offset")
        check = tus.checksum(request.headers)
        try:
            writing = await asyncio.to_thread(services.spool.open, request.auth.actor.employee_id, sha256)
        except MediaError as error:
            stored = await intake_of(services, request).stored(sha256) if error.code == "upload_missing" else None
            if stored is None:
                raise
            raise UploadRefused(409, "upload_offset", offset=stored) from None
        try:
            if offset != writing.offset:
                raise UploadRefused(409, "upload_offset", offset=writing.offset)
            await _take(services, request, writing, sha256, check)
            return _answer(204, writing.progress())
        finally:
            writing.close()


async def _take(
    services: Services,
    request: Request[Any, Login, Any],
    writing: Writing,
    sha256: str,
    check: tus.Checksum | None,
) -> None:
    """Adds the body of a request to its upload, and accepts the photo where that was the last of it."""
    intake = intake_of(services, request)
    announced = told_length(request)
    if intake.at_work >= MOST_AT_WORK and (announced is None or announced >= writing.left):
        raise Busy(_COME_AGAIN)
    await tus.receive(writing, _body(request), announced, check)
    if writing.left > 0:
        return
    try:
        await intake.accept(sha256, writing, request.auth.actor.employee_id)
    except Rejected:
        writing.remove()
        raise
    writing.remove()


async def _body(request: Request[Any, Any, Any]) -> AsyncIterator[bytes]:
    try:
        async for piece in request.stream():
            yield piece
    except InternalServerException:  # who sent it has gone
        raise tus.TusError(400, "body_cut") from None


def _answer(status: int, progress: Progress, more: dict[str, str] | None = None) -> Response[None]:
    headers = {**_TUS, **(more or {}), "upload-offset": str(progress.offset)}
    if progress.offset < progress.length:
        headers["upload-expires"] = tus.expires(progress)
    return Response(None, status_code=status, headers=headers)
