"""Documents of a customer: from the phone to the desk, checked by content, and never more than a download."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import update

from server.company.zone import company_zone
from server.database import Reader, read_engine
from server.photos import keeping, unnamed
from server.photos.models import blob
from server.records.actor import SYSTEM
from server.records.audit import Cause
from server.records.commands import Context
from server.records.ids import uuid7
from server.scheduler.jobs import job_named
from sync import journal
from tests.support.fieldwork import new_shop, upload
from tests.support.files import SAMPLES, office, ole, packed
from tests.support.world import Person, Refused, World

pytestmark = pytest.mark.stories

MEGABYTE = 1024 * 1024


def added(person: Person, customer: str, name: str, data: bytes, **more: Any) -> str:
    """A document handed in by an outbox: its record first, then its bytes. Its id."""
    row_id, args = uuid7(), named(name, data)
    [result] = person.push(person.op("attachment.add", {"id": row_id, "customer_id": customer, **args, **more}))
    assert result["status"] == "applied", result
    assert upload(person, data, args["sha256"]).status_code == 201
    return row_id


def named(name: str, data: bytes) -> dict[str, Any]:
    return {"name": name, "sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}


def row(person: Person, row_id: str) -> dict[str, Any]:
    found: dict[str, Any] = person.get(f"/api/attachments/{row_id}")
    return found


def code(person: Person, row_id: str) -> tuple[int, str | None]:
    """What asking for the bytes is answered with."""
    response = person.client.get(f"/media/v1/files/{row_id}")
    return response.status_code, None if response.status_code == 200 else response.json()["code"]


def test_a_contract_goes_from_the_phone_to_the_desk_and_to_nobody_else(world: World) -> None:
    rep, clerk, stranger = world.person("rep"), world.person("clerk"), world.person("stranger")
    shop = new_shop(rep)
    category = rep.get("/api/options", list_name="document_category", name="合同文档")["items"][0]["id"]
    data, name = office("docx"), "年度供货合同（2026）.docx"
    row_id, args = uuid7(), named("年度供货合同（2026）.docx", office("docx"))
    op = rep.op(
        "attachment.add", {"id": row_id, "customer_id": shop, **args, "category_id": category, "note": " 正本 "}
    )
    [result] = rep.push(op)
    assert result["status"] == "applied"
    rep.pull()
    held = rep.cache["attachment"][row_id]
    assert (held["name"], held["state"], held["kind"], held["note"]) == (name, "waiting", "docx", "正本")
    assert code(clerk, row_id) == (404, "file_not_here")

    assert upload(rep, data, args["sha256"]).status_code == 201
    rep.pull()
    assert rep.cache["attachment"][row_id]["state"] == "ready"
    answer = clerk.client.get(f"/media/v1/files/{row_id}")
    assert answer.content == data
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith('attachment; filename="')
    assert answer.headers["content-disposition"].endswith(f"; filename*=UTF-8''{quote(name, safe='')}")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "private, no-cache"
    etag = {"if-none-match": answer.headers["etag"]}
    assert clerk.client.get(f"/media/v1/files/{row_id}", headers=etag).status_code == 304
    assert code(stranger, row_id) == (404, "not_found")
    assert stranger.client.get(f"/media/v1/files/{row_id}", headers=etag).status_code == 404

    again = rep.push(op)  # the answer was lost: sent once more, it is one document
    assert (again[0]["status"], rep.get("/api/attachments")["items"][0]["id"]) == ("applied", row_id)
    [event] = [one for one in clerk.get(f"/api/customers/{shop}/timeline")["items"] if one["kind"] == "attachment"]
    assert event["row"]["name"] == name
    history = clerk.get(f"/api/attachments/{row_id}/history")
    assert ("attachment.add", rep.id) in [(line["command"], line["employee_id"]) for line in history]


def test_every_kind_of_the_trade_is_taken(world: World) -> None:
    rep = world.person("rep")
    shop = new_shop(rep)
    for kind, data in SAMPLES.items():
        row_id = added(rep, shop, f"样本.{kind.upper()}", data)
        assert (row(rep, row_id)["state"], row(rep, row_id)["kind"]) == ("ready", kind)
        assert code(rep, row_id) == (200, None)


LIES = {
    "an exe named .jpg": ("照片.jpg", b"MZ\x90\x00" + bytes(300), "file_content_differs", "exe"),
    "a page named .txt": ("说明.txt", b"<!DOCTYPE html><script>alert(1)</script>", "file_content_differs", "html"),
    "a drawing named .txt": ("图.txt", b'<svg xmlns="a" onload="x()"></svg>', "file_content_differs", "svg"),
    "a page named .png": ("a.png", b"<html><body>hi</body></html>", "file_content_differs", "html"),
    "an archive named .docx": ("合同.docx", packed({"a.txt": b"x"}), "file_content_differs", "zip"),
    "a docx named .zip": ("合同.zip", office("docx"), "file_content_differs", "docx"),
    "a table named .docx": ("合同.docx", office("xlsx"), "file_content_differs", "xlsx"),
    "an old table named .doc": ("合同.doc", SAMPLES["xls"], "file_content_differs", "xls"),
    "macros named .docx": ("合同.docx", office("docm"), "file_macros", "docm"),
    "noise named .rar": ("a.rar", b"\x01\x02\x03\xff" * 40, "file_unknown", None),
    "half a docx": ("合同.docx", office("docx")[:120], "file_damaged", None),
}


def test_what_is_not_what_its_name_says_is_given_to_nobody_and_its_author_is_told(world: World) -> None:
    rep, clerk = world.person("rep"), world.person("clerk")
    shop = new_shop(rep)
    for lie, (name, data, problem, looks) in LIES.items():
        row_id = added(rep, shop, name, data)
        found = row(rep, row_id)
        assert (found["state"], found["problem"], found["looks"]) == ("refused", problem, looks), lie
        assert code(rep, row_id) == code(clerk, row_id) == (404, "file_refused"), lie
    told = rep.get("/api/notifications", kind="attachment.refused", limit=50)["items"]
    assert sorted(one["args"]["file"] for one in told) == sorted(name for name, *_ in LIES.values())


def test_a_sealed_office_file_is_taken_under_the_name_of_one(world: World) -> None:
    rep = world.person("rep")
    shop, data = new_shop(rep), ole("EncryptedPackage", "EncryptionInfo")
    assert row(rep, added(rep, shop, "保密合同.docx", data))["state"] == "ready"
    assert row(rep, added(rep, shop, "保密合同.doc", data))["problem"] == "file_unknown"


def test_the_right_name_makes_a_refused_file_a_good_one(world: World) -> None:
    rep = world.person("rep")
    row_id = added(rep, new_shop(rep), "报价.doc", office("xlsx"))
    assert row(rep, row_id)["looks"] == "xlsx"
    rep.do("attachment.edit", id=row_id, set={"name": ["报价.doc", "报价.xlsx"]})
    assert (row(rep, row_id)["state"], row(rep, row_id)["kind"], row(rep, row_id)["problem"]) == (
        "ready", "xlsx", None,
    )  # fmt: skip
    assert code(rep, row_id) == (200, None)
    rep.do("attachment.edit", id=row_id, set={"name": ["报价.xlsx", "报价.pptx"]})
    assert code(rep, row_id) == (404, "file_refused")


NAMES = {
    "../../etc/passwd.txt": "file_name_malformed",
    "C:\\合同.docx": "file_name_malformed",
    "合同\u202excod.exe.txt": "file_name_malformed",
    "合\u200b同.txt": "file_name_malformed",
    "合同\n.txt": "file_name_malformed",
    "con.txt": "file_name_malformed",
    "合同.txt.": "file_name_malformed",
    "   ": "file_name_malformed",
    "合" * 84 + ".txt": "file_name_too_long",
    "合同": "file_type_not_allowed",
    ".txt": "file_type_not_allowed",
    "工具.exe": "file_type_not_allowed",
    "合同.pdf.js": "file_type_not_allowed",
    "合同.docm": "file_macros",
    "价目.XLSM": "file_macros",
}


def test_names_that_deceive_or_harm_are_refused(world: World) -> None:
    rep = world.person("rep")
    shop = new_shop(rep)
    for name, expected in NAMES.items():
        with pytest.raises(Refused) as refused:
            rep.do("attachment.add", id=uuid7(), customer_id=shop, **named(name, b"hello"))
        assert (refused.value.status, refused.value.body["code"]) == (422, expected), name
    assert rep.get("/api/attachments")["items"] == []


def test_the_longest_name_is_kept_whole_and_comes_back_whole(world: World) -> None:
    rep = world.person("rep")
    name = "合" * 83 + "ab.txt"
    row_id = added(rep, new_shop(rep), name, b"hello")
    assert quote(name, safe="") in rep.client.get(f"/media/v1/files/{row_id}").headers["content-disposition"]


def test_nothing_and_a_byte_too_many(world: World) -> None:
    rep = world.person("rep")
    shop = new_shop(rep)
    for size, expected in ((0, "file_empty"), (10 * MEGABYTE + 1, "file_too_large")):
        with pytest.raises(Refused) as refused:
            rep.do("attachment.add", id=uuid7(), customer_id=shop, name="a.txt", sha256="0" * 64, size=size)
        assert refused.value.body["code"] == expected
    text = b"0123456789abcde\n" * (10 * MEGABYTE // 16)
    assert row(rep, added(rep, shop, "最大.txt", text))["state"] == "ready"
    more, row_id = text + b"x", uuid7()
    rep.do("attachment.add", id=row_id, customer_id=shop, **{**named("更大.txt", more), "size": 5})
    assert upload(rep, more, hashlib.sha256(more).hexdigest()).status_code == 201
    found = row(rep, row_id)
    assert (found["state"], found["problem"], found["size"]) == ("refused", "file_too_large", len(more))
    nothing = uuid7()
    rep.do("attachment.add", id=nothing, customer_id=shop, **{**named("空.txt", b""), "size": 5})
    assert upload(rep, b"", hashlib.sha256(b"").hexdigest()).status_code == 201
    assert row(rep, nothing)["problem"] == "file_empty"


def test_an_archive_that_would_fill_a_disk_is_refused(world: World) -> None:
    rep = world.person("rep")
    data = bytearray(packed({f"{n}": b"x" for n in range(3)}))
    at = -1
    while (at := data.find(b"PK\x01\x02", at + 1)) >= 0:
        data[at + 24 : at + 28] = (2**30).to_bytes(4, "little")
    assert row(rep, added(rep, new_shop(rep), "a.zip", bytes(data)))["problem"] == "file_bomb"


def test_bytes_may_come_before_their_record_and_serve_two(world: World) -> None:
    rep = world.person("rep")
    shop, data = new_shop(rep), SAMPLES["png"]
    args = named("证照.png", data)
    assert upload(rep, data, args["sha256"]).status_code == 201
    answer = rep.do("attachment.add", id=uuid7(), customer_id=shop, **args)
    assert answer["result"]["state"] == "ready"
    wrong = rep.do("attachment.add", id=uuid7(), customer_id=shop, **{**args, "name": "证照.gif"})
    assert (wrong["result"]["state"], wrong["result"]["problem"]) == ("refused", "file_content_differs")


def test_deleted_and_brought_back_and_gone_after_thirty_days(world: World) -> None:
    rep, rep2, clerk = world.person("rep"), world.person("rep2"), world.person("clerk")
    shop = new_shop(rep)
    clerk.do("customer.share", id=shop, employee_id=rep2.id)
    mine, theirs = added(rep, shop, "a.txt", b"mine"), added(rep2, shop, "b.txt", b"theirs")
    with pytest.raises(Refused) as refused:
        rep2.do("attachment.delete", id=mine)
    assert refused.value.status == 403
    rep2.do("attachment.edit", id=theirs, set={"note": [None, "复印件"]})
    rep2.do("attachment.delete", id=theirs)
    assert code(rep, theirs) == (404, "not_found")
    rep.do("attachment.restore", id=theirs)  # whoever may change the customer
    assert code(rep2, theirs) == (200, None)
    rep.do("attachment.delete", id=theirs)
    assert [one["row"]["id"] for one in timeline(rep, shop)] == [mine]

    now = datetime.now(UTC)
    assert purge(world, now + timedelta(days=29)) == 0
    assert purge(world, now + timedelta(days=31)) == 1
    rep.pull()
    assert not rep.holds("attachment", theirs)
    assert rep.holds("attachment", mine)


def timeline(person: Person, customer: str) -> list[dict[str, Any]]:
    found = person.get(f"/api/customers/{customer}/timeline")["items"]
    return [one for one in found if one["kind"] == "attachment"]


def purge(world: World, now: datetime) -> int:
    """The nightly job, at this moment."""
    services = world.app.state.services

    def step(session: Any) -> int:
        journal.of(session).cause = Cause(SYSTEM.employee_id, "attachments.purge", now)
        job = job_named("attachments.purge")
        assert job is not None
        context = Context(session=session, actor=SYSTEM, now=now, zone=company_zone(session))
        return job.work(context).counts["documents"]

    return int(services.writer.call(step))


def tidied(world: World, work: Callable[..., Any], *rest: Any) -> int:
    services = world.app.state.services

    async def go() -> int:
        reader = Reader(read_engine(services.settings.database_url))
        try:
            return int(await work(reader, services.writer, services.blobs, *rest))
        finally:
            await reader.close()

    return asyncio.run(go())


def test_the_bytes_of_a_document_stay_as_long_as_it_does(world: World) -> None:
    """Neither the sweep of what nothing names nor the age of photos' originals takes them; both take what is no document."""
    rep, boss = world.person("rep"), world.person("boss")
    shop, data = new_shop(rep), SAMPLES["jpg"]
    row_id = added(rep, shop, "营业执照.jpg", data)
    company = boss.get("/api/companies")["items"][0]
    boss.do("company.edit", id=company["id"], set={"keep_originals_days": [company["keep_originals_days"], 90]})
    old = update(blob).values(uploaded_at=datetime.now(UTC) - timedelta(days=400))
    world.app.state.services.writer.call(lambda session: session.execute(old) and None)
    assert tidied(world, unnamed.sweep) == 0
    assert tidied(world, keeping.retain) == 0
    assert rep.client.get(f"/media/v1/files/{row_id}").content == data

    rep.do("attachment.delete", id=row_id)
    purge(world, datetime.now(UTC) + timedelta(days=31))
    assert tidied(world, unnamed.sweep) == 1


