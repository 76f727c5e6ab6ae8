"""Photos that were judged before the bytes of an earlier one came: what those show bears on them, whoever was quicker.

Only photos whose record came earlier may accuse (`alike.earlier_than`). Their bytes may come hours later, over Wi-Fi in the
evening; until then nobody knows what they show and where they were taken.
"""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, or_, select

from server.photos.alike import close_pictures, later_than
from server.photos.known import STOPS_EACH_WAY, TOKEN_DAYS, thresholds
from server.photos.models import Photo
from server.photos.service import judge_photo
from server.records.commands import Context

#: More are left to `xunke evidence recheck`: each costs some milliseconds of the one writer.
_MOST = 12


def judge_later_ones(context: Context, photo: Photo) -> None:
    """Judges those again of which this photo, judged for the first time, may say something."""
    for other in _those_it_bears_on(context, photo):
        judge_photo(context, other)


# unrestricted: the system looks at everybody's photos
def _those_it_bears_on(context: Context, photo: Photo) -> Iterable[Photo]:
    session = context.session
    _, most = thresholds(session)
    bears: list[ColumnElement[bool]] = []
    same_bytes = [Photo.sha256 == photo.sha256] if photo.sha256 else []
    same_number = [Photo.capture_id == photo.capture_id] if photo.capture_id else []
    bears += [*same_bytes, *same_number]
    like = close_pictures(session, photo.sha256, most) if photo.sha256 else []
    if like:
        bears.append(and_(Photo.sha256.in_(like), Photo.visit_id.is_distinct_from(photo.visit_id)))
    if photo.lat is not None:
        same = and_(Photo.lat == photo.lat, Photo.lng == photo.lng, Photo.customer_id != photo.customer_id)
        bears.append(same)
    if photo.token_at is not None and photo.taken_at is not None:
        replayed = and_(
            Photo.device_id == photo.device_id,
            Photo.taken_at > photo.taken_at,
            Photo.taken_at < photo.taken_at + timedelta(days=TOKEN_DAYS),
            Photo.token_at < photo.token_at,
        )
        bears.append(replayed)
    known = select(Photo).where(later_than(photo), Photo.verdict != "pending")
    found = dict[str, Photo]()
    if bears:
        statement = known.where(or_(*bears)).order_by(Photo.created_at, Photo.id).limit(_MOST)
        found.update((one.id, one) for one in session.scalars(statement))
    if photo.lat is not None and photo.taken_at is not None and photo.source == "camera":
        way = known.where(Photo.taken_by == photo.taken_by, Photo.visit_id.is_distinct_from(photo.visit_id))
        day = timedelta(days=1)
        before = way.where(Photo.taken_at <= photo.taken_at, Photo.taken_at > photo.taken_at - day)
        after = way.where(Photo.taken_at > photo.taken_at, Photo.taken_at < photo.taken_at + day)
        for statement in (before.order_by(Photo.taken_at.desc()), after.order_by(Photo.taken_at)):
            found.update((one.id, one) for one in session.scalars(statement.limit(STOPS_EACH_WAY)))
    return sorted(found.values(), key=lambda one: (one.created_at, one.id))
