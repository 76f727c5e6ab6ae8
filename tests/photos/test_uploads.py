"""Uploads by the letter of tus, one request at a time: every way in which they go wrong has its answer."""

from __future__ import annotations

import base64
import hashlib
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from media import spool as spooling
from media.spool import Spool
from server.photos import uploads
from tests.support.fieldwork import check_in, new_shop, shoot, upload, uploaded
from tests.support.world import Person, World

DATA = bytes(range(256)) * 1200
NAME = hashlib.sha256(DATA).hexdigest()
HALF = len(DATA) // 2
ADDRESS = "/media/v1/uploads"
PIECE = {"tus-resumable": "1.0.0", "content-type": "application/offset+octet-stream"}


def begin(
    person: Person,
    data: bytes = DATA,
    name: str = NAME,
    length: int | None = None,
    headers: dict[str, str] | None = None,
) -> Any:
    told = {
        "tus-resumable": "1.0.0",
        "upload-length": str(len(data) if length is None else length),
        "upload-metadata": f"filename {base64.b64encode('门头.jpg'.encode()).decode()},"
        f"sha256 {base64.b64encode(name.encode()).decode()}",
    }
    return person.client.post(ADDRESS, headers={**told, **(headers or {})})


def piece(person: Person, data: bytes, offset: int, name: str = NAME, **headers: str) -> Any:
    told = {**PIECE, "upload-offset": str(offset), **headers}
    return person.client.patch(f"{ADDRESS}/{name}", content=data, headers=told)


def sums(data: bytes, how: str = "sha256") -> dict[str, str]:
    return {"upload-checksum": f"{how} {base64.b64encode(hashlib.new(how, data).digest()).decode()}"}


def where(person: Person, name: str = NAME) -> tuple[int, int] | None:
    found = person.client.head(f"{ADDRESS}/{name}", headers={"tus-resumable": "1.0.0"})
    if found.status_code == 404:
        return None
    assert found.headers["cache-control"] == "no-store"
    return int(found.headers["upload-offset"]), int(found.headers["upload-length"])


def refusal(answer: Any) -> tuple[int, str]:
    assert answer.headers["tus-resumable"] == "1.0.0"
    return answer.status_code, answer.json()["code"]


def spool_of(world: World) -> Spool:
    found: Spool = world.app.state.services.spool
    return found


def test_a_photo_in_pieces_is_stored_and_judged_with_its_last_one(world: World) -> None:
    rep = world.person("rep")
    rep.pull()
    shop = new_shop(rep)
    arrive = check_in(rep, shop)
    shot = shoot(rep, arrive["args"]["id"], shop)
    rep.push(arrive, shot.op)
    data, name = shot.photo.jpeg, shot.photo.sha256
    made = begin(rep, data, name)
    assert (made.status_code, made.headers["location"]) == (201, f"{ADDRESS}/{name}")
    assert made.headers["upload-offset"] == "0"
    assert made.headers["upload-expires"].endswith("GMT")
    third = len(data) // 3
    for at in (0, third):
        answer = piece(rep, data[at : at + third], at, name, **sums(data[at : at + third]))
        assert (answer.status_code, answer.headers["upload-offset"]) == (204, str(at + third))
        assert "upload-expires" in answer.headers
    assert where(rep, name) == (2 * third, len(data))
    assert rep.get(f"/api/photos/{shot.id}")["verdict"] == "pending"
    last = piece(rep, data[2 * third :], 2 * third, name, **sums(data[2 * third :], "sha1"))
    assert (last.status_code, last.headers["upload-offset"]) == (204, str(len(data)))
    assert rep.get(f"/api/photos/{shot.id}")["verdict"] == "verified"
    assert rep.client.get(f"/media/v1/photos/{shot.id}/original").content == data
    assert spool_of(world).count() == (0, 0)
    # An answer that was lost: asked again, everything is here.
    assert where(rep, name) == (len(data), len(data))
    assert refusal(piece(rep, data[2 * third :], 2 * third, name)) == (409, "upload_offset")


def test_the_same_bytes_are_sent_once_whoever_has_them(world: World) -> None:
    rep, other = world.person("rep"), world.person("rep2")
    assert upload(rep, DATA, NAME).status_code == 201
    for person in (rep, other):
        again = begin(person)
        assert (again.status_code, again.headers["upload-offset"]) == (201, str(len(DATA)))
    assert begin(other, length=5).json()["code"] == "hash_mismatch"
    assert spool_of(world).count() == (0, 0)


