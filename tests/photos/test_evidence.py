"""What follows from a judgement: a customer's place, a manager's list, figures by person, keeping and checking photos."""

import asyncio
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from server.cli import main
from server.database import Reader, read_engine
from server.photos.intake import judging_context
from server.photos.keeping import Count, Damage, retain, verify
from server.photos.models import blob
from server.records.commands import run
from tests.forgeries.field import HOUR, Field, still
from tests.support.fieldwork import NEAR, SHOP, codes, new_shop, uploaded, visit_with_photo
from tests.support.world import Refused, World


def settings_of(world: World, **changes: Any) -> None:
    boss = world.person("boss")
    company = boss.get("/api/companies")["items"][0]
    boss.do("company.edit", id=company["id"], set={name: [company[name], value] for name, value in changes.items()})


def test_the_first_believed_visit_says_where_the_customer_is_and_can_be_undone(world: World) -> None:
    rep = world.person("rep")
    shop = new_shop(rep, geo_lat=None, geo_lng=None)
    _, shot = visit_with_photo(rep, shop)
    found = rep.get(f"/api/customers/{shop}")
    assert (found["geo_lat"], found["geo_lng"]) == (
        pytest.approx(NEAR[0], abs=1e-4),
        pytest.approx(NEAR[1], abs=1e-4),
    )
    assert found["place_photo"] == shot.id
    set_by = next(e for e in rep.get(f"/api/customers/{shop}/history") if "geo_lat" in e["changes"])
    assert (set_by["command"], set_by["employee_id"] == rep.id) == ("photo.judge", False)

    _, far = visit_with_photo(rep, shop, place=(NEAR[0] + 0.03, NEAR[1]))
    assert "far_from_customer" in codes(rep.get(f"/api/photos/{far.id}"))

    rep.do("customer.forget_place", id=shop)
    assert rep.get(f"/api/customers/{shop}")["geo_lat"] is None
    visit_with_photo(rep, shop)
    assert rep.get(f"/api/customers/{shop}")["geo_lat"] is None  # what was undone stays undone
    with pytest.raises(Refused) as refused:
        rep.do("customer.forget_place", id=new_shop(rep, "有坐标的店"))
    assert refused.value.code == "place_not_from_visit"


def test_a_company_may_not_want_that_and_a_filed_place_stays(world: World) -> None:
    settings_of(world, place_from_visit=False)
    rep = world.person("rep")
    shop = new_shop(rep, geo_lat=None, geo_lng=None)
    visit_with_photo(rep, shop)
    assert rep.get(f"/api/customers/{shop}")["geo_lat"] is None


def test_thresholds_are_the_companys(world: World) -> None:
    rep = world.person("rep")
    shop = new_shop(rep)
    settings_of(world, geofence_metres=20)
    _, shot = visit_with_photo(rep, shop, accuracy_m=1.0)
    assert codes(rep.get(f"/api/photos/{shot.id}")) == ["far_from_customer"]


def judged_again(world: World, photo: str) -> dict[str, Any]:
    world.app.state.services.writer.call(
        lambda session: run(judging_context(session), "photo.judge", 1, {"id": photo}) and None
    )
    row: dict[str, Any] = world.person("boss").get(f"/api/photos/{photo}")
    return row


def positioned_a_minute_ago(field: Field) -> str:
    return field.send_record(samples=still(at=datetime.now(UTC) - timedelta(minutes=1))[:2])


def offline_for_two_hours(field: Field) -> str:
    return field.send_record(time_token=field.token(field.person(), 2 * HOUR), since_token_ms=None)


def half_an_hour_fast(field: Field) -> str:
    return field.send(field.shot(at=datetime.now(UTC) + timedelta(minutes=30)))


def twenty_kilometres_in_ten_minutes(field: Field) -> str:
    north, now = (SHOP[0] + 0.18, SHOP[1]), datetime.now(UTC)
    token: dict[str, Any] = {"time_token": field.token(field.person(), HOUR), "token_issued": now - HOUR}
    field.send(field.shot(at=now - timedelta(minutes=10), **token))
    shop = field.shop(geo_lat=north[0], geo_lng=north[1])
    return field.send(field.shot(shop=shop, place=north, at=now, **token))


def a_copy_saved_again(field: Field) -> str:
    return field.copy(lambda found: found, 3001, quality=35)


