"""Apps of other versions: two releases old, and newer than the server. Nothing they have made is lost."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from server.kept.ops import run_understood
from server.records import commands
from server.records.commands import Context, command, is_understood, upcast
from server.records.ids import uuid7
from server.settings import Settings
from tests.support.databases import NewDatabase
from tests.support.world import COMPANY, Person, Refused, World, running

MANY = 500


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands two releases on: `contact.create` has its third version, and `contact.note` has become an edit."""
    monkeypatch.setattr(commands, "_commands", dict(commands._commands))
    monkeypatch.setattr(commands, "_upcasts", dict(commands._upcasts))
    create = commands._commands["contact.create"]
    commands._commands["contact.create"] = replace(create, version=3)

    @upcast("contact.create", 1)
    def name_in_two(args: dict[str, Any]) -> dict[str, Any]:
        values = dict(args["values"])
        values["name"] = values.pop("family_name") + values.pop("given_name")
        return {**args, "values": values}

    @upcast("contact.create", 2)
    def phone_renamed(args: dict[str, Any]) -> dict[str, Any]:
        values = dict(args["values"])
        if "telephone" in values:
            values["phone"] = values.pop("telephone")
        return {**args, "values": values}

    @upcast("contact.note", 1)
    def note_has_text(args: dict[str, Any]) -> dict[str, Any]:
        return {"contact": args["contact"], "text": args["note"]}

    @upcast("contact.note", 2, into="contact.edit")
    def note_is_a_remark(args: dict[str, Any]) -> dict[str, Any]:
        return {"id": args["contact"], "set": {"remark": [None, args["text"]]}}


def _push(person: Person, ops: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """As an app of the first release: schema 0, 200 ops at a time."""
    results: list[dict[str, Any]] = []
    for start in range(0, len(ops), 200):
        body = {"device": person.device_id, "schema": 0, "ops": ops[start : start + 200]}
        response = person.client.post("/sync/v1/push", json=body)
        assert response.status_code == 200, response.text
        results += response.json()["results"]
    return results


@pytest.mark.usefixtures("later")
def test_an_app_two_releases_old_delivers_everything(world: World) -> None:
    rep = world.person("rep")
    customer_id = rep.create("customer", name="王记超市", mobile="13800000001")
    ops: list[dict[str, Any]] = []
    names: dict[str, tuple[str, str | None, str | None]] = {}
    for n in range(MANY // 2):
        contact_id, version = uuid7(), n % 3 + 1
        values: dict[str, Any] = {"customer_id": customer_id, "name": f"王{n}"}
        phone = None
        if version == 1:
            values = {"customer_id": customer_id, "family_name": "王", "given_name": str(n)}
        if version < 3:
            values["telephone"] = phone = f"0532{n:07d}"
        ops.append(rep.op("contact.create", {"id": contact_id, "values": values}, version=version))
        note = {"contact": contact_id, "note" if n % 2 else "text": f"第{n}次"}
        ops.append(rep.op("contact.note", note, version=1 if n % 2 else 2, needs=[ops[-1]["id"]]))
        names[contact_id] = (f"王{n}", phone, f"第{n}次")
    with pytest.raises(Refused) as refused:
        rep.get("/sync/v1/pull", schema=0)
    assert (refused.value.status, refused.value.code) == (426, "upgrade_required")

    results = _push(rep, ops)
    assert {result["status"] for result in results} == {"applied"}
    rep.pull()
    held = {row["id"]: (row["name"], row["phone"], row["remark"]) for row in rep.cache["contact"].values()}
    assert {row_id: held[row_id] for row_id in names} == names
    assert _push(rep, ops) == results


@pytest.mark.usefixtures("later")
def test_an_old_op_that_makes_no_sense_is_rejected_not_kept(world: World) -> None:
    rep = world.person("rep")
    [result] = _push(rep, [rep.op("contact.note", {"remark": "?"}, version=1)])
    assert (result["status"], result["code"]) == ("rejected", "invalid_arguments")


def test_upcasts_that_go_in_a_circle_or_nowhere_are_no_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "_upcasts", {})
    upcast("one", 1, into="other")(lambda args: args)
    upcast("other", 1, into="one")(lambda args: args)
    upcast("third", 1, into="photo.judge")(lambda args: args)
    assert not any(is_understood(name, 1) for name in ("one", "other", "third", "photo.judge", "never.heard"))
    assert is_understood("contact.create", 1)
    assert not is_understood("contact.create", 99)
    with pytest.raises(RuntimeError, match="becomes itself"):
        upcast("one", 1, into="one")(lambda args: args)


class _FlyArgs(msgspec.Struct):
    name: str


def test_what_a_newer_app_sent_runs_when_the_server_is_upgraded(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In its author's name and device, with what waited for it, and once."""
    rep, boss, services = world.person("rep"), world.person("boss"), world.app.state.services
    customer_id = rep.create("customer", name="王记超市", mobile="13800000001")
    first = rep.op("contact.scan", {"name": "王强"})
    second = rep.op("contact.create", {"id": uuid7(), "values": {"customer_id": customer_id, "name": "二"}})
    second["needs"] = [first["id"]]
    newer = rep.op("contact.create", {"id": uuid7(), "values": {"customer_id": customer_id, "name": "三"}}, version=9)
    codes = [result["code"] for result in rep.push(first, second, newer)]
    assert codes == ["unknown_command", "needs_missing", "unknown_command"]
    assert run_understood(services.writer) == 0

    monkeypatch.setattr(commands, "_commands", dict(commands._commands))
    made: list[tuple[str, str | None, str]] = []

    @command("contact.scan", _FlyArgs, permission="customer.view")
    def scan(context: Context, args: _FlyArgs) -> None:
        made.append((context.actor.employee_id, context.actor.device_id, args.name))

    assert run_understood(services.writer) == 1
    assert made == [(rep.id, rep.device_id, "王强")]
    assert [result["status"] for result in rep.push(first, second)] == ["applied", "applied"]
    assert run_understood(services.writer) == 0
    [kept] = boss.get("/api/kept-ops")
    assert (kept["command"], kept["version"], kept["device"]) == ("contact.create", 9, "test")


def test_an_upgraded_server_runs_what_it_kept_when_it_starts(
    new_database: NewDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(data=tmp_path / "data", database=new_database(COMPANY), pwa=tmp_path / "no-pwa")
    with running(settings) as older:
        rep = older.person("rep")
        op = rep.op("contact.scan", {"name": "王强"})
        assert [result["code"] for result in rep.push(op)] == ["unknown_command"]
    monkeypatch.setattr(commands, "_commands", dict(commands._commands))
    made: list[str] = []

    @command("contact.scan", _FlyArgs, permission="customer.view")
    def scan(context: Context, args: _FlyArgs) -> None:
        made.append(args.name)

    with running(settings) as newer:
        again = newer.sign_in("rep", rep.device_id, rep.key)
        for _ in range(100):
            if again.push(op)[0]["status"] == "applied":
                break
            time.sleep(0.05)
        else:
            pytest.fail("nobody has run it")
    assert made == ["王强"]
