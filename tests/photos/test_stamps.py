"""Stamped copies: what stands on them, who gets one, and how its code is checked by anybody of the company."""

import hashlib
import io
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from sqlalchemy import text

from media.codes import photo_code
from media.drawing import draw_shop
from server.photos.stamp import StampLines, stamped
from tests.support.fieldwork import new_shop, shoot, upload, visit_with_photo
from tests.support.world import Person, Refused, World

LINES = StampLines("王记超市", "2026-11-28 10:30:15", "36.06730, 120.38260 ±12 m", "张三", "NENT-QAXB-NENZ")


def jpeg(width: int, height: int) -> bytes:
    out = io.BytesIO()
    draw_shop(3, "王记超市").resize((width, height)).save(out, "JPEG", quality=90)
    return out.getvalue()


def changed(before: bytes, after: bytes) -> tuple[int, int]:
    """The first and the last row of pixels that clearly differ."""
    one, two = (Image.open(io.BytesIO(data)).convert("L") for data in (before, after))
    assert one.size == two.size
    width, height = one.size
    a, b = one.tobytes(), two.tobytes()
    rows = [
        y
        for y in range(height)
        if sum(abs(a[y * width + x] - b[y * width + x]) > 60 for x in range(width)) > width // 8
    ]
    return rows[0], rows[-1]


@pytest.mark.parametrize("size", [(1280, 960), (960, 1280), (320, 240)])
def test_the_stamp_covers_the_foot_and_leaves_the_rest(size: tuple[int, int]) -> None:
    plain = jpeg(*size)
    first, last = changed(plain, stamped(plain, LINES))
    assert first > size[1] * 0.6
    assert last > size[1] * 0.98


def test_every_line_is_drawn_and_names_of_any_length_fit() -> None:
    plain = jpeg(640, 480)
    copies = {
        stamped(plain, lines)
        for lines in (
            LINES,
            replace(LINES, customer="李氏便利店"),
            replace(LINES, when="2026-11-28 10:30:16"),
            replace(LINES, where="无定位"),
            replace(LINES, who="李四"),
            replace(LINES, code="NENT-QAXB-NENX"),
            replace(LINES, mark="相册照片"),
            replace(LINES, language="en"),
            replace(LINES, customer="超长" * 200),
            replace(LINES, customer="word " * 200),
        )
    }
    assert len(copies) == 10
    for copy in copies:
        picture = Image.open(io.BytesIO(copy))
        assert (picture.size, dict(picture.getexif())) == ((640, 480), {})


def test_chinese_is_drawn_with_the_bundled_font() -> None:
    """A missing glyph is the same box for every character."""
    plain = jpeg(640, 480)
    assert stamped(plain, replace(LINES, who="张")) != stamped(plain, replace(LINES, who="章"))


def copy_of(person: Person, photo_id: str, **params: str) -> Any:
    return person.client.get(f"/media/v1/photos/{photo_id}/stamped", params=params)


def test_the_evidence_stays_as_it_was_and_the_copy_is_for_who_may_see_the_photo(world: World) -> None:
    rep, manager, stranger = world.person("rep"), world.person("manager"), world.person("stranger")
    _, shot = visit_with_photo(rep, new_shop(rep))
    copy = copy_of(manager, shot.id)
    assert (copy.status_code, copy.headers["content-type"]) == (200, "image/jpeg")
    plain = manager.client.get(f"/media/v1/photos/{shot.id}/large").content
    changed(plain, copy.content)
    assert not Image.open(io.BytesIO(copy.content)).getexif()
    original = manager.client.get(f"/media/v1/photos/{shot.id}/original").content
    assert hashlib.sha256(original).hexdigest() == shot.photo.sha256
    assert copy_of(stranger, shot.id).status_code == 404
    assert copy_of(manager, shot.id, lang="en").content != copy.content
    again = manager.client.get(f"/media/v1/photos/{shot.id}/stamped", headers={"if-none-match": copy.headers["etag"]})
    assert again.status_code == 304


def test_a_renamed_customer_is_stamped_under_the_new_name(world: World) -> None:
    rep = world.person("rep")
    shop = new_shop(rep, "旧名超市")
    _, shot = visit_with_photo(rep, shop)
    before = copy_of(rep, shot.id)
    rep.do("customer.edit", id=shop, set={"name": ["旧名超市", "新名超市"]})
    after = copy_of(rep, shot.id)
    assert before.headers["etag"] != after.headers["etag"]
    assert before.content != after.content


