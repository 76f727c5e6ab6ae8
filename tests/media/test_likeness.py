"""Copies are recognised whatever was done to them; other pictures, and second photos of the same shop, are not."""

import io
import random

import pytest
from PIL import Image, ImageEnhance, ImageOps

from media.drawing import draw_shelf, draw_shop
from media.likeness import CROPS, Fingerprint, _cuts, compare, filed_under, fingerprint, near

MOST = 10
FRONTS = [draw_shop(seed, f"王记{seed}超市").resize((1280, 960)) for seed in range(6)]


def small(picture: Image.Image) -> Image.Image:
    copy = picture.copy()
    copy.thumbnail((320, 320))
    return copy


def of(picture: Image.Image) -> Fingerprint:
    found = fingerprint(small(picture))
    assert found is not None
    return found


FILED = [of(front) for front in FRONTS]


def encoded(picture: Image.Image, quality: int) -> Image.Image:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return Image.open(io.BytesIO(out.getvalue())).convert("RGB")


def cut(picture: Image.Image, left: float, top: float, right: float, bottom: float) -> Image.Image:
    wide, high = picture.size
    return picture.crop((int(wide * left), int(high * top), int(wide * (1 - right)), int(high * (1 - bottom))))


@pytest.mark.parametrize(
    ("change", "how"),
    [
        pytest.param(lambda p: encoded(p, 15), "same", id="saved at quality 15"),
        pytest.param(lambda p: encoded(p.resize((320, 240)), 60), "same", id="a quarter of the size"),
        pytest.param(lambda p: ImageEnhance.Brightness(p).enhance(1.2), "same", id="brighter"),
        pytest.param(lambda p: ImageEnhance.Color(p).enhance(0), "same", id="without colour"),
        pytest.param(ImageOps.mirror, "mirrored", id="mirrored"),
        pytest.param(lambda p: cut(p, 0.05, 0.05, 0.05, 0.05), "cropped", id="5 % cut off all round"),
        pytest.param(lambda p: cut(p, 0.1, 0.1, 0.1, 0.1), "cropped", id="10 % cut off all round"),
        pytest.param(lambda p: cut(p, 0, 0.125, 0, 0.125), "cropped", id="cut to 16:9"),
        pytest.param(lambda p: ImageOps.mirror(cut(p, 0.05, 0.05, 0.05, 0.05)), "cropped", id="cut and mirrored"),
    ],
)
def test_copies_are_found(change, how):
    found = 0
    for front, filed in zip(FRONTS, FILED, strict=True):
        asked = of(change(front))
        match = compare(asked, filed, MOST)
        if match and asked.asks() & set(filed.keys()) and near(asked, filed.whole, filed.middle, MOST):
            assert match.how == how
            found += 1
    assert found >= len(FRONTS) - 1


@pytest.mark.parametrize("mirrored", [False, True])
def test_copies_that_were_filed_before_are_found_by_the_original(mirrored):
    """For the closer look, which then compares the copy with the original."""
    asked = [(filed.of_crops(), filed_under(filed.of_crops())) for filed in FILED]
    cuts, found, wrong = list(_cuts()), 0, 0
    for taken in cuts:
        for number, front in enumerate(FRONTS):
            part = cut(front, *taken)
            copy = of(ImageOps.mirror(part) if mirrored else part)
            near_ones = [
                any((value ^ copy.whole).bit_count() <= MOST for value in hashes) and bool(keys & set(copy.keys()))
                for hashes, keys in asked
            ]
            found += near_ones[number]
            wrong += sum(near_ones) - near_ones[number]
    assert found >= 0.9 * len(cuts) * len(FRONTS)
    assert wrong <= 0.05 * len(cuts) * len(FRONTS) * len(FRONTS)


def test_other_pictures_are_not():
    others = [of(draw_shop(seed, "李记超市")) for seed in range(20, 30)] + [
        of(draw_shelf(s, "货架")) for s in range(4)
    ]
    pairs = [(a, b) for n, a in enumerate([*FILED, *others]) for b in [*FILED, *others][:n]]
    assert [compare(a, b, 16) for a, b in pairs if compare(a, b, 16)] == []


def test_the_same_shop_from_another_spot_is_not():
    rng = random.Random(5)
    for front, filed in zip(FRONTS, FILED, strict=True):
        wide, high = front.size
        corners = [(0.06, 0.06), (0.06, 0.94), (0.94, 0.94), (0.94, 0.06)]
        quad = [side * share + rng.uniform(-0.05, 0.05) * side
                for corner in corners for side, share in zip((wide, high), corner, strict=True)]  # fmt: skip
        seen = front.transform(front.size, Image.Transform.QUAD, quad, Image.Resampling.BICUBIC)
        match = compare(of(seen), filed, MOST)
        assert match is None or (match.how == "cropped" and match.agreement < 0.985)


def test_what_shows_nothing_has_no_fingerprint():
    assert fingerprint(Image.new("RGB", (320, 240), "grey")) is None
    assert fingerprint(Image.linear_gradient("L").convert("RGB")) is None
    assert fingerprint(Image.radial_gradient("L").convert("RGB")) is None
    assert fingerprint(Image.new("RGB", (1, 1))) is None


def test_fingerprints_are_stored_and_read():
    for filed in FILED:
        assert Fingerprint.unpack(filed.pack()) == filed
        assert len(filed.hashes) == 3 + 2 * len(CROPS)
        assert len(filed.keys()) == 8