@pytest.mark.parametrize(
    ("what", "code", "found", "setting", "value"),
    [
        (positioned_a_minute_ago, "position_stale", False, "stale_position_seconds", 30),
        (offline_for_two_hours, "long_offline", False, "offline_hours", 1),
        (half_an_hour_fast, "after_receipt", True, "clock_tolerance_minutes", 60),
        (twenty_kilometres_in_ten_minutes, "travel_fast", False, "travel_kmh", 60),
        (a_copy_saved_again, "picture_seen_before", True, "picture_distance", 0),
    ],
)
def test_each_threshold_is_a_setting_of_the_company(
    world: World, what: Callable[[Field], str], code: str, found: bool, setting: str, value: int
) -> None:
    photo = what(Field(world))
    assert (code in codes(world.person("boss").get(f"/api/photos/{photo}"))) is found
    settings_of(world, **{setting: value})
    assert (code in codes(judged_again(world, photo))) is not found


def test_a_photo_whose_own_place_is_doubted_is_no_witness_against_the_next(world: World) -> None:
    field, beijing = Field(world), (39.9042, 116.4074)
    shot = field.shot(shop=field.shop(geo_lat=beijing[0], geo_lng=beijing[1]), place=beijing)
    before, after = field.samples(shot)[:2], field.samples(shot)[2:]
    doubted = field.send_record(shot, samples=[*({**one, "lat": one["lat"] + 0.05} for one in before), *after])
    assert codes(field.result(doubted)) == ["position_jump"]
    assert codes(field.result(field.send(field.shot()))) == []


def test_what_happens_after_a_photo_arrived_does_not_turn_against_it(world: World) -> None:
    """Its device is revoked, and its very digits became the customer's place: judged again it is as good as before."""
    field = Field(world)
    lost = field.person("rep", "a phone that will be lost")
    shop = field.shop(lost, filed_days_ago=30, geo_lat=None, geo_lng=None)
    digits = {"lat": 36.06731, "lng": 120.38261, "accuracy": 8.0, "at": datetime.now(UTC).isoformat()}
    shot = field.shot(lost, shop=shop, place=(digits["lat"], digits["lng"]))
    photo = field.send_record(shot, lost, samples=[digits])
    world.person("boss").do("device.revoke", id=lost.device_id)
    assert world.person("boss").get(f"/api/customers/{shop}")["geo_lat"] == digits["lat"]
    assert (judged_again(world, photo)["verdict"], codes(judged_again(world, photo))) == ("verified", [])


def test_people_with_undecided_suspects_come_first(world: World) -> None:
    for username, place in (("rep", NEAR), ("rep2", (36.2, 120.5))):
        person = world.person(username)
        visit_with_photo(person, new_shop(person, f"{username}的店"), place=place)
    assert [one["name"] for one in world.person("manager").get("/api/evidence/by-person")] == ["李四", "张三"]


def test_suspects_come_first_and_a_decision_takes_them_off(world: World) -> None:
    rep, manager = world.person("rep"), world.person("manager")
    shop = new_shop(rep)
    _, good = visit_with_photo(rep, shop)
    _, bad = visit_with_photo(rep, shop, place=(36.2, 120.5))
    _, weak = visit_with_photo(rep, shop, place=None)
    listed = [photo["id"] for photo in manager.get("/api/photos", sort="-attention")["items"]]
    assert listed == [bad.id, weak.id, good.id]
    [trust] = manager.get("/api/evidence/by-person")
    assert (trust["name"], trust["photos"], trust["verified"], trust["unverified"], trust["suspect"]) == (
        "张三",
        3,
        1,
        1,
        1,
    )
    assert (trust["open_suspects"], trust["reasons"]["far_from_customer"]) == (1, 1)

    manager.do("photo.overrule", id=bad.id, verdict="verified", note="客户搬家")
    listed = [photo["id"] for photo in manager.get("/api/photos", sort="-attention")["items"]]
    assert listed[0] == weak.id
    [trust] = manager.get("/api/evidence/by-person")
    assert (trust["open_suspects"], trust["overruled"], trust["suspect"]) == (0, 1, 0)
    assert world.person("stranger").get("/api/evidence/by-person") == []
    yesterday = (datetime.now(UTC) - timedelta(days=2)).date().isoformat()
    assert manager.get("/api/evidence/by-person", until=yesterday) == []


def checked(world: World) -> list[Damage]:
    """What `xunke media verify` finds, beside the running server."""
    settings = world.app.state.services.settings

    async def look() -> list[Damage]:
        reader = Reader(read_engine(settings.database_url))
        try:
            return [damage async for damage in verify(reader, world.app.state.services.blobs, Count())]
        finally:
            await reader.close()

    return asyncio.run(look())


def original(world: World, sha256: str) -> Path:
    return Path(world.app.state.services.settings.blob_location) / "original" / sha256[:2] / sha256


