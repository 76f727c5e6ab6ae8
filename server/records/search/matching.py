"""The SQL of search words: which rows of a record have them in a field the actor may search.

With the index (`following.Following` says when it can be relied on) the grams give candidates and the kept texts decide;
without it every row is looked at.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, literal_column, or_, select, union
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.sql import expression
from sqlalchemy.types import Integer

from server.records.actor import Actor
from server.records.fields import FieldSpec
from server.records.own import Readable, concealed_rows, is_own, readable
from server.records.record import Record, column_of
from server.records.search.docs import Shape, shapes
from server.records.search.tables import GRAMS, search_doc
from server.records.search.text import grams_for
from sync import positions

_READY = "search_ready"


def searchable(fields: Readable) -> dict[str, FieldSpec]:
    """The fields in which the actor may search: what he may not read cannot be found either. The one place that decides
    it; `fields` is what he may read of the record."""
    return {name: spec for name, spec in fields.fields.items() if spec.search and fields.may_read(name)}


def rely_on_index(session: Session, really: bool) -> None:
    """Whether the index has everything that this session can see."""
    session.info[_READY] = really


def relies_on_index(session: Session) -> bool:
    return bool(session.info.get(_READY))


#: A field of the rows of another record that have the word: `matching(Contact, "customer_id")`.
Matching = Callable[[type[Record], str], Select[Any]]
#: Selects the ids of further rows that are found.
MoreFound = Callable[[Matching], list[Select[Any]]]
_also_found: dict[str, MoreFound] = {}


def also_found(record: type[Record]) -> Callable[[MoreFound], MoreFound]:
    """Lets an area search beyond the record's own fields, e.g. customers by their contacts."""

    def remember(conditions_of: MoreFound) -> MoreFound:
        _also_found[record.__tablename__] = conditions_of
        return conditions_of

    return remember


def has_word(session: Session, actor: Actor, fields: Readable, word: str) -> ColumnElement[bool]:
    """The rows of the record with this word (as `text.words_of` gives it) in a field the actor may search, or in a row
    beside it."""
    found = [_having(session, fields, word), *beside(session, actor, fields.record, word)]
    return column_of(fields.record, "id").in_(union(*found) if len(found) > 1 else found[0])


def beside(session: Session, actor: Actor, record: type[Record], word: str) -> list[Select[Any]]:
    """The ids that `also_found` gives."""
    more = _also_found.get(record.__tablename__)
    if more is None:
        return []

    def matching(other: type[Record], column: str) -> Select[Any]:
        ids = _having(session, readable(session, actor, other), word)
        hidden = concealed_rows(session, actor, other)
        return select(column_of(other, column)).where(column_of(other, "id").in_(ids), *hidden)

    return more(matching)


def _having(session: Session, fields: Readable, word: str) -> Select[Any]:
    """The ids of the rows that have the word themselves."""
    record = fields.record
    row_id = column_of(record, "id")
    shape = shapes().get(record.__tablename__)
    if shape is None or not relies_on_index(session):
        return select(row_id).where(_reads_like(fields, searchable(fields), word))
    # The grams say of which type a line is; saying it once more, SQLite would begin with all lines of the type.
    docs = select(search_doc.c.row_id).where(has_grams(session, grams_for(record.__tablename__, word)))
    kept, others = holds(session, fields, shape, word)
    if others is None:
        return docs.where(kept)
    return select(row_id).where(row_id.in_(docs), or_(row_id.in_(docs.where(kept)), others))


def has_grams(session: Session, grams: Sequence[int]) -> ColumnElement[bool]:
    """The lines of `search_doc` with all these grams."""
    if positions.is_postgresql(session):
        column = literal_column(f"search_doc.{GRAMS}s", ARRAY(Integer))
        return column.contains(expression.cast(list(grams), ARRAY(Integer)))
    table = expression.table(GRAMS, expression.column("rowid"), expression.column(GRAMS))
    return search_doc.c.id.in_(select(table.c.rowid).where(table.c[GRAMS].op("MATCH")(tokens(grams))))


def tokens(grams: Sequence[int]) -> str:
    """Grams as SQLite's full-text table is asked for all of them."""
    return " AND ".join(f'"{gram:x}"' for gram in grams)


def holds(
    session: Session, fields: Readable, shape: Shape, word: str
) -> tuple[ColumnElement[bool], ColumnElement[bool] | None]:
    """That a line of `search_doc` has the word in a text the actor may search; and that the row itself has it, in fields
    of a kept text that is not whole for the actor (None where all are)."""
    open_fields = searchable(fields)
    found: list[ColumnElement[bool]] = []
    others: dict[str, FieldSpec] = {}
    for column, names in ((search_doc.c.words, shape.words), (search_doc.c.phones, shape.phones)):
        if names and open_fields.keys() >= set(names):
            found.append(_contains(session, column, word))
        else:
            others.update({name: open_fields[name] for name in names if name in open_fields})
    keys = [name.partition(".")[2] for name in open_fields if is_own(name)]
    found += [_contains(session, search_doc.c.own[key].as_string(), word) for key in keys]
    return or_(false(), *found), _reads_like(fields, others, word) if others else None


def _contains(session: Session, column: ColumnElement[Any], word: str) -> ColumnElement[bool]:
    return (func.strpos if positions.is_postgresql(session) else func.instr)(column, word) > 0


def _reads_like(fields: Readable, chosen: dict[str, FieldSpec], word: str) -> ColumnElement[bool]:
    """By looking at every row; the word has nothing in it that LIKE would take for more than it is."""
    pattern = f"%{word}%"
    texts = [func.replace(func.replace(func.lower(fields.column(name)), "-", ""), " ", "") for name in chosen]
    return or_(false(), *[text.like(pattern) for text in texts])
