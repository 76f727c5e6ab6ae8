"""What files are, whatever they are called."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile

import pytest

from media.documents import MOST_ENTRIES, Content, identify
from media.images import take_in
from tests.support.files import OLE_STREAMS, SAMPLES, bmp, office, ole, packed

FOREIGN = {
    "exe": b"MZ\x90\x00\x03" + bytes(200),
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj",
    "html": b"\xef\xbb\xbf <!-- hello -->\n<!DOCTYPE html><script>alert(1)</script>",
    "svg": b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "rtf": b"{\\rtf1\\ansi hello}",
    "7z": b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(40),
    "jar": packed({"META-INF/MANIFEST.MF": b"Manifest-Version: 1.0", "a.class": b"x"}),
}


@pytest.mark.parametrize("kind", sorted(SAMPLES))
def test_every_kind_that_is_taken_is_known_by_its_content(kind: str) -> None:
    assert identify(SAMPLES[kind]) == Content(kind)
    assert take_in(SAMPLES[kind]).examination.content == Content(kind)


@pytest.mark.parametrize("looks", sorted(FOREIGN))
def test_what_is_not_taken_is_named(looks: str) -> None:
    assert identify(FOREIGN[looks]) == Content(looks=looks)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "big5"])
def test_text_is_text_in_the_encodings_of_the_trade(encoding: str) -> None:
    assert identify("合約正文\r\n\t第一條 <重要>，單價 12.00\n".encode(encoding)) == Content("txt")


@pytest.mark.parametrize("data", [b"text with a \x00 in it", bytes(range(256)) * 4, "<html>".encode("utf-16")])
def test_what_only_programs_write_is_no_text(data: bytes) -> None:
    assert identify(data).kind is None


def test_two_letters_are_no_picture() -> None:
    assert identify(b"BM is short for many things, among them this text") == Content("txt")
    assert identify(b"MZ-80 and other machines: a price list") == Content("txt")
    assert identify(b"#!/bin/sh\nrm -rf /") == Content(looks="sh")
    assert identify(bmp()) == Content("bmp")
    assert identify(bmp(start=9999)).kind is None


def test_office_files_are_told_from_archives_by_their_parts() -> None:
    assert identify(packed({"word/document.xml": b"<w/>"})) == Content("zip")
    assert identify(packed({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"})) == Content("zip")


def test_macros_are_found_by_the_main_part_and_by_the_project() -> None:
    assert identify(office("docm")) == Content(looks="docm", problem="macros")
    assert identify(office("xlsm")) == Content(looks="xlsm", problem="macros")
    assert identify(office("docx", {"word/vbaProject.bin": b"x"})).problem == "macros"


def test_a_sealed_office_file_may_be_any_of_them() -> None:
    assert identify(ole("EncryptedPackage", "EncryptionInfo")) == Content(sealed=True)


def test_an_ole_file_without_a_known_stream_is_nothing_we_know() -> None:
    assert identify(ole("Contents")) == Content(looks="ole")
    assert set(OLE_STREAMS) == {"doc", "xls", "ppt"}


@pytest.mark.parametrize("kind", ["docx", "doc", "zip", "xls"])
def test_half_a_file_is_damaged_and_nothing_worse(kind: str) -> None:
    data = SAMPLES[kind]
    for cut in (8, 9, 60, len(data) // 2):
        assert identify(data[:cut]).kind is None, cut


def test_nothing_is_empty() -> None:
    assert identify(b"") == Content(problem="empty")


def test_a_list_of_parts_that_grows_without_end_is_read_to_a_little_of_it() -> None:
    """40 MB of blanks before the main part: an Office file would not have it there."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b" " * 40_000_000)
    tracemalloc.start()
    assert identify(data.getvalue()) == Content("zip")
    assert tracemalloc.get_traced_memory()[1] < 4_000_000
    tracemalloc.stop()


def test_an_archive_that_claims_to_hold_a_world_is_a_bomb() -> None:
    data = bytearray(packed({f"{n}.bin": b"x" for n in range(3)}))
    at = -1
    while (at := data.find(b"PK\x01\x02", at + 1)) >= 0:
        data[at + 24 : at + 28] = struct.pack("<I", 2**30)
    assert identify(bytes(data)) == Content(problem="bomb")


def test_entries_that_share_their_bytes_are_a_bomb() -> None:
    data = bytearray(packed({"a": b"x" * 100, "b": b"x" * 100}))
    second = data.find(b"PK\x01\x02", data.find(b"PK\x01\x02") + 1)
    data[second + 42 : second + 46] = struct.pack("<I", 0)
    assert identify(bytes(data)) == Content(problem="bomb")


def test_a_list_of_a_million_entries_is_not_read() -> None:
    entry = packed({"a": b""})
    start = entry.find(b"PK\x01\x02")
    end = entry.find(b"PK\x05\x06")
    line = entry[start:end]
    many = (MOST_ENTRIES * 600) // len(line) + 1
    data = (
        entry[:start] + line * many + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(line) * many, start, 0)
    )
    assert identify(data) == Content(problem="bomb")