def test_a_photo_that_has_not_arrived_has_no_copy(world: World) -> None:
    rep = world.person("rep")
    shop = new_shop(rep)
    visit_id, _ = visit_with_photo(rep, shop)
    waiting = shoot(rep, visit_id, shop)
    rep.push(waiting.op)
    answer = copy_of(rep, waiting.id)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_uploaded")


def test_anybody_of_the_company_learns_whether_a_code_is_genuine(world: World) -> None:
    rep, manager, stranger = world.person("rep"), world.person("manager"), world.person("stranger")
    shop = new_shop(rep)
    _, shot = visit_with_photo(rep, shop)
    code = photo_code(shot.photo.sha256)
    assert rep.get(f"/api/photos/{shot.id}")["code"] == code
    rep.pull()
    assert rep.cache["photo"][shot.id]["code"] == code

    seen = manager.get(f"/api/verify/{code.lower().replace('-', '')}")
    assert seen["code"] == code
    [photo] = seen["photos"]
    taken = datetime.fromisoformat(rep.get(f"/api/photos/{shot.id}")["taken_at"])
    assert photo["when"] == taken.astimezone(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m-%d %H:%M:%S")
    assert (photo["customer"], photo["who"], photo["verdict"]) == ("王记超市", "张三", "verified")
    assert "36.067" in photo["where"]
    assert "距客户" in photo["where"]
    assert (photo["id"], photo["has_picture"]) == (shot.id, True)

    [facts] = stranger.get(f"/api/verify/{code}")["photos"]
    assert (facts["id"], facts["has_picture"]) == (None, False)
    assert {key: facts[key] for key in ("customer", "when", "where", "who", "verdict")} == {
        key: photo[key] for key in ("customer", "when", "where", "who", "verdict")
    }


def test_a_manager_who_decided_is_believed(world: World) -> None:
    rep, manager = world.person("rep"), world.person("manager")
    _, shot = visit_with_photo(rep, new_shop(rep), place=(36.2, 120.5))
    code = photo_code(shot.photo.sha256)
    assert rep.get(f"/api/verify/{code}")["photos"][0]["verdict"] == "suspect"
    manager.do("photo.overrule", id=shot.id, verdict="verified", note="路过")
    assert rep.get(f"/api/verify/{code}")["photos"][0]["verdict"] == "verified"


def test_bytes_handed_in_twice_lead_to_the_first_photo(world: World) -> None:
    rep, other = world.person("rep"), world.person("rep2")
    _, shot = visit_with_photo(rep, new_shop(rep))
    second = new_shop(other, "别家")
    visit_id, _ = visit_with_photo(other, second)
    copied = shoot(other, visit_id, second)
    copied.op["args"].update(capture=shot.photo.capture, signature=shot.photo.signature)
    other.push(copied.op)
    upload(other, shot.photo.jpeg, shot.photo.sha256)
    found = rep.get(f"/api/verify/{photo_code(shot.photo.sha256)}")["photos"]
    assert [(one["customer"], one["who"], one["verdict"]) for one in found] == [
        ("王记超市", "张三", "verified"),
        ("别家", "李四", "suspect"),
    ]


@pytest.mark.parametrize(("typed", "code"), [("NENT-QAXB-NENZ", "code_unknown"), ("NENT-QAXB-NENX", "code_mistyped")])
def test_a_code_of_nobody_is_not_genuine_and_a_typing_error_is_told_apart(
    world: World, typed: str, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        world.person("rep").get(f"/api/verify/{typed}")
    assert (refused.value.status, refused.value.code) == (404, code)


def test_a_code_is_no_business_of_somebody_who_is_not_signed_in(world: World) -> None:
    rep = world.person("rep")
    _, shot = visit_with_photo(rep, new_shop(rep))
    rep.client.cookies.clear()
    answer = rep.client.get(f"/api/verify/{photo_code(shot.photo.sha256)}")
    assert (answer.status_code, "王记" in answer.text) == (401, False)


def test_a_photo_from_before_there_were_codes_is_stamped_without_one(world: World) -> None:
    rep = world.person("rep")
    _, shot = visit_with_photo(rep, new_shop(rep))
    with_code = copy_of(rep, shot.id)
    line = text("UPDATE photo SET code = NULL")
    world.app.state.services.writer.call(lambda session: session.execute(line) and None)
    copy = copy_of(rep, shot.id)
    assert copy.status_code == 200
    assert copy.headers["content-disposition"] == f'inline; filename="{shot.id}.jpg"'
    assert copy.headers["etag"] != with_code.headers["etag"]
    with Image.open(io.BytesIO(copy.content)) as picture, Image.open(io.BytesIO(with_code.content)) as other:
        assert picture.size == other.size
        assert picture.tobytes() != other.tobytes()
