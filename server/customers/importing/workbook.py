"""A workbook that a stranger made: its sheets and columns, and its rows as they are read in another process."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import msgspec

from media.beside import Child
from server.customers.importing import parsing
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

MAX_BYTES = 32 * 1024 * 1024
#: Bytes that may wait between the two processes, so that one reads ahead while the other compares.
_PIPE = 1 << 20


@dataclass(slots=True)
class Table:
    """One sheet: `headers` by field as the file writes them, and where its first data row is."""

    sheet: Sheet
    title: str
    columns: dict[int, str]
    headers: dict[str, str]
    header_row: int


class _Process:
    """What opened the workbook: `parsing`, in a process of its own. Raises `Rejected` with what is wrong."""

    def __init__(self, content: bytes) -> None:
        self._child = Child(parsing.__name__)
        with suppress(ImportError, AttributeError, OSError):  # not every system can
            import fcntl

            fcntl.fcntl(self._child.stdout, fcntl.F_SETPIPE_SZ, _PIPE)
        self.ask(content)

    def ask(self, message: Any) -> None:
        with suppress(OSError):  # it has ended; that it did is heard with the answer
            parsing.send(self._child.stdin, message)

    def answer(self) -> Any:
        body = parsing.receive(self._child.stdout)
        if body is None:
            raise Rejected("workbook_too_large", field="file")  # than the limits of the process
        answer = _decode(body)
        if isinstance(answer, parsing.Refused):
            raise Rejected(answer.code, field="file", **answer.params)
        return answer

    def end(self) -> None:
        self._child.end()


_decode = msgspec.msgpack.Decoder(parsing.Found | parsing.Rows | parsing.Refused).decode


@dataclass(slots=True)
class Opened:
    """A workbook whose structure is right. `rows` walks through its data. `count`: about how many rows there are."""

    process: _Process
    tables: list[Table] = field(default_factory=list)
    count: int = 0

    def close(self) -> None:
        """Once it is read."""
        self.process.end()

    def rows(self, table: Table) -> Iterator[tuple[int, dict[str, Any]]]:
        """`(row number as the spreadsheet shows it, {field: cell})`; rows without anything are passed over. To be read to
        the end before those of another table."""
        names = list(table.columns.values())
        self.process.ask(parsing.Wanted(table.title, table.header_row + 1, list(table.columns)))
        while rows := self.process.answer().rows:
            for number, cells in rows:
                yield number, {name: parsing.meant(cell) for name, cell in zip(names, cells, strict=True)}


def open_workbook(content: bytes, sheets: Sequence[Sheet] = SHEETS) -> Opened:
    """Checks file, sizes and headers without reading the data; to be closed by who reads it. Raises `Rejected` with what
    is wrong."""
    if len(content) > MAX_BYTES:
        raise Rejected("file_too_large", field="file", max=MAX_BYTES // 1024 // 1024)
    process = _Process(content)
    try:
        found = process.answer()
        tables = _tables(found.sheets, sheets)
    except BaseException:
        process.end()
        raise
    return Opened(process, tables, max(0, found.count - sum(table.header_row for table in tables)))


def _tables(there: Sequence[tuple[str, list[parsing.Cells]]], sheets: Sequence[Sheet]) -> list[Table]:
    found: list[Table] = []
    titles = [title for title, _ in there]
    top = dict(there)
    for sheet in sheets:
        names = sheet_names(sheet)
        title = next((title for title in titles if plain_header(title) in names), None)
        if title is None and sheet is sheets[0] and len(titles) == 1 and not _is_other(titles[0]):
            title = titles[0]  # the only sheet of a file is the customers, whatever it is called
        if title is not None:
            found.append(_table(sheet, top[title], title))
    if not found:
        expected = listed(sheet.name for sheet in SHEETS)
        raise Rejected("wrong_sheets", field="file", expected=expected, found="、".join(titles)[:200])
    return found


def _is_other(title: str) -> bool:
    return any(plain_header(title) in sheet_names(sheet) for sheet in SHEETS[1:])


def _table(sheet: Sheet, top: list[parsing.Cells], title: str) -> Table:
    """Finds the header row: the first of the top rows that fits best, so that titles above it do no harm."""
    labels = {plain_header(label) for spec in sheet.fields.values() for label in spec.label}
    scores = [sum(1 for cell in row if cell is not None and plain_header(cell) in labels) for row in top]
    at = scores.index(max(scores)) if scores else 0
    headers = list(top[at]) if top else []
    columns = match_headers(sheet, title, headers)
    written = {name: str(headers[index]).strip() for index, name in columns.items()}
    return Table(sheet, title, columns, written, at + 1)
