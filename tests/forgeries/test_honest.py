"""Honest work under every trouble of the field: verified or at worst not proven. Never suspect.

The tables are read line by line: what happened, and what it becomes. Most go through the judgement alone
(`tests/media/scene.py`); the last part goes through push and upload.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from media.evidence import Lookalike, Place, Stop
from media.tokens import TimeTokens
from server.settings import Settings
from tests.forgeries.field import HOUR, Field, still
from tests.media.scene import CUSTOMER, NOON, SHOP, VISIT, Scene, codes, honest
from tests.support.databases import _new_sqlite
from tests.support.fieldwork import NEAR
from tests.support.fieldwork import SHOP as DOOR
from tests.support.fieldwork import codes as codes_of
from tests.support.world import COMPANY, running

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
V, U = "verified", "unverified"

#: what happened, how the scene differs, what it becomes, how sure the time is
TABLE: list[tuple[str, dict[str, Any], str, str]] = [
    # the receiver
    *[(f"accuracy {m} m", {"accuracy_m": float(m)}, V, "exact") for m in (3, 5, 8, 15, 20, 35, 50, 65, 100, 199)],
    *[(f"weak GPS, {m} m", {"accuracy_m": float(m)}, U, "exact") for m in (201, 300, 500, 1000, 2500)],
    *[(f"a cell tower, radius {m} m", {"accuracy_m": float(m), "lat": SHOP.lat + 0.02}, U, "exact")
      for m in (2200, 5000, 20_000, 5_000_000)],
    *[(f"{m} m from the door", {"lat": SHOP.lat + m / 111_195}, V, "exact") for m in (0, 50, 120, 200, 290, 310)],
    ("450 m from the door with an accuracy of 180 m", {"lat": SHOP.lat + 450 / 111_195, "accuracy_m": 180.0}, V, "exact"),
    ("indoors without a fix", {"lat": None}, U, "exact"),
    ("indoors without a fix, after a restart", {"lat": None, "restarted": True}, U, "window"),
    ("indoors without a fix, without server time", {"lat": None, "has_token": False}, U, "unknown"),
    # hours without network
    *[(f"offline for {h} h", {"since_sync": timedelta(hours=h)}, V, "exact") for h in (1, 3, 5, 8, 12, 24, 36, 48, 60, 68)],
    *[(f"offline for {h} h, browser restarted", {"since_sync": timedelta(hours=h), "restarted": True}, V, "window")
      for h in (1, 5, 12, 24, 48, 68)],
    *[(f"offline for {d} days", {"since_sync": timedelta(days=d), "restarted": True}, U, "unknown") for d in (4, 6, 9, 14, 30)],
    *[(f"photo sent {h} h after it was taken", {"until_received": timedelta(hours=h)}, V, "exact") for h in (0.01, 1, 9, 30, 70)],
    ("first day: no server time yet", {"has_token": False}, U, "unknown"),
    ("sent at once after a restart", {"restarted": True, "until_received": MINUTE, "since_sync": 2 * MINUTE}, V, "minutes"),
    # clocks
    *[(f"clock {m} min fast", {"clock_off": m * MINUTE}, V, "window") for m in (3, 5, 7, 9)],
    *[(f"clock {m} min slow", {"clock_off": -m * MINUTE}, V, "window") for m in (3, 5, 7, 9)],
    *[(f"clock {s} s off", {"clock_off": timedelta(seconds=s)}, V, "exact") for s in (-90, -20, 20, 90)],
    *[(f"clock {m} min off, sent at once", {"clock_off": m * MINUTE, "until_received": timedelta(seconds=20)}, V, "minutes")
      for m in (-5, 5)],
    *[(f"battery pulled, clock says {year}", {"clock_off": datetime(year, 1, 1, tzinfo=UTC) - NOON, "restarted": True},
       U, "unknown") for year in (1970, 2000, 2015, 2021)],
    ("battery pulled, no server time left", {"clock_off": datetime(2015, 1, 1, tzinfo=UTC) - NOON, "has_token": False},
     U, "unknown"),
    # zones and calendars
    *[(f"phone's zone UTC{o / 60:+g}", {"offset_minutes": o}, V, "exact")
      for o in (-720, -570, -300, -210, 0, 60, 330, 345, 480, 540, 570, 765, 840)],
    *[(f"taken at {at:%Y-%m-%d %H:%M:%S} UTC", {"taken_at": at}, V, "exact") for at in (
        datetime(2026, 11, 21, 15, 59, 59, tzinfo=UTC),  # a second before midnight in Qingdao
        datetime(2026, 11, 21, 16, 0, 0, tzinfo=UTC),  # midnight
        datetime(2026, 11, 21, 16, 0, 1, tzinfo=UTC),
        datetime(2026, 11, 21, 23, 59, 59, tzinfo=UTC),  # midnight of UTC
        datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC),  # new year
        datetime(2027, 1, 1, 0, 0, 0, tzinfo=UTC),
        datetime(2028, 2, 29, 4, 0, 0, tzinfo=UTC),  # leap day
        datetime(2026, 3, 29, 1, 0, 0, tzinfo=UTC),  # Europe's clocks go forward
        datetime(2026, 10, 25, 1, 0, 0, tzinfo=UTC),  # and back
        datetime(2026, 11, 1, 6, 0, 0, tzinfo=UTC),  # America's go back
        datetime(2026, 4, 4, 16, 0, 0, tzinfo=UTC),  # Sydney's go back
    )],
    ("daylight saving began between photo and sending", {"taken_at": datetime(2026, 3, 29, 0, 30, tzinfo=UTC),
     "offset_minutes": 60, "until_received": 2 * HOUR}, V, "exact"),
    ("offline over the end of daylight saving", {"taken_at": datetime(2026, 10, 25, 3, 0, tzinfo=UTC),
     "since_sync": 5 * HOUR, "offset_minutes": 60}, V, "exact"),
    ("a gallery picture, said so", {"source": "gallery"}, U, ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "outcome", "certainty"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_troubles_of_the_field(changes: dict[str, Any], outcome: str, certainty: str) -> None:
    verdict = honest(**changes).verdict()
    assert verdict.outcome == outcome, codes(verdict)
    assert (verdict.time.certainty if verdict.time else "") == certainty


def samples(scene: Scene) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = scene.record()["samples"]
    return found


def with_samples(*more: dict[str, Any]) -> Scene:
    scene = honest()
    return scene.with_record(samples=[*more, *samples(scene)])


def fix(ago_s: float, metres_north: float = 0, accuracy: float = 30.0) -> dict[str, Any]:
    at = (NOON - timedelta(seconds=ago_s)).isoformat()
    return {"lat": SHOP.lat + metres_north / 111_195, "lng": SHOP.lng, "accuracy": accuracy, "at": at}


def arriving(accuracy: float) -> Scene:
    """The last fix of the road is a better one than all of the shop, and hardly older."""
    inside = honest(accuracy_m=accuracy)
    return inside.with_record(samples=[fix(30, 800, 5), fix(16, 380, 5), samples(inside)[-1]])


def router(accuracy: float, seconds: int = 8) -> Scene:
    """Indoors, known by one wireless router: always the same digits."""
    scene = honest(lat=None)
    exact = [fix(seconds - n * seconds / 3, 40, accuracy) for n in range(4)]
    place = replace(SHOP, lat=exact[0]["lat"], known_since=NOON - 40 * DAY)  # filed with the same router
    return scene.with_record(samples=exact).but(customer_place=place)


def came_from(kilometres: float, ago: timedelta, *, exact: bool = True) -> Scene:
    stop = Stop("photo-0", NOON - ago, SHOP.lat + kilometres / 111.195, SHOP.lng, 15.0, exact)
    return honest().but(stops=(stop,))


def looks_like(agreement: float, how: Any = "same", visit: str = "visit-0", customer: str = CUSTOMER) -> Scene:
    return honest().but(lookalikes=(Lookalike("photo-0", visit, customer, how, 3, agreement),))


def merged(*former: str) -> Scene:
    return honest().but(customer_id="customer-9", former_customer_ids=frozenset(former))


LOST = TimeTokens(b"a brand new secret, quite long")
KEPT = TimeTokens(b"a brand new secret, quite long", b"a secret of sixteen bytes or more")

SCENES: list[tuple[str, Scene, str]] = [
    ("cold start: the tower first", with_samples(fix(9, 5500, 6000)), V),
    ("cold start: two towers, then the street", with_samples(fix(20, 9000, 10_000), fix(12, 1500, 2000)), V),
    ("walking up to the door", with_samples(fix(60, 75), fix(40, 50), fix(20, 25)), V),
    ("stepping out of the car after driving 80 km/h", with_samples(fix(100, 2000), fix(60, 1100), fix(25, 350)), V),
    (
        "the car's good receiver at 80 km/h, then the door",
        with_samples(fix(100, 2000, 4), fix(60, 1100, 4), fix(25, 350, 5)),
        V,
    ),
    ("from the shop 430 m down the road, by scooter", with_samples(fix(80, 430, 5), fix(75, 430, 5)), V),
    ("from the car into the shop, where the receiver is weak", arriving(65.0), V),
    ("an old fix among the fresh ones", with_samples({**fix(0, 9000), "at": "2026-11-21T02:00:00.000Z"}), V),
    ("only an old fix", honest(lat=None).with_record(samples=[fix(1200)]), U),
    ("only one fix", honest(lat=None).with_record(samples=[fix(3)]), U),
    ("two fixes that are the same", honest(lat=None).with_record(samples=[fix(1), fix(3)]), U),
    (
        "fixes of this very second are the same",
        honest(lat=None).with_record(samples=[fix(n / 10) for n in range(4)]),
        U,
    ),
    ("a mall: one router, 20 m", router(20), U),
    ("a mall: one router, 40 m", router(40), U),
    ("a basement: one cell, 900 m", router(900), U),
    ("a router that moved house, then the satellites", with_samples(fix(10, 60_000, 40)), U),
    ("a receiver that says 0/0", honest(lat=None).with_record(samples=[{**fix(2), "lat": 0, "lng": 0}]), U),
    (
        "accuracy reported as 0 by an old phone",
        honest().with_record(samples=[{**one, "accuracy": 0} for one in samples(honest())]),
        U,
    ),
    ("a customer without a place", honest().but(customer_place=None), V),
    ("a place taken from an address", honest().but(customer_place=Place(SHOP.lat + 0.0055, SHOP.lng, 500)), V),
    ("two shops in one hall, one router", honest().but(same_spot=1), V),
    ("a market hall: ten customers, one router", router(30).but(same_spot=9), U),
    ("from the shop next door", came_from(0.05, MINUTE), V),
    ("5 km by scooter in ten minutes", came_from(5, 10 * MINUTE), V),
    ("100 km by motorway in an hour", came_from(100, HOUR), V),
    ("120 km by express train in half an hour", came_from(120, 32 * MINUTE), U),
    ("600 km by aeroplane in two hours", came_from(600, 2 * HOUR), U),
    ("40 km, the earlier clock was not certain", came_from(40, 10 * MINUTE, exact=False), V),
    ("the next stop arrived first", came_from(5, -10 * MINUTE), V),
    ("the shop front again, from about the same spot", looks_like(0.9), V),
    ("the shop front again, from exactly the same spot", looks_like(0.985), U),
    ("a corner of the shop front again", looks_like(0.975, "cropped"), V),
    ("two shots in one visit", looks_like(0.999, visit=VISIT), V),
    (
        "the front of a customer that was merged into this one",
        looks_like(0.98, customer="customer-1").but(
            customer_id="customer-9", former_customer_ids=frozenset({"customer-1"})
        ),
        U,
    ),
    ("the customer was merged after the visit", merged(CUSTOMER), V),
    ("merged, and merged again", merged(CUSTOMER, "customer-5"), V),
    ("the server's secret was replaced", honest().but(tokens=KEPT), V),
    ("the server's secret was lost", honest().but(tokens=LOST), U),
    ("the phone slept since the last sync", honest(since_sync=5 * HOUR).with_record(since_token_ms=60_000), V),
    ("the phone was revoked after the photo arrived", honest(), V),
    ("the phone was lost and revoked before the photo came", honest().but(revoked_at=NOON + HOUR), U),
    ("a newer server time came right after the shot", honest().but(newest_token=NOON + MINUTE), V),
    ("shortly before the check-in was tapped", honest().but(visit_from=NOON + 2 * MINUTE), V),
    ("shortly after the check-out was tapped", honest().but(visit_from=NOON - HOUR, visit_to=NOON - 3 * MINUTE), V),
    ("the clock was corrected by hours during the visit", honest().but(visit_from=NOON + 5 * HOUR), U),
    ("the device was enrolled without a key", honest().but(device_key=None), U),
    ("an app without signatures", honest().but(signature=None), U),
    ("a record of a newer app", honest().but(capture='{"v":7}', signature=None), U),
]


@pytest.mark.parametrize(("scene", "outcome"), [row[1:] for row in SCENES], ids=[row[0] for row in SCENES])
def test_what_else_happens(scene: Scene, outcome: str) -> None:
    verdict = scene.verdict()
    assert verdict.outcome == outcome, codes(verdict)


def test_there_are_enough_of_them() -> None:
    names = [row[0] for row in TABLE] + [row[0] for row in SCENES] + list(HANDED_IN)
    assert len(names) >= 150
    assert len(set(names)) == len(names)


# --- through push and upload -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory, _sqlite_templates: Path) -> Iterator[Field]:
    folder = tmp_path_factory.mktemp("honest")
    database = _new_sqlite(folder, _sqlite_templates, COMPANY)
    with running(Settings(data=folder / "data", database=database, pwa=folder / "no-pwa")) as world:
        yield Field(world)


def offline(field: Field, hours: float, **more: Any) -> str:
    """Taken half way between the last sync and now."""
    person, span = field.person(), timedelta(hours=hours)
    issued = datetime.now(UTC) - span
    at = more.pop("at", issued + span / 2)
    restarted = more.pop("restarted", False)
    shot = field.shot(at=at, time_token=field.token(person, span), token_issued=None if restarted else issued, **more)
    return field.send(shot)


def twice(field: Field) -> str:
    shop = field.shop()
    visit = field.visit(shop)
    first = field.shot(shop=shop, visit=visit, seed=501)
    field.send(first)
    return field.send(field.shot(shop=shop, visit=visit, seed=501))


def weekly(field: Field) -> str:
    """The same front a week later, seen from nearly the same spot in another light."""
    from PIL import ImageEnhance

    from media.drawing import draw_shop
    from tests.support import fieldwork

    front = draw_shop(777, "王记超市")
    shop, remembered = field.shop(), fieldwork.picture
    views = [
        ImageEnhance.Brightness(front.resize((640, 480), box=box)).enhance(light)
        for box, light in (((10, 4, 610, 456), 1.0), ((32, 20, 640, 474), 0.9))
    ]
    try:
        fieldwork.picture = lambda seed: views[seed]  # type: ignore[assignment]
        field.send(field.shot(shop=shop, seed=0))
        return field.send(field.shot(shop=shop, seed=1))
    finally:
        fieldwork.picture = remembered


def merged_twice(field: Field) -> str:
    boss = field.world.person("boss")
    first, second, third = (field.shop() for _ in range(3))
    shot = field.shot(shop=first)
    for duplicate, kept in ((first, second), (second, third)):
        boss.do("customer.merge", id=duplicate, into=kept)
    return field.send(shot)


def shelf_then_front(field: Field) -> str:
    shop = field.shop()
    visit = field.visit(shop)
    field.send(field.shot(shop=shop, visit=visit, kind="shelf"))
    return field.send(field.shot(shop=shop, visit=visit))


def no_place_filed(field: Field) -> str:
    return field.send(field.shot(shop=field.shop(geo_lat=None, geo_lng=None)))


HANDED_IN: dict[str, tuple[Any, str]] = {
    "at the door, online": (lambda field: field.send(field.shot()), V),
    "handed in: accuracy 65 m": (lambda field: field.send(field.shot(accuracy_m=65.0)), V),
    "handed in: accuracy 1,000 m": (lambda field: field.send(field.shot(accuracy_m=1000.0)), U),
    "handed in: a cell tower of 20 km": (
        lambda field: field.send(field.shot(accuracy_m=20_000.0, place=(NEAR[0] + 0.1, NEAR[1]))), U),
    "handed in: no fix": (lambda field: field.send(field.shot(place=None)), U),
    "handed in: 250 m away": (lambda field: field.send(field.shot(place=(DOOR[0] + 250 / 111_195, DOOR[1]))), V),
    "handed in: no server time": (lambda field: field.send(field.shot(time_token=None, token_issued=None)), U),
    "handed in: three hours offline": (lambda field: offline(field, 6), V),
    "handed in: two days offline": (lambda field: offline(field, 60), V),
    "handed in: two days offline, restarted": (lambda field: offline(field, 61, restarted=True), V),
    "handed in: ten days offline": (lambda field: offline(field, 240, restarted=True), U),
    "handed in: clock four minutes fast": (
        lambda field: field.send(field.shot(at=datetime.now(UTC) + 4 * MINUTE, token_issued=None)), V),
    "handed in: clock five minutes slow": (
        lambda field: field.send(field.shot(at=datetime.now(UTC) - 5 * MINUTE, token_issued=None)), V),
    "handed in: battery pulled": (
        lambda field: field.send(field.shot(at=datetime(2015, 1, 1, tzinfo=UTC), token_issued=None)),
        U,
    ),
    "handed in: zone UTC-3:30": (lambda field: field.send(field.shot(offset_minutes=-210)), V),
    "handed in: a still phone indoors": (lambda field: field.send_record(
        samples=still((NEAR[0] + 3e-5, NEAR[1]), 35.0)), "any"),
    "handed in: two shots of one visit": (twice, V),
    "handed in: the same front a week later": (weekly, "any"),
    "handed in: shelf, then front": (shelf_then_front, V),
    "handed in: the customer was merged twice meanwhile": (merged_twice, V),
    "handed in: a customer without a place": (no_place_filed, V),
}  # fmt: skip


@pytest.mark.parametrize("name", HANDED_IN)
def test_handed_in(field: Field, name: str) -> None:
    does, outcome = HANDED_IN[name]
    photo = field.result(does(field))
    assert photo["verdict"] != "suspect", codes_of(photo)
    if outcome != "any":
        assert photo["verdict"] == outcome, codes_of(photo)
