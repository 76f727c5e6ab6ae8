"""Whatever arrives: no exception but the documented ones, no long waits, no large memory."""

import base64
import io
import json
import struct
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

from hypothesis import given, settings
from hypothesis import strategies as st

from media.capture import CaptureRecord, parse_capture, verify_signature
from media.errors import MediaError
from media.evidence import Lookalike, Stop
from media.exif import Exif, read_exif
from media.images import examine, take_in
from media.reasons import REASONS
from tests.media.scene import KEY, NOON, PICTURE, TOKENS, honest

PHOTO = honest().photo.jpeg
EXIF_AT = PHOTO.index(b"Exif\0\0") + 6
EXIF_LENGTH = struct.unpack(">H", PHOTO[EXIF_AT - 8 : EXIF_AT - 6])[0] - 8


def code_of(call: Callable[[], object]) -> str | None:
    """The code of a documented error, or None; any other exception fails the test."""
    try:
        call()
    except MediaError as error:
        return error.code
    return None


RECORD_CODES = {None, "record_malformed", "record_version", "record_too_large"}


def encoded(kind: str) -> bytes:
    out = io.BytesIO()
    PICTURE.resize((160, 120)).save(out, kind)
    return out.getvalue()


FILES = [PHOTO, encoded("JPEG"), encoded("PNG"), encoded("WEBP")]
changes = st.lists(st.tuples(st.integers(0, 2**20), st.integers(0, 255)), min_size=1, max_size=12)


@settings(max_examples=150, deadline=1000)
@given(st.sampled_from(FILES), changes, st.integers(1, 2**20), st.booleans())
def test_mutated_pictures(data, edits, keep, near_the_start):
    mutated = bytearray(data)
    for at, value in edits:
        mutated[at % (400 if near_the_start else len(mutated))] = value
    found = examine(bytes(mutated[: max(1, keep % (2 * len(mutated)))]))
    assert set(found.problems) <= REASONS.keys()


@settings(max_examples=300, deadline=1000)
@given(changes)
def test_mutated_exif(edits):
    block = bytearray(PHOTO[EXIF_AT : EXIF_AT + EXIF_LENGTH])
    for at, value in edits:
        block[at % len(block)] = value
    exif = read_exif(bytes(block))
    assert (exif.lat is None) == (exif.lng is None)


