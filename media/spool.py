"""Photos on their way in: what has arrived of each, in one file an upload, until it is whole and accepted.

    <folder>/<whose>/<sha256>    a head of 64 bytes (mark, bytes that count, bytes in all), then the bytes

An upload is named by who sends it and by the hash it claims: beginning the same one twice finds what is there, and
nobody can name another's. Who writes holds a lock on the file (`flock`), so any number of processes, also of several
servers over one folder, may serve one upload; a process that dies gives its lock back. Bytes count once their number is
in the head; what a process wrote before it died and did not count is written again. Nothing is flushed to the disk:
the hash of the whole is checked before anything is accepted, and a lost spool costs a photo sent again.
"""

import fcntl
import mmap
import os
import re
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from media.errors import MediaError

_HEAD = struct.Struct("<8sQQ40x")
_COUNTED = struct.Struct("<Q")
_MARK = b"xkupload"
_NAME = re.compile(r"[0-9A-Za-z_-]{1,64}", re.ASCII)

#: Seconds without a byte after which an upload is forgotten.
KEPT_SECONDS = 3 * 24 * 3600
#: Uploads one person may have begun and not finished. Beyond it the one that has waited longest goes.
MOST_OPEN = 16


class SpoolError(MediaError):
    """Codes: upload_missing, upload_locked (somebody else writes it), too_many_uploads (all of them are written to)."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an upload is, in bytes; `touched` is when the last one came, in seconds since 1970."""

    offset: int
    length: int
    touched: float


class Writing:
    """An upload that is locked for this writer: bytes are added, counted, and read as a whole."""

    def __init__(self, path: Path, handle: int, progress: Progress) -> None:
        self.path = path
        self.offset, self.length = progress.offset, progress.length
        #: Where the next byte goes; runs ahead of `offset` by what does not count yet.
        self.end = progress.offset
        self._handle = handle

    #: Where the bytes begin in the file.
    START = _HEAD.size

    @property
    def left(self) -> int:
        return self.length - self.end

    def progress(self) -> Progress:
        """Everything written, as it is to be told once that counts or was accepted."""
        return Progress(self.end, self.length, time.time())

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Adds bytes that do not count yet. There is room for `left` of them."""
        view = memoryview(data)
        while view:
            written = os.pwrite(self._handle, view, self.START + self.end)
            self.end += written
            view = view[written:]

    def count(self) -> None:
        """Everything written so far counts from now on. An upload is not counted whole before it was accepted: until
        then its last piece is to come again."""
        if self.end < self.length:
            os.pwrite(self._handle, _COUNTED.pack(self.end), len(_MARK))
            self.offset = self.end

    def give_up(self) -> None:
        """Forgets what does not count."""
        self.end = self.offset

    @contextmanager
    def content(self) -> Iterator[memoryview]:
        """The bytes as they lie in the file, without a copy of them in memory."""
        if self.end == 0:
            yield memoryview(b"")
            return
        size = self.START + self.end
        with (
            mmap.mmap(self._handle, size, access=mmap.ACCESS_READ) as mapped,
            memoryview(mapped) as whole,
            whole[self.START :] as view,
        ):
            yield view

    def remove(self) -> None:
        """The upload is over, with success or without."""
        with suppress(FileNotFoundError):
            self.path.unlink()

    def close(self) -> None:
        """Gives the lock back. Once."""
        os.close(self._handle)


class Spool:
    """The uploads of one server. Every method may be called from anywhere at the same time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def look(self, whose: str, sha256: str) -> Progress | None:
        """How far an upload is; None where there is none. Takes no lock: a writer may be at work."""
        try:
            handle = os.open(self._path(whose, sha256), os.O_RDONLY)
        except FileNotFoundError:
            return None
        try:
            return _read(handle)
        finally:
            os.close(handle)

    def begin(self, whose: str, sha256: str, length: int) -> Writing:
        """Begins an upload, or goes on with the one that is there. Raises SpoolError: upload_locked, too_many_uploads."""
        path = self._path(whose, sha256)
        if not path.exists():
            self._make_room(path.parent)
        handle = _lock(path, os.O_RDWR | os.O_CREAT)
        found = _read(handle)
        if found is None or found.length != length:
            # New, left half made by a process that died, or another length was claimed: one of the two is not true.
            os.ftruncate(handle, 0)
            os.pwrite(handle, _HEAD.pack(_MARK, 0, length), 0)
            found = Progress(0, length, time.time())
        return Writing(path, handle, found)

    def open(self, whose: str, sha256: str) -> Writing:
        """The upload, locked. Raises SpoolError: upload_missing, upload_locked."""
        path = self._path(whose, sha256)
        handle = _lock(path, os.O_RDWR)
        found = _read(handle)
        if found is None:
            os.close(handle)
            raise SpoolError("upload_missing")
        return Writing(path, handle, found)

    def sweep(self, now: float) -> int:
        """Removes what nobody has added to for `KEPT_SECONDS`; returns how many."""
        removed = 0
        for folder in self._folders():
            for modified, _, path in _waiting(folder):
                with suppress(OSError):
                    removed += modified < now - KEPT_SECONDS and _remove(path)
            with suppress(OSError):
                folder.rmdir()  # only where it is empty
        return removed

    def count(self) -> tuple[int, int]:
        """(uploads begun and not finished, bytes they take)."""
        waiting = [found for folder in self._folders() for found in _waiting(folder)]
        return len(waiting), sum(size for _, size, _ in waiting)

    def _folders(self) -> list[Path]:
        return [entry for entry in self.folder.iterdir() if entry.is_dir()] if self.folder.is_dir() else []

    def _path(self, whose: str, sha256: str) -> Path:
        """Both names come from outside, one way or another: only what is a plain name leads anywhere."""
        if not _NAME.fullmatch(whose) or not _NAME.fullmatch(sha256):
            raise SpoolError("upload_missing")
        return self.folder / whose / sha256

    def _make_room(self, folder: Path) -> None:
        waiting = sorted(_waiting(folder))
        excess = len(waiting) - MOST_OPEN + 1
        for _, _, path in waiting:
            if excess <= 0:
                return
            excess -= _remove(path)
        if excess > 0:
            raise SpoolError("too_many_uploads")


