"""Makes the report it is told of on stdin, and says on stdout how far it is; see `__main__`."""

import asyncio
import io
import sys
from collections.abc import Callable

import msgspec
from PIL import Image

from media.store import BlobError, BlobStore
from server.photos.report.job import Entry, Job, Progress
from server.photos.stamp import stamped

#: Long edge in pixels, of a picture 8 cm wide on paper and of one in a cell.
_EDGES = {"pdf": 960, "xlsx": 560}


def _pictures(job: Job) -> Callable[[Entry], bytes | None]:
    store = BlobStore.open(job.blobs)
    loop = asyncio.Runner()
    edge = _EDGES[job.format]

    def picture(entry: Entry) -> bytes | None:
        """The stamped copy, small enough for its place; None where there is none to show."""
        if entry.sha256 is None:
            return None
        try:
            data = loop.run(store.get("large", entry.sha256))
        except BlobError:
            return None
        with Image.open(io.BytesIO(data), formats=("JPEG",)) as source:
            source.draft("RGB", (edge, edge))
            source.thumbnail((edge, edge))
            small = io.BytesIO()
            source.save(small, "JPEG", quality=88)
        return stamped(small.getvalue(), entry.stamp)

    return picture


def make() -> None:
    job = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Job)

    def done(count: int) -> None:
        sys.stdout.buffer.write(msgspec.json.encode(Progress(count)) + b"\n")
        sys.stdout.buffer.flush()

    # only the one library that is needed
    if job.format == "pdf":
        from server.photos.report.pdf import write_pdf as write
    else:
        from server.photos.report.sheet import write_sheet as write
    write(job, _pictures(job), done)
