"""What the process that makes a report is told, and what it says on the way."""

from collections.abc import Callable
from typing import Literal, TypeAlias

import msgspec

from server.photos.stamp import StampLines

Format: TypeAlias = Literal["pdf", "xlsx"]

#: More than a day of a team, less than what a mail can carry; each is a stamped picture of about 120 kB.
MOST_PHOTOS = 500


class Entry(msgspec.Struct):
    """One photo as it is printed. `sha256` is None where the picture has not arrived; `marks` are doubts in words."""

    sha256: str | None
    stamp: StampLines
    kind: str
    verdict: str
    outcome: str  #: verified, unverified, suspect, pending
    marks: list[str]
    note: str


class Words(msgspec.Struct):
    """The words of a report in its language; `columns` are the headings of the workbook."""

    title: str
    text: str
    no_picture: str
    page: str
    columns: list[str]


class Job(msgspec.Struct):
    format: Format
    language: str
    blobs: str  #: location of the pictures, as in the settings
    out: str  #: file to write
    words: Words
    entries: list[Entry]


class Progress(msgspec.Struct):
    """A line of the answer: how many photos are done; in the last one the file that follows, or why there is none."""

    done: int
    size: int | None = None
    name: str | None = None
    code: str | None = None


#: Gives the stamped picture of a photo as JPEG, None where there is none to show.
Picture: TypeAlias = Callable[[Entry], bytes | None]
