"""Photos through the public API: judged when record and bytes are both there, whatever they are, and never lost."""

import hashlib
import io
import resource
import struct
import threading
import time
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from media.evidence import Verdict, judge
from server.photos import service
from server.photos.recheck import recheck
from server.records.ids import uuid7
from tests.support.fieldwork import NEAR, Shot, check_in, codes, new_shop, shoot, upload, uploaded, visit_with_photo
from tests.support.world import Person, Refused, World

REAL = Path(__file__).parents[2].parent / "shared" / "photos"


def photo_of(person: Person, photo_id: str) -> dict[str, Any]:
    found: dict[str, Any] = person.get(f"/api/photos/{photo_id}")
    return found


def visit_of(person: Person, visit_id: str) -> dict[str, Any]:
    found: dict[str, Any] = person.get(f"/api/visits/{visit_id}")
    return found


def test_an_honest_photo_is_verified_and_becomes_the_shops_picture(world: World) -> None:
    rep = world.person("rep")
    shop = new_shop(rep)
    visit_id, shot = visit_with_photo(rep, shop)
    photo, visit = photo_of(rep, shot.id), visit_of(rep, visit_id)
    assert (photo["verdict"], codes(photo), photo["time_certainty"]) == ("verified", [], "exact")
    assert (photo["width"], photo["height"], photo["size"]) == (640, 480, len(shot.photo.jpeg))
    assert photo["lat"] == pytest.approx(NEAR[0])
    assert photo["distance"] == pytest.approx(25, abs=4)
    assert (visit["evidence"], visit["photo_count"], visit["evidence_score"]) == ("verified", 1, 100)
    assert rep.get(f"/api/customers/{shop}")["storefront_photo"] == shot.id
    assert "capture" not in photo


@pytest.mark.parametrize("first", ["record", "bytes"])
def test_record_and_bytes_may_come_in_any_order(world: World, first: str) -> None:
    rep = world.person("rep")
    shop = new_shop(rep)
    rep.pull()
    arrive = check_in(rep, shop)
    visit_id = arrive["args"]["id"]
    shot = shoot(rep, visit_id, shop)
    rep.push(arrive)
    if first == "record":
        rep.push(shot.op)
        assert photo_of(rep, shot.id)["verdict"] == "pending"
        assert visit_of(rep, visit_id)["evidence"] == "pending"
        assert upload(rep, shot.photo.jpeg, shot.photo.sha256).status_code == 201
        assert photo_of(rep, shot.id)["verdict"] == "verified"
    else:
        assert uploaded(rep, shot.photo.sha256) is None
        assert upload(rep, shot.photo.jpeg, shot.photo.sha256).status_code == 201
        assert uploaded(rep, shot.photo.sha256) == len(shot.photo.jpeg)
        [result] = rep.push(shot.op)
        assert result["result"]["verdict"] == "verified"
    assert upload(rep, shot.photo.jpeg, shot.photo.sha256).status_code == 201
    assert visit_of(rep, visit_id)["evidence"] == "verified"
    history = rep.get(f"/api/photos/{shot.id}/history")
    judged = [entry for entry in history if entry["command"] == "photo.judge"]
    assert judged
    assert all(entry["employee_id"] != rep.id for entry in judged)


def test_record_and_bytes_at_the_same_moment_find_each_other(world: World) -> None:
    rep = world.person("rep")
    shop = new_shop(rep)
    rep.pull()
    arrive = check_in(rep, shop)
    rep.push(arrive)
    shots = [shoot(rep, arrive["args"]["id"], shop, seed=seed) for seed in range(8)]
    with ThreadPoolExecutor(max_workers=4) as pool:
        answers = [pool.submit(upload, rep, shot.photo.jpeg, shot.photo.sha256) for shot in shots]
        answers += [pool.submit(rep.push, shot.op) for shot in shots]
        for answer in answers:
            answer.result()
    assert {photo["verdict"] for photo in rep.get("/api/photos")["items"]} == {"verified"}
    visit = visit_of(rep, arrive["args"]["id"])
    assert (visit["evidence"], visit["photo_count"]) == ("verified", 8)


