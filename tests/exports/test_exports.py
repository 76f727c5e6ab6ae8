"""Exports behind the request: watched, fetched in parts, kept for some hours for whom they were made and for nobody else."""

import hashlib
import io
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select, update

from server.company.setup import system_context
from server.exports import jobs
from server.exports.making import Asked
from server.exports.models import export_job, export_part
from server.exports.ranges import part_asked
from server.exports.schedule import forget_exports
from server.exports.work import gone
from server.people.logins import load_actor
from server.records.ids import uuid7
from tests.customers.test_import_goes_on import EndsAfter
from tests.support.world import Person, Refused, World

CUSTOMERS = {"kind": "list", "of": "customers"}


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "PIECE", 700)
    monkeypatch.setattr("server.exports.routes.PIECE", 700)


def started(person: Person, **asked: Any) -> dict[str, Any]:
    return dict(person.post("/api/exports", {**CUSTOMERS, **asked}))


def made(person: Person, state: str = "done", **asked: Any) -> dict[str, Any]:
    job = started(person, **asked)
    end = time.monotonic() + 60
    while job["state"] == "writing" and time.monotonic() < end:
        time.sleep(0.02)
        job = person.get(f"/api/exports/{job['id']}")
    assert job["state"] == state, job
    return job


def fetched(person: Person, job: dict[str, Any], **headers: str) -> Any:
    return person.client.get(
        f"/api/exports/{job['id']}/file", headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


def refused(person: Person, method: str, job: dict[str, Any], path: str = "") -> tuple[int, str]:
    response = person.client.request(method, f"/api/exports/{job['id']}{path}")
    return response.status_code, response.json()["code"]


def with_shops(world: World, count: int = 3) -> Person:
    manager = world.person("manager")
    for number in range(count):
        manager.create("customer", name=f"导出店{number}", mobile=f"1380000010{number}")
    return manager


def test_a_file_that_is_cut_off_is_gone_on_with_and_is_the_same(world: World) -> None:
    manager = with_shops(world)
    job = made(manager, title="客户", query={"columns": "name", "sort": "name"})
    assert (job["rows"], job["asked"]["title"]) == (6, "客户")  # customers, then their contacts
    whole = fetched(manager, job)
    etag, size = whole.headers["etag"], len(whole.content)
    assert (whole.status_code, whole.headers["accept-ranges"], job["size"]) == (200, "bytes", size)
    assert etag == f'"{hashlib.sha256(whole.content).hexdigest()}"'
    assert size > 3 * 700
    sheet = load_workbook(io.BytesIO(whole.content)).worksheets[0]
    assert [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)] == ["导出店0", "导出店1", "导出店2"]

    for cut in (1, 699, 700, 701, 1500, size - 1):
        first = fetched(manager, job, range=f"bytes=0-{cut - 1}")
        rest = fetched(manager, job, range=f"bytes={cut}-", if_range=etag)
        assert (first.status_code, rest.status_code) == (206, 206)
        assert rest.headers["content-range"] == f"bytes {cut}-{size - 1}/{size}"
        assert first.content + rest.content == whole.content
    other = fetched(manager, job, range="bytes=10-", if_range='"another file"')
    assert (other.status_code, other.content) == (200, whole.content)
    beyond = fetched(manager, job, range=f"bytes={size}-")
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{size}")

    # A page that is loaded anew finds it; who has it throws it away.
    assert [one["id"] for one in manager.get("/api/exports")["items"]] == [job["id"]]
    assert manager.client.delete(f"/api/exports/{job['id']}").status_code == 204
    assert manager.get("/api/exports")["items"] == []
    assert refused(manager, "GET", job, "/file") == (404, "not_found")


def test_parts_by_the_rules_of_http() -> None:
    def asked(header: str | None, condition: str | None = None) -> tuple[int, int] | None:
        return part_asked(header, condition, '"it"', 100)

    assert asked("bytes=0-") == (0, 100)
    assert asked("bytes=90-200", '"it"') == (90, 100)
    assert asked("bytes=-10") == (90, 100)
    assert asked("bytes=-500") == (0, 100)
    assert asked("bytes=100-") == asked("bytes=-0") == (100, 100)
    for whole in (None, "", "bytes=5-4", "bytes=0-1,5-6", "lines=0-1", "bytes=-", "bytes=x-"):
        assert asked(whole) is None
    assert asked("bytes=5-", '"other"') is None


def test_nobody_else_knows_of_it(world: World) -> None:
    manager = with_shops(world)
    job = made(manager)
    boss = world.person("boss")
    for method, path in (("GET", ""), ("GET", "/file"), ("DELETE", "")):
        assert refused(boss, method, job, path) == (404, "not_found")
    assert boss.get("/api/exports")["items"] == []
    assert world.client().get(f"/api/exports/{job['id']}/file").status_code == 401
    assert fetched(manager, job).status_code == 200


