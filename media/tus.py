"""tus 1.0 (https://tus.io/protocols/resumable-upload): what its headers say, and how a body becomes bytes of an upload.

Core, creation, creation-with-upload, checksum and expiration. Knows nothing of the web framework.
"""

import asyncio
import base64
import binascii
import hashlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from hmac import compare_digest

from media.errors import MediaError
from media.spool import KEPT_SECONDS, Progress, Writing

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,checksum,expiration"
#: As they are named in `Upload-Checksum`; the first is what our own app uses.
ALGORITHMS = ("sha256", "sha1")
CONTENT_TYPE = "application/offset+octet-stream"
#: Seconds without a byte after which a request counts as cut off: it holds the lock of its upload.
IDLE_SECONDS = 20.0
#: Bytes that are gathered before they are written.
_PIECE = 256 * 1024


class TusError(MediaError):
    """`status` is the protocol's: 400, 408, 409, 412, 413, 415, 422 or 460."""

    def __init__(self, status: int, code: str, **detail: object) -> None:
        super().__init__(code, **detail)
        self.status = status


@dataclass(frozen=True, slots=True)
class Checksum:
    """`Upload-Checksum`: what the body of this one request hashes to."""

    algorithm: str
    digest: bytes


def check_version(headers: Mapping[str, str]) -> None:
    if headers.get("tus-resumable") != VERSION:
        raise TusError(412, "tus_version", version=VERSION)


def number(headers: Mapping[str, str], name: str) -> int:
    """A header that is a count of bytes. Raises TusError 400."""
    text = headers.get(name, "")
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise TusError(400, "upload_header", header=name)
    return int(text)


def metadata(headers: Mapping[str, str]) -> dict[str, str]:
    """`Upload-Metadata`: names, and values in Base64. Raises TusError 400."""
    found: dict[str, str] = {}
    for pair in filter(None, headers.get("upload-metadata", "").split(",")):
        name, _, value = pair.strip().partition(" ")
        try:
            found[name] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeError):
            raise TusError(400, "upload_header", header="upload-metadata") from None
    return found


def checksum(headers: Mapping[str, str]) -> Checksum | None:
    """Raises TusError 400 where there is one that cannot be understood or checked."""
    text = headers.get("upload-checksum")
    if text is None:
        return None
    algorithm, _, value = text.partition(" ")
    try:
        digest = base64.b64decode(value, validate=True)
    except binascii.Error:
        digest = b""
    if algorithm not in ALGORITHMS or len(digest) != hashlib.new(algorithm).digest_size:
        raise TusError(400, "upload_header", header="upload-checksum")
    return Checksum(algorithm, digest)


def expires(progress: Progress) -> str:
    """`Upload-Expires`."""
    return format_datetime(datetime.fromtimestamp(int(progress.touched) + KEPT_SECONDS, UTC), usegmt=True)


async def receive(
    writing: Writing, body: AsyncIterator[bytes], announced: int | None, check: Checksum | None
) -> None:
    """Adds a request's body to an upload, a piece at a time. Afterwards everything that came counts; with a checksum,
    only if all of it came and it agrees. `announced` is what the request says its body has, where it says so.

    Raises TusError: 413 upload_too_long, 400 body_cut, 408 body_stalled, 460 checksum_mismatch.
    """
    digest = hashlib.new(check.algorithm) if check else None
    start, gathered = writing.end, bytearray()
    try:
        if announced is not None and announced > writing.left:
            raise TusError(413, "upload_too_long")
        async for piece in _in_time(body):
            if len(gathered) + len(piece) > writing.left:
                raise TusError(413, "upload_too_long")
            gathered += piece
            if len(gathered) >= _PIECE:
                await asyncio.to_thread(_store, writing, gathered, digest)
                gathered = bytearray()
        await asyncio.to_thread(_store, writing, gathered, digest)
        if announced is not None and writing.end - start != announced:
            raise TusError(400, "body_cut")
        if check and digest and not compare_digest(digest.digest(), check.digest):
            raise TusError(460, "checksum_mismatch")
        writing.count()
    except BaseException:
        # Bytes that nothing vouches for are as good as they came; those of a checksum that cannot be checked are not.
        if check:
            writing.give_up()
        else:
            _store(writing, gathered[: writing.left], None)
        raise


def _store(writing: Writing, data: bytearray, digest: "hashlib._Hash | None") -> None:
    writing.write(data)
    if digest is None:
        writing.count()
    else:
        digest.update(data)


async def _in_time(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The pieces, as long as they keep coming."""
    while True:
        try:
            yield await asyncio.wait_for(anext(body), IDLE_SECONDS)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise TusError(408, "body_stalled") from None
