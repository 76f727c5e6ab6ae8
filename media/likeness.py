"""Is this nearly the same picture as one that was handed in before?

Two steps. An index of 64-bit difference hashes finds the few pictures that might be: of the whole picture, and of its
middle, so that copies with up to 15 % cut off an edge are found, too (the asker hashes where the middle of the original
would lie for each usual cut). Then 48 x 48 grey values of both are compared: copies that were re-encoded, resized,
brightened or stamped agree to 0.97 and more there; what else agrees so far
is a second photo from exactly the same spot, which is why the same customer is judged more mildly (docs/decisions/0014). Only the second step accuses anybody.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal, TypeAlias

from PIL import Image

How: TypeAlias = Literal["same", "mirrored", "cropped"]
Box: TypeAlias = tuple[float, float, float, float]  # left, top, right, bottom as shares of the picture

GREY_EDGE = 48
_MIDDLE_EDGE = 24
_WORK_EDGE = 160
_BANDS = 4
_MIDDLE: Box = (0.15, 0.15, 0.85, 0.85)
#: Below this spread of brightness (of 255, coarse gradients taken out) a picture shows nothing to recognise it by.
PLAIN_SPREAD = 10.0
#: How far the grey values of a copy and its original agree (correlation).
COPY_AGREEMENT = 0.97
CROP_AGREEMENT = 0.95
#: Nothing needs to be looked at beyond this.
_CERTAIN = 0.995
#: From here on a part is worth being fitted.
_PROMISING = 0.75


def _cuts() -> Iterator[tuple[float, float, float, float]]:
    """What people cut off: (left, top, right, bottom) as shares of the original."""
    for share in (0.03, 0.05, 0.075, 0.1, 0.125, 0.15):
        yield share, share, share, share
    for share in (0.05, 0.1, 0.125):  # another format: 4:3 becomes 16:9 or a square
        yield share, 0, share, 0
        yield 0, share, 0, share
    for share in (0.05, 0.1, 0.15):
        for sides in ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1),
                      (1, 1, 0, 0), (0, 1, 1, 0), (0, 0, 1, 1), (1, 0, 0, 1)):  # fmt: skip
            yield sides[0] * share, sides[1] * share, sides[2] * share, sides[3] * share


def _middle_after(cut: tuple[float, float, float, float]) -> Box:
    """Where the middle of the original lies in what is left of it."""
    left, top, right, bottom = cut
    wide, high = 1 - left - right, 1 - top - bottom
    return (
        (_MIDDLE[0] - left) / wide,
        (_MIDDLE[1] - top) / high,
        (_MIDDLE[2] - left) / wide,
        (_MIDDLE[3] - top) / high,
    )


CROPS: tuple[Box, ...] = tuple(_middle_after(cut) for cut in _cuts())
#: What each cut leaves of a picture.
_LEFT: tuple[Box, ...] = tuple((left, top, 1 - right, 1 - bottom) for left, top, right, bottom in _cuts())
#: Where the hash of a crop stands among the hashes of a fingerprint: whole, mirrored, middle, crops, mirrored crops.
_FIRST_CROP = 3
_HASHES = _FIRST_CROP + 2 * len(CROPS)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a picture is recognised by. `hashes`: 64 bits each; `grey`: 48 x 48 brightness values, row by row."""

    hashes: tuple[int, ...]
    grey: bytes

    @property
    def whole(self) -> int:
        return self.hashes[0]

    @property
    def middle(self) -> int:
        return self.hashes[2]

    def pack(self) -> bytes:
        """For storing; `unpack` reads it."""
        return self.grey + b"".join(value.to_bytes(8, "big") for value in self.hashes)

    @classmethod
    def unpack(cls, data: bytes) -> "Fingerprint":
        cut = GREY_EDGE * GREY_EDGE
        return cls(tuple(int.from_bytes(data[at : at + 8], "big") for at in range(cut, len(data), 8)), data[:cut])

    def keys(self) -> list[int]:
        """Under which keys this picture is filed: each quarter of its two hashes."""
        return [_key(place, band, value) for place in (0, 1) for band, value in _quarters(self.hashes[2 * place])]

    def asks(self) -> set[int]:
        """Under which keys pictures like this one may be filed: for the whole picture, upright and mirrored, also
        with any one bit of a quarter turned, which finds everything within 7 bits."""
        keys = set[int]()
        for value in self.hashes[:2]:
            for band, quarter in _quarters(value):
                keys.add(_key(0, band, quarter))
                keys.update(_key(0, band, quarter ^ 1 << bit) for bit in range(16))
        for value in self.hashes[_FIRST_CROP:]:
            keys.update(_key(1, band, quarter) for band, quarter in _quarters(value))
        return keys

    def of_crops(self) -> list[int]:
        """The hashes of what is left of this picture after each usual cut, upright and mirrored: what copies would be
        filed with that came before it. Made of the grey values, so not for accusing."""
        upright = _image(self.grey)
        views = (upright, upright.transpose(Image.Transpose.FLIP_LEFT_RIGHT))
        return [_hash(seen, box) for seen in views for box in _LEFT]


