"""Which photos a visit has to show: the administrator says it, every phone gets it, each visit keeps its type."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.fieldwork import check_in, new_shop, shoot, upload
from tests.support.world import Person, Refused, World


def types_of(person: Person) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = person.get("/api/visit-types", sort="sort")["items"]
    return found


def new_type(boss: Person, name: str, *photos: tuple[str, int], **values: Any) -> str:
    needs = [{"kind": kind, "required": required} for kind, required in photos]
    return boss.create("visit_type", name=name, photos=needs, **values)


def refusal(person: Person, command: str, **args: Any) -> str:
    with pytest.raises(Refused) as refused:
        person.do(command, **args)
    return refused.value.code


def test_a_new_company_asks_for_shop_front_and_shelf(world: World) -> None:
    rep = world.person("rep")
    rep.pull()
    [usual] = rep.cache["visit_type"].values()
    assert (usual["name"], usual["is_default"]) == ("常规拜访", True)
    assert [(one["kind"], one["required"]) for one in usual["photos"]] == [
        ("storefront", 1), ("shelf", 1), ("order_book", 0), ("other", 0),
    ]  # fmt: skip


def test_a_type_with_a_kind_of_the_companys_own_reaches_the_phone_and_its_photos_keep_it(world: World) -> None:
    boss, rep = world.person("boss"), world.person("rep")
    rep.pull()
    freezer = boss.create("option", list_name="photo_kind", name="冰柜")
    delivery = new_type(boss, "送货", (freezer, 2), ("storefront", 0))
    rep.pull()
    assert rep.cache["visit_type"][delivery]["photos"] == [
        {"kind": freezer, "required": 2},
        {"kind": "storefront", "required": 0},
    ]
    shop = new_shop(rep)
    arrive = check_in(rep, shop, visit_type_id=delivery)
    visit_id = arrive["args"]["id"]
    shot = shoot(rep, visit_id, shop, kind=freezer)
    assert [one["status"] for one in rep.push(arrive, shot.op)] == ["applied", "applied"]
    assert rep.get(f"/api/visits/{visit_id}")["visit_type_id"] == delivery
    photo = rep.get(f"/api/photos/{shot.id}")
    assert (photo["kind"], photo["kind_id"]) == ("other", freezer)


def test_a_kind_or_type_that_nobody_knows_holds_no_work_back(world: World) -> None:
    rep = world.person("rep")
    rep.pull()
    shop = new_shop(rep)
    nowhere = "0190f2c4-0000-7000-8000-0000000000ff"
    stage = world.option("sales_stage", "成交")
    arrive = check_in(rep, shop, visit_type_id=nowhere)
    visit_id = arrive["args"]["id"]
    shots = [shoot(rep, visit_id, shop, kind=kind) for kind in (nowhere, stage, "freezer")]
    assert {one["status"] for one in rep.push(arrive, *[shot.op for shot in shots])} == {"applied"}
    assert rep.get(f"/api/visits/{visit_id}")["visit_type_id"] is None
    for shot in shots:
        photo = rep.get(f"/api/photos/{shot.id}")
        assert (photo["kind"], photo["kind_id"]) == ("other", None)


def test_the_type_may_be_put_right_during_the_visit(world: World) -> None:
    boss, rep = world.person("boss"), world.person("rep")
    rep.pull()
    short = new_type(boss, "路过", ("storefront", 1))
    arrive = check_in(rep, new_shop(rep))
    rep.push(arrive)
    rep.do("visit.edit", id=arrive["args"]["id"], set={"visit_type_id": [None, short]})
    assert rep.get(f"/api/visits/{arrive['args']['id']}")["visit_type_id"] == short


def test_there_is_one_default_and_it_stays_in_use(world: World) -> None:
    boss = world.person("boss")
    [usual] = types_of(boss)
    short = new_type(boss, "路过", ("storefront", 1), is_default=True)
    assert {one["id"]: one["is_default"] for one in types_of(boss)} == {usual["id"]: False, short: True}
    assert refusal(boss, "visit_type.edit", id=short, set={"enabled": [True, False]}) == "visit_type_default_off"
    boss.do("visit_type.edit", id=usual["id"], set={"enabled": [True, False]})
    assert refusal(boss, "visit_type.edit", id=usual["id"], set={"is_default": [False, True]}) == (
        "visit_type_default_off"
    )


@pytest.mark.parametrize(
    ("photos", "code"),
    [
        ([], "visit_photos_malformed"),
        ("storefront", "visit_photos_malformed"),
        ([{"kind": "storefront", "required": 21}], "visit_photos_malformed"),
        ([{"kind": "storefront", "required": -1}], "visit_photos_malformed"),
        ([{"kind": "storefront", "required": 1.5}], "visit_photos_malformed"),
        ([{"kind": "storefront", "needed": 1}], "visit_photos_malformed"),
        ([{"kind": "storefront"}, {"kind": "storefront", "required": 2}], "visit_photos_twice"),
        ([{"kind": "freezer"}], "photo_kind_unknown"),
    ],
)
def test_what_no_camera_could_follow_is_refused(world: World, photos: Any, code: str) -> None:
    boss = world.person("boss")
    [usual] = types_of(boss)
    change = {"photos": [usual["photos"], photos]}
    assert refusal(boss, "visit_type.edit", id=usual["id"], set=change) == code
    assert types_of(boss) == [usual]


def test_names_are_told_apart(world: World) -> None:
    boss = world.person("boss")
    values = {"name": "常规拜访", "photos": [{"kind": "other"}]}
    assert refusal(boss, "visit_type.create", id="0190f2c4-0000-7000-8000-000000000001", values=values) == (
        "visit_type_exists"
    )


def test_only_who_runs_the_company_changes_it(world: World) -> None:
    [usual] = types_of(world.person("clerk"))
    for name in ("rep", "manager", "clerk"):
        change = {"name": [usual["name"], "别的"]}
        assert refusal(world.person(name), "visit_type.edit", id=usual["id"], set=change) == "forbidden"


def test_a_visit_that_ends_with_fewer_photos_than_its_type_requires_is_told_and_not_refused(world: World) -> None:
    boss, rep, manager = world.person("boss"), world.person("rep"), world.person("manager")
    freezer = boss.create("option", list_name="photo_kind", name="冰柜")
    check = new_type(boss, "陈列检查", ("storefront", 1), (freezer, 2), ("shelf", 0))
    rep.pull()
    shop = new_shop(rep)

    def lacks() -> int | None:
        found: int | None = rep.get(f"/api/visits/{visit_id}")["missing_photos"]
        return found

    arrive = check_in(rep, shop, visit_type_id=check)
    visit_id = arrive["args"]["id"]
    front, one = shoot(rep, visit_id, shop), shoot(rep, visit_id, shop, kind=freezer)
    rep.push(arrive, front.op, one.op)
    assert lacks() is None  # it is going on
    [left] = rep.push(rep.op("visit.check_out", {"id": visit_id, "at": datetime.now(UTC).isoformat()}))
    assert (left["status"], lacks()) == ("applied", 1)

    today = manager.get("/api/team/today")
    [behind] = [person for person in today["reps"] if person["employee_id"] == rep.id]
    assert behind["numbers"]["incomplete_visits"] == 1
    link = behind["links"]["incomplete_visits"]
    assert [row["id"] for row in manager.get(link["path"], **link["params"])["items"]] == [visit_id]
    assert [row["id"] for row in manager.get("/api/visits", missing_photos__ge="1")["items"]] == [visit_id]
    day = manager.get(f"/api/team/{rep.id}/day")
    assert next(event for event in day["events"] if event["kind"] == "check_in")["missing"] == 1

    late = shoot(rep, visit_id, shop, kind=freezer)
    rep.push(late.op)
    assert lacks() == 0
    assert "missing" not in next(
        event for event in manager.get(f"/api/team/{rep.id}/day")["events"] if event["kind"] == "check_in"
    )
    rep.do("photo.withdraw", id=front.id)
    assert lacks() == 1
    stricter = [{"kind": "storefront", "required": 5}]
    row = boss.get(f"/api/visit-types/{check}")
    boss.do("visit_type.edit", id=check, set={"photos": [row["photos"], stricter]})
    assert upload(rep, late.photo.jpeg, late.photo.sha256).status_code == 201
    assert lacks() == 1  # rules of today do not mark visits of the past
    plain = new_type(boss, "送货", ("order_book", 0))
    rep.do("visit.edit", id=visit_id, set={"visit_type_id": [check, plain]})
    assert lacks() == 0