def _waiting(folder: Path) -> list[tuple[float, int, Path]]:
    """(when it was added to, bytes, where) of each upload; others may finish and vanish while one looks."""
    found = []
    with suppress(FileNotFoundError):  # the folder itself goes where it is empty
        for path in folder.iterdir():
            with suppress(FileNotFoundError):
                state = path.stat()
                found.append((state.st_mtime, state.st_size, path))
    return found


def _read(handle: int) -> Progress | None:
    """None where the head is not there or is not one."""
    head = os.pread(handle, _HEAD.size, 0)
    if len(head) < _HEAD.size:
        return None
    mark, offset, length = _HEAD.unpack(head)
    if mark != _MARK or offset > length:
        return None
    found = os.fstat(handle)
    # After a power cut the file may be shorter than its head says.
    return Progress(min(offset, max(0, found.st_size - _HEAD.size)), length, found.st_mtime)


def _lock(path: Path, flags: int) -> int:
    """Opens and locks; not a file that was removed in between, of which only the lock would be left."""
    while True:
        try:
            handle = os.open(path, flags, 0o600)
        except FileNotFoundError:
            if flags & os.O_CREAT:
                with suppress(FileExistsError):  # made, and perhaps swept away, by another at this moment
                    path.parent.mkdir(parents=True)
                continue
            raise SpoolError("upload_missing") from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            raise SpoolError("upload_locked") from None
        if os.fstat(handle).st_nlink:
            return handle
        os.close(handle)


def _remove(path: Path) -> bool:
    """Removes an upload that nobody writes to."""
    try:
        handle = _lock(path, os.O_RDWR)
    except SpoolError:
        return False
    try:
        path.unlink(missing_ok=True)
    finally:
        os.close(handle)
    return True
