"""One box for everything the actor may see: the best of each type, best first.

Of each type, what is the word comes first, then what begins with it, then what has it. The index gives candidates, their
kept texts are ranked, and of the best ones it is asked which the actor may see; never of more than a bounded number, so
that a word half of all customers have costs little more than a rare one.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from server.own.models import OwnRow
from server.records.actor import Actor
from server.records.listing import names_of_refs
from server.records.own import Readable, concealed_rows, is_own, readable
from server.records.record import Record, column_of, permission_of
from server.records.search.docs import Doc, Shape, shapes
from server.records.search.matching import beside, has_word, relies_on_index, searchable, tokens
from server.records.search.ranking import WORST, entry_of, total
from server.records.search.tables import GRAMS
from server.records.search.text import grams_for, loose_grams, normal, start_gram, whole_gram, words_of
from server.records.visibility import visible, ways
from server.records.wire import item_of, select_readable
from sync import positions
from sync.access import among
from sync.statements import Statement

#: The types in the order in which they are shown.
TYPES = (
    "customer", "contact", "terminal", "customer_department", "opportunity", "trial_account", "contact_record", "complaint",
    "own_row", "order", "visit", "product", "employee", "work_report", "approval", "mail", "notice", "schedule_entry",
)  # fmt: skip
#: Lines of the index that are ranked together.
_RANKED = 500
#: Rows of which it is asked together whether the actor may see them.
_ASKED = 60
#: A word that more rows have is looked for among those the actor may see, if these are fewer.
_MANY = 4000


@dataclass(frozen=True, slots=True)
class _Sight:
    """What one actor may search in of one type."""

    actor: Actor
    fields: Readable
    shape: Shape

    @property
    def record(self) -> type[Record]:
        return self.shape.record

    @property
    def name(self) -> str:
        name: str = self.record.__tablename__
        return name

    def hidden(self, session: Session) -> list[ColumnElement[bool]]:
        """What of the rows he sees is not shown to him here."""
        kept_back = concealed_rows(session, self.actor, self.record)
        return [*kept_back, column_of(self.record, "deleted_at").is_(None)] if self.record is OwnRow else kept_back


def search(session: Session, actor: Actor, q: str, types: Sequence[str], limit: int) -> dict[str, Any]:
    """`groups`: of each type that has any, up to `limit` rows as lists give them, each with where it was found
    (`found`: field and text; None where it is in the name), and whether there are `more`. `whole`: False while the
    index is made: every row is looked at then."""
    words = words_of(q)
    groups = []
    for name in types:
        shape = shapes().get(name)
        if not words or shape is None or not actor.can(f"{permission_of(shape.record)}.view"):
            continue
        sight = _Sight(actor, readable(session, actor, shape.record), shape)
        if group := _group(session, sight, words, limit):
            groups.append(group)
    return {"words": words, "groups": groups, "indexed": relies_on_index(session)}


def _group(session: Session, sight: _Sight, words: list[str], limit: int) -> dict[str, Any] | None:
    ids = _best(session, sight, words, limit + 1)
    if not ids:
        return None
    chosen = select_readable(sight.fields).where(visible(sight.actor, sight.record, ids[:limit]))
    items = {row[0]: item_of(sight.fields, row) for row in session.execute(chosen)}
    rows = [items[row_id] for row_id in ids[:limit] if row_id in items]
    found = [_found(sight, row, words) for row in rows]
    return {
        "record": sight.name,
        "items": rows,
        "found": found,
        "refs": names_of_refs(session, sight.actor, sight.record, rows),
        "more": len(ids) > limit,
    }


def _best(session: Session, sight: _Sight, words: list[str], count: int) -> list[str]:
    """The ids of the best rows, best first."""
    if not relies_on_index(session):
        return _without_index(session, sight, words, count)
    found = _Found(session, sight, words, count)
    grams = [gram for word in words for gram in grams_for(sight.name, word)]
    lines = _lines(session, grams, _MANY)
    if len(lines) <= _RANKED:
        found.look_at(lines)
    else:
        # The best are asked for by how they begin; of the rest the newest come first.
        found.look_at(_lines(session, [whole_gram(sight.name, words[0]), *grams], _RANKED))
        found.look_at(_lines(session, [start_gram(sight.name, words[0]), *grams], _RANKED))
        few = None if found.is_enough or len(lines) < _MANY else _few_seen(session, sight)
        if few is not None:
            found.look_within(few)
        else:
            for start in range(0, len(lines), _RANKED):
                if found.is_enough:
                    break
                found.look_at(lines[start : start + _RANKED])
    if not found.is_enough:
        loose = [loose_grams(sight.name, word) for word in words] if sight.shape.name else [[]]
        if all(loose):
            found.look_at(_lines(session, [gram for part in loose for gram in part], _RANKED))
        found.add(_beside(session, sight, words, count), WORST * len(words) + 1)
    return found.best()


class _Found:
    """The rows found so far that the actor may see, with how good they are."""

    def __init__(self, session: Session, sight: _Sight, words: Sequence[str], count: int) -> None:
        self._session, self._sight, self._words, self._count = session, sight, words, count
        self._ranked: dict[str, tuple[int, int]] = {}
        names = searchable(sight.fields).keys()
        #: Texts of fields that are not all for the actor are not looked at here, but field by field.
        self._open = names >= set(sight.shape.words), names >= set(sight.shape.phones)
        self._own = [name.partition(".")[2] for name in names if is_own(name)]

    @property
    def is_enough(self) -> bool:
        return len(self._ranked) >= self._count

    def look_at(self, lines: Sequence[int]) -> None:
        """Lines of the index that may have the words."""
        if lines:
            self._take(_KEPT.rows(self._session, ids=lines))

    def look_within(self, ids: Sequence[str]) -> None:
        """These rows, whatever they have."""
        for start in range(0, len(ids), _RANKED):
            self._take(_KEPT_OF.rows(self._session, type=self._sight.name, ids=ids[start : start + _RANKED]))

    def _take(self, rows: Sequence[tuple[Any, ...]]) -> None:
        words, phones = self._open
        ranked: list[tuple[int, int, str]] = []
        partly: list[str] = []
        for row_id, kept_words, kept_phones, kept_own in rows:
            own = json.loads(kept_own) if self._own and kept_own else None
            entry = entry_of(Doc(kept_words, kept_phones, own), words=words, phones=phones, own=self._own)
            rank = total(entry, self._words)
            if rank is not None:
                ranked.append((rank, len(entry.name), row_id))
            elif not (words and phones):
                partly.append(row_id)
        ranked.sort()
        # Of many, only so many of the best are asked about as may be needed.
        for chosen in (ranked[:_ASKED], ranked[_ASKED:]):
            part = {row_id: (rank, length) for rank, length, row_id in chosen}
            for row_id in self._visible(list(part)) if part else ():
                self._ranked.setdefault(row_id, part[row_id])
            if self.is_enough:
                break
        if partly:
            wanted = [has_word(self._session, self._sight.actor, self._sight.fields, word) for word in self._words]
            self.add(self._visible(partly, *wanted), WORST * len(self._words))

    def _visible(self, ids: Sequence[str], *wanted: ColumnElement[bool]) -> Sequence[str]:
        sight = self._sight
        seen = visible(sight.actor, sight.record, among(self._session, ids))
        hidden = sight.hidden(self._session)
        return self._session.scalars(select(column_of(sight.record, "id")).where(seen, *hidden, *wanted)).all()

    def add(self, ids: Iterable[str], rank: int) -> None:
        for row_id in ids:
            self._ranked.setdefault(row_id, (rank, 0))

    def best(self) -> list[str]:
        newest_first = sorted(self._ranked, reverse=True)  # ids begin with the time
        return sorted(newest_first, key=self._ranked.__getitem__)[: self._count]


_LINES = Statement(
    sqlite=f"SELECT rowid FROM {GRAMS} WHERE {GRAMS} MATCH :grams ORDER BY rowid DESC LIMIT :most",
    postgresql=f"""WITH found AS MATERIALIZED
                     (SELECT id FROM search_doc WHERE {GRAMS}s @> string_to_array(:grams, ' ')::integer[])
                   SELECT id FROM found ORDER BY id DESC LIMIT :most""",
)
_KEPT = Statement("SELECT row_id, words, phones, CAST(own AS TEXT) FROM search_doc WHERE id IN :ids*")
_KEPT_OF = Statement(
    "SELECT row_id, words, phones, CAST(own AS TEXT) FROM search_doc WHERE type = :type AND row_id IN :ids*"
)


def _lines(session: Session, grams: Sequence[int], most: int) -> list[int]:
    """Lines of the index with all these grams, the newest first."""
    written = " ".join(map(str, grams)) if positions.is_postgresql(session) else tokens(grams)
    return [line for (line,) in _LINES.rows(session, grams=written, most=most)]


def _few_seen(session: Session, sight: _Sight) -> Sequence[str] | None:
    """All the actor may see, where that is less than what has the words. Each way to rows is asked by itself: together they
    would be looked for in the whole table."""
    scope = sight.actor.scope(f"{permission_of(sight.record)}.view")
    if scope is None or sight.actor.members(scope) is None:
        return None
    found: dict[str, None] = {}
    for way in ways(sight.actor, sight.record, "view", scope):
        reached = select(column_of(sight.record, "id")).where(way.rule)
        found.update(dict.fromkeys(session.scalars(reached.limit(_MANY))))
        if len(found) >= _MANY:
            return None
    return list(found)


def _beside(session: Session, sight: _Sight, words: Sequence[str], count: int) -> list[str]:
    """Customers by the name of their contact or owner."""
    if not beside(session, sight.actor, sight.record, words[0]):
        return []
    wanted = [has_word(session, sight.actor, sight.fields, word) for word in words]
    row_id = column_of(sight.record, "id")
    ids = session.scalars(select(row_id).where(*wanted).limit(_MANY)).all()
    rule = visible(sight.actor, sight.record, ids)
    hidden = sight.hidden(session)
    return list(session.scalars(select(row_id).where(rule, *hidden).limit(count)))


def _without_index(session: Session, sight: _Sight, words: Sequence[str], count: int) -> list[str]:
    wanted = [has_word(session, sight.actor, sight.fields, word) for word in words]
    row_id = column_of(sight.record, "id")
    rule = visible(sight.actor, sight.record)
    hidden = sight.hidden(session)
    found = select(row_id).where(rule, *wanted, *hidden).order_by(row_id.desc())
    return list(session.scalars(found.limit(count)))


def _found(sight: _Sight, row: Mapping[str, Any], words: Sequence[str]) -> dict[str, str] | None:
    """The first field that has the first word and is not the name; the phone or address one was after."""
    names = searchable(sight.fields)
    if sight.shape.name in names and words[0] in normal(str(row[sight.shape.name] or "")):
        return None
    for name in names:
        value = row.get(name)
        if isinstance(value, str) and words[0] in normal(value):
            return {"field": name, "text": value}
    return None