def test_a_document_goes_with_its_customer(world: World) -> None:
    """Off the phone that loses the customer, onto that of who gets it; work under way for it arrives all the same."""
    rep, rep2, clerk = world.person("rep"), world.person("rep2"), world.person("clerk")
    shop = new_shop(rep)
    row_id = added(rep, shop, "合同.txt", b"contract")
    rep.pull()
    late = uuid7()
    op = rep.op("attachment.add", {"id": late, "customer_id": shop, **named("补充.txt", b"late")})
    clerk.do("customer.assign", ids=[shop], owner_id=rep2.id)
    rep.pull(), rep2.pull()
    assert (rep.holds("attachment", row_id), rep2.holds("attachment", row_id)) == (False, True)
    assert (code(rep, row_id)[0], code(rep2, row_id)[0]) == (404, 200)
    # What he says of it now is for the new owner to decide.
    assert rep.do("attachment.edit", id=row_id, set={"note": [None, "x"]})["status"] == "conflict"
    with pytest.raises(Refused):
        rep.do("attachment.delete", id=row_id)

    [result] = rep.push(op)
    assert result["status"] == "applied"
    assert upload(rep, b"late", hashlib.sha256(b"late").hexdigest()).status_code == 201
    assert (code(rep, late)[0], code(rep2, late)[0]) == (404, 200)


def test_a_stranger_adds_nothing_to_a_customer_he_never_held(world: World) -> None:
    rep, stranger = world.person("rep"), world.person("stranger")
    shop = new_shop(rep)
    [result] = stranger.push(
        stranger.op("attachment.add", {"id": uuid7(), "customer_id": shop, **named("a.txt", b"x")})
    )
    assert (result["status"], result["code"]) == ("rejected", "outside_scope")
