"""Uploads that no photo names go after a while, and never one that a record can still name."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from server.database import Reader, read_engine
from server.kept.ops import set_aside
from server.photos import intake, unnamed
from server.photos.models import blob, likeness
from server.records.ids import uuid7
from sync import floor
from tests.support.fieldwork import Shot, check_in, new_shop, shoot, upload, uploaded, visit_with_photo
from tests.support.world import World

TOKEN = "a-long-enough-secret"
#: Three days offline and a month.
LONG_AGO, RECENTLY = timedelta(days=34), timedelta(days=32)


def aged(world: World, shot: Shot, age: timedelta) -> None:
    at = datetime.now(UTC) - age
    line = update(blob).where(blob.c.sha256 == shot.photo.sha256).values(uploaded_at=at)
    world.app.state.services.writer.call(lambda session: session.execute(line) and None)


def sweep(world: World) -> int:
    services = world.app.state.services

    async def work() -> int:
        reader = Reader(read_engine(services.settings.database_url))
        try:
            return await unnamed.sweep(reader, services.writer, services.blobs)
        finally:
            await reader.close()

    return asyncio.run(work())


def kinds_in_store(world: World, sha256: str) -> list[str]:
    folder = world.app.state.services.settings.data / "blobs"
    return sorted(path.relative_to(folder).parts[0] for path in folder.rglob(sha256))


def figure(world: World, name: str) -> float:
    text = world.person("boss").client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"}).text
    return float(next(line for line in text.splitlines() if line.startswith(f"{name} ")).split()[1])


def test_what_nothing_names_goes_after_the_longest_way_a_record_can_take(make_world: Callable[..., World]) -> None:
    world = make_world(metrics=f"token:{TOKEN}")
    rep = world.person("rep")
    rep.pull()
    shop = new_shop(rep)
    _, named = visit_with_photo(rep, shop)
    old, young = shoot(rep, uuid7(), shop), shoot(rep, uuid7(), shop)
    for shot in (old, young):
        assert upload(rep, shot.photo.jpeg, shot.photo.sha256).status_code == 201
    for shot, age in ((old, LONG_AGO), (young, RECENTLY), (named, LONG_AGO)):
        aged(world, shot, age)
    assert figure(world, "xunke_photos_unnamed") == 1  # the other one is past its time
    assert sweep(world) == 1
    assert kinds_in_store(world, old.photo.sha256) == []
    for shot in (young, named):
        assert kinds_in_store(world, shot.photo.sha256) == ["large", "original", "small"]
    services = world.app.state.services
    kept = services.writer.call(lambda session: session.scalar(select(func.count()).select_from(likeness)))
    assert kept == 2
    assert rep.client.get(f"/media/v1/photos/{named.id}/original").status_code == 200
    assert sweep(world) == 0

    assert uploaded(rep, old.photo.sha256) is None
    assert upload(rep, old.photo.jpeg, old.photo.sha256).status_code == 201
    assert kinds_in_store(world, old.photo.sha256) == ["large", "original", "small"]
    assert figure(world, "xunke_photos_unnamed") == 2


def test_a_record_that_could_not_be_run_yet_keeps_its_bytes(world: World) -> None:
    """Neither one that waits for what it needs nor one that its author may correct and send again."""
    rep = world.person("rep")
    rep.pull()
    shop = new_shop(rep)
    arrive = check_in(rep, shop)
    waiting = shoot(rep, arrive["args"]["id"], shop, needs=[arrive["id"]])
    refused = shoot(rep, uuid7(), shop)
    [held] = rep.push(waiting.op)
    [rejected] = rep.push(refused.op)
    assert (held["status"], rejected["status"]) == ("held", "rejected")
    for shot in (waiting, refused):
        upload(rep, shot.photo.jpeg, shot.photo.sha256)
        aged(world, shot, LONG_AGO)
    assert sweep(world) == 0
    rep.push(arrive)
    assert rep.get(f"/api/photos/{waiting.id}")["uploaded_at"] is not None
    again = {**refused.op["args"], "visit_id": arrive["args"]["id"]}
    rep.push(rep.op("photo.attach", again))
    assert rep.get(f"/api/photos/{refused.id}")["uploaded_at"] is not None
    assert sweep(world) == 0


def test_a_refused_record_keeps_its_bytes_for_half_a_year_after_its_answer(world: World) -> None:
    """One that waits keeps them for as long as it waits, and its half year begins when it is answered."""
    rep = world.person("rep")
    rep.pull()
    shop = new_shop(rep)
    arrive = check_in(rep, shop)
    waiting = shoot(rep, arrive["args"]["id"], shop, needs=[arrive["id"]])
    refused = shoot(rep, uuid7(), shop)
    assert [one["status"] for one in rep.push(waiting.op, refused.op)] == ["held", "rejected"]
    for shot in (waiting, refused):
        upload(rep, shot.photo.jpeg, shot.photo.sha256)
        aged(world, shot, timedelta(days=400))
    writer, now = world.app.state.services.writer, datetime.now(UTC)
    writer.call(lambda session: floor.mark_hour(session, now))
    writer.call(lambda session: floor.prune(session, now + floor.KEPT - timedelta(hours=2)))
    assert sweep(world) == 0
    writer.call(lambda session: floor.prune(session, now + floor.KEPT + timedelta(hours=1)))
    assert sweep(world) == 1
    assert kinds_in_store(world, refused.photo.sha256) == []
    assert kinds_in_store(world, waiting.photo.sha256) == ["large", "original", "small"]
    device = rep.device_id
    writer.call(lambda session: set_aside(session, device, waiting.op["id"], "boss"))
    assert sweep(world) == 0, "it was only answered now"


def test_a_record_that_comes_while_the_sweep_is_under_way_is_heard(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    rep = world.person("rep")
    rep.pull()
    shop = new_shop(rep)
    arrive = check_in(rep, shop)
    shot = shoot(rep, arrive["args"]["id"], shop)
    upload(rep, shot.photo.jpeg, shot.photo.sha256)
    aged(world, shot, LONG_AGO)
    found = unnamed._told

    def told(session: Any) -> frozenset[str]:
        known = found(session)
        rep.push(arrive, shot.op)
        return known

    monkeypatch.setattr(unnamed, "_told", told)
    assert sweep(world) == 0
    assert kinds_in_store(world, shot.photo.sha256) == ["large", "original", "small"]
    assert rep.get(f"/api/photos/{shot.id}")["verdict"] == "verified"


@pytest.mark.parametrize("moment", ["line is gone", "line is written"])
def test_bytes_that_come_again_while_they_are_given_up_stay(
    world: World, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Between the two transactions of the sweep; and where their file went after the intake had found it there."""
    rep = world.person("rep")
    rep.pull()
    shop = new_shop(rep)
    arrive = check_in(rep, shop)
    shot = shoot(rep, arrive["args"]["id"], shop)
    sha256 = shot.photo.sha256
    upload(rep, shot.photo.jpeg, sha256)
    aged(world, shot, LONG_AGO)
    services = world.app.state.services
    now = datetime.now(UTC)
    if moment == "line is gone":
        assert services.writer.call(lambda session: unnamed._forget(session, sha256, now))
        assert upload(rep, shot.photo.jpeg, sha256).status_code == 201
        assert not services.writer.call(lambda session: unnamed._delete(session, services.blobs, sha256))
    else:
        assert services.writer.call(lambda session: unnamed._forget(session, sha256, now))
        take_note = intake.take_note

        def later(session: Any, *rest: Any) -> Any:
            assert unnamed._delete(session, services.blobs, sha256)
            return take_note(session, *rest)

        monkeypatch.setattr(intake, "take_note", later)
        assert upload(rep, shot.photo.jpeg, sha256).status_code == 201
    assert kinds_in_store(world, sha256) == ["large", "original", "small"]
    rep.push(arrive, shot.op)
    assert rep.get(f"/api/photos/{shot.id}")["verdict"] == "verified"


def test_unfinished_uploads_are_counted(make_world: Callable[..., World]) -> None:
    world = make_world(metrics=f"token:{TOKEN}")
    rep = world.person("rep")
    assert figure(world, "xunke_uploads_open") == 0
    headers = {
        "tus-resumable": "1.0.0",
        "upload-length": "1000",
        "upload-metadata": "sha256 "
        + "OTU4ZjRjZTFkNmVhODliMDYzNDljM2U4YzU1OWRkYWM5MWU4OTM3MmU4MDA1ZTVlZjNiNTdkM2I4NTIwZTFhOQ==",
        "content-type": "application/offset+octet-stream",
    }
    assert rep.client.post("/media/v1/uploads", content=b"x" * 400, headers=headers).status_code == 201
    assert figure(world, "xunke_uploads_open") == 1
    assert figure(world, "xunke_uploads_open_bytes") >= 400