def test_beginning_again_goes_on_where_it_was(world: World) -> None:
    rep = world.person("rep")
    begin(rep)
    piece(rep, DATA[:HALF], 0)
    assert begin(rep).headers["upload-offset"] == str(HALF)
    assert upload(rep, DATA, NAME).headers["upload-offset"] == str(
        HALF
    )  # a body for the beginning is not taken twice
    assert piece(rep, DATA[HALF:], HALF).status_code == 204
    assert uploaded(rep, NAME) == len(DATA)
    # Another length under the same name: one of the two is not true, the later counts.
    small, name = b"abc", hashlib.sha256(b"abc").hexdigest()
    begin(rep, small, name, length=9)
    piece(rep, b"abcdef", 0, name)
    assert begin(rep, small, name).headers["upload-offset"] == "0"
    assert piece(rep, small, 0, name).status_code == 204


def test_nobody_finds_or_touches_the_upload_of_another(world: World) -> None:
    rep, other = world.person("rep"), world.person("rep2")
    begin(rep)
    piece(rep, DATA[:HALF], 0)
    assert where(other) is None
    assert refusal(piece(other, b"x" * HALF, HALF)) == (404, "upload_missing")
    assert begin(other).headers["upload-offset"] == "0"
    assert piece(other, b"x" * len(DATA), 0).status_code == 422
    assert where(rep) == (HALF, len(DATA))
    assert piece(rep, DATA[HALF:], HALF).status_code == 204


def test_a_piece_at_the_wrong_place_or_damaged_changes_nothing(world: World) -> None:
    rep = world.person("rep")
    begin(rep)
    piece(rep, DATA[:HALF], 0)
    for offset in (0, HALF - 1, HALF + 1, len(DATA)):
        answer = piece(rep, b"x", offset)
        assert refusal(answer) == (409, "upload_offset")
        assert answer.headers["upload-offset"] == str(HALF)
    assert refusal(piece(rep, DATA[HALF:], HALF, **sums(b"other"))) == (460, "checksum_mismatch")
    assert refusal(piece(rep, DATA[HALF:] + b"!", HALF)) == (413, "upload_too_long")
    assert where(rep) == (HALF, len(DATA))
    assert piece(rep, DATA[HALF:], HALF).status_code == 204


def test_what_is_not_tus_is_told_so(world: World) -> None:
    rep = world.person("rep")
    begin(rep)
    old = piece(rep, DATA, 0, **{"tus-resumable": "0.2.2"})
    assert refusal(old) == (412, "tus_version")
    assert old.headers["tus-version"] == "1.0.0"
    for headers in (
        {"upload-offset": "-1"},
        {"upload-offset": "zero"},
        {"upload-checksum": "md5 AAAA"},
        {"upload-checksum": "sha1 !"},
    ):
        assert refusal(piece(rep, DATA, 0, **headers)) == (400, "upload_header")
    assert refusal(piece(rep, DATA, 0, **{"content-type": "image/jpeg"})) == (415, "upload_header")
    assert refusal(begin(rep, headers={"upload-length": "many"})) == (400, "upload_header")
    assert refusal(begin(rep, headers={"upload-metadata": "sha256 %%%"})) == (400, "upload_header")
    assert refusal(begin(rep, headers={"upload-metadata": "filename eA=="})) == (422, "wrong_type")
    assert refusal(begin(rep, length=25 * 2**20 + 1)) == (413, "blob_too_large")
    for name in ("x" * 64, "%2e%2e", "0" * 63):
        assert piece(rep, DATA, 0, name).status_code in (404, 422)
    able = rep.client.options(ADDRESS)
    assert able.status_code == 204
    assert able.headers["tus-extension"] == "creation,creation-with-upload,checksum,expiration"
    assert able.headers["tus-checksum-algorithm"] == "sha256,sha1"
    assert int(able.headers["tus-max-size"]) == 25 * 2**20
    rep.client.cookies.clear()
    assert refusal(begin(rep)) == (401, "session_expired")
    assert refusal(piece(rep, DATA, 0)) == (401, "session_expired")


