"""`xunke ops`, beside a running server."""

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from server import cli
from server.records.ids import uuid7
from tests.support.fieldwork import uploaded
from tests.support.world import World

UNIT = "0190f2c4-0000-7000-8000-00000000000a"
Console = Callable[..., tuple[int, str, str]]


@pytest.fixture
def console(world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Console:
    """`console("ops", …)`: exit status, what was said, and what was complained about."""
    settings = world.app.state.services.settings
    monkeypatch.setenv("XUNKE_DATA", str(settings.data))
    monkeypatch.setenv("XUNKE_DATABASE", settings.database)

    def run(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        status = cli.main(["ops", *words])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def _quarantined(world: World, *names: str) -> list[dict[str, Any]]:
    phone, desk = world.person("boss"), world.person("boss", "laptop")
    desk.do("device.revoke", id=phone.device_id)
    ops = [
        phone.op("option.create", {"id": f"{UNIT[:-1]}{n}", "values": {"list_name": "unit", "name": name}})
        for n, name in enumerate(names)
    ]
    phone.push(*ops)
    return ops


def test_kept_ops_are_listed_shown_run_and_set_aside(world: World, console: Console) -> None:
    assert console()[:2] == (0, "No ops are kept.\n")
    rep = world.person("rep")
    unknown = rep.op("drone.fly", {"to": "shop"}, version=3)
    rep.push(unknown)
    first, _ = _quarantined(world, "托", "桶")

    status, out, _ = console("list")
    assert status == 0
    head, *lines = out.splitlines()
    assert head.split() == ["received", "who", "device", "command", "version", "code", "age", "op"]
    assert next(line.split()[2:8] for line in lines) == [
        "张三",
        "test",
        rep.device_id[-6:],
        "drone.fly",
        "3",
        "unknown_command",
    ]
    assert len(lines) == 3

    status, out, _ = console("show", unknown["id"][-8:])
    assert status == 0
    assert '"to": "shop"' in out
    assert "known by this server        False" in out

    status, out, _ = console("replay", world.person("boss").device_id, first["id"])
    assert status == 0
    assert "applied" in out
    assert world.person("boss", "laptop").get("/api/options", list_name="unit", name="托")["items"]
    assert console("replay", "--command", "drone.fly")[0] == 1  # still unknown
    status, out, _ = console("replay", "--all")
    assert status == 1
    assert "applied" in out

    assert console("set-aside", unknown["id"])[0] == 0
    assert rep.push(unknown)[0]["code"] == "set_aside"
    assert console("list")[1] == "No ops are kept.\n"


def test_the_console_says_what_is_wrong(
    world: World, console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert console("replay")[0] == 2
    status, _, err = console("show", "nothing")
    assert status == 2
    assert "No kept op ends in nothing" in err
    assert console("show", "1", "2", "3")[0] == 2
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("XUNKE_DATABASE", f"sqlite:///{tmp_path}/none.db")
        status, _, err = console("list")
    assert status == 2
    assert "There is no database" in err


def _file(world: World, ops: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    rep = world.person("rep")
    return {
        "format": "xunke-outbox", "version": 2, "app": "0.1.0", "exported_at": "2026-11-21T12:00:00.000Z",
        "device": {"id": rep.device_id}, "employee": {"id": rep.id, "name": "张三"},
        "ops": [{**op, "employee": rep.id, "result": None} for op in ops], "photos": [], **more,
    }  # fmt: skip


def test_an_exported_outbox_is_delivered_once(world: World, console: Console, tmp_path: Path) -> None:
    rep = world.person("rep")
    customer = {"id": UNIT, "values": {"name": "王记超市", "mobile": "13800000001"}}
    sent, waiting = (
        rep.op("customer.create", customer),
        rep.op("customer.edit", {"id": UNIT, "set": {"city": [None, "青岛市"]}}),
    )
    waiting["needs"] = [sent["id"]]
    bad = rep.op("customer.edit", {"id": UNIT, "set": {"name": ["王记超市", ""]}})
    [before] = rep.push(sent)
    path = tmp_path / "xunke-2026-11-21.json"
    path.write_text(json.dumps(_file(world, [sent, waiting, bad])), "utf-8")

    status, out, _ = console("import", str(path))
    assert status == 1  # one was rejected
    lines = [line.split() for line in out.splitlines()]
    assert lines[2][-4:] == ["applied", "had", "it", "before"]
    assert lines[3][-2:] == ["customer.edit", "applied"]
    assert lines[4][-2:] == ["rejected", "required"]
    assert rep.get(f"/api/customers/{UNIT}")["city"] == "青岛市"

    # The phone finds a network after all: the stored results, nothing twice, and it is still one phone.
    answer = rep.client.post(
        "/sync/v1/push", json={"device": rep.device_id, "schema": 2, "ops": [sent, waiting, bad]}
    ).json()
    assert answer["results"][0] == before
    assert [result["status"] for result in answer["results"]] == ["applied", "applied", "rejected"]
    assert "clone" not in answer
    assert console("import", str(path))[1].count("had it before") == 3


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("\x00\x01 a photo", "no file exported from the sync page"),
        ('{"name": "package.json"}', "no file exported from the sync page"),
        ('[1, 2]', "no file exported from the sync page"),
        ('{"format": "xunke-outbox", "version": 2, "ops": [{"id": "1"', "incomplete or damaged"),
        ('{"format": "xunke-outbox", "version": 7}', "upgrade the server first"),
        ('{"format": "xunke-outbox", "version": "x"}', "version"),
        ('{"format": "xunke-outbox", "version": 2, "device": {"id": "kurz"}, "employee": {"id": "e"}, "ops": []}', "device.id"),
        (None, "ops[1]"),
    ],
)  # fmt: skip
def test_a_wrong_file_changes_nothing_and_says_why(
    world: World, console: Console, tmp_path: Path, content: str | None, complaint: str
) -> None:
    rep = world.person("rep")
    good = tmp_path / "good.json"
    op = rep.op("customer.create", {"id": UNIT, "values": {"name": "王记超市", "mobile": "13800000001"}})
    good.write_text(json.dumps(_file(world, [op])), "utf-8")
    wrong = tmp_path / "wrong.json"
    wrong.write_text(json.dumps(_file(world, [op, {**op, "seq": "x"}])) if content is None else content, "utf-8")
    status, _, err = console("import", str(good), str(wrong))
    assert status == 2
    assert str(wrong) in err
    assert complaint in err
    assert rep.get("/api/customers")["items"] == []


def test_the_desk_imports_a_file_too(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    op = rep.op("customer.create", {"id": UNIT, "values": {"name": "王记超市", "mobile": "13800000001"}})
    answer = boss.post("/api/kept-ops/import", _file(world, [op]))
    [line] = answer["ops"]
    assert (line["employee"], line["status"], line["known"]) == ("张三", "applied", False)
    assert rep.get(f"/api/customers/{UNIT}")["created_by"] == rep.id
    assert boss.post("/api/kept-ops/import", _file(world, [op]))["ops"][0]["known"] is True
    assert rep.client.post("/api/kept-ops/import", json=_file(world, [op])).status_code == 403
    refused = boss.client.post("/api/kept-ops/import", json={"format": "zip"})
    assert (refused.status_code, refused.json()["code"]) == (422, "not_an_outbox")


def test_on_a_shared_phone_each_op_is_its_own_authors(world: World) -> None:
    rep, rep2, boss = world.person("rep"), world.person("rep2"), world.person("boss")
    shops = {uuid7(): person for person in (rep, rep2, rep)}
    ops = [
        {
            **rep.op("customer.create", {"id": row_id, "values": {"name": f"店{n}", "mobile": f"1380000000{n}"}}),
            "employee": person.id,
            "result": None,
        }
        for n, (row_id, person) in enumerate(shops.items())
    ]
    answer = boss.post("/api/kept-ops/import", {**_file(world, []), "ops": ops})
    assert [(line["employee"], line["status"]) for line in answer["ops"]] == [
        ("张三", "applied"), ("李四", "applied"), ("张三", "applied")
    ]  # fmt: skip
    for row_id, person in shops.items():
        assert boss.get(f"/api/customers/{row_id}")["owner_id"] == person.id


def test_work_of_somebody_who_left_and_of_a_lost_phone_is_not_run_by_an_import(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    op = rep.op("customer.create", {"id": UNIT, "values": {"name": "王记超市", "mobile": "13800000001"}})
    boss.do("device.revoke", id=rep.device_id)
    assert boss.post("/api/kept-ops/import", _file(world, [op]))["ops"][0]["code"] == "quarantined"
    boss.do("employee.edit", id=rep.id, set={"status": ["enabled", "disabled"]})
    op["id"] = op["id"][:-1] + "0"
    assert boss.post("/api/kept-ops/import", _file(world, [op]))["ops"][0]["code"] == "quarantined"


def test_the_file_that_the_app_writes_is_understood(world: World, console: Console, tmp_path: Path) -> None:
    """`outbox_export.json` is what the app's own test (pwa/src/sync/evolution.test.ts) makes with the app's own code."""
    rep, boss = world.person("rep"), world.person("boss")
    file = json.loads((Path(__file__).parent / "outbox_export.json").read_text("utf-8"))
    file["employee"]["id"] = rep.id
    for op in file["ops"]:
        op["employee"] = rep.id
    picture = b"\xff\xd8\xff not much of a picture"
    sha256 = hashlib.sha256(picture).hexdigest()
    photo = {"photo_id": UNIT, "sha256": sha256, "employee": rep.id, "bytes": base64.b64encode(picture).decode()}
    beside = b"\xff\xd8\xff another one"
    other = hashlib.sha256(beside).hexdigest()
    file["photos"] = [photo, {**photo, "sha256": other, "bytes": None}]
    path, jpeg = tmp_path / "xunke.json", tmp_path / f"{other}.jpg"
    path.write_text(json.dumps(file), "utf-8")
    jpeg.write_bytes(beside)
    status, out, err = console("import", str(path), str(jpeg))
    assert (status, err) == (0, "")
    assert "2 ops, 2 pictures" in out
    customer = file["ops"][0]["args"]["id"]
    assert boss.get(f"/api/customers/{customer}")["owner_id"] == rep.id
    assert [row["name"] for row in boss.get("/api/contacts", customer_id=customer, name="李会计")["items"]] == [
        "李会计"
    ]
    for stored in (sha256, other):
        assert uploaded(boss, stored)

    status, out, _ = console("import", str(path))
    assert status == 1  # a picture was not given along
    assert f"{other}.jpg" in out