@pytest.mark.parametrize("bytes_first", [False, True], ids=["record first", "bytes first"])
def test_a_copy_at_the_same_moment_as_its_original_is_seen(
    world: World, monkeypatch: pytest.MonkeyPatch, bytes_first: bool
) -> None:
    """On PostgreSQL the two are judged in two transactions, of which neither sees the other's rows."""
    owner, forger = world.person("rep"), world.person("rep2")
    original, copy = (_shot_of_one_picture(person) for person in (owner, forger))
    both = ((owner, original), (forger, copy))
    last: list[Callable[[], Any]]
    if bytes_first:
        assert upload(owner, original.photo.jpeg, original.photo.sha256).status_code == 201
        assert upload(forger, copy.photo.jpeg, copy.photo.sha256).status_code == 201
        last = [partial(person.push, shot.op) for person, shot in both]
    else:
        for person, shot in both:
            person.push(shot.op)
        last = [partial(upload, person, shot.photo.jpeg, shot.photo.sha256) for person, shot in both]
    meeting = threading.Barrier(2)

    def meet(*args: Any, **more: Any) -> Verdict:
        verdict = judge(*args, **more)
        with suppress(threading.BrokenBarrierError):
            meeting.wait(0.5)
        return verdict

    monkeypatch.setattr(service, "judge", meet)
    with ThreadPoolExecutor(max_workers=2) as pool:
        answers = [pool.submit(last[0])]
        time.sleep(0.1)  # in one transaction they would see each other
        answers.append(pool.submit(last[1]))
        for answer in answers:
            answer.result()
    photos = world.person("boss").get("/api/photos")["items"]
    first, second = sorted(photos, key=lambda photo: (photo["created_at"], photo["id"]))
    assert (first["verdict"], codes(first)) == ("verified", [])
    assert (second["verdict"], codes(second)) == ("suspect", ["picture_seen_before"])


def _shot_of_one_picture(person: Person) -> Shot:
    shop = new_shop(person, f"王记超市 {person.id}")
    person.pull()
    arrive = check_in(person, shop)
    person.push(arrive)
    return shoot(person, arrive["args"]["id"], shop, seed=3007)


def test_forgeries_are_suspect_and_the_worst_photo_marks_the_visit(world: World) -> None:
    rep, other = world.person("rep"), world.person("rep", "second phone")
    shop, far_shop = new_shop(rep), new_shop(rep, "远处的店", geo_lat=36.3, geo_lng=120.5)
    visit_id, honest = visit_with_photo(rep, shop)
    other.pull()

    def hand_in(shot: Any, data: bytes | None = None) -> dict[str, Any]:
        [result] = rep.push(shot.op)
        assert result["status"] == "applied"
        assert upload(rep, data or shot.photo.jpeg, shot.photo.sha256).status_code == 201
        return photo_of(rep, shot.id)

    elsewhere = hand_in(shoot(rep, visit_id, shop, place=(36.2, 120.5), seed=2))
    assert (elsewhere["verdict"], codes(elsewhere)) == ("suspect", ["far_from_customer"])
    assert visit_of(rep, visit_id)["evidence"] == "suspect"

    yesterday = datetime.now(UTC) - timedelta(days=1)
    backdated = hand_in(shoot(rep, visit_id, shop, seed=3).signed(rep, taken_at=yesterday.isoformat()))
    assert backdated["verdict"] == "suspect"
    assert "before_token" in codes(backdated)

    stolen_key = hand_in(shoot(rep, visit_id, shop, seed=4).signed(other))
    assert "signature_wrong" in codes(stolen_key)

    arrive = check_in(rep, far_shop)
    rep.push(arrive)
    again = shoot(rep, arrive["args"]["id"], far_shop)
    again.op["args"].update(capture=honest.photo.capture, signature=honest.photo.signature)
    rep.push(again.op)
    reused = photo_of(rep, again.id)
    assert reused["verdict"] == "suspect"
    assert {"other_visit", "other_customer", "seen_before"} <= set(codes(reused))
    assert photo_of(rep, honest.id)["verdict"] == "verified"  # the first of two is not accused by the second


