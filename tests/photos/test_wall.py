"""The photo wall: a manager looks through the day's photos, suspects first, in pages that neither skip nor repeat."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from server.photos import wall
from tests.support.fieldwork import check_in, new_shop, shoot, upload, visit_with_photo
from tests.support.world import Person, Refused, World

ZONE = ZoneInfo("Asia/Shanghai")
FAR = (36.2, 120.5)


def rows_of(page: dict[str, Any]) -> list[dict[str, Any]]:
    return [dict(zip(page["columns"], row, strict=True)) for row in page["items"]]


def whole_wall(person: Person, **params: Any) -> list[dict[str, Any]]:
    page = person.get("/api/evidence/wall", **params)
    found = rows_of(page)
    while page["next"]:
        page = person.get("/api/evidence/wall", **params, after=page["next"])
        found += rows_of(page)
    return found


def test_suspects_come_first_then_the_latest_with_the_customers_names(world: World) -> None:
    rep, rep2, manager = world.person("rep"), world.person("rep2"), world.person("manager")
    shop, other = new_shop(rep), new_shop(rep2, "李氏便利店")
    _, honest = visit_with_photo(rep, shop)
    _, far = visit_with_photo(rep2, other, place=FAR)
    _, later = visit_with_photo(rep2, other)
    page = manager.get("/api/evidence/wall")
    rows = rows_of(page)
    assert [row["id"] for row in rows] == [far.id, later.id, honest.id]
    assert [row["attention"] for row in rows] == [3, 0, 0]
    assert page["total"] == 3
    assert page["refs"]["customer"] == {shop: "王记超市", other: "李氏便利店"}
    assert rows[2]["taken_by"] == rep.id
    manager.do("photo.overrule", id=far.id, verdict="verified", note="电话核实")
    decided = whole_wall(manager)
    assert [row["id"] for row in decided] == [later.id, far.id, honest.id]
    assert decided[1]["overruled_to"] == "verified"


def test_pages_neither_skip_nor_repeat_while_work_goes_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wall, "PAGE", 2)
    rep, manager = world.person("rep"), world.person("manager")
    shop = new_shop(rep)
    rep.pull()
    arrive = check_in(rep, shop)
    same = datetime.now(UTC)
    shots = [shoot(rep, arrive["args"]["id"], shop, at=same) for _ in range(5)]
    rep.push(arrive, *(shot.op for shot in shots))
    first = manager.get("/api/evidence/wall")
    assert (first["total"], len(first["items"])) == (5, 2)
    for shot in shots:
        upload(rep, shot.photo.jpeg, shot.photo.sha256)  # judged, and so in another place, while one looks on
    visit_with_photo(rep, shop)
    rest = rows_of(first)
    page = first
    while page["next"]:
        page = manager.get("/api/evidence/wall", after=page["next"])
        assert page["total"] is None
        rest += rows_of(page)
    assert {shot.id for shot in shots} <= {row["id"] for row in rest}
    again = [row["id"] for row in whole_wall(manager)]
    assert len(again) == len(set(again)) == 6


def test_nobody_sees_a_colleagues_photos(world: World) -> None:
    rep, colleague = world.person("rep"), world.person("rep2")
    visit_with_photo(rep, new_shop(rep))
    assert len(whole_wall(rep)) == 1
    for person in (colleague, world.person("stranger")):
        page = person.get("/api/evidence/wall")
        assert (page["items"], page["total"], page["refs"]["customer"]) == ([], 0, {})


def test_days_are_the_companys_and_have_bounds(world: World) -> None:
    rep, manager = world.person("rep"), world.person("manager")
    shop = new_shop(rep)
    rep.pull()
    today = datetime.now(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    arrive = check_in(rep, shop, today - timedelta(minutes=30))
    before, after = (
        shoot(rep, arrive["args"]["id"], shop, at=today + timedelta(seconds=seconds)) for seconds in (-1, 0)
    )
    rep.push(arrive, before.op, after.op)
    day, yesterday = today.date(), today.date() - timedelta(days=1)
    assert [row["id"] for row in whole_wall(manager, until=day.isoformat())] == [after.id]
    assert [row["id"] for row in whole_wall(manager, until=yesterday.isoformat())] == [before.id]
    both = whole_wall(manager, since=yesterday.isoformat(), until=day.isoformat())
    assert {row["id"] for row in both} == {before.id, after.id}
    for since, until in ((yesterday, yesterday), (day, day), (yesterday, day), (day - timedelta(days=6), day)):
        period = {"since": since.isoformat(), "until": until.isoformat()}
        trusted = sum(row["photos"] for row in manager.get("/api/evidence/by-person", **period))
        assert trusted == len(whole_wall(manager, **period)), "what is said of the photos, and the photos, differ"
    for params, code in (
        ({"since": "2020-01-01"}, "too_many_days"),
        ({"since": day.isoformat(), "until": yesterday.isoformat()}, "days_reversed"),
        ({"after": "bm9uc2Vuc2U"}, "wrong_type"),
        ({"after": "WzEsMixudWxsXQ"}, "wrong_type"),
    ):
        with pytest.raises(Refused) as refused:
            manager.get("/api/evidence/wall", **params)
        assert refused.value.code == code