def test_what_is_missing_or_changed_in_the_store_is_told(world: World) -> None:
    rep = world.person("rep")
    shop = new_shop(rep)
    shas = [visit_with_photo(rep, shop)[1].photo.sha256 for _ in range(3)]
    blobs = world.app.state.services.blobs
    assert checked(world) == []
    original(world, shas[0]).unlink()
    original(world, shas[1]).write_bytes(b"something else")
    blobs.put_now("original", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", b"")
    found = {(damage.sha256[:8], damage.what) for damage in checked(world)}
    assert found == {(shas[0][:8], "missing"), (shas[1][:8], "changed"), ("e3b0c442", "stray")}


def test_old_originals_go_and_thumbnails_stay(world: World) -> None:
    rep = world.person("rep")
    shop = new_shop(rep)
    _, old = visit_with_photo(rep, shop)
    _, doubted = visit_with_photo(rep, shop, place=(36.2, 120.5))
    _, young = visit_with_photo(rep, shop)
    services = world.app.state.services
    long_ago = datetime.now(UTC) - timedelta(days=400)
    aged = (
        update(blob).where(blob.c.sha256.in_([old.photo.sha256, doubted.photo.sha256])).values(uploaded_at=long_ago)
    )
    services.writer.call(lambda session: session.execute(aged) and None)

    def tidy() -> int:
        async def work() -> int:
            reader = Reader(read_engine(services.settings.database_url))
            try:
                return await retain(reader, services.writer, services.blobs)
            finally:
                await reader.close()

        return asyncio.run(work())

    assert tidy() == 0  # for ever, unless the company says otherwise
    settings_of(world, keep_originals_days=365)
    assert tidy() == 1
    assert not original(world, old.photo.sha256).exists()
    assert original(world, doubted.photo.sha256).exists()  # nobody has decided yet
    assert original(world, young.photo.sha256).exists()
    assert rep.client.get(f"/media/v1/photos/{old.id}/large").status_code == 200
    gone = rep.client.get(f"/media/v1/photos/{old.id}/original")
    assert (gone.status_code, gone.json()["code"]) == (404, "original_removed")
    assert uploaded(rep, old.photo.sha256) == len(old.photo.jpeg)  # no phone sends it again
    assert tidy() == 0


def test_the_command_line_says_what_would_change(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rep = world.person("rep")
    _, shot = visit_with_photo(rep, new_shop(rep), place=(36.0711, 120.3826))
    settings_of(world, geofence_metres=1000)
    settings = world.app.state.services.settings
    for name in [name for name in os.environ if name.startswith("XUNKE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XUNKE_DATA", str(settings.data))
    monkeypatch.setenv("XUNKE_DATABASE", settings.database_url)

    assert main(["evidence", "recheck"]) == 0
    told = capsys.readouterr().out
    assert "张三" in told
    assert "suspect 20 → verified 100  -far_from_customer" in told
    assert "Nothing was changed" in told
    assert rep.get(f"/api/photos/{shot.id}")["verdict"] == "suspect"
    assert main(["evidence", "recheck", "--apply"]) == 0
    assert rep.get(f"/api/photos/{shot.id}")["verdict"] == "verified"
    assert main(["media", "verify"]) == 0
    assert "1 photos" in capsys.readouterr().out
    assert main(["media", "retain"]) == 0


def test_a_place_that_somebody_typed_is_not_taken_back_with_the_visits(world: World) -> None:
    rep = world.person("rep")
    shop = new_shop(rep, geo_lat=None, geo_lng=None)
    visit_with_photo(rep, shop)
    seen = rep.get(f"/api/customers/{shop}")

    def refused() -> str:
        with pytest.raises(Refused) as caught:
            rep.do("customer.forget_place", id=shop)
        return caught.value.code

    rep.do("customer.edit", id=shop, set={"geo_lat": [seen["geo_lat"], 36.08], "geo_lng": [seen["geo_lng"], 120.39]})
    typed = rep.get(f"/api/customers/{shop}")
    assert (typed["geo_lat"], typed["place_photo"]) == (36.08, None)
    assert refused() == "place_not_from_visit"
    assert rep.get(f"/api/customers/{shop}")["geo_lat"] == 36.08

    other = new_shop(rep, "第二家", geo_lat=None, geo_lng=None)
    visit_with_photo(rep, other)
    seen = rep.get(f"/api/customers/{other}")
    rep.do("customer.edit", id=other, set={"geo_lat": [seen["geo_lat"], None], "geo_lng": [seen["geo_lng"], None]})
    visit_with_photo(rep, other)
    assert rep.get(f"/api/customers/{other}")["geo_lat"] is None  # emptied by hand stays empty, too
