"""The visible stamp: time, place, who, customer and code over a *copy* of a photo. The evidence itself is never touched.

Stamped copies are made from the large thumbnail, which this server encoded itself, so no bytes from outside are decoded
here.
"""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TypeAlias
from zoneinfo import ZoneInfo

from PIL import Image, ImageDraw, ImageFont
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.customers.models import Customer
from server.people.models import Employee
from server.photos.models import Photo
from server.records.export import in_language
from server.records.fields import L

_NO_PLACE = L("无定位", "無定位", "No position")
_AWAY = L("距客户 {distance}", "距客戶 {distance}", "{distance} from the customer")
_GALLERY = L(
    "相册照片，时间和地点未经核验", "相簿照片，時間和地點未經核驗", "From the gallery: time and place not verified"
)
_CODE = L("核验码 {code}", "核驗碼 {code}", "Code {code}")
_NAME_UNKNOWN = "–"
_BETWEEN = " · "
_QUALITY = 88
_SHADE = (0, 0, 0, 150)
_WHITE, _AMBER = (255, 255, 255, 255), (255, 200, 80, 255)
_REGULAR, _BOLD = 400, 700

_Font: TypeAlias = ImageFont.FreeTypeFont


@dataclass(frozen=True, slots=True)
class StampLines:
    """What stands on a stamped copy, as it is printed. `mark` is what must not be overlooked, mostly empty."""

    customer: str
    when: str
    where: str
    who: str
    code: str
    mark: str = ""
    language: str = "zh-CN"


# unrestricted: the caller has read the photos through `visible`; their stamps name customer and person, as the pictures do
def stamp_lines(
    session: Session, photos: Iterable[Photo], zone: ZoneInfo, language: str = "zh-CN"
) -> dict[str, StampLines]:
    """The stamp of each photo by its id, in two queries however many there are; `zone` is the company's."""
    rows = list(photos)
    customers = {row.customer_id for row in rows}
    people = {row.taken_by for row in rows}
    shops = session.execute(select(Customer.id, Customer.name).where(Customer.id.in_(customers)))
    staff = session.execute(select(Employee.id, Employee.real_name).where(Employee.id.in_(people)))
    shop_names = {row.id: row.name for row in shops}
    staff_names = {row.id: row.real_name for row in staff}
    return {
        row.id: StampLines(
            customer=_plain(shop_names.get(row.customer_id)),
            when=_time(row.taken_at, zone),
            where=_place(row, language),
            who=_plain(staff_names.get(row.taken_by)),
            code=row.code or _NAME_UNKNOWN,
            mark=in_language(_GALLERY, language) if row.source == "gallery" else "",
            language=language,
        )
        for row in rows
    }


def _time(moment: datetime | None, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") if moment else _NAME_UNKNOWN


def _place(photo: Photo, language: str) -> str:
    """WGS-84 degrees with the accuracy, and how far from the customer's place where that is known."""
    if photo.lat is None or photo.lng is None:
        return in_language(_NO_PLACE, language)
    accuracy = "" if photo.accuracy is None else f" ±{round(photo.accuracy)} m"
    place = f"{photo.lat:.5f}, {photo.lng:.5f}{accuracy}"
    if photo.distance is None:
        return place
    metres = photo.distance
    # As the app says it: a position is not known to the metre.
    distance = f"{int(metres / 10 + 0.5) * 10} m" if metres < 1000 else f"{metres / 1000:.1f} km"
    return place + _BETWEEN + in_language(_AWAY, language).format(distance=distance)


def _plain(name: str | None) -> str:
    """One line, whatever somebody typed."""
    return " ".join("".join(c if c.isprintable() else " " for c in name or "").split()) or _NAME_UNKNOWN


def stamped(jpeg: bytes, lines: StampLines) -> bytes:
    """A copy of a thumbnail of ours with the stamp along its foot, as JPEG without any EXIF."""
    with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as source:
        picture = source.convert("RGB")
    size = max(12, round(min(picture.size) / 34))
    rows = list(_rows(lines, size, picture.width - 2 * size))
    foot = sum(row.height for row in rows) + size
    shade = Image.new("RGBA", (picture.width, min(foot, picture.height)), _SHADE)
    draw = ImageDraw.Draw(shade)
    top = size // 2
    for row in rows:
        draw.text((size, top), row.text, font=row.font, fill=row.colour)
        top += row.height
    picture.paste(shade.convert("RGB"), (0, picture.height - shade.height), shade.getchannel("A"))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


@dataclass(frozen=True, slots=True)
class _Row:
    text: str
    font: _Font
    colour: tuple[int, int, int, int]

    @property
    def height(self) -> int:
        return round(self.font.size * 1.45)


def _rows(lines: StampLines, size: int, width: int) -> Iterator[_Row]:
    large, small = _font(round(size * 1.3), _BOLD, lines.language), _font(size, _REGULAR, lines.language)
    if lines.mark:
        yield from (_Row(text, small, _AMBER) for text in _wrapped([lines.mark], small, width))
    yield from (_Row(text, large, _WHITE) for text in _wrapped([lines.customer], large, width))
    facts = [lines.when, *lines.where.split(_BETWEEN)]
    yield from (_Row(text, small, _WHITE) for text in _wrapped(facts, small, width))
    bold, code = _font(size, _BOLD, lines.language), in_language(_CODE, lines.language).format(code=lines.code)
    yield from (_Row(text, bold, _WHITE) for text in _wrapped([lines.who, code], bold, width))


def _wrapped(parts: list[str], font: _Font, width: int) -> Iterator[str]:
    """Rows of whole parts as far as they fit; a part that is too wide by itself is cut into two rows, then shortened."""
    row = ""
    for part in parts:
        longer = row + _BETWEEN + part if row else part
        if font.getlength(longer) <= width:
            row = longer
            continue
        if row:
            yield row
        row = part
        if font.getlength(part) > width:
            head = _fitting(part, font, width)
            yield head
            rest = part[len(head) :].strip()
            row = rest if font.getlength(rest) <= width else _fitting(rest, font, width - font.size) + "…"
    yield row


def _fitting(text: str, font: _Font, width: float) -> str:
    """The longest beginning that is not wider than this; it ends between two words if there are any."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if font.getlength(text[:middle]) <= width else (low, middle - 1)
    if low < len(text) and text[low - 1 : low + 1].isascii():
        low = max(text.rfind(" ", low // 2, low + 1), 0) or low
    return text[:low]


@lru_cache(maxsize=64)
def _font(size: int, weight: int, language: str) -> _Font:
    """Noto Sans CJK from its wheel, in the shapes of the language: no machine's own fonts are asked."""
    found = ImageFont.truetype(font_file(), size, index=font_face(language))
    found.set_variation_by_axes([weight])
    return found


def font_face(language: str) -> int:
    """Which face of the file has the shapes of the language."""
    return 3 if language == "zh-TW" else 2


@lru_cache(maxsize=1)
def font_file() -> Path:
    """Noto Sans CJK, all faces in one file, with an axis of weight."""
    spec = find_spec("manimgx_fonts_cjk")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).with_name("NotoSansCJK-VF.otf.ttc")
