"""Small files of every kind that customers' documents may be, made here: real in structure, without content."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from PIL import Image

_MAIN = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml",
    "docm": "application/vnd.ms-word.document.macroEnabled.main+xml",
    "xlsm": "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
}
OLE_STREAMS = {"doc": "WordDocument", "xls": "Workbook", "ppt": "PowerPoint Document"}
_SECTOR, _FREE, _END, _FAT = 512, 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def packed(parts: dict[str, bytes]) -> bytes:
    """A zip."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return data.getvalue()


def office(kind: str, more: dict[str, bytes] | None = None) -> bytes:
    """A docx, xlsx, pptx, docm or xlsm: its list of parts and a main part."""
    types = (
        '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Override PartName="/main.xml" ContentType="{_MAIN[kind]}"/></Types>'
    )
    return packed({"[Content_Types].xml": types.encode(), "main.xml": b"<main/>", **(more or {})})


def ole(*streams: str) -> bytes:
    """A compound file with these empty streams at its root: header, one sector of FAT, the directory."""
    names = ["Root Entry", *streams]
    per = _SECTOR // 128
    sectors = -(-len(names) // per)
    fat = [_FAT, *[n + 2 for n in range(sectors - 1)], _END]
    header = struct.pack(
        "<8s16sHHHHH6sIIIIIIIIII",
        bytes.fromhex("d0cf11e0a1b11ae1"), bytes(16), 0x3E, 3, 0xFFFE, 9, 6, bytes(6), 0, 1, 1, 0, 4096, _END, 0, _END, 0,
        0,
    )  # fmt: skip
    header += struct.pack("<109I", 0, *[_FREE] * 108)
    header = header[:_SECTOR].ljust(_SECTOR, b"\xff")
    entries = b""
    for place in range(sectors * per):
        name = names[place] if place < len(names) else ""
        encoded = (name + "\0").encode("utf-16-le") if name else b""
        kind = 0 if not name else 5 if place == 0 else 2
        right = place + 1 if 0 < place < len(names) - 1 else _FREE
        child = 1 if place == 0 and streams else _FREE
        entries += struct.pack(
            "<64sHBBIII16sIQQIQ", encoded, len(encoded), kind, 1, _FREE, right, child, bytes(16), 0, 0, 0, _END, 0
        )
    table = struct.pack(f"<{_SECTOR // 4}I", *fat, *[_FREE] * (_SECTOR // 4 - len(fat)))
    return header + table + entries


def bmp(start: int = 54) -> bytes:
    """One pixel."""
    head = struct.pack("<2sIHHI", b"BM", 58, 0, 0, start)
    return head + struct.pack("<IiiHHIIiiII", 40, 1, 1, 1, 24, 0, 4, 0, 0, 0, 0) + b"\x00\x00\xff\x00"


def _picture(format_name: str) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(data, format_name)
    return data.getvalue()


def _rar() -> bytes:
    def block(body: bytes) -> bytes:
        sized = bytes([len(body)]) + body
        return struct.pack("<I", zlib.crc32(sized)) + sized

    return b"Rar!\x1a\x07\x01\x00" + block(b"\x01\x05\x00\x00") + block(b"\x05\x04\x00")


SAMPLES: dict[str, bytes] = {
    "jpg": _picture("JPEG"),
    "png": _picture("PNG"),
    "gif": _picture("GIF"),
    "bmp": bmp(),
    "rar": _rar(),
    "zip": packed({"清单.txt": "第一页".encode(), "b/c.bin": bytes(400)}),
    "txt": "合同清单\n1. 正本\n".encode(),
    **{kind: office(kind) for kind in ("docx", "xlsx", "pptx")},
    **{kind: ole(stream) for kind, stream in OLE_STREAMS.items()},
}
