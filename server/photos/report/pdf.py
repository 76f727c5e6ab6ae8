"""A report on A4: four photos a page, each with its stamp and, as text beside it, what is known of it."""

from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from fpdf import FPDF
from fpdf.enums import MethodReturnValue, WrapMode

from server.photos.report.fonts import write_font
from server.photos.report.job import Entry, Job, Picture

#: Millimetres.
_MARGIN, _TOP, _FOOT = 12.0, 26.0, 14.0
_ROWS = 4
_PICTURE_WIDTH, _GAP = 82.0, 5.0
_LINE = 4.6
_COLOURS = {"verified": (22, 121, 70), "suspect": (185, 28, 28), "unverified": (138, 97, 8)}
_MOST_MARKS = 4


class _Paper(FPDF):
    def __init__(self, job: Job, folder: Path) -> None:
        super().__init__(unit="mm", format="A4")
        self._job = job
        self.set_auto_page_break(False)
        self.set_margins(_MARGIN, _MARGIN)
        self.set_title(job.words.title)
        self.set_creator("Xunke")
        self.set_lang(job.language)
        text = "".join(_texts(job))
        for style, weight in (("", 400), ("B", 700)):
            file = folder / f"{weight}.ttf"
            write_font(file, text, job.language, weight)
            self.add_font("noto", style=style, fname=file)

    def header(self) -> None:
        self.set_text_color(20)
        self.set_font("noto", "B", 15)
        self.cell(0, 7, self._job.words.title, new_x="LMARGIN", new_y="NEXT")
        self.set_font("noto", "", 9)
        self.set_text_color(90)
        self.cell(0, 5, self._job.words.text)

    def footer(self) -> None:
        self.set_y(-10)
        self.set_font("noto", "", 8)
        self.set_text_color(120)
        pages = -(-len(self._job.entries) // _ROWS)
        self.cell(0, 5, self._job.words.page.format(page=self.page_no(), all=pages), align="C")


def write_pdf(job: Job, picture: Picture, done: Callable[[int], None]) -> None:
    with TemporaryDirectory(dir=Path(job.out).parent) as folder:
        paper = _Paper(job, Path(folder))
        height = (paper.h - _TOP - _FOOT) / _ROWS
        for index, entry in enumerate(job.entries):
            if index % _ROWS == 0:
                paper.add_page()
            _entry(paper, entry, picture(entry), job, _TOP + index % _ROWS * height, height - _GAP)
            done(index + 1)
        paper.output(job.out)


def _entry(paper: _Paper, entry: Entry, picture: bytes | None, job: Job, top: float, height: float) -> None:
    left = _MARGIN
    paper.set_fill_color(238)
    paper.rect(left, top, _PICTURE_WIDTH, height, style="F")
    if picture is not None:
        paper.image(picture, left, top, _PICTURE_WIDTH, height, keep_aspect_ratio=True)
    else:
        paper.set_font("noto", "", 9)
        paper.set_text_color(110)
        paper.set_xy(left, top + height / 2 - 3)
        paper.cell(_PICTURE_WIDTH, 6, job.words.no_picture, align="C")
    column = left + _PICTURE_WIDTH + _GAP
    bottom = top + height
    paper.set_xy(column, top)

    def say(text: str, style: str = "", size: float = 9.5, colour: tuple[int, int, int] = (40, 40, 40)) -> None:
        """Rows that fit above the bottom; the rest of a long note is left out, with a sign."""
        if not text or paper.get_y() + _LINE > bottom:
            return
        paper.set_font("noto", style, size)
        paper.set_text_color(*colour)
        width = paper.w - _MARGIN - column
        # Chinese breaks anywhere, English between words; a name that is longer than the line is cut all the same.
        wrap = WrapMode.WORD if job.language == "en" else WrapMode.CHAR
        found = paper.multi_cell(width, _LINE, text, wrapmode=wrap, dry_run=True, output=MethodReturnValue.LINES)
        rows = cast(list[str], found)
        room = max(1, int((bottom - paper.get_y()) / _LINE))
        shown = rows if len(rows) <= room else [*rows[: room - 1], f"{rows[room - 1][:-1]}…"]
        for row in shown:
            paper.set_x(column)
            paper.cell(0, _LINE, row, new_x="LMARGIN", new_y="NEXT")

    stamp = entry.stamp
    say(stamp.customer, "B", 12)
    say(f"{entry.verdict} · {entry.kind}", "B", 9.5, _COLOURS.get(entry.outcome, (90, 90, 90)))
    say(f"{stamp.who} · {stamp.when}")
    say(stamp.where)
    say(stamp.mark, colour=_COLOURS["unverified"])
    for mark in entry.marks[:_MOST_MARKS]:
        say(f"· {mark}", size=9)
    say(entry.note, size=9)
    say(f"{job.words.columns[-1]} {stamp.code}", size=9, colour=(90, 90, 90))


def _texts(job: Job) -> Iterable[str]:
    words = job.words
    yield from (words.title, words.text, words.no_picture, words.page, *words.columns)
    for entry in job.entries:
        stamp = entry.stamp
        yield from (stamp.customer, stamp.when, stamp.where, stamp.who, stamp.code, stamp.mark)
        yield from (entry.kind, entry.verdict, entry.note, *entry.marks)