@settings(max_examples=300, deadline=1000)
@given(st.sampled_from([b"", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08"]), st.binary(max_size=400))
def test_random_exif(head, rest):
    exif = read_exif(head + rest)
    assert exif.lat is None or abs(exif.lat) <= 90
    assert exif.lng is None or abs(exif.lng) <= 180


def heads() -> st.SearchStrategy[bytes]:
    return st.sampled_from([
        b"", b"\xff\xd8\xff", b"\xff\xd8\xff\xe1\xff\xffExif\0\0", b"\x89PNG\r\n\x1a\n", b"RIFF\xff\0\0\0WEBP",
        b"\0\0\0\x10ftypheic\0\0\0\0\0\0\1\0meta\0\0\0\0\0\0\0\x40iloc\1\0\0\0\x44\x40\0\1",
        b"\0\0\0\x10ftypheic\0\0\0\0\0\0\1\0meta\0\0\0\0\0\0\0\x40iinf\0\0\0\0\0\1\0\0\0\x20infe\2\0\0\0",
    ])  # fmt: skip


@settings(max_examples=300, deadline=1000)
@given(heads(), st.binary(max_size=300))
def test_random_files(head, rest):
    taken = take_in(head + rest)
    assert set(taken.examination.problems) <= REASONS.keys()


def test_thirty_two_bytes_that_make_other_readers_allocate_gigabytes():
    count = 0xFFFFFFFF
    block = b"II*\0\x08\0\0\0" + struct.pack("<HHHII", 1, 0x010F, 5, count, 8) + b"\0" * 10
    started = time.perf_counter()
    assert read_exif(block) == Exif(damaged=True)
    assert time.perf_counter() - started < 0.05


def test_directories_that_point_at_each_other_and_at_themselves():
    pointers = [(0x8769, 4, 1, 8), (0x8825, 4, 1, 8), (0x8769, 4, 1, 8)]
    block = b"II*\0\x08\0\0\0" + struct.pack("<H", 3) + b"".join(struct.pack("<HHII", *p) for p in pointers)
    assert read_exif(block + struct.pack("<I", 8)).taken_at is None


def test_directory_that_claims_more_entries_than_there_are():
    block = b"MM\0*\0\0\0\x08" + b"\xff\xff" + b"\x01\x0f\0\2\0\0\0\4Abc\0" * 3
    found = read_exif(block)
    assert found.make == "Abc"
    assert found.damaged


@settings(max_examples=200, deadline=1000)
@given(
    st.one_of(st.text(max_size=300), st.recursive(st.none() | st.integers(), st.lists, max_leaves=5).map(json.dumps))
)
def test_records_of_noise(text):
    assert code_of(lambda: parse_capture(text)) in RECORD_CODES


@settings(max_examples=200, deadline=1000)
@given(
    st.sampled_from(CaptureRecord.__struct_fields__),
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=30)
    | st.lists(st.integers(), max_size=2),
)
def test_judgement_survives_any_value_in_any_field(field, value):
    scene = honest()
    text = json.dumps({**scene.record(), field: value})
    verdict = scene.but(capture=text, signature=KEY.sign(text)).verdict()
    assert 0 <= verdict.score <= 100


@settings(max_examples=200, deadline=1000)
@given(st.datetimes(), st.floats(0, 4e10), st.floats(-90, 90), st.floats(-180, 180), st.floats(0, 1e9))
def test_judgement_survives_any_possible_moment_and_place(taken_at, since, lat, lng, accuracy):
    at = taken_at.replace(tzinfo=UTC)
    fix = {"lat": lat, "lng": lng, "accuracy": accuracy, "at": at}
    verdict = honest().with_record(taken_at=at, since_token_ms=since, samples=[fix]).verdict()
    assert {found.code for found in verdict.reasons} <= REASONS.keys()


_SPOT = st.tuples(st.floats(-90, 90), st.floats(-180, 180), st.floats(0, 1e7), st.integers(-300, 300))


@settings(max_examples=150, deadline=1000)
@given(st.lists(_SPOT, max_size=8), st.lists(_SPOT, max_size=4), st.integers(0, 10**6), st.floats(0, 1))
def test_judgement_survives_any_way_and_any_likeness(fixes, stops, same_spot, agreement):
    samples = [
        {"lat": lat, "lng": lng, "accuracy": accuracy, "at": NOON + timedelta(seconds=seconds)}
        for lat, lng, accuracy, seconds in fixes
    ]
    scene = honest().with_record(samples=samples)
    known = [Stop("p", NOON + timedelta(minutes=m), lat, lng, accuracy, m > 0) for lat, lng, accuracy, m in stops]
    like = Lookalike("p", "v", "c", "cropped", 3, agreement)
    verdict = scene.but(stops=tuple(known), same_spot=same_spot, lookalikes=(like,)).verdict()
    assert {found.code for found in verdict.reasons} <= REASONS.keys()


def test_nesting_thousands_deep():
    for text in ("[" * 16_000, '{"v":' * 3000, '{"v":1,"samples":' + "[" * 9000):
        assert code_of(partial(parse_capture, text)) == "record_malformed"


@settings(max_examples=100, deadline=1000)
@given(st.text(max_size=100), st.text(max_size=100))
def test_signatures_and_keys_of_noise(signature, key):
    for public in (key, KEY.public):
        assert code_of(partial(verify_signature, "{}", signature, public)) in {"signature_wrong", "key_malformed"}


@settings(max_examples=200, deadline=1000)
@given(
    st.text(max_size=80) | st.binary(min_size=31, max_size=31).map(lambda raw: base64.urlsafe_b64encode(raw).decode())
)
def test_tokens_of_noise(token):
    code = code_of(lambda: TOKENS.verify(token, "device-1"))
    assert code in {"token_forged", "token_unknown_key", "token_other_device"}


@given(st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1)), st.text(max_size=40))  # noqa: DTZ001
def test_token_gives_back_its_moment_to_the_millisecond(at, device):
    at = at.replace(tzinfo=UTC)
    token = TOKENS.issue(device, at)
    assert len(token) == 32
    assert TOKENS.verify(token, device) == at.replace(microsecond=at.microsecond // 1000 * 1000)