def test_a_revoked_device_uploads_nothing(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    begin(rep)
    boss.do("device.revoke", id=rep.device_id)
    assert refusal(piece(rep, DATA, 0)) == (403, "device_revoked")
    assert refusal(begin(rep)) == (403, "device_revoked")


def test_two_requests_for_one_upload_never_write_at_once(world: World) -> None:
    rep = world.person("rep")
    begin(rep)
    writing = spool_of(world).open(rep.id, NAME)  # another request, of this process or of another
    try:
        for answer in (piece(rep, DATA, 0), begin(rep)):
            assert refusal(answer) == (423, "upload_locked")
        assert where(rep) == (0, len(DATA))
    finally:
        writing.close()
    assert piece(rep, DATA, 0).status_code == 204


def test_what_does_not_agree_with_its_name_is_not_accepted_and_begins_anew(world: World) -> None:
    rep = world.person("rep")
    begin(rep)
    piece(rep, DATA[:HALF], 0)
    assert refusal(piece(rep, b"x" * HALF, HALF)) == (422, "hash_mismatch")
    assert where(rep) is None
    assert begin(rep).headers["upload-offset"] == "0"
    assert piece(rep, DATA, 0).status_code == 204


def test_an_original_that_got_lost_is_welcome_once_more(world: World) -> None:
    rep = world.person("rep")
    upload(rep, DATA, NAME)
    services = world.app.state.services
    [stored] = (services.settings.data / "blobs" / "original").glob(f"*/{NAME}")
    stored.write_bytes(DATA[:100])  # what a power cut leaves behind
    assert uploaded(rep, NAME) is None
    assert upload(rep, DATA, NAME).status_code == 201
    assert stored.read_bytes() == DATA


def test_uploads_that_are_left_are_forgotten_and_one_person_has_few_of_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    rep, other = world.person("rep"), world.person("rep2")
    spool = spool_of(world)
    begin(other)
    monkeypatch.setattr(spooling, "MOST_OPEN", 3)
    names = [hashlib.sha256(bytes([n])).hexdigest() for n in range(5)]
    for n, name in enumerate(names):
        assert begin(rep, b"xy", name).status_code == 201
        path = spool.folder / rep.id / name
        os.utime(path, (time.time() - 100 + n, time.time() - 100 + n))
    assert [where(rep, name) is not None for name in names] == [False, False, True, True, True]
    assert where(other) == (0, len(DATA))
    held = [spool.open(rep.id, name) for name in names[2:]]
    try:
        assert refusal(begin(rep, b"xy", names[0])) == (429, "too_many_uploads")
    finally:
        for writing in held:
            writing.close()
    assert spool.sweep(time.time() + spooling.KEPT_SECONDS - 1000) == 0
    assert spool.sweep(time.time() + spooling.KEPT_SECONDS + 1) == 4
    assert spool.count() == (0, 0)
    assert refusal(piece(rep, b"xy", 0, names[4])) == (404, "upload_missing")


def test_a_server_that_starts_sweeps_what_was_left(make_world: Callable[..., World], tmp_path: Path) -> None:
    left = tmp_path / "data" / "uploads" / "somebody" / NAME
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half a photo")
    os.utime(left, (1, 1))
    make_world()
    deadline = time.monotonic() + 10
    while left.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_more_photos_than_can_be_looked_at_come_again_in_a_moment(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    rep = world.person("rep")
    begin(rep)
    monkeypatch.setattr(uploads, "MOST_AT_WORK", 0)
    assert piece(rep, DATA[:HALF], 0).status_code == 204  # not the last of it: only the last is work
    answer = piece(rep, DATA[HALF:], HALF)
    assert refusal(answer) == (503, "busy")
    assert answer.headers["retry-after"] == "15"
    monkeypatch.undo()
    assert piece(rep, DATA[HALF:], HALF).status_code == 204


def test_an_empty_picture_is_whole_at_once(world: World) -> None:
    rep = world.person("rep")
    name = hashlib.sha256(b"").hexdigest()
    assert begin(rep, b"", name).headers["upload-offset"] == "0"
    assert where(rep, name) == (0, 0)


def test_uploads_that_end_while_room_is_looked_for_are_no_error(tmp_path: Path) -> None:
    """Several photos of one person at a time: what one thread lists, another has finished and removed."""
    spool = Spool(tmp_path)

    def come_and_go(thread: int) -> None:
        for n in range(150):
            writing = spool.begin("somebody", hashlib.sha256(b"%d %d" % (thread, n)).hexdigest(), 10)
            spool.count()
            writing.remove()
            spool.sweep(time.time())

    with ThreadPoolExecutor(max_workers=4) as pool:
        for ended in [pool.submit(come_and_go, thread) for thread in range(4)]:
            ended.result()
    assert spool.count() == (0, 0)
