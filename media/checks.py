"""Checks of the picture, of what it says of itself, of its record and of earlier photos, each a pure function.

Places and ways are in `media.position`; the order of all checks is in `media.evidence`.
"""

from datetime import UTC, timedelta

from media import geo
from media.capture import CaptureError, CaptureRecord, load_device_key, verify_signature
from media.exif import Exif
from media.facts import Facts, Lookalike, fixes
from media.reasons import Reason, reason

#: At the same customer, nearly the same picture may be an honest second photo from the same spot. From these agreements
#: on it is a copy (None: cannot be told), or worth a word.
_COPY_AT_THE_SAME: dict[str, float | None] = {"same": 0.995, "mirrored": 0.985, "cropped": None}
_LIKE_AT_THE_SAME = {"same": 0.97, "mirrored": 0.97, "cropped": 0.985}


def check_picture(facts: Facts) -> list[Reason]:
    """Size, magic bytes, dimensions and decoding, as `media.images` found them."""
    seen = facts.given.examination
    if seen.problems:
        return [reason(code) for code in seen.problems]
    if facts.live is None:
        return []
    reasons = [reason("not_jpeg", format=seen.format)] if seen.format != "jpeg" else []
    if max(seen.width or 0, seen.height or 0) < facts.limits.smallest_edge:
        reasons.append(reason("picture_small", width=seen.width, height=seen.height))
    return reasons


def check_exif(facts: Facts) -> list[Reason]:
    """EXIF is there and sane. The app writes it into every photo it takes."""
    exif = facts.given.examination.exif
    if facts.live is None or facts.given.examination.problems == ("too_large",):
        return []
    if exif.empty:
        return [reason("exif_damaged" if exif.damaged else "exif_missing")]
    reasons = [reason("exif_damaged")] if exif.damaged else []
    if exif.taken_at is None:
        reasons.append(reason("exif_no_time"))
    if exif.lat is None and fixes(facts.live):
        reasons.append(reason("exif_no_position"))
    return reasons


def check_agreement(facts: Facts) -> list[Reason]:
    """What EXIF says equals what the record says; EXIF alone can be edited, the record is what binds."""
    record, exif = facts.live, facts.given.examination.exif
    if record is None:
        return []
    reasons = []
    ids = {_bare(value) for value in (exif.image_unique_id, exif.user_comment) if value}
    if ids - {_bare(record.capture_id)}:
        reasons.append(reason("exif_other_capture"))
    apart = _time_apart(exif, record)
    if apart is not None and apart > facts.limits.exif_time:
        minutes = apart / timedelta(minutes=1)
        reasons.append(reason("exif_other_time", minutes=round(minutes, 1) if minutes < 10 else round(minutes)))
    if exif.lat is not None and exif.lng is not None:
        metres = min((geo.distance_m(exif.lat, exif.lng, s.lat, s.lng) for s in fixes(record)), default=None)
        if metres is None:
            reasons.append(reason("exif_extra_position"))
        elif metres > facts.limits.exif_position_m:
            reasons.append(reason("exif_other_position", distance_m=round(metres)))
    seen, said = facts.given.examination, {exif.pixel_width, exif.pixel_height} - {None}
    if said and seen.readable and not said <= {seen.width, seen.height}:
        reasons.append(reason("exif_other_size"))
    return reasons


def _bare(capture_id: str) -> str:
    return capture_id.replace("-", "").lower()


def _time_apart(exif: Exif, record: CaptureRecord) -> timedelta | None:
    if exif.taken_at is None:
        return None
    offset = record.offset_minutes if exif.offset_minutes is None else exif.offset_minutes
    # Compared as numbers: year 1 in a far zone would leave the calendar.
    local = record.taken_at.astimezone(UTC).replace(tzinfo=None)
    return abs(exif.taken_at - local - timedelta(minutes=offset))


