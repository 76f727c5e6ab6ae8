"""Pictures good and bad: what is found out, and how little is spent on finding it out."""

import io
import struct
import time
import zlib
from dataclasses import replace

import pytest
from PIL import Image, ImageFile, ImageOps

from media.drawing import draw_shelf, draw_shop
from media.images import Limits, examine, make_thumbnails, take_in

SHOP = draw_shop(3, "四季水果")


def encoded(picture: Image.Image, kind: str = "JPEG", **options) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def huge_png(width: int, height: int) -> bytes:
    """A valid header for a picture of any size, and a body of a few bytes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


def turned(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded(SHOP, exif=exif)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_good_picture(kind):
    found = examine(encoded(SHOP, kind))

    assert (found.format, found.width, found.height) == (kind.lower(), 640, 480)
    assert found.readable
    assert not found.has_exif


def test_jpeg_cut_in_half_is_truncated_and_never_half_shown():
    whole = encoded(SHOP)
    half = whole[: len(whole) // 2]

    assert examine(half).problems == ("truncated",)
    assert (examine(half).width, examine(half).height) == (640, 480)
    assert make_thumbnails(half) == {}
    assert not ImageFile.LOAD_TRUNCATED_IMAGES


@pytest.mark.parametrize("keep", [0, 1, 2, 3, 4, 20, 100, 300, 600])
def test_jpeg_cut_in_its_header_is_a_problem_not_an_exception(keep):
    assert examine(encoded(SHOP)[:keep]).problems


def test_200_megapixel_png_is_measured_and_not_decoded():
    started = time.perf_counter()
    found = examine(huge_png(20_000, 10_000))

    assert found.problems == ("too_many_pixels",)
    assert (found.width, found.height) == (20_000, 10_000)
    assert time.perf_counter() - started < 0.1


def test_limits_are_checked_before_anything_else():
    picture = encoded(SHOP)

    assert examine(picture, Limits(max_bytes=1000)).problems == ("too_large",)
    assert examine(picture, Limits(max_bytes=1000)).width is None
    assert examine(picture, Limits(max_pixels=640 * 480 - 1)).problems == ("too_many_pixels",)
    assert examine(picture, Limits(max_pixels=640 * 480)).readable


def test_pictures_that_must_be_held_whole_have_a_lower_limit():
    limits = Limits(max_pixels_whole=640 * 480 - 1)

    assert examine(encoded(SHOP), limits).readable
    for whole in (encoded(SHOP, "PNG"), encoded(SHOP, "WEBP"), encoded(SHOP, progressive=True)):
        assert examine(whole, limits).problems == ("too_many_pixels",)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "not_an_image"),
        (b"hello, I am a spreadsheet", "not_an_image"),
        (b"PK\3\4" + b"\0" * 100, "not_an_image"),
        (b"GIF89a" + b"\0" * 100, "unsupported_format"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 100, "unsupported_format"),
        (b"\xff\xd8\xff\xd9", "truncated"),
        (b"\x89PNG\r\n\x1a\n", "truncated"),
        (huge_png(0, 0), "damaged"),
        (huge_png(100, 100), "damaged|truncated"),
        (b"\xff\xd8" + b"\xff\xe5\0\2" * 100_000, "damaged"),
    ],
)  # fmt: skip
def test_what_is_no_picture(data, problem):
    assert examine(data).problems[0] in problem.split("|")


def test_thumbnails_are_upright_small_jpegs_without_metadata():
    big = SHOP.resize((2048, 1536))
    exif = Image.Exif()
    exif[0x010F] = "a camera"
    made = make_thumbnails(encoded(big, exif=exif, comment=b"who I am"))

    sizes = {name: Image.open(io.BytesIO(data)).size for name, data in made.items()}
    assert sizes == {"large": (1280, 960), "small": (320, 240)}
    for data in made.values():
        assert Image.open(io.BytesIO(data)).format == "JPEG"
        assert b"Exif" not in data
        assert b"a camera" not in data
        assert b"who I am" not in data


def test_small_picture_is_not_blown_up():
    made = make_thumbnails(encoded(SHOP))
    assert Image.open(io.BytesIO(made["large"])).size == (640, 480)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_turned_as_exif_says(orientation):
    data = turned(orientation)
    expected = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB").resize((32, 32))
    seen = Image.open(io.BytesIO(make_thumbnails(data)["large"])).resize((32, 32))

    apart = [abs(a - b) for a, b in zip(expected.tobytes(), seen.tobytes(), strict=True)]
    assert sum(apart) / len(apart) < 6


@pytest.mark.parametrize("mode", ["L", "CMYK", "RGBA", "P", "1", "I;16", "LA"])
def test_every_colour_mode_becomes_a_thumbnail(mode):
    kind = "JPEG" if mode in ("L", "CMYK") else "PNG"
    picture = (
        SHOP.convert("I").point(lambda level: level * 200).convert("I;16") if mode == "I;16" else SHOP.convert(mode)
    )

    assert set(make_thumbnails(encoded(picture, kind))) == {"large", "small"}


def test_examination_and_thumbnails_in_one_go_agree_with_the_single_calls():
    data = encoded(SHOP)
    both = take_in(data)

    assert replace(both.examination, content=None) == examine(data)
    assert both.thumbnails == make_thumbnails(data)


def test_metadata_never_reaches_the_decoder():
    """A colour profile that claims to be enormous, a comment, a multi-picture table: left out, picture shown."""
    whole = encoded(SHOP)
    segments = (
        (0xE2, b"ICC_PROFILE\0\1\xff" + b"x" * 50),
        (0xE2, b"MPF\0II*\0\xff\xff\xff\xff"),
        (0xFE, b"?" * 99),
    )
    nonsense = b"".join(struct.pack(">BBH", 0xFF, marker, 2 + len(body)) + body for marker, body in segments)
    assert examine(whole[:2] + nonsense + whole[2:]).readable


def test_progressive_picture_with_absurdly_many_scans():
    whole = encoded(SHOP, progressive=True)
    scan = whole.index(b"\xff\xda")
    assert examine(whole).readable
    assert examine(whole[:scan] + b"\xff\xda\0\x0c\3\1\0\2\0\3\0\0\0\0" * 200 + whole[scan:]).problems == ("damaged",)


def test_shops_differ_from_each_other_and_repeat_themselves():
    shops = [draw_shop(seed, "王记超市") for seed in range(8)] + [draw_shelf(seed, "王记超市") for seed in range(4)]
    tiny = {picture.resize((8, 8)).tobytes() for picture in shops}

    assert len(tiny) == len(shops)
    assert draw_shop(5, "美佳").tobytes() == draw_shop(5, "美佳").tobytes()
    assert draw_shop(5, "美佳").tobytes() != draw_shop(5, "永辉便利店").tobytes()
