"""Finds the size of a picture and its EXIF block in JPEG, PNG, WebP and HEIC files without decoding anything.

Runs on bytes nobody trusts: every loop has a limit, every length is checked against the bytes there are, and nothing
larger than the file itself is allocated. For the formats we decode, `pixels` is the same picture with its metadata
left out, so that a decoder never meets EXIF, colour profiles, comments or multi-picture tables of a stranger.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

MAX_SEGMENTS = 4096  # a JPEG with extended XMP has some hundred
MAX_CHUNKS = 20_000  # 25 MB of PNG in the 4 KB chunks of older encoders are 6,400
MAX_SCANS = 100  # a progressive JPEG of a camera has about ten; each costs a pass over the picture
MAX_BOXES = 512

_HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"}
_OTHER_MAGIC = ((b"GIF8", "gif"), (b"BM", "bmp"), (b"II*\0", "tiff"), (b"MM\0*", "tiff"))


@dataclass(frozen=True, slots=True)
class Container:
    """What the outer structure of a file says."""

    format: str | None = None  # jpeg, png, webp, heic, avif, gif, bmp, tiff; None: no picture known here
    width: int | None = None  # stored pixels, before any rotation
    height: int | None = None
    sequential: bool = False  # a decoder can shrink it while reading: it never holds the whole picture
    exif: bytes | None = None  # the TIFF block, without "Exif\0\0"
    pixels: bytes | None = None  # for a decoder; None when not decodable here
    problem: str | None = None  # truncated or damaged


def open_container(data: bytes) -> Container:
    """Looks at magic bytes and structure. Never raises."""
    if data.startswith(b"\xff\xd8\xff"):
        return _jpeg(data)
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return _png(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _webp(data)
    if data[4:8] == b"ftyp":
        if data[8:12] in _HEIC_BRANDS:
            return _heic(data)
        if data[8:12] in (b"avif", b"avis"):
            return Container("avif")
    for magic, name in _OTHER_MAGIC:
        if data.startswith(magic):
            return Container(name)
    return Container()


# --- JPEG -------------------------------------------------------------------------------------------------------

_NO_LENGTH = {0x01, *range(0xD0, 0xD8)}
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def _jpeg(data: bytes) -> Container:
    found = Container("jpeg")
    kept = [b"\xff\xd8"]
    at, size = 2, len(data)
    for _ in range(MAX_SEGMENTS):
        if at + 4 > size:
            return replace(found, problem="truncated")
        marker = data[at + 1]
        if data[at] != 0xFF or marker in (0x00, 0xD8, 0xD9):
            return replace(found, problem="damaged")
        if marker == 0xFF:  # a fill byte before a marker
            at += 1
            continue
        if marker in _NO_LENGTH:
            at += 2
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if length < 2:
            return replace(found, problem="damaged")
        end = at + 2 + length
        if marker == 0xDA:
            if found.width is None:
                return replace(found, problem="damaged")
            if _scans(data, at) > MAX_SCANS:
                return replace(found, problem="damaged")
            return replace(found, pixels=b"".join(kept) + data[at:])
        body = data[at + 4 : end]
        if marker == 0xE1 and found.exif is None and body.startswith(b"Exif\0"):
            found = replace(found, exif=body[6:])
        elif marker in _FRAMES and len(body) >= 5:
            height, width = int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big")
            found = replace(found, width=width, height=height, sequential=marker in (0xC0, 0xC1))
        if end > size:
            return replace(found, problem="truncated")
        # APP0 and APP14 say how colours are coded; the other application segments and comments are not pictures.
        if marker in (0xE0, 0xEE) or not (0xE0 <= marker <= 0xEF or marker == 0xFE):
            kept.append(data[at:end])
        at = end
    return replace(found, problem="damaged")


def _scans(data: bytes, first: int) -> int:
    end = data.find(b"\xff\xd9", first)
    return data.count(b"\xff\xda", first, end if end > 0 else len(data))


# --- PNG and WebP -----------------------------------------------------------------------------------------------

_PNG_PIXELS = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}


def _png(data: bytes) -> Container:
    found = Container("png")
    kept = [data[:8]]
    at, size = 8, len(data)
    for _ in range(MAX_CHUNKS):
        if at + 12 > size:
            return replace(found, problem="truncated")
        length = int.from_bytes(data[at : at + 4], "big")
        kind = data[at + 4 : at + 8]
        end = at + 12 + length
        if kind == b"IHDR" and length >= 8:
            width = int.from_bytes(data[at + 8 : at + 12], "big")
            found = replace(found, width=width, height=int.from_bytes(data[at + 12 : at + 16], "big"))
        elif kind == b"eXIf" and found.exif is None:
            found = replace(found, exif=data[at + 8 : end - 4])
        if end > size:
            return replace(found, problem="truncated")
        if kind in _PNG_PIXELS:
            kept.append(data[at:end])
        if kind == b"IEND":
            return replace(found, pixels=b"".join(kept))
        at = end
    return replace(found, problem="damaged")


def _webp(data: bytes) -> Container:
    found = Container("webp")
    at, size = 12, len(data)
    promised = 8 + int.from_bytes(data[4:8], "little")
    for _ in range(MAX_BOXES):
        if at + 8 > size:
            break
        kind = data[at : at + 4]
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        body = at + 8
        if kind == b"VP8X" and size >= body + 10:
            found = replace(
                found,
                width=1 + int.from_bytes(data[body + 4 : body + 7], "little"),
                height=1 + int.from_bytes(data[body + 7 : body + 10], "little"),
            )
        elif kind == b"VP8 " and found.width is None and size >= body + 10:
            found = replace(
                found,
                width=int.from_bytes(data[body + 6 : body + 8], "little") & 0x3FFF,
                height=int.from_bytes(data[body + 8 : body + 10], "little") & 0x3FFF,
            )
        elif kind == b"VP8L" and found.width is None and size >= body + 5:
            bits = int.from_bytes(data[body + 1 : body + 5], "little")
            found = replace(found, width=1 + (bits & 0x3FFF), height=1 + (bits >> 14 & 0x3FFF))
        elif kind == b"EXIF" and found.exif is None:
            block = data[body : body + length]
            found = replace(found, exif=block[6:] if block.startswith(b"Exif\0\0") else block)
        at = body + length + (length & 1)
    if promised > size:
        return replace(found, problem="truncated")
    return replace(found, pixels=data if found.width is not None else None)


# --- HEIC (ISO/IEC 14496-12 boxes): recognised, its EXIF and size are read, its pixels are not ---------------------


def _heic(data: bytes) -> Container:
    found = Container("heic")
    meta = next((span for kind, span in _boxes(data, 0, len(data)) if kind == b"meta"), None)
    if meta is None:
        return replace(found, problem="truncated")
    boxes = dict(_boxes(data, meta[0] + 4, meta[1]))
    if b"iprp" in boxes:
        properties = dict(_boxes(data, *boxes[b"iprp"])).get(b"ipco", (0, 0))
        sizes = [
            (int.from_bytes(data[at + 4 : at + 8], "big"), int.from_bytes(data[at + 8 : at + 12], "big"))
            for kind, (at, end) in _boxes(data, *properties)
            if kind == b"ispe" and end - at >= 12
        ]
        if sizes:  # tiles and thumbnails have their own; the picture is the largest
            width, height = max(sizes)
            found = replace(found, width=width, height=height)
    if b"iinf" in boxes and b"iloc" in boxes:
        item = _exif_item(data, *boxes[b"iinf"])
        place = item is not None and _item_place(data, *boxes[b"iloc"], item)
        if place:
            start = place[0] + 4 + int.from_bytes(data[place[0] : place[0] + 4], "big")
            found = replace(found, exif=data[start : place[0] + place[1]])
    return found


def _boxes(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, tuple[int, int]]]:
    end = min(end, len(data))
    for _ in range(MAX_BOXES):
        if at + 8 > end:
            return
        length = int.from_bytes(data[at : at + 4], "big")
        kind, body = data[at + 4 : at + 8], at + 8
        if length == 1:
            length, body = int.from_bytes(data[at + 8 : at + 16], "big"), at + 16
        stop = end if length == 0 else at + length
        if stop < body or stop > end:
            return
        yield kind, (body, stop)
        at = stop


def _exif_item(data: bytes, at: int, end: int) -> int | None:
    header = 6 if data[at : at + 1] == b"\0" else 8  # version, flags, number of entries
    for kind, (body, stop) in _boxes(data, at + header, end):
        if kind != b"infe" or stop - body < 12:
            continue
        wide = data[body] >= 3
        item_id = int.from_bytes(data[body + 4 : body + (8 if wide else 6)], "big")
        kind_at = body + (10 if wide else 8)
        if data[kind_at : kind_at + 4] == b"Exif":
            return item_id
    return None


def _item_place(data: bytes, at: int, end: int, wanted: int) -> tuple[int, int] | None:
    """Offset and length of an item that lies in one piece in the file (what phones write for EXIF)."""
    data = data[:end]
    version = data[at] if at < len(data) else 0
    sizes = data[at + 4 : at + 6]
    if len(sizes) < 2 or version > 2:
        return None
    offset_size, length_size, base_size, index_size = sizes[0] >> 4, sizes[0] & 15, sizes[1] >> 4, sizes[1] & 15
    wide = 4 if version == 2 else 2
    count = int.from_bytes(data[at + 6 : at + 6 + wide], "big")
    at += 6 + wide

    def number(size: int) -> int:
        nonlocal at
        at += size
        return int.from_bytes(data[at - size : at], "big")

    for _ in range(min(count, 4096)):
        item_id = number(wide)
        method = number(2) & 15 if version else 0
        number(2)  # which file the data is in: this one
        base, extents = number(base_size), number(2)
        place = None
        for extent in range(min(extents, 64)):
            if version and index_size:
                number(index_size)
            offset, length = base + number(offset_size), number(length_size)
            place = place if extent else (offset, length)
        if item_id == wanted:
            return place if method == 0 and extents == 1 else None
        if at >= end:
            return None
    return None
