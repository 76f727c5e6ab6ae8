"""/metrics counts what happens, and is closed to the world."""

import re
import time
from collections.abc import Callable

import pytest
from sqlalchemy import text

from server.settings import SettingError, load
from tests.support.world import Person, World

TOKEN = "a-long-enough-secret"
MakeWorld = Callable[..., World]


def read(person: Person, **headers: str) -> dict[str, float]:
    """Sample → value, as a monitor reads them."""
    headers = headers or {"authorization": f"Bearer {TOKEN}"}
    answer = person.client.get("/metrics", headers=headers)
    assert answer.status_code == 200, answer.text
    lines = [line for line in answer.text.splitlines() if line and not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


@pytest.fixture
def watched(make_world: MakeWorld) -> World:
    return make_world(metrics=f"token:{TOKEN}")


def test_what_happened_is_counted(watched: World) -> None:
    boss = watched.person("boss")
    unit = {"id": "0190f2c4-0000-7000-8000-00000000000a", "values": {"list_name": "unit", "name": "托"}}
    boss.push(boss.op("option.create", unit), boss.op("drone.fly", {}), boss.op("option.create", unit))
    boss.pull()
    found = read(boss)
    assert found['xunke_requests_total{method="POST",route="/sync/v1/push",status="200"}'] == 1
    assert found['xunke_request_seconds_count{method="POST",route="/sync/v1/push"}'] == 1
    assert found['xunke_push_ops_total{code="",status="applied"}'] == 1
    assert found['xunke_push_ops_total{code="already_exists",status="rejected"}'] == 1
    assert found['xunke_kept_ops{code="unknown_command"}'] == 1
    assert found["xunke_pull_rows_total"] > 0
    assert found['xunke_pull_pages_total{kind="page"}'] >= 1
    assert found["xunke_commit_jobs_count"] >= 1
    assert found["xunke_writer_waiting"] == 0
    assert found['xunke_devices{contact="1h"}'] == 1
    assert found["xunke_database_bytes"] > 0
    assert found["xunke_feed_lag_seconds"] >= 0


def test_a_transaction_that_stays_open_is_seen_in_the_lag_of_the_feed(watched: World) -> None:
    boss, engine = watched.person("boss"), watched.app.state.services.reader.engine
    if engine.dialect.name == "sqlite":
        found = read(boss)
        assert (found["xunke_feed_lag_seconds"], found["xunke_feed_lag_transactions"]) == (0, 0)
        return
    with engine.connect() as stalled:
        stalled.execute(text("SELECT pg_current_xact_id()"))
        time.sleep(0.2)
        boss.do(
            "option.create", id="0190f2c4-0000-7000-8000-00000000000a", values={"list_name": "unit", "name": "托"}
        )
        found = read(boss)
        assert found["xunke_feed_lag_seconds"] >= 0.2
        assert found["xunke_feed_lag_transactions"] >= 2
        assert boss.get("/api/sync-state")["lag_seconds"] >= 0.2
    assert read(boss)["xunke_feed_lag_seconds"] < 0.2


def test_a_pull_without_news_counts_as_empty(watched: World) -> None:
    rep = watched.person("rep")
    rep.pull()
    rep.pull()
    before = read(rep)['xunke_pull_pages_total{kind="empty"}']
    rep.pull()
    assert read(rep)['xunke_pull_pages_total{kind="empty"}'] == before + 1


def test_labels_are_bounded_and_name_nobody(watched: World) -> None:
    rep = watched.person("rep")
    for path in ("/api/customers/0190f2c4-0000-7000-8000-00000000000a", "/api/customers/王记超市", "/nowhere/at/all"):
        rep.client.get(path)
    rep.push(rep.op("王记超市.开门", {}))
    text = rep.client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"}).text
    labels = set(re.findall(r'(\w+)="', text))
    assert labels <= {
        "method",
        "route",
        "status",
        "code",
        "kind",
        "le",
        "contact",
        "version",
        "channel",
        "outcome",
        "state",
    }
    assert 'route="/api/customers/{row_id}"' in text
    assert not re.search("王记|nowhere|0190f2c4", text)


def test_a_refused_request_is_counted_by_its_code(watched: World) -> None:
    rep = watched.person("rep")
    rep.client.get("/api/kept-ops")
    assert read(rep)['xunke_problems_total{code="forbidden"}'] == 1


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong-secret-of-some-length", f"Basic {TOKEN}"])
def test_without_the_token_nothing_is_told(watched: World, header: str) -> None:
    answer = watched.person("rep").client.get("/metrics", headers={"authorization": header} if header else {})
    assert (answer.status_code, answer.json()["code"]) == (403, "metrics_closed")


def test_off_is_as_if_it_were_not_there(make_world: MakeWorld) -> None:
    assert make_world(metrics="off").person("boss").client.get("/metrics").status_code == 404


def test_a_stranger_is_not_this_machine(world: World) -> None:
    assert world.person("boss").client.get("/metrics").status_code == 403


def test_a_short_token_is_refused_at_start() -> None:
    with pytest.raises(SettingError, match="XUNKE_METRICS"):
        load({"XUNKE_METRICS": "token:short"})
