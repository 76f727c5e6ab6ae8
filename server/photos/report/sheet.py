"""A report as a workbook: a row for each photo with the stamped picture in its first cell."""

import io
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from openpyxl import Workbook
from openpyxl.drawing.image import Image
from openpyxl.styles import Alignment, Font
from PIL import Image as Pillow

from server.photos.report.job import Entry, Job, Picture
from server.records.export import plain

_WIDTHS = (44, 26, 12, 12, 20, 34, 12, 48, 28, 18)
_PICTURE_HEIGHT = 225  # pixels; 0.75 points each


def write_sheet(job: Job, picture: Picture, done: Callable[[int], None]) -> None:
    book = Workbook()
    sheet = book.active
    sheet.title = job.words.title[:31]
    sheet.freeze_panes = "B2"
    sheet.append([plain(column) for column in job.words.columns])
    for column, width in zip("ABCDEFGHIJ", _WIDTHS, strict=True):
        sheet.column_dimensions[column].width = width
        sheet[f"{column}1"].font = Font(bold=True)
    # openpyxl reads pictures when it saves: from files, so that they are not all in memory at once
    with TemporaryDirectory(dir=Path(job.out).parent) as folder:
        for index, entry in enumerate(job.entries):
            row = index + 2
            sheet.append([plain(value) for value in _values(entry, job)])
            for cell in sheet[row]:
                cell.alignment = Alignment(vertical="top", wrap_text=True)
            sheet.row_dimensions[row].height = _PICTURE_HEIGHT * 0.75 + 6
            data = picture(entry)
            if data is not None:
                file = Path(folder) / f"{index}.jpg"
                file.write_bytes(data)
                _place(sheet, file, data, row)
            done(index + 1)
        book.save(job.out)


def _place(sheet: object, file: Path, data: bytes, row: int) -> None:
    with Pillow.open(io.BytesIO(data), formats=("JPEG",)) as read:
        width, height = read.size
    image = Image(str(file))
    image.height = _PICTURE_HEIGHT
    image.width = round(width * _PICTURE_HEIGHT / height)
    sheet.add_image(image, f"A{row}")  # type: ignore[attr-defined]  # openpyxl has no types


def _values(entry: Entry, job: Job) -> list[str]:
    stamp = entry.stamp
    return [
        "" if entry.sha256 else job.words.no_picture,
        stamp.customer,
        stamp.who,
        entry.kind,
        stamp.when,
        stamp.where,
        entry.verdict,
        "\n".join(entry.marks),
        "\n".join(text for text in (stamp.mark, entry.note) if text),
        stamp.code,
    ]
