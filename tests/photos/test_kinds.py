"""The company's own kinds of photos, and photos that were set aside, wherever photos are shown or handed on."""

import io
from typing import Any

import openpyxl

from tests.support.fieldwork import Shot, check_in, new_shop, shoot, upload
from tests.support.world import World


def a_visit(world: World) -> tuple[str, Shot, Shot]:
    """A photo of the company's own kind, and one of the shop front that was taken again; (the kind's id, both)."""
    boss, rep = world.person("boss"), world.person("rep")
    freezer: str = boss.create("option", list_name="photo_kind", name="冰柜")
    rep.pull()
    shop = new_shop(rep)
    arrive = check_in(rep, shop)
    visit_id = arrive["args"]["id"]
    own, aside = shoot(rep, visit_id, shop, kind=freezer), shoot(rep, visit_id, shop)
    rep.push(arrive, own.op, aside.op)
    for shot in (own, aside):
        assert upload(rep, shot.photo.jpeg, shot.photo.sha256).status_code == 201
    rep.do("photo.withdraw", id=aside.id)
    return freezer, own, aside


def test_the_wall_and_the_day_name_the_own_kind_and_mark_what_was_set_aside(world: World) -> None:
    freezer, own, aside = a_visit(world)
    manager = world.person("manager")
    wall = manager.get("/api/evidence/wall")
    rows = {row[0]: dict(zip(wall["columns"], row, strict=True)) for row in wall["items"]}
    assert (rows[own.id]["kind"], rows[own.id]["withdrawn_at"]) == (freezer, None)
    assert rows[aside.id]["kind"] == "storefront"
    assert rows[aside.id]["withdrawn_at"] is not None

    day = manager.get(f"/api/team/{world.person('rep').id}/day")
    events = {event["id"]: event for event in day["events"] if event["kind"] == "photo"}
    assert (events[own.id]["photo_kind"], events[own.id].get("withdrawn", False)) == (freezer, False)
    assert (events[aside.id]["photo_kind"], events[aside.id]["withdrawn"]) == ("storefront", True)


def test_reports_and_exports_say_both_in_words(world: World) -> None:
    freezer, own, aside = a_visit(world)
    manager = world.person("manager")

    def rows_of(content: bytes) -> list[dict[str, Any]]:
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active
        heads = [cell.value for cell in sheet[1]]
        return [dict(zip(heads, [cell.value for cell in row], strict=True)) for row in list(sheet.rows)[1:]]

    def reported(**args: Any) -> list[dict[str, Any]]:
        told = {"format": "xlsx", "language": "en", **args}
        return rows_of(manager.client.post("/media/v1/reports/photos", json=told).content)

    first, second = reported(ids=[own.id, aside.id])
    assert (first["Kind"], first["Reasons"]) == ("冰柜", None)
    assert (second["Kind"], second["Reasons"]) == ("Shop front", "Withdrawn")
    [only] = reported(kind=freezer)
    assert only["Kind"] == "冰柜"

    listed = rows_of(manager.client.get("/api/photos/export.xlsx", params={"language": "en"}).content)
    by_kind = {row["Kind"]: row for row in listed}
    assert by_kind["Other"]["Company's kind"] == "冰柜"
    assert by_kind["Shop front"]["Withdrawn"] is not None
