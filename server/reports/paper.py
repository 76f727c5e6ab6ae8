"""A report on A4, for those who file it. Wide ones lie."""

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from fpdf import FPDF

from server.photos.report.fonts import write_font
from server.reports.answers import ReportAnswer
from server.reports.table import Table, table_of, written

#: Millimetres.
_MARGIN, _ROW, _NAME = 12.0, 6.5, 46.0
_UPRIGHT_COLUMNS = 6
_SMALLEST = 5.0


class _Paper(FPDF):
    def __init__(self, table: Table, language: str, folder: Path) -> None:
        wide = len(table.header) > _UPRIGHT_COLUMNS
        super().__init__(orientation="L" if wide else "P", unit="mm", format="A4")
        self._table = table
        self.set_auto_page_break(False)
        self.set_margins(_MARGIN, _MARGIN)
        self.set_title(table.title)
        self.set_creator("Xunke")
        self.set_lang(language)
        text = "".join(_texts(table))
        for style, weight in (("", 400), ("B", 700)):
            file = folder / f"{weight}.ttf"
            write_font(file, text, language, weight)
            self.add_font("noto", style=style, fname=file)
        others = max(len(table.header) - 1, 1)
        self.first = min(_NAME, self.epw / 3) if others > 1 else self.epw / 2
        self.other = (self.epw - self.first) / others
        self.size = max(_SMALLEST, min(9.0, self.other / 2.2))

    def header(self) -> None:
        self.set_text_color(20)
        self.set_font("noto", "B", 15)
        self.cell(0, 8, self._table.title, new_x="LMARGIN", new_y="NEXT")
        self.set_font("noto", "", 9)
        self.set_text_color(90)
        self.cell(0, 6, self.fitted(self._table.about, self.epw), new_x="LMARGIN", new_y="NEXT")
        self.line_of(self._table.header, bold=True, fill=True)

    def footer(self) -> None:
        self.set_y(-10)
        self.set_font("noto", "", 8)
        self.set_text_color(120)
        self.cell(0, 5, f"{self.page_no()}", align="C")

    def line_of(self, cells: list[str], *, bold: bool = False, fill: bool = False) -> None:
        self.set_fill_color(236, 240, 245)
        self.set_draw_color(210)
        self.set_text_color(30)
        self.set_font("noto", "B" if bold else "", self.size)
        for place, text in enumerate(cells):
            width = self.first if place == 0 else self.other
            shown = self.fitted(text, width - 2)
            self.cell(width, _ROW, shown, border="B", align="L" if place == 0 else "R", fill=fill)
        self.ln(_ROW)

    def fitted(self, text: str, width: float) -> str:
        """As much of a text as there is room for; of a name too long for its column the rest is left out, with a sign."""
        if self.get_string_width(text) <= width:
            return text
        while text and self.get_string_width(text + "…") > width:
            text = text[:-1]
        return text + "…"


def write_paper(answer: ReportAnswer, language: str, zone: ZoneInfo, narrowed: str = "") -> bytes:
    table = table_of(answer, language, zone, narrowed)
    with TemporaryDirectory() as folder:
        paper = _Paper(table, language, Path(folder))
        paper.add_page()
        for place, row in enumerate(table.rows):
            if paper.get_y() + _ROW > paper.h - _MARGIN - 4:
                paper.add_page()
            last = place == len(table.rows) - 1
            paper.line_of(_cells(table, row), bold=last, fill=last)
        if table.note:
            paper.cell(0, _ROW, table.note)
        return bytes(paper.output())


def _cells(table: Table, row: list[object]) -> list[str]:
    return [str(row[0]), *[written(value, kind) for value, kind in zip(row[1:], table.kinds, strict=True)]]


def _texts(table: Table) -> Iterable[str]:
    yield from (table.title, table.about, table.note, "0123456789", *table.header)
    for row in table.rows:
        yield from _cells(table, row)