@dataclass(frozen=True, slots=True)
class Match:
    """How a picture is like another: `distance` in bits of 64, `agreement` of grey values from 0 to 1."""

    how: How
    distance: int
    agreement: float


def fingerprint(picture: Image.Image) -> Fingerprint | None:
    """The fingerprint of an upright picture, best of some 320 pixels; None for one that shows next to nothing."""
    grey = picture.convert("L")
    grey.thumbnail((_WORK_EDGE, _WORK_EDGE), Image.Resampling.BOX)
    values = _shrunk(grey)
    if _spread(values) < PLAIN_SPREAD:
        return None
    mirrored = grey.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    hashes = [_hash(grey), _hash(mirrored), _hash(grey, _MIDDLE)]
    for seen in (grey, mirrored):
        hashes += [_hash(seen, box) for box in CROPS]
    return Fingerprint(tuple(hashes), values)


def filed_under(hashes: Sequence[int]) -> set[int]:
    """The keys under which pictures with one of these hashes of the whole are filed."""
    return {_key(0, band, quarter) for value in hashes for band, quarter in _quarters(value)}


def near(asked: Fingerprint, whole: int, middle: int, most: int) -> bool:
    """Whether a filed picture with these hashes is within `most` bits, so that a closer look is worth it."""
    if any((value ^ whole).bit_count() <= most for value in asked.hashes[:2]):
        return True
    return any((value ^ middle).bit_count() <= most for value in asked.hashes[_FIRST_CROP:])


def compare(asked: Fingerprint, filed: Fingerprint, most: int) -> Match | None:
    """How the asked picture is a copy of the filed one; None when it is another picture."""
    best: Match | None = None
    views: tuple[tuple[How, bytes], ...] = (("same", asked.grey), ("mirrored", _mirror(asked.grey)))
    for (how, grey), value in zip(views, asked.hashes, strict=False):
        distance = (value ^ filed.whole).bit_count()
        if distance <= most:
            best = _better(best, Match(how, distance, _agreement(grey, filed.grey)), COPY_AGREEMENT)
            if best is not None and best.agreement >= _CERTAIN:
                break
    if best is not None:
        return best
    middle = _part(filed.grey, _MIDDLE)
    for index, value in enumerate(asked.hashes[_FIRST_CROP:]):
        distance = (value ^ filed.middle).bit_count()
        if distance <= most:
            grey = asked.grey if index < len(CROPS) else _mirror(asked.grey)
            agreement = _fitted(grey, CROPS[index % len(CROPS)], middle)
            best = _better(best, Match("cropped", distance, agreement), CROP_AGREEMENT)
    return best


def _fitted(grey: bytes, box: Box, middle: bytes) -> float:
    """How far the part of a picture agrees with the middle of the original, its edges shifted until it fits best:
    nobody cuts exactly what was foreseen."""
    best = _correlation(_detail(_part(grey, box)), _detail(middle))
    if not _PROMISING <= best < CROP_AGREEMENT:
        return best
    for step in (0.02, 0.01):
        for edge in range(4):
            for shift in (-step, step):
                moved = [at + shift * (side == edge) for side, at in enumerate(box)]
                left, top, right, bottom = (min(1.0, max(0.0, at)) for at in moved)
                agreement = _correlation(_detail(_part(grey, (left, top, right, bottom))), _detail(middle))
                if agreement > best:
                    best, box = agreement, (left, top, right, bottom)
    return best


