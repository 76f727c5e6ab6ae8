"""The index of pictures finds, among thousands, what looking at every one of them would find."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image, ImageOps
from sqlalchemy import insert
from sqlalchemy.orm import Session

from media.drawing import draw_shop
from media.likeness import Fingerprint, compare, fingerprint, near
from server.photos.alike import file_fingerprint, lookalikes
from server.photos.models import Photo
from server.records.ids import uuid7
from server.records.record import table_of
from tests.support.world import World

pytestmark = pytest.mark.slow

MOST = 10
FILED = 2_000
#: Where the hashes stand in a fingerprint: of the whole picture, of its mirror image, of its middle, and of where the
#: middle of the original would lie if 5 % were cut off all round.
WHOLE, MIRRORED, MIDDLE, CUT = 0, 1, 2, 4
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Filed:
    photo_id: str
    sha256: str
    found: Fingerprint


def turned(value: int, bits: int, rng: random.Random) -> int:
    """So many bits turned, spread over the quarters of the hash: the hardest case for an index of quarters."""
    places = [rng.sample(range(16), 16) for _ in range(4)]
    for number in range(bits):
        value ^= 1 << 16 * (number % 4) + places[number % 4].pop()
    return value


def drawn(picture: Image.Image) -> Fingerprint:
    found = fingerprint(picture)
    assert found is not None
    return found


@dataclass(frozen=True)
class Front:
    """A picture that is asked about, its mirror image, and the larger one that it was cut from."""

    asked: Fingerprint
    mirrored: Fingerprint
    uncut: Fingerprint


def front(seed: int) -> Front:
    uncut = draw_shop(seed, "王记超市").resize((400, 300))
    asked = uncut.crop((20, 15, 380, 285))
    return Front(drawn(asked), drawn(ImageOps.mirror(asked)), drawn(uncut))


def scattered(like: Fingerprint, rng: random.Random) -> Fingerprint:
    """Another picture to the index; only a closer look at the grey values would confuse them."""
    return replace(like, hashes=tuple(rng.getrandbits(64) for _ in like.hashes))


def filed_at(like: Fingerprint, rng: random.Random, whole: int, middle: int) -> Fingerprint:
    hashes = list(scattered(like, rng).hashes)
    hashes[WHOLE], hashes[MIDDLE] = whole, middle
    return replace(like, hashes=tuple(hashes))


def planted(shown: Front, other: Front, rng: random.Random, number: int) -> Iterator[Fingerprint]:
    """Two copies (beyond two that nobody can doubt no more are looked for), as far off as the index promises to bridge;
    then one that is too far off, and two whose hashes are near but which show something else."""
    hashes, by, cut = shown.asked.hashes, number % 8, number % 4
    away = [rng.getrandbits(64) for _ in range(6)]
    copies = [
        filed_at(shown.asked, rng, turned(hashes[WHOLE], by, rng), away[0]),
        filed_at(shown.mirrored, rng, turned(hashes[MIRRORED], by, rng), away[1]),
        filed_at(shown.uncut, rng, away[2], turned(hashes[CUT], cut, rng)),
    ]
    yield from (copy for at, copy in enumerate(copies) if at != number % 3)
    yield filed_at(shown.asked, rng, turned(hashes[WHOLE], MOST + 1 + by, rng), away[3])
    yield filed_at(other.asked, rng, turned(hashes[WHOLE], by, rng), away[4])
    yield filed_at(other.asked, rng, away[5], turned(hashes[CUT], cut, rng))


def photo_row(filed: Filed, number: int) -> dict[str, object]:
    return {
        "id": filed.photo_id,
        "customer_id": uuid7(),
        "visit_id": uuid7(),
        "kind": "storefront",
        "source": "camera",
        "taken_by": uuid7(),
        "sha256": filed.sha256,
        "verdict": "verified",
        "attention": 0,
        "created_at": LONG_AGO + timedelta(seconds=number),
        "updated_at": LONG_AGO,
        "version": 1,
    }


def every_one_looked_at(asked: Filed, all_filed: list[Filed]) -> set[tuple[str, str, int]]:
    found = set[tuple[str, str, int]]()
    for one in all_filed:
        if not near(asked.found, one.found.whole, one.found.middle, MOST):
            continue
        match = compare(asked.found, one.found, MOST)
        if match:
            found.add((one.photo_id, match.how, match.distance))
    return found


def test_the_index_finds_what_looking_at_every_picture_finds(world: World) -> None:
    rng = random.Random(4)
    fronts = [front(seed) for seed in range(8)]
    noise = [scattered(rng.choice(fronts).asked, rng) for _ in range(FILED)]
    copies = [copy for at, shown in enumerate(fronts) for copy in planted(shown, fronts[at - 1], rng, at)]
    mixed = [*noise, *copies]
    rng.shuffle(mixed)
    mixed += [shown.asked for shown in fronts]
    filed = [Filed(uuid7(), f"{number:064x}", found) for number, found in enumerate(mixed)]
    earlier, asked = filed[: -len(fronts)], filed[-len(fronts) :]

    def fill(session: Session) -> None:
        rows = [photo_row(one, at) for at, one in enumerate(filed)]
        session.connection().execute(insert(table_of(Photo)), rows)
        for one in filed:
            file_fingerprint(session, one.sha256, one.found)

    writer = world.app.state.services.writer
    writer.call(fill)
    hows = set[str]()
    for one in asked:

        def ask(session: Session, one: Filed = one) -> set[tuple[str, str, int]]:
            photo = session.get_one(Photo, one.photo_id)
            return {(like.photo_id, like.how, like.distance) for like in lookalikes(session, photo, MOST)}

        expected = every_one_looked_at(one, earlier)
        assert writer.call(ask) == expected
        hows |= {how for _, how, _ in expected}
    assert hows == {"same", "mirrored", "cropped"}