def check_record(facts: Facts) -> list[Reason]:
    """There is a record, it can be read, and it is about these very bytes."""
    if facts.given.capture is None:
        return [reason("record_missing")]
    if facts.record_error is not None:
        return [reason(facts.record_error.code, **facts.record_error.detail)]
    assert facts.record is not None
    reasons = [reason("from_gallery")] if facts.record.source == "gallery" else []
    if facts.record.sha256 != facts.given.examination.sha256:
        reasons.append(reason("bytes_changed"))
    return reasons


def check_signature(facts: Facts) -> list[Reason]:
    """The record is signed by the key of the device that sent it."""
    given = facts.given
    if given.capture is None:
        return []
    if not given.signature:
        return [reason("unsigned")]
    if given.device_key is None:
        return [reason("key_unknown")]
    try:
        load_device_key(given.device_key)
    except CaptureError:
        return [reason("key_unknown")]
    try:
        verify_signature(given.capture, given.signature, given.device_key)
    except CaptureError as error:
        return [reason(error.code)]
    return []


def check_belonging(facts: Facts) -> list[Reason]:
    """Device not revoked; record of this device, this visit, this customer."""
    given, record = facts.given, facts.record
    if record is None:
        return []
    reasons = []
    if given.revoked_at is not None:
        since = record.taken_at < given.revoked_at
        reasons.append(reason("device_revoked_since" if since else "device_revoked"))
    if record.device_id != given.device_id:
        reasons.append(reason("other_device"))
    if record.visit_id != given.visit_id:
        reasons.append(reason("other_visit"))
    if record.customer_id not in {given.customer_id, *given.former_customer_ids}:
        reasons.append(reason("other_customer"))
    return reasons


def check_time(facts: Facts) -> list[Reason]:
    """Taken between the issue of the token and arrival, and with the newest token the device had."""
    newest, time = facts.given.newest_token, facts.time
    if newest is None or time is None or time.token_at is None or newest <= time.token_at:
        return list(facts.time_reasons)
    if newest > time.taken_at - facts.limits.time.clock_tolerance:
        return list(facts.time_reasons)  # it may have come just after the shot
    minutes = round((newest - time.token_at) / timedelta(minutes=1))
    return [*facts.time_reasons, reason("token_replayed", minutes=minutes)]


def check_visit(facts: Facts) -> list[Reason]:
    """Taken between check-in and check-out, all by the same phone's clock."""
    record, given = facts.live, facts.given
    if record is None:
        return []
    early = given.visit_from - record.taken_at if given.visit_from else timedelta()
    late = record.taken_at - given.visit_to if given.visit_to else timedelta()
    outside = max(early, late)
    if outside <= facts.limits.time.clock_tolerance:
        return []
    return [reason("outside_visit", minutes=round(outside / timedelta(minutes=1)))]


def check_reuse(facts: Facts) -> list[Reason]:
    """The same bytes, or the same capture id, were not handed in before."""
    given, codes = facts.given, list[str]()
    for seen in given.sightings:
        if seen.photo_id == given.photo_id:
            continue
        if seen.sha256 != given.examination.sha256:
            codes.append("capture_id_reused")
        else:
            codes.append("seen_in_visit" if seen.visit_id == given.visit_id else "seen_before")
    return [reason(code, times=codes.count(code)) for code in dict.fromkeys(codes)]


def check_lookalikes(facts: Facts) -> list[Reason]:
    """Nearly the same picture was not handed in for another visit before. Two of one visit are nothing special."""
    given = facts.given
    here = {given.customer_id, *given.former_customer_ids}
    copies, likes = list[Lookalike](), list[Lookalike]()
    for seen in given.lookalikes:
        if seen.visit_id == given.visit_id or seen.photo_id == given.photo_id:
            continue
        least = _COPY_AT_THE_SAME[seen.how] if seen.customer_id in here else 0.0
        if least is not None and seen.agreement >= least:
            copies.append(seen)
        elif seen.agreement >= _LIKE_AT_THE_SAME[seen.how]:
            likes.append(seen)
    if not copies and not likes:
        return []
    worst = max(copies or likes, key=lambda seen: seen.agreement)
    code = "picture_seen_before" if copies else "picture_like_before"
    return [reason(code, percent=int(worst.agreement * 100), how=worst.how, photo=worst.photo_id)]
