"""New columns reach rows that nobody writes: the shape of a pull, and the values of single columns."""

import pytest

from server.api.sync import SCHEMA
from server.records.shape import shape
from sync.pages import TypePage, rows_of
from tests.support.world import Person, Refused, World


def _fill(person: Person, record: str, columns: str, after: str = "") -> tuple[list[dict[str, object]], str | None]:
    answer = person.get("/sync/v1/fill", type=record, columns=columns, after=after)
    page = TypePage(answer.get("columns", []), answer.get("values", []), answer.get("root", ""))
    return rows_of(page) if page.columns else [], answer.get("after")


def test_a_pull_says_which_columns_rows_have_where_that_differs(world: World) -> None:
    rep = world.person("rep")
    first = rep.get("/sync/v1/pull", schema=SCHEMA)
    assert first["shape"]["id"] == shape().id
    assert "name" in first["shape"]["types"]["customer"]
    assert "login_log" not in first["shape"]["types"]
    rep.pull()
    assert "shape" not in rep.get("/sync/v1/pull", cursor=rep.cursor, shape=shape().id, schema=SCHEMA)
    assert "shape" not in rep.get("/sync/v1/pull", cursor=rep.cursor, schema=SCHEMA)
    older = rep.get("/sync/v1/pull", cursor=rep.cursor, shape="00000000", schema=SCHEMA)
    assert older["shape"] == first["shape"]


def test_a_fill_has_the_values_of_what_the_device_holds(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rep, rep2 = world.person("rep"), world.person("rep2")
    held = [
        rep.create("customer", name=f"客户{n}", mobile=f"1380000000{n}", city="青岛市" if n % 2 else None)
        for n in range(6)
    ]
    rep2.create("customer", name="别人的", mobile="13900000000", city="济南市")
    rep.pull()
    rows, after = _fill(rep, "customer", "city,district")
    assert [(row["id"], row["city"]) for row in rows] == [(row_id, "青岛市") for row_id in sorted(held[1::2])]
    assert after is None
    assert all(row["rev"] == rep.cache["customer"][str(row["id"])]["rev"] for row in rows)
    assert all(row["root"] == f"customer:{row['id']}" for row in rows)

    monkeypatch.setattr("server.records.shape.FILL_ROWS", 2)
    first, after = _fill(rep, "customer", "city,district")
    assert (first, after) == (rows[:2], rows[1]["id"])
    assert _fill(rep, "customer", "city,district", str(after)) == (rows[2:], None)
    assert _fill(rep, "customer", "city", after=sorted(held)[-1]) == ([], None)
    # What is not for the role, is no record, or was moved away has no rows.
    assert _fill(rep, "login_log", "username") == ([], None)
    assert _fill(rep, "nothing", "name") == ([], None)
    world.person("clerk").do("customer.assign", ids=held, owner_id=rep2.id)
    assert _fill(rep, "customer", "city") == ([], None)
    with pytest.raises(Refused) as refused:
        _fill(rep, "customer", "name,secret")
    assert (refused.value.status, refused.value.code) == (422, "unknown_column")