def _better(best: Match | None, found: Match, least: float) -> Match | None:
    return found if found.agreement >= least and (best is None or found.agreement > best.agreement) else best


def _quarters(value: int) -> list[tuple[int, int]]:
    return [(band, value >> 16 * band & 0xFFFF) for band in range(_BANDS)]


def _key(place: int, band: int, quarter: int) -> int:
    return place << 18 | band << 16 | quarter


def _hash(grey: Image.Image, box: Box | None = None) -> int:
    """64 bits: is each spot of an 8 x 8 grid brighter than its left neighbour?"""
    values = grey.resize((9, 8), Image.Resampling.BOX, box=box and _pixels(grey, box)).tobytes()
    found = 0
    for row in range(0, 72, 9):
        for at in range(row, row + 8):
            found = found << 1 | (values[at] < values[at + 1])
    return found


def _pixels(picture: Image.Image, box: Box) -> Box:
    wide, high = picture.size
    return box[0] * wide, box[1] * high, box[2] * wide, box[3] * high


def _shrunk(grey: Image.Image) -> bytes:
    return grey.resize((GREY_EDGE, GREY_EDGE), Image.Resampling.BOX).tobytes()


def _image(grey: bytes) -> Image.Image:
    edge = math.isqrt(len(grey))
    return Image.frombytes("L", (edge, edge), grey)


def _part(grey: bytes, box: Box) -> bytes:
    picture = _image(grey)
    size = (_MIDDLE_EDGE, _MIDDLE_EDGE)
    return picture.resize(size, Image.Resampling.BILINEAR, box=_pixels(picture, box)).tobytes()


@lru_cache(maxsize=64)
def _mirror(grey: bytes) -> bytes:
    return _image(grey).transpose(Image.Transpose.FLIP_LEFT_RIGHT).tobytes()


@lru_cache(maxsize=64)
def _detail(grey: bytes) -> list[int]:
    """What is left without the coarse light and dark, which a sky above a street gives every picture."""
    picture = _image(grey)
    coarse = picture.resize((5, 5), Image.Resampling.BOX).resize(picture.size, Image.Resampling.BICUBIC)
    return [value - ground for value, ground in zip(grey, coarse.tobytes(), strict=True)]


def _spread(grey: bytes) -> float:
    detail = _detail(grey)
    mean = sum(detail) / len(detail)
    return math.sqrt(sum((value - mean) ** 2 for value in detail) / len(detail))


@cache
def _areas() -> tuple[tuple[int, ...], ...]:
    """All of the picture, and three quarters of it on each side: a stamp along one edge hides no copy."""
    edge, cut = GREY_EDGE, GREY_EDGE // 4
    spots = [(x, y) for y in range(edge) for x in range(edge)]
    return tuple(
        tuple(y * edge + x for x, y in spots if inside(x, y))
        for inside in (
            lambda x, y: True,
            lambda x, y: y < edge - cut,
            lambda x, y: y >= cut,
            lambda x, y: x < edge - cut,
            lambda x, y: x >= cut,
        )
    )


def _agreement(one: bytes, other: bytes) -> float:
    mine, theirs = _detail(one), _detail(other)
    whole = _correlation(mine, theirs)
    if whole >= _CERTAIN:
        return whole
    return max(_correlation([mine[at] for at in area], [theirs[at] for at in area]) for area in _areas())


def _correlation(one: Sequence[int], other: Sequence[int]) -> float:
    """Pearson's, from -1 to 1; 0 where one of both is flat."""
    count = len(one)
    mean, their_mean = sum(one) / count, sum(other) / count
    both = sum(a * b for a, b in zip(one, other, strict=True)) - count * mean * their_mean
    spread = (sum(a * a for a in one) - count * mean**2) * (sum(b * b for b in other) - count * their_mean**2)
    return both / math.sqrt(spread) if spread > 1e-9 else 0.0
