"""What of a record is found: its searchable texts as the index keeps them.

Which of them an actor may search is not decided here but when somebody asks (`matching.searchable`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from zlib import crc32

from server.records import own
from server.records.pinyin import in_full, initials
from server.records.record import Record, records, table_of, visible_fields
from server.records.search.text import grams_of, normal

#: Goes up with every change of how texts are made normal or of their grams.
_RULES = 1
#: Names that are no longer are people's: no phrase tells how to read them, and each character is looked up once.
_PERSON = 4
#: Places of the lines of `Doc.words` that are not just further words.
NUMBER, NAME, INITIALS, PINYIN, REST = range(5)
#: Further values are indexed as far as this; nobody remembers a longer one by its end.
_MOST = 2000


@dataclass(frozen=True)
class Shape:
    """The searchable fields of a record type. `number`, `name`, `initials`: fields that are found by how they begin, ""
    where there is none. `texts`: the further words; `phones`; `owned`: whether it may have own fields."""

    record: type[Record]
    number: str
    name: str
    initials: str
    texts: tuple[str, ...]
    phones: tuple[str, ...]
    owned: bool

    @property
    def words(self) -> tuple[str, ...]:
        """The declared fields whose text stands in `Doc.words`."""
        return tuple(name for name in (self.number, self.name, self.initials, *self.texts) if name)


@dataclass(frozen=True, slots=True)
class Doc:
    words: str
    phones: str
    own: dict[str, str] | None

    def grams(self, record_type: str) -> list[int]:
        lines = self.words.split("\n")
        phones = self.phones.split("\n") if self.phones else []
        texts = [text for text in (*lines, *(self.own or {}).values()) if text]
        starts = [value for value in (*lines[:REST], *phones) if value]
        return grams_of(record_type, texts, starts, phones)


@cache
def shapes() -> dict[str, Shape]:
    """Every record type that can be found, by its name."""
    found = {}
    for record in records():
        fields = {name: spec for name, spec in visible_fields(record).items() if spec.search}
        if not fields or not record.spec.generic_routes:
            continue
        phones = tuple(name for name, spec in fields.items() if spec.kind == "phone")
        columns = table_of(record).c
        number = record.spec.number.field if record.spec.number else ""
        number = number or next((name for name in fields if columns[name].unique), "")
        title = fields.get(record.spec.title)
        name = record.spec.title if title is not None and title.kind == "text" and number != record.spec.title else ""
        code = "pinyin_code" if "pinyin_code" in fields else ""
        texts = tuple(field for field in fields if field not in (*phones, number, name, code))
        found[record.__tablename__] = Shape(record, number, name, code, texts, phones, own.has_own(record))
    return found


@cache
def version() -> int:
    """Of the rules and of what is searched; an index of another version is made anew."""
    said = [(name, shape.words, shape.phones, shape.owned) for name, shape in sorted(shapes().items())]
    return crc32(f"{_RULES} {said}".encode()) >> 1


@cache
def columns_read(shape: Shape) -> tuple[str, ...]:
    return ("id", *shape.words, *shape.phones, *((own.COLUMN,) if shape.owned else ()))


def doc_of(shape: Shape, row: Mapping[Any, Any]) -> Doc:
    """The searchable texts of a row as the database has it."""
    title = row[shape.name] or "" if shape.name else ""
    name = normal(title)
    short, full = _pinyin(title, row[shape.initials] if shape.initials else None) if name else ("", "")
    rest = [normal(row[field][:_MOST]) for field in shape.texts if row[field]]
    number = normal(row[shape.number] or "") if shape.number else ""
    phones = "\n".join(dict.fromkeys(found for field in shape.phones if row[field] and (found := normal(row[field]))))
    return Doc("\n".join([number, name, short, full, *rest]), phones, _own_texts(row) if shape.owned else None)


def _pinyin(title: str, known: str | None) -> tuple[str, str]:
    if title.isascii():
        return "", ""
    if len(title) <= _PERSON:
        syllables = [_syllable(character) for character in title]
        short, full = "".join(part[:1] for part in syllables), "".join(syllables)
    else:
        short, full = "" if known else initials(title), normal(in_full(title))
    short = normal(known) if known else short
    return (short, full) if short != full else (short, "")


@cache
def _syllable(character: str) -> str:
    return normal(in_full(character))


def _own_texts(row: Mapping[Any, Any]) -> dict[str, str] | None:
    """All texts of own fields, whether they are searched today or not: that may change any day."""
    values: dict[str, Any] | None = row[own.COLUMN]
    if not values:
        return None
    found = {key: normal(value[:_MOST]) for key, value in values.items() if isinstance(value, str)}
    return {key: value for key, value in found.items() if value} or None
