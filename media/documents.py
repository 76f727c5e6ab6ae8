"""What a file is, found out from its bytes: never from its name, and never from what was claimed of it.

`puremagic` knows the signatures, `olefile` the old Office files; what a zip is says its list of contents. Nothing is
unpacked, and of the one part that is read never more than a little. Text is what has no signature and can be read.
"""

import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from typing import Literal

#: Signatures by which a kind is recognised, as `puremagic` calls them.
_SIGNED = {".jpg": "jpg", ".jpeg": "jpg", ".png": "png", ".gif": "gif", ".bmp": "bmp", ".rar": "rar"}
_OLE, _ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", (b"PK\x03\x04", b"PK\x05\x06")
#: The stream that makes an old Office file what it is.
_STREAMS = {"worddocument": "doc", "workbook": "xls", "book": "xls", "powerpoint document": "ppt"}
_MAIN_PART = re.compile(
    rb"application/vnd\.(?:openxmlformats-officedocument\.(wordprocessingml|spreadsheetml|presentationml)"
    rb"\.(?:document|sheet|presentation)|ms-(word|excel|powerpoint)\.[a-z]+\.macroenabled(?:\.12)?)\.main\+xml",
    re.IGNORECASE,
)
_OOXML = {b"wordprocessingml": "docx", b"spreadsheetml": "xlsx", b"presentationml": "pptx"}
_MACROS = {b"word": "docm", b"excel": "xlsm", b"powerpoint": "pptm"}
#: Bytes of the list of parts that are read, and of a text whose beginning is looked at.
_MOST_TYPES, _HEAD = 256 * 1024, 4096
#: A zip with more entries, or that would grow to more bytes, harms whoever opens it.
MOST_ENTRIES, MOST_UNPACKED = 20_000, 2 * 1024**3
#: How a browser recognises pages (WHATWG, MIME Sniffing), and drawings and scripts beside them.
_MARKUP = re.compile(
    rb"\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+(html|svg)|(html|head|body|script|iframe|svg|table|style|title|meta|"
    rb"xml|mso)\b|(\?xml|\?php))",
    re.IGNORECASE | re.DOTALL,
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
#: Programs share their first letters with a dozen other things; what matters is that they are programs.
_PROGRAMS = {b"MZ": "exe", b"\x7fELF": "elf", b"\xca\xfe\xba\xbe": "class", b"#!": "sh"}
_FOREIGN = re.compile(r"[a-z0-9]{1,8}", re.ASCII)

Problem = Literal["empty", "macros", "bomb", "damaged"]


@dataclass(frozen=True, slots=True)
class Content:
    """`kind`: jpg, png, gif, bmp, rar, zip, txt, doc, xls, ppt, docx, xlsx or pptx; None for everything else. `looks`: what
    else it seems to be, as people name it (exe, pdf, html …), where that can be said. `sealed`: an Office file behind a
    password, which may be any of the three."""

    kind: str | None = None
    looks: str | None = None
    problem: Problem | None = None
    sealed: bool = False


def identify(data: bytes) -> Content:
    """What these bytes are. Never raises; the processes of `media.bounded` keep its time and memory within limits."""
    if not data:
        return Content(problem="empty")
    if data.startswith(_ZIP):
        return _zip(data)
    if data.startswith(_OLE):
        return _ole(data)
    program = next((name for mark, name in _PROGRAMS.items() if data.startswith(mark)), None)
    if program == "sh" or (program is not None and not _is_text(data)):
        return Content(looks=program)
    names = _signatures(data)
    for name in names:
        kind = _SIGNED.get(name)
        if kind is not None and (kind != "bmp" or _is_bmp(data)):
            return Content(kind)
    if _is_text(data):
        found = _markup(data)
        if found is None and not data.lstrip().startswith((b"{\\rtf", b"%PDF-", b"%!PS")):
            return Content("txt")
        names = [f".{found}"] if found else names
    return Content(looks=next((name[1:] for name in names if _FOREIGN.fullmatch(name[1:])), None))


def _signatures(data: bytes) -> list[str]:
    """The usual endings of files that begin (or end) like this one, the likeliest first."""
    import puremagic  # the server itself has no need of its tables

    try:
        return [match.extension.lower() for match in puremagic.magic_string(data)]
    except (puremagic.PureError, ValueError):
        return []


def _is_bmp(data: bytes) -> bool:
    """Two letters are no signature: the header behind them has to be one, and the pixels inside the file."""
    if len(data) < 30:
        return False
    start, header = int.from_bytes(data[10:14], "little"), int.from_bytes(data[14:18], "little")
    return header in (12, 40, 52, 56, 64, 108, 124) and 14 + header <= start < len(data)


def _zip(data: bytes) -> Content:
    try:
        # As the end of the file has it: a list of a million entries is not even read.
        end = data.rfind(b"PK\x05\x06", -65_557)
        if end < 0:
            return Content(problem="damaged")
        if int.from_bytes(data[end + 12 : end + 16], "little") > MOST_ENTRIES * 600:
            return Content(problem="bomb")
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
                return Content(problem="bomb")
            if _overlap(entries):
                return Content(problem="bomb")
            return _office(archive, entries)
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, RuntimeError, NotImplementedError, KeyError,
            OverflowError, IndexError, UnicodeError, zlib.error):  # fmt: skip
        return Content(problem="damaged")


