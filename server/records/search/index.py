"""The search index follows the change log: what was written since is indexed before the next search, and in the quiet.

So writing costs nothing more, however a row was written (command, import, restore), and a search right after it finds it.
The index of a database that had none is made in the same way, from the beginning of the log.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from server.records.record import table_of
from server.records.search.docs import Doc, Shape, columns_read, doc_of, shapes, version
from server.records.search.tables import GRAMS, search_doc, search_state
from sync import positions
from sync.statements import Statement

#: Lines of the log that one transaction indexes: what it keeps other writers waiting for.
STEP = 400
#: So many changed rows are indexed while a search waits; with more it goes without the index.
MOST_BEHIND = 2000

_STATE = Statement("SELECT version, tx, seq, last_id FROM search_state WHERE id = 1")
_LOCKED = Statement(
    sqlite="SELECT version, tx, seq, last_id FROM search_state WHERE id = 1",
    postgresql="SELECT version, tx, seq, last_id FROM search_state WHERE id = 1 FOR UPDATE",
)
#: The `+` keeps SQLite from looking for all lines of the types and comparing their positions afterwards.
_BEHIND, _CHANGED = (
    Statement(sqlite=statement.format(type="+type"), postgresql=statement.format(type="type"))
    for statement in (
        """SELECT count(*) FROM (SELECT 1 FROM change_log WHERE (tx, seq) > (:tx, :seq) AND {type} IN :types* LIMIT :most)
           AS changed""",
        """SELECT type, row_id, tx, seq FROM change_log WHERE (tx, seq) > (:tx, :seq) AND {type} IN :types*
            ORDER BY tx, seq LIMIT :most""",
    )
)
_KNOWN = Statement(
    """SELECT id, row_id, words, phones, CAST(own AS TEXT) FROM search_doc WHERE type = :type AND row_id IN :ids*"""
)
_FORGET = Statement("DELETE FROM search_doc WHERE id IN :ids*")
_ADD = {
    "sqlite": Statement(
        """INSERT INTO search_doc (id, type, row_id, words, phones, own)
           VALUES (:id, :type, :row_id, :words, :phones, :own)"""
    ),
    "postgresql": Statement(
        """INSERT INTO search_doc (id, type, row_id, words, phones, own, search_grams)
           SELECT r.id, r.type, r.row_id, r.words, r.phones, r.own,
                  ARRAY(SELECT jsonb_array_elements_text(r.grams)::integer)
             FROM jsonb_to_recordset(:rows::jsonb)
               AS r(id bigint, type text, row_id text, words text, phones text, own jsonb, grams jsonb)"""
    ),
}
_ADD_GRAMS = Statement(f"INSERT INTO {GRAMS} (rowid, grams) VALUES (:id, :grams)")
_FORGET_GRAMS = Statement(f"INSERT INTO {GRAMS} ({GRAMS}, rowid, grams) VALUES ('delete', :id, :grams)")


@dataclass(frozen=True, slots=True)
class Place:
    """How far the index is."""

    version: int
    tx: int
    seq: int
    last_id: int

    @property
    def is_usable(self) -> bool:
        return self.version == version()


_NOWHERE = Place(0, 0, 0, 0)


def _beginning() -> Place:
    return Place(version(), -1, 0, 0)


def place(session: Session) -> Place:
    rows = _STATE.rows(session)
    return Place(*rows[0]) if rows else _NOWHERE


def behind(session: Session, most: int = MOST_BEHIND + 1) -> int:
    """How many changed rows are not in the index yet, counted up to `most`."""
    at = place(session)
    if not at.is_usable:
        at = _beginning()
    return int(_BEHIND.value(session, tx=at.tx, seq=at.seq, types=sorted(shapes()), most=most) or 0)


def follow(session: Session, most: int = STEP) -> int:
    """Indexes the next changed rows; returns how many lines of the log were looked at: fewer than `most` at the end.

    A job for the writer. On PostgreSQL lines beyond the horizon are indexed too, and looked at again later: a transaction
    with an earlier position may still commit.
    """
    rows = _LOCKED.rows(session)
    at = Place(*rows[0]) if rows else _NOWHERE
    if not at.is_usable:
        at = _begin(session)
    horizon = positions.horizon(session) if positions.is_postgresql(session) else positions.current(session) - 1
    lines = _CHANGED.rows(session, tx=at.tx, seq=at.seq, types=sorted(shapes()), most=most)
    last_id = at.last_id
    for record_type in sorted({line[0] for line in lines}):
        ids = list(dict.fromkeys(line[1] for line in lines if line[0] == record_type))
        last_id = _index(session, shapes()[record_type], ids, last_id)
    tx, seq = max([(at.tx, at.seq), *((tx, seq) for _, _, tx, seq in lines if tx <= horizon)])
    if len(lines) < most and horizon > tx:
        tx, seq = horizon, 2**31  # what is of no interest up to there need not be passed over again
    if (tx, seq, last_id) != (at.tx, at.seq, at.last_id):
        session.execute(update(search_state).where(search_state.c.id == 1).values(tx=tx, seq=seq, last_id=last_id))
    return len(lines)


def _begin(session: Session) -> Place:
    """An empty index of this version."""
    clear(session)
    at = _beginning()
    session.execute(search_state.insert().values(id=1, version=at.version, tx=at.tx, seq=at.seq, last_id=at.last_id))
    return at


def clear(session: Session) -> None:
    """Forgets the index; it is made anew from the beginning of the log."""
    session.execute(delete(search_state))
    session.execute(delete(search_doc))
    if not positions.is_postgresql(session):
        session.execute(text(f"INSERT INTO {GRAMS} ({GRAMS}) VALUES ('delete-all')"))


def build(step: Callable[[Callable[[Session], int]], int], most: int = 2 * STEP) -> Iterator[int]:
    """Follows the log to its end; yields after each step how many lines were looked at. `step` runs a job."""
    while True:
        looked = step(lambda session: follow(session, most))
        yield looked
        if looked < most:
            return


def _index(session: Session, shape: Shape, ids: Sequence[str], last_id: int) -> int:
    record_type = shape.record.__tablename__
    docs = _read(session, shape, ids)
    stale: list[tuple[int, Doc]] = []
    for doc_id, row_id, words, phones, own_texts in _KNOWN.rows(session, type=record_type, ids=ids):
        known = Doc(words, phones, json.loads(own_texts) if own_texts and own_texts != "null" else None)
        if docs.get(row_id) == known:
            del docs[row_id]
        else:
            stale.append((doc_id, known))
    _forget(session, record_type, stale)
    _add(session, record_type, docs, last_id)
    return last_id + len(docs)


def _read(session: Session, shape: Shape, ids: Sequence[str]) -> dict[str, Doc]:
    table = table_of(shape.record)
    statement = select(*[table.c[name] for name in columns_read(shape)]).where(table.c.id.in_(ids))
    return {row["id"]: doc_of(shape, row) for row in session.execute(statement).mappings()}


def _forget(session: Session, record_type: str, stale: Sequence[tuple[int, Doc]]) -> None:
    if not stale:
        return
    if not positions.is_postgresql(session):
        grams = [{"id": doc_id, "grams": _written(doc.grams(record_type))} for doc_id, doc in stale]
        _FORGET_GRAMS.many(session, grams)
    _FORGET.rows(session, ids=[doc_id for doc_id, _ in stale])


def _add(session: Session, record_type: str, docs: dict[str, Doc], last_id: int) -> None:
    if not docs:
        return
    rows: list[dict[str, Any]] = [
        {
            "id": doc_id,
            "type": record_type,
            "row_id": row_id,
            "words": doc.words,
            "phones": doc.phones,
            "own": doc.own,
        }
        for doc_id, (row_id, doc) in enumerate(docs.items(), last_id + 1)
    ]
    grams = [doc.grams(record_type) for doc in docs.values()]
    if positions.is_postgresql(session):
        full = [{**row, "grams": found} for row, found in zip(rows, grams, strict=True)]
        _ADD["postgresql"].rows(session, rows=json.dumps(full))
        return
    for row in rows:
        row["own"] = None if row["own"] is None else json.dumps(row["own"], ensure_ascii=False)
    _ADD["sqlite"].many(session, rows)
    written = [{"id": row["id"], "grams": _written(found)} for row, found in zip(rows, grams, strict=True)]
    _ADD_GRAMS.many(session, written)


def _written(grams: Sequence[int]) -> str:
    """Grams as the tokens of the full-text table."""
    return " ".join(map("{:x}".format, grams))
