"""Where the bytes of photos live: a local folder, or any S3-compatible store by URL, behind one class.

    original/<aa>/<sha256>   as they came, bit for bit, never overwritten
    large/<aa>/<sha256>      JPEG, long edge 1280, can be made again
    small/<aa>/<sha256>      JPEG, long edge 320, can be made again

All three are named by the SHA-256 of the *original*; `<aa>` are its first two digits.
"""

import asyncio
import hashlib
import os
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeAlias
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError
from obstore.store import LocalStore, ObjectStore, from_url

from media.errors import MediaError

BlobKind: TypeAlias = Literal["original", "large", "small"]
BlobHealth: TypeAlias = Literal["ok", "missing", "changed"]

_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_CHUNK = 256 * 1024


class BlobError(MediaError):
    """Codes: bad_hash (not 64 lower-case hex digits), hash_mismatch, blob_missing."""


@dataclass(frozen=True, slots=True)
class BlobInfo:
    """What is known of a stored blob without reading it."""

    size: int  # bytes
    stored_at: datetime  # UTC


class BlobStore:
    """Blobs by hash. All methods are safe to call at the same time from anywhere, and again."""

    def __init__(self, store: ObjectStore, folder: Path | None = None) -> None:
        self._store = store
        self._folder = folder

    @classmethod
    def open(cls, location: str | Path) -> "BlobStore":
        """A store at a folder (made if absent), `file:///folder`, `s3://bucket/prefix` or `memory:///`.

        Credentials and endpoint of S3 come from the usual AWS_* environment variables.
        """
        parts = urlsplit(str(location))
        if len(parts.scheme) <= 1 or parts.scheme == "file":  # one letter is a drive of Windows
            folder = Path(unquote(parts.path) if parts.scheme == "file" else location).absolute()
            return cls(LocalStore(folder, mkdir=True), folder)
        return cls(from_url(str(location)))

    async def put(self, kind: BlobKind, sha256: str, data: bytes | memoryview) -> bool:
        """Stores a blob; False when it was there already. Raises BlobError: bad_hash, hash_mismatch.

        When this returns, an original is on the disk and not only in a cache: the phone deletes its copy.
        """
        return await asyncio.to_thread(self.put_now, kind, sha256, data)

    def put_now(self, kind: BlobKind, sha256: str, data: bytes | memoryview, *, durable: bool = True) -> bool:
        """`put` for threads without an event loop. `durable=False` is for data that can be made again (the demo)."""
        path = _path(kind, sha256)
        if kind == "original" and hashlib.sha256(data).hexdigest() != sha256:
            raise BlobError("hash_mismatch", sha256=sha256)
        new = self._create(path, data)
        # A power cut can leave an empty file under the right name; the phone then sends the photo again.
        if not new and not self._has(path, data):
            obstore.put(self._store, path, data, use_multipart=False)
        if kind == "original" and durable and self._folder is not None:
            _sync_to_disk(self._folder / path)
        return new

    def _create(self, path: str, data: bytes | memoryview) -> bool:
        """False where something is there already."""
        if self._folder is None and self._size(path) is not None:
            return False  # not every S3-compatible store heeds "only where there is nothing"
        try:
            obstore.put(self._store, path, data, mode="create", use_multipart=False)
        except AlreadyExistsError:
            return False
        return True

    def _size(self, path: str) -> int | None:
        try:
            return obstore.head(self._store, path)["size"]
        except FileNotFoundError:
            return None

    def _has(self, path: str, data: bytes | memoryview) -> bool:
        """Whether exactly these bytes are there; read in pieces."""
        wanted, at = memoryview(data), 0
        for piece in obstore.get(self._store, path).stream(min_chunk_size=_CHUNK):
            if wanted[at : at + len(piece)] != piece:
                return False
            at += len(piece)
        return at == len(wanted)

    async def get(self, kind: BlobKind, sha256: str) -> bytes:
        """The whole blob. Raises BlobError: bad_hash, blob_missing."""
        try:
            found = await obstore.get_async(self._store, _path(kind, sha256))
            return bytes(await found.bytes_async())
        except FileNotFoundError as error:
            raise BlobError("blob_missing", kind=kind, sha256=sha256) from error

    async def stream(self, kind: BlobKind, sha256: str) -> AsyncIterator[bytes]:
        """The blob in pieces. Raises BlobError at the first piece: bad_hash, blob_missing."""
        try:
            found = await obstore.get_async(self._store, _path(kind, sha256))
            async for piece in found.stream(min_chunk_size=_CHUNK):
                yield bytes(piece)
        except FileNotFoundError as error:
            raise BlobError("blob_missing", kind=kind, sha256=sha256) from error

    async def head(self, kind: BlobKind, sha256: str) -> BlobInfo | None:
        """Size and time of a blob; None when it is not there. Raises BlobError: bad_hash."""
        try:
            meta = await obstore.head_async(self._store, _path(kind, sha256))
        except FileNotFoundError:
            return None
        return BlobInfo(meta["size"], meta["last_modified"])

    async def delete(self, kind: BlobKind, sha256: str) -> None:
        """Removes a blob; it may be gone already. Raises BlobError: bad_hash."""
        try:
            await obstore.delete_async(self._store, _path(kind, sha256))
        except FileNotFoundError:
            return

    def delete_now(self, sha256: str) -> None:
        """Removes an original and its thumbnails, for threads without an event loop. Raises BlobError: bad_hash."""
        kinds: tuple[BlobKind, ...] = ("original", "large", "small")
        for kind in kinds:
            try:
                obstore.delete(self._store, _path(kind, sha256))
            except FileNotFoundError:
                continue

    async def verify(self, sha256: str) -> BlobHealth:
        """Reads an original again and compares it with its name. Raises BlobError: bad_hash."""
        digest = hashlib.sha256()
        try:
            async for piece in self.stream("original", sha256):
                digest.update(piece)
        except BlobError as error:
            if error.code != "blob_missing":
                raise
            return "missing"
        return "ok" if digest.hexdigest() == sha256 else "changed"

    async def hashes(self, kind: BlobKind = "original") -> AsyncIterator[str]:
        """Names of all blobs of a kind, in no order."""
        async for page in obstore.list(self._store, prefix=kind):
            for meta in page:
                name = meta["path"].rsplit("/", 1)[-1]
                if _SHA256.fullmatch(name):
                    yield name


def _path(kind: BlobKind, sha256: str) -> str:
    """Only a hash becomes a path, so no name from outside can leave the folder."""
    if not _SHA256.fullmatch(sha256):
        raise BlobError("bad_hash")
    return f"{kind}/{sha256[:2]}/{sha256}"


def _sync_to_disk(path: Path) -> None:
    """obstore renames into place but does not flush; a file survives a power cut once it and its folders are."""
    for place in (path, path.parent, path.parent.parent):
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
