"""Pictures of shops drawn by code, for the demo company and for tests.

Different seeds give pictures a person tells apart at thumbnail size: street, light, sign, awning, goods and what
stands on the pavement all vary. The same seed and label give the same picture on the same machine.
"""

import random
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

from PIL import Image, ImageDraw, ImageFont

SIZE = (640, 480)

Colour: TypeAlias = tuple[int, int, int]
_Draw: TypeAlias = ImageDraw.ImageDraw

_SKIES: Sequence[tuple[Colour, Colour]] = (
    ((88, 150, 214), (214, 232, 245)),
    ((126, 160, 190), (226, 228, 226)),
    ((240, 170, 110), (250, 226, 190)),
    ((70, 96, 140), (198, 176, 180)),
)
_WALLS: Sequence[Colour] = (
    (196, 178, 150), (172, 104, 84), (206, 206, 198), (150, 160, 168), (218, 190, 140), (132, 118, 110),
    (188, 204, 196),
)  # fmt: skip
_SIGNS: Sequence[tuple[Colour, Colour]] = (
    ((178, 24, 30), (255, 226, 120)),
    ((20, 78, 150), (255, 255, 255)),
    ((14, 110, 70), (255, 244, 200)),
    ((250, 200, 40), (150, 20, 20)),
    ((40, 40, 46), (240, 196, 110)),
    ((238, 238, 232), (190, 30, 40)),
    ((120, 40, 110), (255, 236, 246)),
)
_GOODS: Sequence[Colour] = (
    (214, 48, 49), (253, 203, 80), (39, 120, 200), (46, 160, 90), (240, 240, 235), (225, 112, 60), (120, 72, 160),
    (236, 140, 170), (90, 60, 40), (30, 170, 180),
)  # fmt: skip

_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc",
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Bold.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Bold.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "/System/Library/Fonts/PingFang.ttc",
    "/System/Library/Fonts/STHeiti Medium.ttc",
    "C:/Windows/Fonts/msyhbd.ttc",
    "C:/Windows/Fonts/simhei.ttf",
)


def draw_shop(seed: int, label: str) -> Image.Image:
    """A shop front with the label on its sign, 640x480 RGB."""
    rng = random.Random(seed)
    picture = _gradient(*rng.choice(_SKIES))
    draw = ImageDraw.Draw(picture)
    wall = _shade(rng.choice(_WALLS), rng.uniform(0.85, 1.1))
    left, right, ground = rng.randint(20, 90), SIZE[0] - rng.randint(20, 90), rng.randint(390, 415)
    _neighbours(draw, rng, left, right, ground)
    roof = rng.randint(10, 70)
    draw.rectangle((left, roof, right, ground), fill=wall)
    draw.rectangle((left - 6, roof - 8, right + 6, roof + 4), fill=_shade(wall, 0.7))
    sign_top = rng.randint(130, 160)
    _windows(draw, rng, (left, roof + 16, right, sign_top - 8))
    _pavement(draw, rng, ground)
    front = (left + 12, sign_top + 64, right - 12, ground)
    _front(draw, rng, front)
    _awning(draw, rng, (left + 2, sign_top + 60, right - 2, sign_top + 60 + rng.randint(24, 44)))
    _sign(draw, rng, (left - 4, sign_top, right + 4, sign_top + 60), label)
    _on_the_pavement(draw, rng, front)
    return _as_photographed(picture)


def draw_shelf(seed: int, label: str) -> Image.Image:
    """A shelf with goods and price tags under a header with the label, 640x480 RGB."""
    rng = random.Random(seed * 2 + 1)
    wood = _shade(rng.choice(_WALLS), rng.uniform(0.8, 1.05))
    picture = _gradient(_shade(wood, 0.9), _shade(wood, 0.6))
    draw = ImageDraw.Draw(picture)
    _sign(draw, rng, (0, 0, SIZE[0], 56), label)
    rows = rng.randint(3, 5)
    height = (SIZE[1] - 60) // rows
    for row in range(rows):
        top, board = 60 + row * height, 60 + (row + 1) * height - 16
        draw.rectangle((0, top, SIZE[0], board), fill=_shade(wood, 0.45))
        _goods_row(draw, rng, (8, top + 8, SIZE[0] - 8, board))
        draw.rectangle((0, board, SIZE[0], board + 16), fill=_shade(wood, 1.15))
        for x in range(rng.randint(10, 40), SIZE[0] - 40, rng.randint(70, 110)):
            draw.rectangle((x, board + 2, x + 36, board + 13), fill=(250, 244, 210), outline=(200, 40, 40))
    return _as_photographed(picture)


def _gradient(top: Colour, bottom: Colour) -> Image.Image:
    two = Image.new("RGB", (1, 2))
    two.putpixel((0, 0), top)
    two.putpixel((0, 1), bottom)
    return two.resize(SIZE, Image.Resampling.BILINEAR)


