"""Photo intake (examination, two thumbnails, fingerprint) against bare Pillow doing the same decoding, and the search
for nearly the same picture among very many."""

from __future__ import annotations

import io
import os
import secrets
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image
from sqlalchemy.orm import Session

from media.bounded import BoundedIntake
from media.drawing import draw_shop
from media.images import take_in
from media.likeness import Fingerprint, fingerprint
from server.database import Writer, write_engine
from server.photos.alike import file_fingerprint, lookalikes
from server.photos.models import Photo
from server.schema import migrate
from tests.bench.figures import Table, median_seconds, ms

_FILED = 20_000


def twelve_megapixels() -> bytes:
    """A drawn shop front at the size of a phone's sensor."""
    buffer = io.BytesIO()
    draw_shop(7, "王记超市").resize((4032, 3024), Image.Resampling.BICUBIC).save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def bare_pillow(data: bytes) -> int:
    """Draft decoding and the same two thumbnails, nothing checked."""
    total = 0
    with Image.open(io.BytesIO(data)) as image:
        image.draft("RGB", (1280, 1280))
        image.thumbnail((1280, 1280), Image.Resampling.LANCZOS)
        for edge in (1280, 320):
            small = image.copy()
            small.thumbnail((edge, edge), Image.Resampling.LANCZOS)
            buffer = io.BytesIO()
            small.save(buffer, "JPEG", quality=80)
            total += buffer.tell()
    return total


def measure(table: Table) -> None:
    data = twelve_megapixels()
    pool = BoundedIntake(1)
    try:
        pool.take_in(data)
        ours, bounded, bare = _in_turns(
            lambda: take_in(data), lambda: pool.take_in(data), lambda: bare_pillow(data), rounds=15
        )
    finally:
        pool.close()
    table.add("photo intake, 12 MP", ms(ours), f"bare Pillow {ms(bare)}", f"{ours / bare:.2f}×")
    table.add("photo intake in a bounded process", ms(bounded), f"bare Pillow {ms(bare)}", f"{bounded / bare:.2f}×")
    with tempfile.TemporaryDirectory() as folder:
        _search(table, Path(folder))


def _in_turns(*works: Callable[[], object], rounds: int) -> list[float]:
    """The best time of each in seconds, one after the other in every round. Whatever else the machine does can only
    add to a time: the least is what the work itself takes."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for work, found in zip(works, times, strict=True):
            started = time.perf_counter()
            work()
            found.append(time.perf_counter() - started)
    return [min(found) for found in times]


def _search(table: Table, folder: Path) -> None:
    """Finding a copy among many filed pictures, and among a tenth of them: an index hardly notices."""
    engine = write_engine(f"sqlite:///{folder / 'pictures.db'}")
    migrate(engine)
    writer = Writer(engine)
    own = fingerprint(draw_shop(7, "王记超市").resize((320, 240)))
    assert own is not None
    photo = Photo(id=secrets.token_hex(18), sha256="f" * 64, created_at=datetime.now(UTC))
    times = []
    try:
        writer.call(lambda session: file_fingerprint(session, "f" * 64, own))
        for first, last in ((0, _FILED // 10), (_FILED // 10, _FILED)):
            writer.call(lambda session, first=first, last=last: _file(session, own, first, last))  # type: ignore[misc]
            times.append(median_seconds(lambda: writer.call(lambda session: lookalikes(session, photo, 10)), 9))
    finally:
        writer.close()
    table.add(
        f"like pictures among {_FILED:,}",
        ms(times[1]),
        f"among {_FILED // 10:,} {ms(times[0])}",
        f"{times[1] / times[0]:.2f}×",
    )


def _file(session: Session, like: Fingerprint, first: int, last: int) -> None:
    for number in range(first, last):
        hashes = tuple(int.from_bytes(os.urandom(8), "big") for _ in like.hashes)
        file_fingerprint(session, f"{number:064d}", replace(like, hashes=hashes))
