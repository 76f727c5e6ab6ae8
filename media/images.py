"""What a picture is, found out without trusting it, and its thumbnails.

The order is: size, magic bytes, dimensions, decode. A step that fails ends the examination with a problem code; what
could be read until then is kept. Nothing here refuses a photo: a broken picture is still a fact of somebody's day.
"""

import hashlib
import io
import struct
import zlib
from dataclasses import dataclass, field, replace

from PIL import Image

from media.containers import Container, open_container
from media.documents import Content, identify
from media.exif import Exif, read_exif
from media.likeness import Fingerprint, fingerprint

THUMBNAIL_EDGES = {"large": 1280, "small": 320}  # long edge in pixels
_QUALITY = {"large": 82, "small": 78}

_PILLOW_FORMATS = {"jpeg": "JPEG", "png": "PNG", "webp": "WEBP"}

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a picture may be before anything is decoded."""

    max_bytes: int = 25 * 1024 * 1024
    max_pixels: int = 50_000_000
    max_pixels_whole: int = 16_000_000  # PNG, WebP and progressive JPEG, which a decoder must hold as a whole


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Examination:
    """What could be read of a picture.

    `problems` are codes of `media.reasons`: too_large, not_an_image, unsupported_format, too_many_pixels, truncated,
    damaged.
    """

    sha256: str  # of the bytes, lower-case hex
    size: int  # bytes
    format: str | None = None  # jpeg, png, webp, heic, …
    width: int | None = None  # stored pixels, before the rotation that EXIF asks for
    height: int | None = None
    exif: Exif = field(default_factory=Exif)
    has_exif: bool = False
    problems: tuple[str, ...] = ()
    content: Content | None = None  # what it is as a file among others; found out with `take_in`

    @property
    def readable(self) -> bool:
        """True when the picture can be shown."""
        return not self.problems


@dataclass(frozen=True, slots=True)
class Intake:
    """An examination, the thumbnails (`large`, `small`; none when the picture cannot be shown) and what the picture is
    recognised by (None: nothing to recognise)."""

    examination: Examination
    thumbnails: dict[str, bytes]
    likeness: Fingerprint | None = None


def examine(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Examination:
    """What the picture is and what is wrong with it. Never raises."""
    return _examine(data, limits)[0]


def make_thumbnails(data: bytes, limits: Limits = DEFAULT_LIMITS) -> dict[str, bytes]:
    """JPEG thumbnails `large` and `small`, upright and without metadata; empty when the picture cannot be shown."""
    return take_in(data, limits).thumbnails


def take_in(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Intake:
    """Examination and thumbnails from one decoding, which is what takes the time. Never raises.

    This is the call that `media.bounded` wraps in processes with memory and time limits: bytes in, plain values out.
    """
    examination, picture = _examine(data, limits)
    examination = replace(examination, content=_content(examination, data))
    if picture is None:
        return Intake(examination, {})
    thumbnails, small = _shrink(picture, examination.exif.orientation)
    return Intake(examination, thumbnails, fingerprint(small))


def _content(examination: Examination, data: bytes) -> Content:
    """Most of what comes are photos, which need no second look."""
    return Content("jpg") if examination.format == "jpeg" else identify(data)


def _examine(data: bytes, limits: Limits) -> tuple[Examination, Image.Image | None]:
    sha256, size = hashlib.sha256(data).hexdigest(), len(data)
    if size > limits.max_bytes:
        return Examination(sha256, size, problems=("too_large",)), None
    outer = open_container(data)
    problem, picture = _problem(outer, limits), None
    if problem is None:
        problem, picture = _decode(outer)
    examination = Examination(
        sha256,
        size,
        format=outer.format,
        width=outer.width,
        height=outer.height,
        exif=read_exif(outer.exif),
        has_exif=outer.exif is not None,
        problems=(problem,) if problem else (),
    )
    return examination, picture


def _problem(outer: Container, limits: Limits) -> str | None:
    if outer.format is None:
        return "not_an_image"
    if outer.width is not None and outer.height is not None:
        limit = limits.max_pixels if outer.sequential else limits.max_pixels_whole
        if outer.width * outer.height > limit:
            return "too_many_pixels"
    if outer.format not in _PILLOW_FORMATS:
        return "unsupported_format"
    if outer.problem:
        return outer.problem
    if outer.pixels is None or not outer.width or not outer.height:
        return "damaged"
    return None


def _decode(outer: Container) -> tuple[str | None, Image.Image | None]:
    """The picture at no less than the size of the large thumbnail, and every byte of it read."""
    assert outer.pixels is not None
    assert outer.format is not None
    try:
        picture = Image.open(io.BytesIO(outer.pixels), formats=[_PILLOW_FORMATS[outer.format]])
        if picture.size != (outer.width, outer.height):
            return "damaged", None  # what we measured against the limit is not what would be decoded
        picture.draft("RGB", _fit(picture.size, THUMBNAIL_EDGES["large"]))
        picture.load()
        return None, _plain(picture)
    except OSError as error:
        return ("truncated" if "truncated" in str(error).lower() else "damaged"), None
    except (ValueError, SyntaxError, TypeError, IndexError, KeyError, EOFError, OverflowError, RuntimeError,
            struct.error, zlib.error, MemoryError, Image.DecompressionBombError):  # fmt: skip
        return "damaged", None


def _plain(picture: Image.Image) -> Image.Image:
    """RGB, and not much larger than needed; what is transparent becomes white, as it would on a page."""
    spare = max(picture.size) // THUMBNAIL_EDGES["large"]
    if spare > 1 and picture.mode in ("RGB", "RGBA", "L", "LA", "CMYK"):
        picture = picture.reduce(spare)  # before any conversion, which would hold the whole picture a second time
    if picture.mode == "RGB":
        return picture
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        opaque = picture.convert("RGBA")
        ground = Image.new("RGB", opaque.size, "white")
        ground.paste(opaque, mask=opaque.getchannel("A"))
        return ground
    return picture.convert("RGB")


def _shrink(picture: Image.Image, orientation: int | None) -> tuple[dict[str, bytes], Image.Image]:
    """The thumbnails as JPEG, and the smallest of them as a picture."""
    thumbnails: dict[str, bytes] = {}
    for name, edge in THUMBNAIL_EDGES.items():
        if max(picture.size) > edge:
            picture = picture.resize(_fit(picture.size, edge), Image.Resampling.BICUBIC, reducing_gap=2.0)
        if orientation in _TURNS:
            picture, orientation = picture.transpose(_TURNS[orientation]), None
        out = io.BytesIO()
        Image.Image.save(picture, out, "JPEG", quality=_QUALITY[name])
        thumbnails[name] = out.getvalue()
    return thumbnails, picture


def _fit(size: tuple[int, int], edge: int) -> tuple[int, int]:
    scale = min(1.0, edge / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