def _neighbours(draw: _Draw, rng: random.Random, left: int, right: int, ground: int) -> None:
    for start, end in ((0, left), (right, SIZE[0])):
        wall = _shade(rng.choice(_WALLS), 0.75)
        top = rng.randint(20, 180)
        draw.rectangle((start, top, end, ground), fill=wall)
        for y in range(top + 20, ground - 60, 46):
            draw.rectangle((start + 8, y, end - 8, y + 24), fill=_shade(wall, 0.55))


def _windows(draw: _Draw, rng: random.Random, box: tuple[int, int, int, int]) -> None:
    left, top, right, bottom = box
    if bottom - top < 30:
        return
    count = rng.randint(2, 6)
    step = (right - left) / count
    glass = rng.choice(((120, 150, 175), (70, 90, 110), (170, 190, 200)))
    for index in range(count):
        x = int(left + step * index + step * 0.18)
        width = int(step * 0.64)
        draw.rectangle((x, top, x + width, bottom), fill=glass, outline=(245, 245, 240), width=3)
        draw.line((x + width // 2, top, x + width // 2, bottom), fill=(245, 245, 240), width=2)
        if rng.random() < 0.3:  # washing, a plant, an air conditioner
            draw.rectangle((x + 4, bottom - 16, x + width // 2, bottom), fill=rng.choice(_GOODS))


def _sign(draw: _Draw, rng: random.Random, box: tuple[int, int, int, int], label: str) -> None:
    ground, ink = rng.choice(_SIGNS)
    left, top, right, bottom = box
    draw.rectangle(box, fill=ground)
    draw.rectangle((left + 4, top + 4, right - 4, bottom - 4), outline=ink, width=2)
    middle = ((left + right) // 2, (top + bottom) // 2)
    font = _font()
    if font is not None or label.isascii():
        _text(draw, middle, label, ink, (right - left - 30, bottom - top - 16))
        return
    # Without a font that has Chinese: strokes that at least differ from shop to shop.
    strokes, size = random.Random(label), bottom - top - 26
    x, y = middle[0] - (size + 10) * len(label[:9]) // 2, top + 13
    for _ in label[:9]:
        for _ in range(6):
            a, b = strokes.randint(0, size), strokes.randint(0, size)
            level = strokes.random() < 0.6
            draw.line((x, y + a, x + size, y + a) if level else (x + b, y, x + a, y + size), fill=ink, width=4)
        x += size + 10


def _text(draw: _Draw, middle: tuple[int, int], label: str, ink: Colour, room: tuple[int, int]) -> None:
    size = room[1]
    font = _font(size) or ImageFont.load_default(size)
    width = draw.textlength(label, font=font)
    if width > room[0]:
        size = max(10, int(size * room[0] / width))
        font = _font(size) or ImageFont.load_default(size)
    draw.text(middle, label, fill=ink, font=font, anchor="mm")


@lru_cache(maxsize=64)
def _font(size: int = 40) -> ImageFont.FreeTypeFont | None:
    for path in _FONTS:
        if Path(path).exists():
            return ImageFont.truetype(path, size)
    return None


def _front(draw: _Draw, rng: random.Random, box: tuple[int, int, int, int]) -> None:
    """Door and display windows, goods behind the glass."""
    left, top, right, bottom = box
    draw.rectangle(box, fill=(52, 50, 54))
    width = right - left
    door_width = rng.randint(84, 120)
    door = left + int((width - door_width) * rng.choice((0.0, 0.25, 0.5, 0.75, 1.0)))
    for start, end in ((left, door), (door + door_width, right)):
        if end - start < 40:
            continue
        lit = rng.choice(((250, 236, 200), (214, 226, 232), (236, 220, 170)))
        draw.rectangle((start + 4, top, end - 4, bottom - 14), fill=lit)
        rows = rng.randint(2, 4)
        height = (bottom - 14 - top - 40) // rows
        for row in range(rows):
            y = top + 40 + row * height
            _goods_row(draw, rng, (start + 8, y, end - 8, y + height - 4))
            draw.rectangle((start + 4, y + height - 4, end - 4, y + height), fill=(120, 96, 70))
        draw.rectangle((start + 4, top, end - 4, bottom - 14), outline=(90, 90, 94), width=4)
        if rng.random() < 0.6:  # a poster on the glass
            x = rng.randint(start + 12, max(start + 13, end - 60))
            draw.rectangle(
                (x, top + 60, x + 44, top + 118), fill=rng.choice(_GOODS), outline=(255, 255, 255), width=3
            )
    frame = rng.choice(((150, 150, 156), (110, 70, 40), (30, 60, 90), (140, 30, 30)))
    draw.rectangle((door, top, door + door_width, bottom), fill=frame)
    draw.rectangle((door + 10, top + 12, door + door_width - 10, bottom - 8), fill=(88, 104, 112))
    draw.polygon(
        ((door + 14, bottom - 30), (door + door_width - 30, top + 16), (door + door_width - 16, top + 16),
         (door + 14, bottom - 60)), fill=(120, 138, 146),
    )  # fmt: skip
    draw.ellipse((door + door_width - 26, (top + bottom) // 2, door + door_width - 16, (top + bottom) // 2 + 26),
                 fill=(230, 220, 190))  # fmt: skip


def _goods_row(draw: _Draw, rng: random.Random, box: tuple[int, int, int, int]) -> None:
    left, top, right, bottom = box
    room = bottom - top
    x = left
    while x < right - 8 and room > 6:
        wide, tall = rng.randint(9, 24), int(room * rng.uniform(0.55, 0.95))
        colour, shape = rng.choice(_GOODS), rng.random()
        for _ in range(rng.randint(2, 5)):  # goods stand in groups of their kind
            if x + wide > right:
                break
            if shape < 0.6:
                draw.rectangle((x, bottom - tall, x + wide - 2, bottom), fill=colour)
                draw.rectangle((x, bottom - tall // 2, x + wide - 2, bottom - tall // 3), fill=_shade(colour, 1.35))
            else:
                neck = max(2, wide // 4)
                draw.rectangle((x, bottom - tall * 2 // 3, x + wide - 3, bottom), fill=colour)
                draw.rectangle((x + neck, bottom - tall, x + wide - 3 - neck, bottom - tall // 2), fill=colour)
                draw.rectangle((x, bottom - tall // 2, x + wide - 3, bottom - tall // 4), fill=(246, 242, 230))
            x += wide
        x += rng.randint(0, 6)


def _awning(draw: _Draw, rng: random.Random, box: tuple[int, int, int, int]) -> None:
    left, top, right, bottom = box
    if rng.random() < 0.25:
        return
    one, other = rng.choice(_GOODS), (248, 246, 240)
    stripe = rng.choice((18, 26, 36))
    for index, x in enumerate(range(left, right, stripe)):
        colour = one if index % 2 else other
        end = min(x + stripe, right)
        draw.polygon(((x, top), (end, top), (end, bottom), (x, bottom)), fill=colour)
        draw.pieslice((x, bottom - 9, end, bottom + 9), 0, 180, fill=colour)


def _pavement(draw: _Draw, rng: random.Random, ground: int) -> None:
    colour = rng.choice(((150, 148, 144), (170, 160, 150), (128, 130, 134), (186, 176, 160)))
    draw.rectangle((0, ground, *SIZE), fill=colour)
    middle, line = rng.randint(220, 420), _shade(colour, 0.86)
    for x in range(-800, 1500, 90):
        draw.line((middle + (x - middle) // 3, ground, x, SIZE[1]), fill=line, width=2)
    for y in (ground + 8, ground + 24, ground + 50):
        draw.line((0, y, SIZE[0], y), fill=line, width=2)


def _on_the_pavement(draw: _Draw, rng: random.Random, front: tuple[int, int, int, int]) -> None:
    left, _, right, ground = front
    for _ in range(rng.randint(1, 4)):
        x, thing = rng.randint(left, right - 80), rng.random()
        base = ground + rng.randint(10, 40)
        if thing < 0.45:  # a crate of fruit
            draw.rectangle((x, base - 30, x + 72, base), fill=(176, 130, 80), outline=(120, 84, 48), width=3)
            colour = rng.choice(_GOODS[:6])
            for ball in range(6):
                draw.ellipse((x + 3 + ball * 11, base - 42, x + 17 + ball * 11, base - 28), fill=colour)
        elif thing < 0.75:  # a plant
            draw.polygon(((x, base - 26), (x + 34, base - 26), (x + 28, base), (x + 6, base)), fill=(160, 84, 54))
            for leaf in range(5):
                draw.ellipse((x - 12 + leaf * 9, base - 74 + (leaf % 2) * 14, x + 12 + leaf * 9, base - 24),
                             fill=_shade((54, 128, 62), 0.8 + leaf * 0.09))  # fmt: skip
        else:  # a stack of boxes
            for level in range(rng.randint(2, 3)):
                draw.rectangle((x, base - 30 * (level + 1), x + 54, base - 30 * level), fill=(202, 164, 112),
                               outline=(150, 116, 70), width=2)  # fmt: skip


def _as_photographed(picture: Image.Image) -> Image.Image:
    """A little grain and darker corners take the flatness away."""
    grain, corners = _film()
    picture = Image.blend(picture, grain, 0.035)
    return Image.composite(picture, _dark(), corners)


@lru_cache(maxsize=1)
def _film() -> tuple[Image.Image, Image.Image]:
    rng = random.Random(7)
    small = Image.frombytes("L", (SIZE[0] // 2, SIZE[1] // 2), rng.randbytes(SIZE[0] * SIZE[1] // 4))
    grain = Image.merge("RGB", [small.resize(SIZE, Image.Resampling.BICUBIC)] * 3)
    corners = Image.radial_gradient("L").resize(SIZE, Image.Resampling.BILINEAR)
    return grain, corners.point([255 - max(0, level - 130) // 3 for level in range(256)])


@lru_cache(maxsize=1)
def _dark() -> Image.Image:
    return Image.new("RGB", SIZE, (16, 14, 20))


def _shade(colour: Colour, factor: float) -> Colour:
    red, green, blue = (min(255, int(part * factor)) for part in colour)
    return red, green, blue
