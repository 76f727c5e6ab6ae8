"""Opens a workbook that a stranger made: sizes are checked before anything is unpacked, nothing in it is executed."""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from server.customers.importing.columns import SHEETS, Sheet, match_headers, plain_header, sheet_names
from server.records.errors import Rejected, error_texts
from server.records.fields import L, listed

error_texts(
    {
        "not_a_workbook": L(
            "这不是 xlsx 工作簿，请另存为 .xlsx 后再导入",
            "這不是 xlsx 活頁簿，請另存為 .xlsx 後再匯入",
            "This is not an xlsx workbook; save it as .xlsx and try again",
        ),
        "file_too_large": L(
            "文件超过 {max} MB，请分成几个文件",
            "檔案超過 {max} MB，請分成幾個檔案",
            "The file is larger than {max} MB; split it",
        ),
        "workbook_too_large": L(
            "工作簿解压后太大，请分成几个文件",
            "活頁簿解壓縮後太大，請分成幾個檔案",
            "The workbook is too large when unpacked; split it",
        ),
        "too_many_rows": L(
            "工作表超过 {max} 行，没有这样的 Excel 文件",
            "工作表超過 {max} 列，沒有這樣的 Excel 檔案",
            "The sheet has more than {max} rows, which no spreadsheet has",
        ),
        "no_rows": L("工作簿里没有数据行", "活頁簿裡沒有資料列", "The workbook has no rows"),
    }
)

#: There is no limit of rows; these of bytes keep what is unpacked, and the memory an import takes, within bounds.
MAX_BYTES = 32 * 1024 * 1024
MAX_UNPACKED = 400 * 1024 * 1024
MAX_STRINGS = 80 * 1024 * 1024
_MAX_PARTS = 2_000
_MAX_COLUMNS = 120
_HEADER_ROWS = 10  #: titles and remarks may stand above the headers
MAX_LINES = 1_048_576  #: a spreadsheet has no more; a row that says it is further down is not one
_BLOCK = 1 << 20


@dataclass(slots=True)
class Table:
    """One sheet: `headers` by field as the file writes them, and where its first data row is."""

    sheet: Sheet
    title: str
    columns: dict[int, str]
    headers: dict[str, str]
    header_row: int


@dataclass(slots=True)
class Opened:
    """A workbook whose structure is right. `rows` walks through its data. `count`: about how many rows there are."""

    book: Any
    tables: list[Table] = field(default_factory=list)
    count: int = 0

    def close(self) -> None:
        """Once it is read."""
        self.book.close()

    def rows(self, table: Table) -> Iterator[tuple[int, dict[str, Any]]]:
        """`(row number as the spreadsheet shows it, {field: cell})`; rows without anything are passed over."""
        sheet = self.book[table.title]
        sheet.reset_dimensions()
        lines = sheet.iter_rows(min_row=table.header_row + 1, max_col=_MAX_COLUMNS, values_only=True)
        for number, line in enumerate(lines, table.header_row + 1):
            if number > MAX_LINES:
                raise Rejected("too_many_rows", field="file", max=MAX_LINES)
            cells = {name: line[index] for index, name in table.columns.items() if index < len(line)}
            if any(value is not None and str(value).strip() for value in cells.values()):
                yield number, cells


def open_workbook(content: bytes, sheets: Sequence[Sheet] = SHEETS) -> Opened:
    """Checks file, sizes and headers without reading the data; to be closed by who reads it. Raises `Rejected` with what
    is wrong."""
    if len(content) > MAX_BYTES:
        raise Rejected("file_too_large", field="file", max=MAX_BYTES // 1024 // 1024)
    count = _check_parts(content)
    book = _load(content)
    try:
        tables = _tables(book, sheets)
    except BaseException:
        book.close()
        raise
    return Opened(book, tables, max(0, count - sum(table.header_row for table in tables)))


def _load(content: bytes) -> Any:
    try:
        # Formulas are read as their text, never as a result: nothing is computed here or anywhere after.
        return load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError, SyntaxError, TypeError) as error:
        raise Rejected("not_a_workbook", field="file") from error


def _check_parts(content: bytes) -> int:
    """Sizes as the archive declares them (unpacking stops there), and entity declarations. How many rows have content."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if "xl/workbook.xml" not in {part.filename for part in parts} or len(parts) > _MAX_PARTS:
                raise Rejected("not_a_workbook", field="file")
            strings = sum(part.file_size for part in parts if "sharedStrings" in part.filename)
            if sum(part.file_size for part in parts) > MAX_UNPACKED or strings > MAX_STRINGS:
                raise Rejected("workbook_too_large", field="file")
            return sum(_check_part(archive, part) for part in parts if part.filename.endswith((".xml", ".rels")))
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError) as error:
        raise Rejected("not_a_workbook", field="file") from error


_ROW = re.compile(rb"</(?:\w+:)?row>")
_CONTENT = re.compile(rb"<(?:\w+:)?(?:v|is|f)[ >]")


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    """Streams one part. Rows with content are counted by their tags, which takes a fraction of parsing them."""
    is_sheet = part.filename.startswith("xl/worksheets/sheet")
    rows, rest, first = 0, b"", True
    with archive.open(part) as stream:
        while block := stream.read(_BLOCK):
            if first and (b"<!DOCTYPE" in block[:4096] or b"<!ENTITY" in block[:4096]):
                raise Rejected("not_a_workbook", field="file")
            first = False
            if not is_sheet:
                continue
            *complete, rest = _ROW.split(rest + block)
            rows += sum(1 for row in complete if _CONTENT.search(row))
            if len(rest) > 8 * _BLOCK:
                raise Rejected("workbook_too_large", field="file")
    return rows


def _tables(book: Any, sheets: Sequence[Sheet]) -> list[Table]:
    found: list[Table] = []
    titles = [sheet.title for sheet in book.worksheets]
    for sheet in sheets:
        names = sheet_names(sheet)
        title = next((title for title in titles if plain_header(title) in names), None)
        if title is None and sheet is sheets[0] and len(titles) == 1 and not _is_other(titles[0]):
            title = titles[0]  # the only sheet of a file is the customers, whatever it is called
        if title is not None:
            found.append(_table(sheet, book[title], title))
    if not found:
        expected = listed(sheet.name for sheet in SHEETS)
        raise Rejected("wrong_sheets", field="file", expected=expected, found="、".join(titles)[:200])
    return found


def _is_other(title: str) -> bool:
    return any(plain_header(title) in sheet_names(sheet) for sheet in SHEETS[1:])


def _table(sheet: Sheet, lines: Any, title: str) -> Table:
    """Finds the header row: the first of the top rows that fits best, so that titles above it do no harm."""
    lines.reset_dimensions()
    top = list(lines.iter_rows(max_row=_HEADER_ROWS, max_col=_MAX_COLUMNS, values_only=True))
    labels = {plain_header(label) for spec in sheet.fields.values() for label in spec.label}
    scores = [sum(1 for cell in row if cell is not None and plain_header(cell) in labels) for row in top]
    at = scores.index(max(scores)) if scores else 0
    headers = list(top[at]) if top else []
    columns = match_headers(sheet, title, headers)
    written = {name: str(headers[index]).strip() for index, name in columns.items()}
    return Table(sheet, title, columns, written, at + 1)
