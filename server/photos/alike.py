"""Finding nearly the same picture among all that ever arrived: an index of hash quarters, then a closer look."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from media.evidence import Lookalike
from media.likeness import Fingerprint, compare, filed_under, near
from server.photos.models import Photo, likeness, likeness_key

#: Look-ups of one statement; databases limit how many values a statement may have.
_KEYS_AT_ONCE = 400
#: A hash that thousands share (fog, a wall) would make every look slow; the latest are looked at.
_MOST_CANDIDATES = 2000
_MOST_CLOSE = 400
#: A comparison takes about a millisecond, inside a transaction: so many, and no more once nobody can doubt it.
_MOST_COMPARED = 24
_BEYOND_DOUBT, _ENOUGH = 0.995, 2


def file_fingerprint(session: Session, sha256: str, found: Fingerprint | None) -> None:
    """Puts a picture into the index, once."""
    if found is None or fingerprint_of(session, sha256) is not None:
        return
    values = {
        "sha256": sha256,
        "whole": _signed(found.whole),
        "middle": _signed(found.middle),
        "fingerprint": found.pack(),
    }
    session.execute(likeness.insert().values(values))
    row_id = session.scalar(select(likeness.c.id).where(likeness.c.sha256 == sha256))
    session.execute(likeness_key.insert(), [{"key": key, "likeness_id": row_id} for key in sorted(found.keys())])


def fingerprint_of(session: Session, sha256: str) -> Fingerprint | None:
    data = session.scalar(select(likeness.c.fingerprint).where(likeness.c.sha256 == sha256))
    return None if data is None else Fingerprint.unpack(data)


def lookalikes(session: Session, photo: Photo, most: int) -> tuple[Lookalike, ...]:
    """Earlier photos of other visits with nearly the same picture, of anybody in the company; `most` bits of 64."""
    asked = fingerprint_of(session, photo.sha256) if photo.sha256 and most > 0 else None
    if asked is None:
        return ()
    close = _close(session, asked, photo.sha256 or "", most)
    found: list[Lookalike] = []
    for row in _earlier_photos(session, photo, close) if close else ():
        match = compare(asked, Fingerprint.unpack(row.fingerprint), most)
        if match is not None:
            like = (row.id, row.visit_id or "", row.customer_id, match.how, match.distance, match.agreement)
            found.append(Lookalike(*like))
        if len([one for one in found if one.agreement >= _BEYOND_DOUBT]) >= _ENOUGH:
            break
    return tuple(found)


def close_pictures(session: Session, sha256: str, most: int) -> list[str]:
    """The hashes of filed pictures that may be copies of this one or of which it may be one, the latest first; `most`
    bits of 64."""
    asked = fingerprint_of(session, sha256) if most > 0 else None
    if asked is None:
        return []
    close = [*_close(session, asked, sha256, most), *_close_crops(session, asked, sha256, most)]
    return list(session.scalars(select(likeness.c.sha256).where(likeness.c.id.in_(close)))) if close else []


def _close(session: Session, asked: Fingerprint, sha256: str, most: int) -> list[int]:
    """The pictures of which this one may be a copy."""
    return _filed(session, asked.asks(), sha256, lambda whole, middle: near(asked, whole, middle, most))


def _close_crops(session: Session, asked: Fingerprint, sha256: str, most: int) -> list[int]:
    """The pictures that may be what is left of this one after a cut."""
    hashes = asked.of_crops()

    def alike(whole: int, _middle: int) -> bool:
        return any((value ^ whole).bit_count() <= most for value in hashes)

    return _filed(session, filed_under(hashes), sha256, alike)


def _filed(session: Session, keys: Collection[int], sha256: str, alike: Callable[[int, int], bool]) -> list[int]:
    """The other pictures under these keys that are alike by their hashes, the latest first."""
    return [
        row_id
        for row_id, whole, middle in _candidates(session, sorted(keys), sha256)
        if alike(_unsigned(whole), _unsigned(middle))
    ][:_MOST_CLOSE]


def _candidates(session: Session, keys: list[int], sha256: str) -> list[tuple[int, int, int]]:
    """The filed pictures that share a quarter of a hash with the asked one, the latest first."""
    ids = set[int]()
    for start in range(0, len(keys), _KEYS_AT_ONCE):
        some = keys[start : start + _KEYS_AT_ONCE]
        statement = select(likeness_key.c.likeness_id).where(likeness_key.c.key.in_(some)).distinct()
        ids.update(session.scalars(statement.order_by(likeness_key.c.likeness_id.desc()).limit(_MOST_CANDIDATES)))
    latest = sorted(ids, reverse=True)[:_MOST_CANDIDATES]
    found: list[tuple[int, int, int]] = []
    for start in range(0, len(latest), _KEYS_AT_ONCE):
        part = latest[start : start + _KEYS_AT_ONCE]
        rows = session.execute(
            select(likeness.c.id, likeness.c.whole, likeness.c.middle)
            .where(likeness.c.id.in_(part), likeness.c.sha256 != sha256)
            .order_by(likeness.c.id.desc())
        )
        found += [(row.id, row.whole, row.middle) for row in rows]
    return found


# unrestricted: a picture is compared with everybody's
def _earlier_photos(session: Session, photo: Photo, close: list[int]) -> Sequence[Any]:
    """The photos of other visits with these pictures, the first ones first."""
    statement = (
        select(Photo.id, Photo.visit_id, Photo.customer_id, likeness.c.fingerprint)
        .join(likeness, likeness.c.sha256 == Photo.sha256)
        .where(likeness.c.id.in_(close), earlier_than(photo), Photo.id != photo.id)
        .where(Photo.visit_id.is_distinct_from(photo.visit_id))
        .order_by(Photo.created_at, Photo.id)
        .limit(_MOST_COMPARED)
    )
    return session.execute(statement).all()


def earlier_than(photo: Photo) -> ColumnElement[bool]:
    """Photos whose record arrived before this one's: only they can accuse it, so a verdict does not depend on when one
    looks."""
    return or_(Photo.created_at < photo.created_at, and_(Photo.created_at == photo.created_at, Photo.id < photo.id))


def later_than(photo: Photo) -> ColumnElement[bool]:
    """Photos whose record arrived after this one's: what is known of it bears on them."""
    return or_(Photo.created_at > photo.created_at, and_(Photo.created_at == photo.created_at, Photo.id > photo.id))


def _signed(value: int) -> int:
    """A database has no unsigned 64-bit numbers."""
    return value - (1 << 64) if value >> 63 else value


def _unsigned(value: int) -> int:
    return value & (1 << 64) - 1
