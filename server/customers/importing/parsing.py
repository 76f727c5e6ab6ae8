"""`python -m server.customers.importing.parsing`: opens a workbook that a stranger made, in a process of its own.

Sizes are checked before anything is unpacked, and nothing in it is executed. What it costs to read is not the server's: it
goes on answering meanwhile, and a workbook that was made to do harm harms a process that gives way and has limits.

On stdin comes the workbook, then which sheet to read (`Wanted`); on stdout `Found` or `Refused`, then `Rows` until an empty
one. Each is a length of four bytes and as much of MessagePack.
"""

import io
import re
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import IO, Any

import msgspec

from media.beside import limit

#: There is no limit of rows; these of bytes keep what is unpacked, and the memory an import takes, within bounds.
MAX_UNPACKED = 400 * 1024 * 1024
MAX_STRINGS = 80 * 1024 * 1024
MAX_COLUMNS = 120
HEADER_ROWS = 10  #: titles and remarks may stand above the headers
MAX_LINES = 1_048_576  #: a spreadsheet has no more; a row that says it is further down is not one
MEMORY_BYTES = 2 * 1024 * 1024 * 1024
#: Of processor time; ten thousand rows take two or three.
SECONDS = 1800
_MAX_PARTS = 2_000
_BLOCK = 1 << 20
_TOGETHER = 100  #: rows in a message

Cells = list[Any]


class Found(msgspec.Struct, tag=True):
    """The sheets of a workbook in their order, the top rows of each, and about how many rows have something in them."""

    sheets: list[tuple[str, list[Cells]]]
    count: int


class Rows(msgspec.Struct, tag=True):
    """`(row number as the spreadsheet shows it, the cells of the wanted columns)`; None where there is nothing, a date as
    `Day`, a formula as its text."""

    rows: list[tuple[int, Cells]]


class Refused(msgspec.Struct, tag=True):
    """`code` of the error texts."""

    code: str
    params: dict[str, Any] = {}


class Wanted(msgspec.Struct, tag=True):
    """All rows of a sheet that have something in one of the columns (from 0), from a row (from 1) on."""

    title: str
    first: int
    columns: list[int]


class Refusal(Exception):
    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.params = code, params


def send(stream: IO[bytes], message: Any) -> None:
    """Raises `OSError` where nobody listens any more."""
    body = message if isinstance(message, bytes) else msgspec.msgpack.encode(message)
    stream.write(len(body).to_bytes(4, "big") + body)
    stream.flush()


def receive(stream: IO[bytes]) -> bytes | None:
    """The next message, or None where there is no more."""
    head = stream.read(4)
    body = stream.read(int.from_bytes(head, "big")) if len(head) == 4 else b""
    return body if len(head) == 4 and len(body) == int.from_bytes(head, "big") else None


class Workbook:
    """Raises `Refusal` where it is none or too large."""

    def __init__(self, content: bytes) -> None:
        self._count = _check_parts(content)
        self._book = _load(content)

    def found(self) -> Found:
        sheets = [(sheet.title, list(self._lines(sheet.title, 1, HEADER_ROWS))) for sheet in self._book.worksheets]
        return Found(sheets, self._count)

    def rows(self, wanted: Wanted) -> Iterator[tuple[int, Cells]]:
        for number, line in enumerate(self._lines(wanted.title, wanted.first), wanted.first):
            if number > MAX_LINES:
                raise Refusal("too_many_rows", max=MAX_LINES)
            cells = [line[index] if index < len(line) else None for index in wanted.columns]
            if any(cell is not None and (type(cell) is not str or cell.strip()) for cell in cells):
                yield number, cells

    def _lines(self, title: str, first: int, last: int | None = None) -> Iterator[Cells]:
        sheet = self._book[title]
        sheet.reset_dimensions()
        for line in sheet.iter_rows(min_row=first, max_row=last, max_col=MAX_COLUMNS, values_only=True):
            yield [cell if type(cell) in _PLAIN else _plain(cell) for cell in line]


_PLAIN = {type(None), str, float, bool}


def _plain(cell: Any) -> Any:
    if isinstance(cell, int):
        return cell if abs(cell) < 2**63 else str(cell)
    if isinstance(cell, datetime):
        return {"at": cell.isoformat()}
    if isinstance(cell, date):
        return {"on": cell.isoformat()}
    return str(getattr(cell, "text", cell))


def meant(cell: Any) -> Any:
    """A cell as it was before it was sent."""
    if type(cell) is dict:
        return datetime.fromisoformat(cell["at"]) if "at" in cell else date.fromisoformat(cell["on"])
    return cell


def _load(content: bytes) -> Any:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        # Formulas are read as their text, never as a result: nothing is computed here or anywhere after.
        return load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError, SyntaxError, TypeError) as error:
        raise Refusal("not_a_workbook") from error


def _check_parts(content: bytes) -> int:
    """Sizes as the archive declares them (unpacking stops there), and entity declarations. How many rows have content."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if "xl/workbook.xml" not in {part.filename for part in parts} or len(parts) > _MAX_PARTS:
                raise Refusal("not_a_workbook")
            strings = sum(part.file_size for part in parts if "sharedStrings" in part.filename)
            if sum(part.file_size for part in parts) > MAX_UNPACKED or strings > MAX_STRINGS:
                raise Refusal("workbook_too_large")
            return sum(_check_part(archive, part) for part in parts if part.filename.endswith((".xml", ".rels")))
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError) as error:
        raise Refusal("not_a_workbook") from error


_ROW = re.compile(rb"</(?:\w+:)?row>")
_CONTENT = re.compile(rb"<(?:\w+:)?(?:v|is|f)[ >]")


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    """Streams one part. Rows with content are counted by their tags, which takes a fraction of parsing them."""
    is_sheet = part.filename.startswith("xl/worksheets/sheet")
    rows, rest, first = 0, b"", True
    with archive.open(part) as stream:
        while block := stream.read(_BLOCK):
            if first and (b"<!DOCTYPE" in block[:4096] or b"<!ENTITY" in block[:4096]):
                raise Refusal("not_a_workbook")
            first = False
            if not is_sheet:
                continue
            *complete, rest = _ROW.split(rest + block)
            rows += sum(1 for row in complete if _CONTENT.search(row))
            if len(rest) > 8 * _BLOCK:
                raise Refusal("workbook_too_large")
    return rows


def _serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    content = receive(requests)
    if content is None:
        return
    try:
        book = Workbook(content)
        send(answers, book.found())
        while (request := receive(requests)) is not None:
            part: list[tuple[int, Cells]] = []
            for row in book.rows(msgspec.msgpack.decode(request, type=Wanted)):
                part.append(row)
                if len(part) == _TOGETHER:
                    send(answers, Rows(part))
                    part = []
            if part:
                send(answers, Rows(part))
            send(answers, Rows([]))
    except Refusal as refusal:
        send(answers, Refused(refusal.code, refusal.params))
    except MemoryError:
        send(answers, Refused("workbook_too_large"))
    except (zipfile.BadZipFile, KeyError, ValueError, SyntaxError, TypeError, EOFError, IndexError):
        send(answers, Refused("not_a_workbook"))  # a sheet that is broken further down


if __name__ == "__main__":
    limit(MEMORY_BYTES, SECONDS, niceness=5)
    try:
        _serve(sys.stdin.buffer, sys.stdout.buffer)
    except BrokenPipeError:
        sys.stderr.close()  # who asked has gone