def png(width: int, height: int) -> bytes:
    """A PNG that only claims its size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


def jpeg_with_absurd_exif() -> bytes:
    """EXIF with a directory of 65,535 entries, each a billion rationals long."""
    entry = struct.pack("<HHII", 0x8769, 5, 1_000_000_000, 8)
    block = b"II*\0\x08\0\0\0" + struct.pack("<H", 65_535) + entry * 100
    out = io.BytesIO()
    Image.new("RGB", (32, 32)).save(out, "JPEG", exif=b"Exif\0\0" + block)
    return out.getvalue()


def half_a_jpeg() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((400, 300), 90).convert("RGB").save(out, "JPEG")
    return out.getvalue()[: len(out.getvalue()) // 2]


BAD = {
    "no image": (lambda: b"#!/bin/sh\necho hello\n" * 50, "not_an_image", True),
    "nothing": (lambda: b"", "not_an_image", True),
    "200 megapixels": (lambda: png(20_000, 10_000), "too_many_pixels", True),
    "cut in half": (half_a_jpeg, "truncated", True),
    "absurd exif": (jpeg_with_absurd_exif, "exif_damaged", False),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_stored_and_flagged(world: World, name: str) -> None:
    make, code, broken = BAD[name]
    data = make()
    sha256 = hashlib.sha256(data).hexdigest()
    rep = world.person("rep")
    shop = new_shop(rep)
    rep.pull()
    arrive = check_in(rep, shop)
    shot = shoot(rep, arrive["args"]["id"], shop).signed(rep, sha256=sha256)
    rep.push(arrive, shot.op)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert upload(rep, data, sha256).status_code == 201
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150_000  # KB

    photo = photo_of(rep, shot.id)
    assert photo["verdict"] == "unverified"
    assert code in codes(photo)
    original = rep.client.get(f"/media/v1/photos/{shot.id}/original")
    assert original.content == data
    assert original.headers["x-content-type-options"] == "nosniff"
    if broken:
        assert original.headers["content-disposition"].startswith("attachment")
        assert original.headers["content-type"] == "application/octet-stream"
        small = rep.client.get(f"/media/v1/photos/{shot.id}/small")
        assert (small.status_code, small.json()["code"]) == (404, "no_preview")


@pytest.mark.parametrize(
    ("capture", "code"),
    [
        ("not json", "record_malformed"),
        ("{\x00}", "record_malformed"),
        (None, "record_missing"),
        ("[" * 9000, "record_malformed"),
        ("x" * 20_000, "record_too_large"),
    ],
)
def test_a_record_nobody_can_read_keeps_the_photo(world: World, capture: str | None, code: str) -> None:
    rep = world.person("rep")
    shop = new_shop(rep)
    arrive = check_in(rep, shop)
    args = {"id": uuid7(), "visit_id": arrive["args"]["id"], "customer_id": shop, "kind": "poster"}
    results = rep.push(arrive, rep.op("photo.attach", {**args, "capture": capture, "signature": "x" * 300}))
    assert [result["status"] for result in results] == ["applied", "applied"], results
    photo = photo_of(rep, args["id"])
    assert (photo["verdict"], codes(photo), photo["kind"]) == ("unverified", [code], "other")
    assert visit_of(rep, args["visit_id"])["evidence"] == "unverified"


def test_a_record_of_a_newer_app_still_finds_its_bytes(world: World) -> None:
    rep = world.person("rep")
    shop = new_shop(rep)
    rep.pull()
    arrive = check_in(rep, shop)
    shot = shoot(rep, arrive["args"]["id"], shop).signed(rep, v=2)
    rep.push(arrive, shot.op)
    upload(rep, shot.photo.jpeg, shot.photo.sha256)
    assert photo_of(rep, shot.id)["verdict"] == "unverified"
    assert "record_version" in codes(photo_of(rep, shot.id))


def test_uploads_that_are_not_what_they_say(world: World) -> None:
    rep = world.person("rep")
    wrong = upload(rep, b"abc", hashlib.sha256(b"abd").hexdigest())
    assert (wrong.status_code, wrong.json()["code"]) == (422, "hash_mismatch")
    for name in ("../../etc", "A" * 64, ""):
        assert upload(rep, b"abc", name).json()["code"] == "wrong_type"
    large = b"\0" * (25 * 2**20 + 1)
    answer = upload(rep, large, hashlib.sha256(large).hexdigest())
    assert (answer.status_code, answer.json()["code"]) == (413, "blob_too_large")
    rep.client.cookies.clear()
    assert upload(rep, b"abc", hashlib.sha256(b"abc").hexdigest()).status_code == 401


def test_pictures_are_seen_by_those_who_see_the_visit(world: World) -> None:
    rep, manager, stranger = world.person("rep"), world.person("manager"), world.person("stranger")
    _, shot = visit_with_photo(rep, new_shop(rep))
    for size in ("original", "large", "small"):
        path = f"/media/v1/photos/{shot.id}/{size}"
        seen = manager.client.get(path)
        assert (seen.status_code, seen.headers["content-type"]) == (200, "image/jpeg")
        assert "immutable" in seen.headers["cache-control"]
        assert seen.headers["content-security-policy"].startswith("default-src 'none'")
        assert manager.client.get(path, headers={"if-none-match": seen.headers["etag"]}).status_code == 304
        assert stranger.client.get(path).status_code == 404
    assert rep.client.get(f"/media/v1/photos/{shot.id}/original").content == shot.photo.jpeg
    assert Image.open(io.BytesIO(rep.client.get(f"/media/v1/photos/{shot.id}/small").content)).size == (320, 240)
    assert rep.client.get(f"/media/v1/photos/{shot.id}/huge").status_code in (400, 404)


def test_a_manager_overrules_with_a_note_and_nobody_his_own(world: World) -> None:
    rep, manager = world.person("rep"), world.person("manager")
    visit_id, shot = visit_with_photo(rep, new_shop(rep), place=(36.2, 120.5))
    assert visit_of(rep, visit_id)["evidence"] == "suspect"
    for person, note, code in ((rep, "真的", "forbidden"), (manager, "  ", "required")):
        with pytest.raises(Refused) as refused:
            person.do("photo.overrule", id=shot.id, verdict="verified", note=note)
        assert refused.value.code == code
    manager.do("photo.overrule", id=shot.id, verdict="verified", note="客户搬家，已电话确认")
    photo = photo_of(rep, shot.id)
    assert (photo["verdict"], photo["overruled_to"], photo["overruled_by"]) == ("suspect", "verified", manager.id)
    assert visit_of(rep, visit_id)["evidence"] == "verified"
    assert manager.get(f"/api/photos/{shot.id}/history")[0]["employee_id"] == manager.id

    _, own = visit_with_photo(manager, new_shop(manager, "经理的店"), seed=9)
    with pytest.raises(Refused) as refused:
        manager.do("photo.overrule", id=own.id, verdict="verified", note="我自己")
    assert refused.value.code == "own_photo"


def test_judging_is_the_servers_alone(world: World) -> None:
    boss = world.person("boss")
    assert boss.client.post("/api/commands/photo.judge", json={"id": uuid7()}).status_code in (404, 405)
    [result] = boss.push(boss.op("photo.judge", {"id": uuid7()}))
    assert (result["status"], result["code"]) == ("held", "unknown_command")


def test_photos_can_be_judged_again_with_what_is_known_today(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    visit_id, shot = visit_with_photo(rep, new_shop(rep), place=(36.0711, 120.3826))
    assert codes(photo_of(rep, shot.id)) == ["far_from_customer"]
    company = boss.get("/api/companies")["items"][0]
    boss.do("company.edit", id=company["id"], set={"geofence_metres": [300, 1000]})
    writer = world.app.state.services.writer
    [difference] = recheck(writer)
    assert (difference.before.verdict, difference.after.verdict) == ("suspect", "verified")
    assert (difference.gone, difference.new) == (["far_from_customer"], [])
    assert visit_of(rep, visit_id)["evidence"] == "suspect"  # nothing was changed
    assert len(list(recheck(writer, apply=True))) == 1
    assert list(recheck(writer)) == []
    assert visit_of(rep, visit_id)["evidence"] == "verified"


def test_a_malformed_device_key_is_a_clear_error_at_login(world: World) -> None:
    key = world.person("rep").key
    for public in ("nonsense", key.public[:-8], ""):
        device = {"id": uuid7(), "name": "phone", "public_key": public}
        body = {"username": "rep", "password": "xunke-test-1", "device": device}
        response = world.person("rep").client.post("/api/login", json=body)
        assert (response.status_code, response.json()["code"]) == (422, "device_key_malformed")


@pytest.mark.slow
@pytest.mark.skipif(not REAL.is_dir(), reason="../shared/photos is not here: no real photos to hand in")
def test_real_photos_from_galleries_are_kept_and_never_suspect(world: World) -> None:
    rep = world.person("rep")
    shop = new_shop(rep)
    rep.pull()
    arrive = check_in(rep, shop)
    rep.push(arrive)
    files = sorted(path for path in REAL.iterdir() if path.suffix in (".jpg", ".heic", ".webp"))
    for file in files:
        data = file.read_bytes()
        sha256 = hashlib.sha256(data).hexdigest()
        shot = shoot(rep, arrive["args"]["id"], shop, kind="other").signed(
            rep, sha256=sha256, source="gallery", capture_id=uuid7(), samples=[]
        )
        [result] = rep.push(shot.op)
        assert result["status"] == "applied"
        assert upload(rep, data, sha256).status_code == 201
        photo = photo_of(rep, shot.id)
        assert photo["verdict"] == "unverified", file.name
        assert "from_gallery" in codes(photo)
        assert rep.client.get(f"/media/v1/photos/{shot.id}/original").content == data
    assert visit_of(rep, arrive["args"]["id"])["photo_count"] == len(files)