def _overlap(entries: list[zipfile.ZipInfo]) -> bool:
    """Whether some bytes are packed contents of two entries: how a small file pretends to hold a large world."""
    last = 0
    for entry in sorted(entries, key=lambda one: one.header_offset):
        if entry.header_offset < last:
            return True
        last = entry.header_offset + 30 + entry.compress_size
    return False


def _office(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> Content:
    names = {entry.filename.lower().replace("\\", "/") for entry in entries}
    types = next((entry for entry in entries if entry.filename == "[Content_Types].xml"), None)
    if types is None:
        known = {"meta-inf/manifest.mf": "jar", "androidmanifest.xml": "apk"}
        looks = next((known[name] for name in known if name in names), None)
        return Content(looks=looks) if looks else Content("zip")
    with archive.open(types) as part:
        found = _MAIN_PART.search(part.read(_MOST_TYPES))
    if found is None:
        return Content("zip")
    if found[2] or any(name.rpartition("/")[2] == "vbaproject.bin" for name in names):
        return Content(looks=_MACROS.get((found[2] or b"").lower(), "docm"), problem="macros")
    return Content(_OOXML[found[1].lower()])


def _ole(data: bytes) -> Content:
    import olefile

    try:
        with olefile.OleFileIO(io.BytesIO(data)) as file:
            streams = {path[0].lower() for path in file.listdir() if len(path) == 1}
    except (
        OSError,
        ValueError,
        IndexError,
        KeyError,
        TypeError,
        AttributeError,
        OverflowError,
        RecursionError,
        MemoryError,
    ):
        return Content(problem="damaged")
    if {"encryptedpackage", "encryptioninfo"} <= streams:
        return Content(sealed=True)
    kind = next((_STREAMS[name] for name in _STREAMS if name in streams), None)
    return Content(kind) if kind else Content(looks="ole")


def _is_text(data: bytes) -> bool:
    """Readable in one of the encodings that people here write, without anything that only programs write."""
    marked = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}.get(data[:2])
    if marked is None and b"\0" in data:
        return False
    for encoding in (marked,) if marked else ("utf-8", "gb18030", "big5"):
        try:
            return not _CONTROL.search(data.decode(encoding))
        except UnicodeError:
            continue
    return False


def _markup(data: bytes) -> str | None:
    """html, svg or xml where a text is one of these; a browser would find them too."""
    head = data[:_HEAD]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = head.decode("utf-16", "ignore").encode()
    found = _MARKUP.match(head.removeprefix(b"\xef\xbb\xbf"))
    if found is None:
        return None
    word = next(group for group in found.groups() if group).lower().lstrip(b"?")
    return word.decode() if word in (b"svg", b"xml", b"php") else "html"