def test_who_lost_the_right_does_not_get_the_file(world: World) -> None:
    manager, boss = with_shops(world), world.person("boss")
    job = made(manager)
    role = manager.me["employee"]["role_id"]
    granted = boss.get(f"/api/roles/{role}")["permissions"]
    less = {name: scope for name, scope in granted.items() if name != "customer.export"}
    boss.do("role.edit", id=role, set={"permissions": [granted, less]})
    assert refused(manager, "GET", job, "/file") == (403, "forbidden")
    with pytest.raises(Refused) as found:
        started(manager)
    assert found.value.code == "forbidden"
    # Who may see other things than when it was made exports it again.
    narrower = {**granted, "customer.view": "own", "customer.export": "own"}
    boss.do("role.edit", id=role, set={"permissions": [less, narrower]})
    assert refused(manager, "GET", job, "/file") == (403, "export_outdated")
    fresh = made(manager)
    assert fetched(manager, fresh).status_code == 200
    boss.do("employee.edit", id=manager.id, set={"status": ["enabled", "disabled"]})
    assert refused(manager, "GET", fresh, "/file") == (403, "device_revoked")


def test_what_cannot_be_exported_is_said_before_it_begins(world: World) -> None:
    rep, manager = world.person("rep"), world.person("manager")

    def code(person: Person, **asked: Any) -> str:
        with pytest.raises(Refused) as found:
            started(person, **asked)
        return found.value.code

    assert code(rep) == "forbidden"
    assert code(manager, of="passwords") == code(manager, of="customers", ending="pdf") == "not_found"
    assert code(manager, query={"no_such_field": "1"}) == "unknown_field"
    assert code(manager, kind="report", of="no.report") == "not_found"
    assert code(rep, kind="report", of="customers.count") == "forbidden"


@pytest.mark.parametrize(("ending", "start"), [("xlsx", b"PK"), ("pdf", b"%PDF")])
def test_a_report_leaves_the_same_way(world: World, ending: str, start: bytes) -> None:
    manager = with_shops(world)
    job = made(manager, kind="report", of="customers.count", ending=ending, query={"language": "en"})
    assert job["file_name"].startswith("customers-count-")
    assert job["file_name"].endswith(ending)
    assert fetched(manager, job).content.startswith(start)


def test_a_server_that_ends_leaves_word_and_it_is_started_again(world: World) -> None:
    manager = with_shops(world)
    services = world.app.state.services
    kept, services.stopping = services.stopping, EndsAfter(1)
    job = made(manager, "failed")
    assert (job["code"], job["text"]) == ("export_interrupted", "导出被中断，请重新开始")
    assert refused(manager, "GET", job, "/file") == (409, "export_not_ready")
    services.stopping = kept
    again = made(manager, **job["asked"])
    assert fetched(manager, again).status_code == 200


def test_one_whose_server_was_killed_is_not_waited_for(world: World) -> None:
    manager = with_shops(world)
    services, job_id = world.app.state.services, uuid7()

    def of_before(session: Any) -> None:
        actor = load_actor(session, manager.id)
        assert actor is not None
        jobs.new_job(session, actor, job_id, Asked("list", "customers"), gone(services))
        silent = datetime.now(UTC) - 2 * jobs.SILENCE
        session.execute(update(export_job).values(touched_at=silent))

    services.writer.call(of_before)
    state = manager.get(f"/api/exports/{job_id}")
    assert (state["state"], state["code"]) == ("failed", "export_interrupted")


def test_not_more_than_a_few_at_a_time(world: World) -> None:
    manager = with_shops(world)
    services = world.app.state.services
    ids = [uuid7() for _ in range(jobs.MOST_WRITING)]

    def of_before(session: Any) -> None:
        actor = load_actor(session, manager.id)
        assert actor is not None
        for job_id in ids:
            jobs.new_job(session, actor, job_id, Asked("list", "customers"), lambda *_: False)

    services.writer.call(of_before)
    services.exports.update(dict.fromkeys(ids))
    with pytest.raises(Refused) as found:
        started(manager)
    assert (found.value.status, found.value.code) == (429, "exports_busy")
    for job_id in ids:
        services.exports.pop(job_id)


def test_old_files_are_thrown_away(world: World) -> None:
    manager = with_shops(world)
    old, young = made(manager), made(manager)
    services = world.app.state.services

    def later(session: Any) -> Any:
        past = datetime.now(UTC) - jobs.KEPT - timedelta(minutes=1)
        session.execute(update(export_job).where(export_job.c.id == old["id"]).values(created_at=past))

    services.writer.call(later)
    assert refused(manager, "GET", old, "/file") == (404, "not_found")  # also before it is swept
    done = services.writer.call(lambda session: forget_exports(system_context(session)))
    assert (done.counts, done.more) == ({"removed": 1}, False)
    left = services.writer.call(
        lambda session: session.scalars(select(export_part.c.job_id).group_by(export_part.c.job_id)).all()
    )
    assert left == [young["id"]]
    assert services.writer.call(lambda session: session.scalar(select(func.count()).select_from(export_job))) == 1
