"""The map of customers: the list in cells, for everybody what he may see, compared with counting by hand."""

from __future__ import annotations

import itertools
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from server.customers import cells
from server.customers.cells import cell_size
from server.records.ids import uuid7
from tests.support.fieldwork import new_shop
from tests.support.world import Person, Refused, World

_mobiles = itertools.count(13_700_000_001)
Place = tuple[float, float]


def the_map(person: Person, zoom: int = 5, **filters: Any) -> dict[str, Any]:
    found: dict[str, Any] = person.get("/api/customers/map", zoom=zoom, **filters)
    return found


def names(answer: dict[str, Any]) -> set[str]:
    return {cell["row"]["name"] for cell in answer["cells"]}


def many(person: Person, places: list[Place | None]) -> None:
    """Customers at these places, in one push."""
    ops = []
    for n, place in enumerate(places):
        values: dict[str, Any] = {"name": f"店{n:03}", "mobile": str(next(_mobiles))}
        if place is not None:
            values |= {"geo_lat": place[0], "geo_lng": place[1]}
        ops.append(person.op("customer.create", {"id": uuid7(), "values": values}))
    assert {result["status"] for result in person.push(*ops)} == {"applied"}


def counted(places: list[Place], zoom: int) -> list[tuple[int, float, float, float, float]]:
    """By hand: how many stand in each cell, and the corners around them."""
    high, across = cell_size(zoom)
    found: dict[tuple[int, int], list[Place]] = {}
    for lat, lng in places:
        found.setdefault((int((lat + 90) / high), int((lng + 180) / across)), []).append((lat, lng))
    return sorted(
        (len(there), min(p[0] for p in there), min(p[1] for p in there), max(p[0] for p in there),
         max(p[1] for p in there))
        for there in found.values()
    )  # fmt: skip


def test_cells_are_what_one_counts_by_hand_at_every_zoom(world: World) -> None:
    rep, dice = world.person("rep"), random.Random(11)
    towns = [(36.07, 120.38), (31.23, 121.47), (-33.87, 151.21), (40.71, -74.0)]
    places = [(lat + dice.gauss(0, 0.05), lng + dice.gauss(0, 0.05)) for lat, lng in towns for _ in range(12)]
    places += [(36.07, 120.38)] * 3  # one house
    many(rep, [*places, None, None])
    for zoom in (0, 3, 5, 9, 11, 14, 20):
        answer = the_map(rep, zoom)
        corners = ("south", "west", "north", "east")
        assert sorted((cell["count"], *(cell[name] for name in corners)) for cell in answer["cells"]) == counted(
            places, zoom
        )
        for cell in answer["cells"]:
            assert cell["south"] <= cell["lat"] + 1e-9
            assert cell["lat"] <= cell["north"] + 1e-9
            assert (cell["row"] is not None) == (cell["count"] == 1)
    assert max(cell["count"] for cell in the_map(rep, 20)["cells"]) == 3
    whole = the_map(rep)["whole"]
    assert (whole["placed"], whole["unplaced"]) == (len(places), 2)
    assert (whole["south"], whole["east"]) == (min(p[0] for p in places), max(p[1] for p in places))


def test_a_part_of_the_map_has_the_customers_in_it_and_still_tells_of_all(world: World) -> None:
    rep = world.person("rep")
    many(rep, [(36.0, 120.0), (36.2, 120.2), (31.0, 121.0), None])
    part = the_map(rep, 14, geo_lat__ge=35.9, geo_lat__le=36.1, geo_lng__ge=119.9, geo_lng__le=120.3)
    assert names(part) == {"店000"}
    assert (part["whole"]["placed"], part["whole"]["unplaced"]) == (3, 1)


def test_too_many_cells_are_made_wider(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rep = world.person("rep")
    many(rep, [(20 + n, 100 + n) for n in range(20)])
    monkeypatch.setattr(cells, "MAX_CELLS", 5)
    answer = the_map(rep, 20)
    assert answer["zoom"] < 20
    assert 1 < len(answer["cells"]) <= 5
    assert sum(cell["count"] for cell in answer["cells"]) == 20


def test_it_is_filtered_as_the_list_is(world: World) -> None:
    rep, rep2, manager = world.person("rep"), world.person("rep2"), world.person("manager")
    quote = world.option("sales_stage", "报价")
    visited = new_shop(rep, "去过", geo_lat=36.1, sales_stage_id=quote)
    new_shop(rep, "没去过", geo_lat=36.2)
    new_shop(rep2, "同事的", geo_lat=36.3, sales_stage_id=quote)
    visit = uuid7()
    rep.do("visit.check_in", id=visit, customer_id=visited, at=datetime.now(UTC).isoformat())
    assert names(the_map(manager, 14)) == {"去过", "没去过", "同事的"}
    assert names(the_map(manager, 14, owner_id=rep.id)) == {"去过", "没去过"}
    assert names(the_map(manager, 14, sales_stage_id=quote)) == {"去过", "同事的"}
    assert names(the_map(manager, 14, sales_stage_id=quote, owner_id=rep2.id)) == {"同事的"}
    assert names(the_map(manager, 14, q="同事")) == {"同事的"}
    rep.do("visit.check_out", id=visit, at=datetime.now(UTC).isoformat())
    assert names(the_map(manager, 14, last_visit_at__empty="1")) == {"没去过", "同事的"}
    assert names(the_map(manager, 14, last_visit_at__idle_days="7")) == {"没去过", "同事的"}
    just_now = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    assert names(the_map(manager, 14, last_visit_at__ge=just_now)) == {"去过"}
    with pytest.raises(Refused) as refused:
        the_map(manager, 14, nonsense="1")
    assert refused.value.code == "unknown_field"


@pytest.mark.parametrize("who", ["boss", "manager", "rep", "rep2", "stranger", "clerk"])
def test_everybody_sees_on_it_whom_he_sees_in_the_list(world: World, who: str) -> None:
    reader = world.person(who)
    for n, owner in enumerate(("rep", "rep2", "stranger")):
        new_shop(world.person(owner), f"{owner}的店", geo_lat=36.0 + n / 10)
    pool = new_shop(world.person("rep"), "公海的店", geo_lat=36.5)
    world.person("boss").do("customer.assign", ids=[pool], owner_id=None)
    answer = the_map(reader, 14)
    listed = {row["name"] for row in reader.get("/api/customers")["items"]}
    assert names(answer) == listed
    assert answer["whole"]["placed"] == len(listed)
