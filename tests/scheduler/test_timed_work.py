"""Timed work as people see it: the pool takes customers back at night, and an administrator looks after the jobs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from server.company.zone import company_zone
from server.customers.models import Customer
from server.scheduler.jobs import jobs
from server.scheduler.runs import run_due
from tests.support.fieldwork import shop_values
from tests.support.world import Refused, World


def night(world: World, at: datetime) -> None:
    """A server looks at this moment."""
    services = world.app.state.services
    world.in_loop(run_due, services.reader, services.writer, "night", lambda: at, company_zone)


def states(world: World) -> dict[str, dict[str, Any]]:
    return {state["job"]: state for state in world.person("boss").get("/api/scheduled-jobs")}


def test_the_pool_takes_back_at_night_what_nobody_follows(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    shop = rep.create("customer", **shop_values("没人管的店", mobile="13900000001"))
    kept = rep.create("customer", **shop_values("新客户", mobile="13900000002"))
    company = boss.get("/api/companies")["items"][0]
    boss.do("company.edit", id=company["id"], set={"recovery_days": [30, 30]})

    def long_ago(session: Any) -> None:
        session.get(Customer, shop).created_at = datetime.now(UTC) - timedelta(days=40)
        session.get(Customer, shop).owned_since = datetime.now(UTC) - timedelta(days=40)

    world.app.state.services.writer.call(long_ago)
    rep.pull()
    now = datetime.now(UTC)
    night(world, now)
    night(world, now + timedelta(days=1))
    page = rep.pull()
    assert page["drop"] == [f"customer:{shop}"]
    assert set(rep.cache["customer"]) == {kept}
    run = states(world)["customers.recover"]["runs"][0]
    assert (run["outcome"], run["result"]) == ("done", {"customers": 1})


def test_every_job_says_when_it_comes_next(world: World) -> None:
    found = states(world)
    assert set(found) == {job.name for job in jobs()}
    for state in found.values():
        assert datetime.fromisoformat(state["next_at"]) > datetime.now(UTC)
        assert (state["daily_at"] is None) != (state["every_seconds"] is None)


def test_an_administrator_lets_a_job_run_at_once(world: World) -> None:
    boss = world.person("boss")
    boss.do("schedule.run", job="runs.forget")
    waiting = states(world)["runs.forget"]["runs"][0]
    assert (waiting["asked_by"], waiting["outcome"]) == ("王总", None)
    night(world, datetime.now(UTC))
    done = states(world)["runs.forget"]["runs"][0]
    assert (done["outcome"], done["missed"]) == ("done", 0)
    with pytest.raises(Refused, match="404"):
        boss.do("schedule.run", job="no.such")


def test_others_neither_see_nor_start_timed_work(world: World) -> None:
    manager = world.person("manager")
    with pytest.raises(Refused, match="403"):
        manager.get("/api/scheduled-jobs")
    with pytest.raises(Refused, match="403"):
        manager.do("schedule.run", job="runs.forget")
