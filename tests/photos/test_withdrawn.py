"""A photo that was taken again: it is kept, and steps back behind the better one."""

import io
from typing import Any

import openpyxl
import pytest

from tests.support.fieldwork import check_in, new_shop, shoot, upload, visit_with_photo
from tests.support.world import Person, Refused, World


def states(person: Person, visit_id: str, photo_id: str) -> tuple[str, int, bool]:
    visit, photo = person.get(f"/api/visits/{visit_id}"), person.get(f"/api/photos/{photo_id}")
    return visit["evidence"], visit["photo_count"], photo["withdrawn_at"] is not None


def arrived(rep: Person, shot: Any) -> None:
    rep.push(shot.op)
    upload(rep, shot.photo.jpeg, shot.photo.sha256)


def test_a_day_without_network_delivers_a_photo_and_its_withdrawal(world: World) -> None:
    rep, manager = world.person("rep"), world.person("manager")
    rep.pull()
    shop = new_shop(rep)
    arrive = check_in(rep, shop)
    visit_id = arrive["args"]["id"]
    blurred = shoot(rep, visit_id, shop)
    better = shoot(rep, visit_id, shop)
    away = rep.op("photo.withdraw", {"id": blurred.id}, needs=[blurred.op["id"]])
    assert {one["status"] for one in rep.push(arrive, blurred.op, better.op, away, away)} == {"applied"}
    assert states(rep, visit_id, blurred.id) == ("pending", 1, True)
    for shot in (better, blurred):
        upload(rep, shot.photo.jpeg, shot.photo.sha256)
    assert states(rep, visit_id, blurred.id) == ("verified", 1, True)
    assert rep.get(f"/api/customers/{shop}")["storefront_photo"] == better.id
    assert manager.get(f"/api/photos/{blurred.id}")["verdict"] == "verified"
    rep.pull()
    assert rep.cache["photo"][blurred.id]["withdrawn_at"] is not None


def test_a_visit_whose_only_photo_was_withdrawn_has_none_and_the_shop_loses_its_picture(world: World) -> None:
    rep = world.person("rep")
    shop = new_shop(rep)
    visit_id, shot = visit_with_photo(rep, shop)
    assert rep.get(f"/api/customers/{shop}")["storefront_photo"] == shot.id
    manager = world.person("manager")
    content = manager.client.get("/api/customers/export.xlsx", params={"columns": "storefront_photo"}).content
    exported = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]["A2"].value
    assert exported == manager.get(f"/api/photos/{shot.id}")["code"]
    rep.do("photo.withdraw", id=shot.id)
    assert states(rep, visit_id, shot.id) == ("none", 0, True)
    assert rep.get(f"/api/customers/{shop}")["storefront_photo"] is None
    again = shoot(rep, visit_id, shop)
    arrived(rep, again)
    assert states(rep, visit_id, again.id) == ("verified", 1, False)
    assert rep.get(f"/api/customers/{shop}")["storefront_photo"] == again.id


def test_an_accusation_is_not_withdrawn(world: World) -> None:
    """Neither one that stands already nor one that comes with bytes that arrive later."""
    rep, manager = world.person("rep"), world.person("manager")
    shop = new_shop(rep)
    visit_id, honest = visit_with_photo(rep, shop)
    far = shoot(rep, visit_id, shop, place=(36.2, 120.5))
    arrived(rep, far)
    rep.do("photo.withdraw", id=far.id)
    assert states(rep, visit_id, far.id) == ("suspect", 2, True)
    assert manager.get("/api/photos", sort="-attention")["items"][0]["id"] == far.id

    late = shoot(rep, visit_id, shop, place=(36.3, 120.5))
    rep.push(late.op)
    rep.do("photo.withdraw", id=late.id)
    assert manager.get(f"/api/photos/{late.id}")["attention"] == 0
    upload(rep, late.photo.jpeg, late.photo.sha256)
    assert states(rep, visit_id, late.id) == ("suspect", 3, True)
    assert manager.get(f"/api/photos/{late.id}")["attention"] == 3

    for photo in (far, late):
        manager.do("photo.overrule", id=photo.id, verdict="verified", note="核实过")
    assert states(rep, visit_id, honest.id) == ("verified", 1, False)


def test_nobody_withdraws_a_colleagues_photo(world: World) -> None:
    rep = world.person("rep")
    visit_id, shot = visit_with_photo(rep, new_shop(rep))
    for name in ("manager", "rep2"):
        with pytest.raises(Refused) as refused:
            world.person(name).do("photo.withdraw", id=shot.id)
        assert refused.value.status == 403
    assert states(rep, visit_id, shot.id) == ("verified", 1, False)
