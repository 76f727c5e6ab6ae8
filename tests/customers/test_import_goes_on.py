"""An import that is interrupted, wherever it is, goes on where it was: nothing is read, imported or told twice."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.api.state import Services
from server.customers.importing import work
from tests.customers.dirty_workbook import clean, dirty_rows, workbook
from tests.customers.test_import import rows_of, upload, wait
from tests.support.databases import NewDatabase
from tests.support.live_server import LiveServer
from tests.support.world import COMPANY, PASSWORD, Person, World


class EndsAfter:
    """A server that ends when its import has looked so many times whether it does."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def is_set(self) -> bool:
        self.left -= 1
        return self.left < 0

    def set(self) -> None:
        self.left = 0


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "_STORE", 7)
    monkeypatch.setattr(work, "_BATCH", 3)


def mixed() -> bytes:
    """Every kind of dirt, parents above, below and in a circle, and contacts of good and bad customers."""
    rows = [row for _, row in dirty_rows()]
    rows += [
        {**clean(f"分公司{n}", 700 + n), "上级客户": f"分公司{n + 1}" if n < 6 else "总公司"} for n in range(1, 7)
    ]
    rows += [clean("总公司", 750), {**clean("甲", 751), "上级客户": "乙"}, {**clean("乙", 752), "上级客户": "甲"}]
    rows.append({**clean("甲的部门", 753), "上级客户": "甲"})
    names = ["总公司", "分公司1", "甲", "no_phone 有限公司", "查无此店"]
    return workbook(rows, [{"客户名称": name, "联系人": f"{name}的会计"} for name in names])


def told(person: Person, job: dict[str, Any]) -> list[Any]:
    """What the preview says, without ids."""
    rows = rows_of(person, job)
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    return [
        (row["sheet"], row["row"], row["state"], row["title"], [error["text"] for error in row["errors"]])
        for row in rows
    ]


@contextmanager
def interrupted(world: World, steps: int) -> Iterator[Services]:
    services: Services = world.app.state.services
    kept, services.stopping = services.stopping, EndsAfter(steps)  # type: ignore[assignment] # ends by itself
    yield services
    services.stopping = kept


@pytest.mark.slow
@pytest.mark.parametrize("steps", [0, 1, 3, 7, 8, 9, 10, 11])
def test_reading_goes_on_at_every_step(world: World, small_steps: None, steps: int) -> None:
    clerk = world.person("clerk")
    whole = told(clerk, upload(clerk, mixed()))
    with interrupted(world, steps) as services:
        answer = clerk.client.post("/api/imports/customers", content=mixed(), params={"name": "客户.xlsx"}).json()
        quiet(answer["id"])
        assert clerk.get(f"/api/imports/{answer['id']}")["state"] == "reading"
    assert work.go_on(services, timedelta(0)) == [answer["id"]]
    assert told(clerk, wait(clerk, answer["id"], "preview")) == whole
    assert work.go_on(services, timedelta(0)) == []


@pytest.mark.slow
@pytest.mark.parametrize("steps", [0, 1, 2, 4, 6])
def test_importing_goes_on_at_every_step(world: World, small_steps: None, steps: int) -> None:
    clerk = world.person("clerk")
    job = upload(clerk, mixed())
    good = job["total"]
    with interrupted(world, steps) as services:
        clerk.post(f"/api/imports/{job['id']}/commit", None)
        quiet(job["id"])
        assert clerk.get(f"/api/imports/{job['id']}")["state"] == "importing"
    work.go_on(services, timedelta(0))
    done = wait(clerk, job["id"], "done")
    assert done["done"] == good == sum(counts.get("imported", 0) for counts in done["counts"].values())
    customers = clerk.get("/api/customers", limit=200)["items"]
    assert len(customers) == len({row["name"] for row in customers}) == done["counts"]["customer"]["imported"]
    by_name = {row["name"]: row for row in customers}
    assert by_name["分公司1"]["parent_id"] == by_name["分公司2"]["id"]
    assert by_name["分公司6"]["parent_id"] == by_name["总公司"]["id"]


def quiet(job_id: str) -> None:
    deadline = time.monotonic() + 30
    while job_id in work._at_work:
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.slow
def test_a_killed_server_goes_on_when_it_starts_again(new_database: NewDatabase, tmp_path: Path) -> None:
    url = new_database(COMPANY)
    if not url.startswith("sqlite"):
        pytest.skip("beside PostgreSQL other servers may be at work: a minute of silence comes first, as above")
    server = LiveServer(tmp_path / "data", {"XUNKE_DATABASE": url})
    server.start()
    try:
        with httpx.Client(base_url=server.url, timeout=60, headers={"origin": server.url}) as client:
            device = {"id": str(uuid.uuid4()), "name": "desk"}
            body = {"username": "clerk", "password": PASSWORD, "device": device}
            client.post("/api/login", json=body).raise_for_status()
            rows = [clean(f"第{n}家商店", n) for n in range(1, 3001)]
            answer = client.post("/api/imports/customers", content=workbook(rows), params={"name": "客户.xlsx"})
            job = answer.json()["id"]
            seen = reached(client, job, "reading", 500)
            server.kill()
            server.start()
            assert reached(client, job, "preview", 0)["total"] == 3000
            client.post(f"/api/imports/{job}/commit")
            seen = reached(client, job, "importing", 300)
            assert seen["done"] < 3000
            server.kill()
            server.start()
            done = reached(client, job, "done", 0)
            assert (done["done"], done["counts"]) == (3000, {"customer": {"imported": 3000}})
            assert client.get("/api/customers/summary").json()["count"]["value"] == 3000
    finally:
        server.stop()


def reached(client: httpx.Client, job: str, state: str, done: int) -> dict[str, Any]:
    """Asks until it is there; the state after it is too late."""
    deadline = time.monotonic() + 120
    while True:
        found: dict[str, Any] = client.get(f"/api/imports/{job}").json()
        if found["state"] == state and found["done"] >= done:
            return found
        assert found["state"] in ("reading", "importing", "interrupted", "preview"), found
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
