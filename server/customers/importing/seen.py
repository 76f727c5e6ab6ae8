"""What the rows of a file say of each other: who was there before, and who is whose parent. Of each row a few words are
held, and hashes of what it is compared by, so that a hundred thousand of them take some tens of megabytes."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from server.customers import duplicates
from server.customers.duplicates import normal_text


@dataclass(slots=True, eq=False)
class Seen:
    """A customer of the file. `above`: the name its parent has in the file, hashed; `elsewhere`: the id of a customer of
    that name that exists already. Both count while its `turn` is below 0."""

    row_no: int
    record_id: str
    failed: bool
    title: str
    turn: int
    above: int = 0
    elsewhere: str | None = None


@dataclass(slots=True)
class Place:
    """Where a row belongs: below `parent_id`; or why not, with the row that is to blame."""

    turn: int
    parent_id: str | None = None
    problem: str | None = None
    row: int | None = None


@dataclass(slots=True)
class FileIndex:
    _claimed: dict[int, Seen] = field(default_factory=dict)
    _named: dict[int, Seen] = field(default_factory=dict)
    #: Rows whose parents are still to be found, by their ids.
    waiting: dict[str, Seen] = field(default_factory=dict)
    _places: dict[str, Place] = field(default_factory=dict)

    def add(self, seen: Seen, name: str, keys: Iterable[tuple[str, str]]) -> None:
        """Where two have the same name, the one that can be imported stands for it."""
        for key in keys:
            self._claimed[_bucket(key)] = seen
        named = _hash(name)
        if named and (named not in self._named or (self._named[named].failed and not seen.failed)):
            self._named[named] = seen

    def wait(self, seen: Seen, above: str, elsewhere: str | None) -> None:
        seen.above, seen.elsewhere = _hash(above), elsewhere
        self.waiting[seen.record_id] = seen

    def claimed(self, key: tuple[str, str]) -> Seen | None:
        return self._claimed.get(_bucket(key))

    def named(self, name: str) -> Seen | None:
        return self._named.get(_hash(name))

    def in_order(self) -> list[Seen]:
        """Rows with parents, each after those above it."""
        return sorted(self.waiting.values(), key=lambda seen: (self.place(seen).turn, seen.row_no))

    def place(self, seen: Seen) -> Place:
        """Of a row that waits. Those above it are placed before, however long the line."""
        line: dict[str, Seen] = {}
        at: Seen | None = seen
        while at is not None and at.turn < 0 and at.record_id not in self._places and at.record_id not in line:
            line[at.record_id] = at
            at = self._named.get(at.above)
        ids = list(line)
        circle = set(ids[ids.index(at.record_id) :]) if at is not None and at.record_id in line else set()
        for one in reversed(line.values()):
            found = self._places[one.record_id] = self._placed(one, circle)
            one.failed = one.failed or found.problem is not None
        return self._places[seen.record_id]

    def _placed(self, seen: Seen, circle: set[str]) -> Place:
        above = self._named.get(seen.above)
        if seen.record_id in circle:
            return Place(0, problem="parent_circle")
        if above is None:
            return Place(0, seen.elsewhere, None if seen.elsewhere else "parent_unknown")
        known = self._places.get(above.record_id)
        turn = 1 + (known.turn if known is not None else max(above.turn, 0))
        if above.failed and not seen.failed:
            return Place(turn, above.record_id, "parent_not_imported", above.row_no)
        return Place(turn, above.record_id)


def _hash(name: str) -> int:
    plain = normal_text(name)
    return hash(plain) if plain else 0


def _bucket(key: tuple[str, str]) -> int:
    return hash(("phone" if key[0] in duplicates.PHONES else key[0], key[1]))
