"""Photos as the reps' phones would have sent them: drawn, signed, taken in. Runs in several processes.

Imports nothing of the server, so that a new process starts quickly.
"""

import random
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from multiprocessing import get_context

from PIL import Image, ImageEnhance

from media.drawing import SIZE, draw_shelf, draw_shop
from media.images import Examination, take_in
from media.likeness import Fingerprint
from media.make import DeviceKey, MadePhoto, honest_photo
from media.store import BlobStore

#: How many photos one process makes before it reports.
BATCH = 24


@dataclass(frozen=True, slots=True)
class Order:
    """One photo to be made. `scene` decides what is on it, so that a shop looks the same at every visit."""

    photo_id: str
    capture_id: str
    scene: int
    label: str
    kind: str
    key_seed: bytes
    device_id: str
    visit_id: str
    customer_id: str
    taken_at: datetime
    time_token: str | None
    token_issued: datetime | None
    lat: float | None
    lng: float | None
    accuracy_m: float
    source: str


@dataclass(frozen=True, slots=True)
class Made:
    """What is known of a photo whose bytes and thumbnails are in the store."""

    photo_id: str
    capture: str
    signature: str
    examination: Examination
    likeness: Fingerprint | None


def make(order: Order, blobs: BlobStore) -> Made:
    """Makes one photo and stores it."""
    photo = shoot(order)
    intake = take_in(photo.jpeg)
    blobs.put_now("original", photo.sha256, photo.jpeg, durable=False)
    for kind, data in intake.thumbnails.items():
        blobs.put_now("large" if kind == "large" else "small", photo.sha256, data, durable=False)
    return Made(order.photo_id, photo.capture, photo.signature, intake.examination, intake.likeness)


def shoot(order: Order) -> MadePhoto:
    """The picture in the light and from the spot of this visit, with EXIF and a signed record."""
    draw = draw_shelf if order.kind == "shelf" else draw_shop
    return honest_photo(
        _seen_from(draw(order.scene, order.label), random.Random(order.photo_id)),
        key=_key(order.key_seed),
        device_id=order.device_id,
        visit_id=order.visit_id,
        customer_id=order.customer_id,
        taken_at=order.taken_at,
        time_token=order.time_token,
        token_issued=order.token_issued,
        lat=order.lat,
        lng=order.lng,
        accuracy_m=order.accuracy_m,
        kind=order.kind,
        source=order.source,
        capture_id=order.capture_id,
    )


@lru_cache(maxsize=32)
def _key(seed: bytes) -> DeviceKey:
    return DeviceKey(seed)


def _seen_from(picture: Image.Image, rng: random.Random) -> Image.Image:
    """Nobody stands on the same spot twice, and the light is another."""
    width, height = SIZE
    share = rng.uniform(0.9, 1.0)
    left, top = rng.uniform(0, width * (1 - share)), rng.uniform(0, height * (1 - share))
    box = (left, top, left + width * share, top + height * share)
    moved = picture.resize(SIZE, Image.Resampling.BILINEAR, box=box)
    return ImageEnhance.Brightness(moved).enhance(rng.uniform(0.82, 1.1))


def _batch(orders: list[Order], location: str) -> list[Made]:
    blobs = BlobStore.open(location)
    return [make(order, blobs) for order in orders]


#: `(orders, location of the blobs)` → what was made, batch by batch in the order of the orders.
Make = Callable[[list[Order], str], Iterable[list[Made]]]


@contextmanager
def studio(processes: int) -> Iterator[Make]:
    """Gives the function that makes photos. With 0 processes it is made here. New processes are not forked: the writer's thread and its database stay alone."""
    if not processes:
        yield lambda orders, location: (_batch(part, location) for part in _parts(orders))
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        for _ in range(processes):
            pool.submit(_warm_up)  # they start while the company is being founded
        try:
            yield lambda orders, location: _in_pool(pool, orders, location)
        finally:
            pool.shutdown(cancel_futures=True)  # after an error nobody waits for the rest


def _in_pool(pool: Executor, orders: list[Order], location: str) -> Iterable[list[Made]]:
    futures = [pool.submit(_batch, part, location) for part in _parts(orders)]
    return (future.result() for future in futures)


def _parts(orders: list[Order]) -> list[list[Order]]:
    return [orders[start : start + BATCH] for start in range(0, len(orders), BATCH)]


def _warm_up() -> None:
    draw_shop(0, "")
