"""Photo intake (examination and two thumbnails) against bare Pillow doing the same decoding."""

from __future__ import annotations

import io

from PIL import Image

from media.drawing import draw_shop
from media.images import take_in
from tests.bench.figures import Table, median_seconds, ms


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
    ours = median_seconds(lambda: take_in(data), 9)
    bare = median_seconds(lambda: bare_pillow(data), 9)
    table.add("photo intake, 12 MP", ms(ours), f"bare Pillow {ms(bare)}", f"{ours / bare:.2f}×")
