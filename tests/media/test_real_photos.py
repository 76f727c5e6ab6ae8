"""Photos of real cameras, healthy and damaged: what we read agrees with the table that came with them."""

import re
import time
import tracemalloc
from datetime import datetime
from pathlib import Path

import pytest

from media.images import examine, take_in

PHOTOS = Path(__file__).parents[2].parent / "shared" / "photos"

pytestmark = pytest.mark.skipif(not PHOTOS.is_dir(), reason="../shared/photos is not here: no real photos to read")

COLUMNS = [
    "file",
    "size",
    "dimensions",
    "camera",
    "taken_at",
    "offset",
    "position",
    "gps_at",
    "orientation",
    "peculiar",
]


def table() -> list[dict[str, str]]:
    if not PHOTOS.is_dir():
        return []
    rows = []
    for line in (PHOTOS / "README.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == len(COLUMNS) and (PHOTOS / cells[0]).is_file():
            rows.append(dict(zip(COLUMNS, cells, strict=True)))
    return rows


@pytest.mark.parametrize("row", table(), ids=lambda row: row["file"])
def test_values_agree_with_the_table(row):
    found = examine((PHOTOS / row["file"]).read_bytes())
    exif = found.exif

    assert found.size == int(row["size"])
    width, height = map(int, re.match(r"(\d+)x(\d+)", row["dimensions"]).groups())  # type: ignore[union-attr]
    if "tag only" in row["dimensions"]:
        assert found.width is None
    else:
        assert (found.width, found.height) == (width, height)

    for word in (exif.model or "").split():
        assert word in row["camera"]
    assert (exif.model is None) == (row["camera"] == "-")

    taken = None if row["taken_at"] == "-" else datetime.strptime(row["taken_at"], "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007
    assert exif.taken_at == taken
    assert exif.offset_minutes == original_offset(row["offset"])
    assert exif.orientation == (None if row["orientation"] in "-0" else int(row["orientation"]))

    place = re.fullmatch(r"(-?\d+\.\d+), (-?\d+\.\d+)", row["position"])
    if place is None or row["position"] == "0.000000, 0.000000":
        assert (exif.lat, exif.lng) == (None, None)
    else:
        assert exif.lat == pytest.approx(float(place[1]), abs=1e-6)
        assert exif.lng == pytest.approx(float(place[2]), abs=1e-6)

    moment = re.fullmatch(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(\.\d+)?", row["gps_at"])
    if moment is None:
        assert exif.gps_at is None
    else:
        assert exif.gps_at is not None
        assert (
            abs((exif.gps_at - datetime.fromisoformat(row["gps_at"] + "+00:00").astimezone()).total_seconds()) < 0.02
        )


def original_offset(cell: str) -> int | None:
    """The second of OffsetTime / OffsetTimeOriginal / OffsetTimeDigitized."""
    parts = cell.split(" / ")
    if len(parts) < 2 or parts[1] == "-":
        return None
    return (-1 if parts[1][0] == "-" else 1) * (int(parts[1][1:3]) * 60 + int(parts[1][4:]))


def test_the_table_is_complete():
    assert len(table()) == len([path for path in PHOTOS.iterdir() if path.suffix in (".jpg", ".heic", ".webp")])


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("google-pixel6-cut.jpg", "truncated"),
        ("htc-thunderbolt-cut.jpg", "truncated"),
        ("htc-touchpro-null-island-cut.jpg", "truncated"),
        ("htc-thunderbolt-huge-tag.jpg", "truncated"),
        ("apple-iphone7-flower.heic", "unsupported_format"),
    ],
)
def test_broken_or_foreign_pictures_are_named(name, problem):
    taken = take_in((PHOTOS / name).read_bytes())
    assert taken.examination.problems == (problem,)
    assert taken.thumbnails == {}


def test_every_photo_is_quick_and_frugal():
    """Processor time, because a busy machine says nothing about a photo. Python's own memory; the decoder's is bounded by
    `draft` and the pixel limit."""
    for path in sorted(PHOTOS.glob("*.*")):
        data = path.read_bytes()
        tracemalloc.start()
        started = time.process_time()
        take_in(data)
        spent, peak = time.process_time() - started, tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert spent < 1, path.name
        assert peak < 100_000_000, path.name
