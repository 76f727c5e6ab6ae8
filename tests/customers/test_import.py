"""Import of a workbook: every kind of dirt is named, the good rows come in once, the rest comes back with reasons."""

import io
import json
import os
import signal
import time
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from server.customers.importing import workbook as importing
from server.customers.importing.parsing import Wanted, Workbook
from server.records.errors import Rejected
from tests.customers.dirty_workbook import (
    CONTACT_HEADERS,
    EXPECTED,
    HEADERS,
    clean,
    dirty_rows,
    dirty_workbook,
    workbook,
)
from tests.support.world import Person, Refused, World

SHARED = Path(__file__).parents[3] / "shared" / "import"


def upload(person: Person, content: bytes, name: str = "客户资料.xlsx", within: float = 60) -> dict[str, Any]:
    """Uploads and waits for the preview."""
    response = person.client.post("/api/imports/customers", content=content, params={"name": name})
    if response.status_code >= 400:
        raise Refused(response.status_code, response.json())
    return wait(person, response.json()["id"], "preview", within)


def wait(person: Person, job_id: str, state: str, within: float = 60) -> dict[str, Any]:
    deadline = time.monotonic() + within
    while True:
        job: dict[str, Any] = person.get(f"/api/imports/{job_id}")
        if job["state"] in (state, "failed") or time.monotonic() > deadline:
            assert job["state"] == state, job
            return job
        time.sleep(0.02)


def rows_of(person: Person, job: dict[str, Any], **params: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after = 0
    while after is not None:
        page = person.get(f"/api/imports/{job['id']}/rows", after=after, limit=500, **params)
        found += page["items"]
        after = page["next"]
    return found


def commit(person: Person, job: dict[str, Any]) -> dict[str, Any]:
    person.post(f"/api/imports/{job['id']}/commit", None)
    return wait(person, job["id"], "done")


def test_every_kind_of_dirt_is_handled_as_it_should(world: World) -> None:
    clerk = world.person("clerk")
    job = upload(clerk, dirty_workbook())
    found = {row["row"]: row for row in rows_of(clerk, job, sheet="customer")}
    for row_no, (kind, _) in enumerate(dirty_rows(), 2):
        row = found[row_no]
        wanted = EXPECTED.get(kind)
        assert [error["code"] for error in row["errors"]] == ([wanted] if wanted else []), kind
        for error in row["errors"]:
            assert error["column"] in HEADERS
            assert error["text"] != error["code"]
            assert "{" not in error["text"] + error["remedy"]
            assert error["remedy"]
    by_kind = {kind: found[row_no] for row_no, (kind, _) in enumerate(dirty_rows(), 2)}
    changed = {
        "full_width_phone": ("mobile", "13800020001"),
        "phone_float": ("mobile", "13800020002"),
        "phone_scientific": ("mobile", "13800020003"),
        "leading_space": ("name", "leading_space 有限公司"),
        "date_text": ("contract_start", "2025-03-01"),
        "date_serial": ("contract_start", "2025-03-01"),
        "money_text": ("credit_limit", "5000.00"),
    }
    for kind, (field, value) in changed.items():
        assert by_kind[kind]["values"][field] == value
        assert [change["field"] for change in by_kind[kind]["changes"]] == [field], kind
    swapped = by_kind["lat_lng_swapped"]
    assert (swapped["values"]["geo_lng"], swapped["values"]["geo_lat"]) == (120.35, 36.11)
    assert [warning["code"] for warning in swapped["warnings"]] == ["lat_lng_swapped"]
    assert by_kind["date_cell"]["state"] == "ok"
    assert "第 35 行" in by_kind["dup_name_width"]["errors"][0]["text"]
    contacts = rows_of(clerk, job, sheet="contact")
    assert [[error["code"] for error in row["errors"]] for row in contacts] == [
        [], [], ["contact_customer_unknown"], ["contact_customer_not_imported"], ["required"],
    ]  # fmt: skip
    assert len(rows_of(clerk, job, only="errors")) == job["counts"]["customer"]["error"] + 3


def test_the_good_rows_come_in_once_and_the_rest_comes_back(world: World) -> None:
    clerk, rep = world.person("clerk"), world.person("rep")
    job = upload(clerk, dirty_workbook())
    good = job["total"]
    done = commit(clerk, job)
    assert done["done"] == good
    clerk.post(f"/api/imports/{job['id']}/commit", None)
    assert wait(clerk, job["id"], "done")["done"] == good
    imported = {row["name"]: row for row in clerk.get("/api/customers", limit=200)["items"]}
    assert len(imported) == done["counts"]["customer"]["imported"]
    assert len({row["customer_no"] for row in imported.values()}) == len(imported)
    child, parent = imported["parent_ok 有限公司"], imported["最后一行有限公司"]
    assert child["parent_id"] == parent["id"]
    assert imported["formula 有限公司"]["remark"] == '=HYPERLINK("http://evil.example","x")'
    assert imported["newline 有限公司"]["remark"] == "第一行\n第二行"
    assert imported["html 有限公司"]["remark"] == "<img src=x onerror=alert(1)>"
    assert imported["owner 有限公司"]["owner_id"] == rep.id
    assert parent["owner_id"] == clerk.id
    people = clerk.get("/api/contacts", customer_id=parent["id"])["items"]
    assert sorted(row["name"] for row in people) == ["李会计", "王强"]
    assert next(row for row in people if row["name"] == "王强")["department"] == "采购部"
    rep.pull()
    assert rep.holds("customer", imported["owner 有限公司"]["id"])

    rest = clerk.client.get(f"/api/imports/{job['id']}/rest.xlsx")
    book = load_workbook(io.BytesIO(rest.content))
    lines = list(book["客户"].iter_rows(values_only=True))
    assert lines[0][0] == "未导入原因"
    assert len(lines) - 1 == done["counts"]["customer"]["error"]
    assert all(line[0] for line in lines[1:])
    # The rest file can come back: its own columns are passed over, and its errors are the same.
    again = upload(clerk, rest.content)
    assert again["counts"]["customer"]["error"] >= len(lines) - 3


def test_what_exists_is_named_with_number_and_owner(world: World) -> None:
    rep, clerk = world.person("rep"), world.person("clerk")
    rep.create("customer", name="王记超市", mobile="13800000001")
    job = upload(clerk, workbook([{**clean("别的名字", 1), "手机": "138-0000-0001"}, clean("王记 超市", 2)]))
    texts = [row["errors"][0]["text"] for row in rows_of(clerk, job)]
    assert texts[0].startswith("手机已存在,客户编号:CT")
    assert texts[0].endswith("客户名称:王记超市,客服专员:张三")
    assert texts[1].startswith("客户名称已存在")


def test_a_duplicate_between_preview_and_commit_is_refused_and_told(world: World) -> None:
    rep, clerk = world.person("rep"), world.person("clerk")
    job = upload(clerk, workbook([clean("王记超市", 1), clean("李记超市", 2)]))
    rep.create("customer", name="王记超市", mobile="13800000001")
    done = commit(clerk, job)
    assert done["counts"]["customer"] == {"imported": 1, "refused": 1}
    [row] = rows_of(clerk, job, only="errors")
    assert row["errors"][0]["code"] == "duplicate"
    assert "张三" in row["errors"][0]["text"]


def test_the_administrators_import_belongs_to_the_pool(world: World) -> None:
    boss, rep = world.person("boss"), world.person("rep")
    commit(boss, upload(boss, workbook([clean("王记超市", 1)])))
    [row] = rep.get("/api/customers")["items"]
    assert row["owner_id"] is None


@pytest.mark.parametrize(
    "written",
    [
        {
            "客户名称": "客戶名稱",
            "联系人": "聯絡人",
            "手机": "手機",
            "客户类别": "客戶類別",
            "经度": "經度",
            "纬度": "緯度",
        },
        {
            "客户名称": "客戶名稱",
            "联系人": "聯繫人",
            "联系电话": "聯繫電話",
            "详细地址": "詳細地址",
            "备注信息": "備註資訊",
        },
        {"手机": " Mobile * ", "详细地址": "Address", "客户类别": "CATEGORY"},
    ],
)
def test_headers_in_either_script_and_any_order(world: World, written: dict[str, str]) -> None:
    clerk = world.person("clerk")
    content = workbook([clean("王记超市", 1)], headers=HEADERS[::-1], titles=("客戶", "聯絡人"), written=written)
    job = upload(clerk, content)
    [row] = rows_of(clerk, job)
    assert (row["state"], row["values"]["name"], row["values"]["mobile"]) == ("ok", "王记超市", "13900000001")


def test_wrong_headers_are_named(world: World) -> None:
    clerk = world.person("clerk")
    with pytest.raises(Refused) as refused:
        upload(clerk, workbook([], headers=["电话号", "手机", "手机"]))
    assert refused.value.code == "wrong_headers"
    assert refused.value.body["params"]["unknown"] == "电话号"
    assert refused.value.body["params"]["repeated"] == "手机"
    assert "客户名称" in refused.value.body["params"]["missing"]
    with pytest.raises(Refused) as refused:
        upload(clerk, workbook([], titles=("甲", "乙")))
    assert refused.value.code == "wrong_sheets"
    with pytest.raises(Refused) as refused:
        upload(clerk, workbook([], [], contact_headers=[*CONTACT_HEADERS, "微信"]))
    assert refused.value.code == "wrong_headers"


def test_a_title_above_the_headers_does_no_harm(world: World) -> None:
    clerk = world.person("clerk")
    book = load_workbook(io.BytesIO(workbook([clean("王记超市", 1)])))
    book["客户"].insert_rows(1, 2)
    book["客户"]["A1"] = "青岛巡客商贸有限公司客户表"
    buffer = io.BytesIO()
    book.save(buffer)
    [row] = rows_of(clerk, upload(clerk, buffer.getvalue()))
    assert (row["row"], row["state"]) == (4, "ok")


@pytest.mark.slow
def test_there_is_no_limit_of_rows(world: World) -> None:
    clerk = world.person("clerk")
    content = many_rows(25_000)
    job = upload(clerk, content, within=400)
    # A number as a phone is read as one, and that is said.
    assert job["counts"] == {"customer": {"ok": 1, "warning": 24_997, "error": 2}}
    assert (job["total"], job["done"]) == (24_998, 0)
    last = rows_of_page(clerk, job, after=24_998)
    assert [(row["row"], row["title"]) for row in last] == [(25_000, "shop 25000"), (25_001, "shop 7")]
    assert [error["code"] for error in last[1]["errors"]] == ["duplicate_row"]  # far behind the first of that name


@pytest.mark.slow
def test_a_long_sheet_is_read_in_the_memory_of_a_short_one() -> None:
    def peak(rows: int) -> int:
        content = many_rows(rows)
        tracemalloc.start()
        book = Workbook(content)  # as the process has it that reads it
        sheets = [title for title, _ in book.found().sheets]
        read = sum(1 for title in sheets for _ in book.rows(Wanted(title, 2, [0, 1, 2])))
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert read == rows
        return highest

    short = peak(1_000)
    assert peak(20_000) < 1.5 * short + 4 * 1024 * 1024


def test_a_sheet_that_is_broken_further_down_is_no_workbook(world: World) -> None:
    clerk = world.person("clerk")
    source = zipfile.ZipFile(io.BytesIO(many_rows(3_000)))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                content = content[:-2_000].replace(b"<sheetData>", b'<dimension ref="A1:R3001"/><sheetData>')
            target.writestr(name, content)
    with pytest.raises(AssertionError, match="not_a_workbook"):
        upload(clerk, buffer.getvalue())
    assert upload(clerk, workbook([clean("王记超市", 1)]))["state"] == "preview"


def test_a_workbook_that_is_too_much_for_its_process_is_refused_and_the_process_is_gone() -> None:
    opened = importing.open_workbook(many_rows(5_000))
    rows = opened.rows(opened.tables[0])
    assert next(rows)[1]["name"] == "王记超市"
    pid = opened.process._child.pid
    os.kill(pid, signal.SIGKILL)  # as the system does where it takes too much
    with pytest.raises(Rejected) as refused:
        list(rows)
    assert refused.value.code == "workbook_too_large"
    opened.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_who_stops_reading_leaves_no_process() -> None:
    opened = importing.open_workbook(many_rows(5_000))
    pid = opened.process._child.pid
    assert next(opened.rows(opened.tables[0]))
    opened.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def rows_of_page(person: Person, job: dict[str, Any], after: int) -> list[dict[str, Any]]:
    page: dict[str, Any] = person.get(f"/api/imports/{job['id']}/rows", after=after, limit=500)
    return list(page["items"])


def many_rows(count: int) -> bytes:
    """A workbook of so many rows, made without a spreadsheet library because those take long. The first is as in a form;
    the second has no number, and the last has the name of the seventh."""
    source = zipfile.ZipFile(io.BytesIO(workbook([clean("王记超市", 1)])))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                head, tail = content.split(b"</sheetData>")
                more = b"".join(
                    b'<row r="%d"><c r="A%d" t="inlineStr"><is><t>shop %d</t></is></c>%s</row>'
                    % (
                        n,
                        n,
                        n if n <= count else 7,
                        b'<c r="D%d"><v>%d</v></c>' % (n, 13_700_000_000 + n) if n > 3 else b"",
                    )
                    for n in range(3, count + 2)
                )
                content = head + more + b"</sheetData>" + tail
            target.writestr(name, content)
    return buffer.getvalue()


def test_a_row_further_down_than_a_sheet_is_long_is_refused(world: World) -> None:
    """Readers fill the gap with empty rows; two thousand million of them take a day."""
    content = many_rows(4)
    with pytest.raises(AssertionError, match="too_many_rows"):
        upload(world.person("clerk"), edited(content, b'<row r="5">', b'<row r="2000000000">'))


def edited(content: bytes, before: bytes, after: bytes) -> bytes:
    """The workbook with other bytes in its first sheet."""
    source, buffer = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            text = source.read(name)
            target.writestr(name, text.replace(before, after) if name == "xl/worksheets/sheet1.xml" else text)
    return buffer.getvalue()


def test_a_long_line_of_parents_is_imported_from_its_top(world: World) -> None:
    """Each row is below the next one; the last is at the top, and two are each other's parent."""
    rows = [clean(f"第{n}家有限公司", n) for n in range(1, 8)]
    for n, row in enumerate(rows[:4]):
        row["上级客户"] = f"第{n + 2}家有限公司"
    rows[5]["上级客户"], rows[6]["上级客户"] = "第7家有限公司", "第6家有限公司"
    clerk = world.person("clerk")
    job = upload(clerk, workbook(rows))
    assert job["counts"] == {"customer": {"ok": 5, "error": 2}}
    commit(clerk, job)
    found = {row["name"]: row for row in clerk.get("/api/customers", limit=50)["items"]}
    assert [found[f"第{n}家有限公司"]["parent_id"] for n in range(1, 6)] == [
        *(found[f"第{n}家有限公司"]["id"] for n in range(2, 6)),
        None,
    ]


@pytest.mark.parametrize("content", [b"", b"name,phone\n", b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0" + b"\0" * 600])
def test_what_is_no_workbook_is_said_to_be_none(world: World, content: bytes) -> None:
    with pytest.raises(Refused) as refused:
        upload(world.person("clerk"), content)
    assert refused.value.code == "not_a_workbook"


def test_a_zip_bomb_is_not_unpacked(world: World) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/sharedStrings.xml", "w", force_zip64=True) as part:
            for _ in range(100):
                part.write(b"\0" * (1 << 20))
    with pytest.raises(Refused) as refused:
        upload(world.person("clerk"), buffer.getvalue())
    assert refused.value.code == "workbook_too_large"


def test_entities_are_not_expanded(world: World) -> None:
    source = zipfile.ZipFile(io.BytesIO(workbook([clean("王记超市", 1)])))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "xl/workbook.xml":
                content = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + content
            target.writestr(name, content)
    with pytest.raises(Refused) as refused:
        upload(world.person("clerk"), buffer.getvalue())
    assert refused.value.code == "not_a_workbook"


def test_a_file_beyond_the_limit_is_refused(world: World) -> None:
    with pytest.raises(Refused) as refused:
        upload(world.person("clerk"), b"\0" * (importing.MAX_BYTES + 1))
    assert (refused.value.status, refused.value.code) == (413, "file_too_large")


def test_an_import_is_seen_only_by_who_uploaded_it_and_may_import(world: World) -> None:
    clerk, rep, boss = world.person("clerk"), world.person("rep"), world.person("boss")
    job = upload(clerk, workbook([clean("王记超市", 1)]))
    for person, status in ((rep, 403), (boss, 404)):
        for path in (f"/api/imports/{job['id']}", f"/api/imports/{job['id']}/rows"):
            with pytest.raises(Refused) as refused:
                person.get(path)
            assert refused.value.status == status


def test_a_form_upload_is_the_same(world: World) -> None:
    clerk = world.person("clerk")
    files = {"file": ("我的客户.xlsx", workbook([clean("王记超市", 1)]), "application/octet-stream")}
    response = clerk.client.post("/api/imports/customers", files=files)
    assert response.status_code == 202
    assert response.json()["file_name"] == "我的客户.xlsx"
    wait(clerk, response.json()["id"], "preview")


@pytest.mark.parametrize("language", ["zh-CN", "zh-TW", "en"])
def test_the_template_can_be_imported_as_it_is(world: World, language: str) -> None:
    clerk = world.person("clerk")
    response = clerk.client.get("/api/imports/template.xlsx", headers={"accept-language": language})
    book = load_workbook(io.BytesIO(response.content))
    assert len(book.worksheets) == 2
    sheet = book.worksheets[0]
    assert sheet.max_column == len(HEADERS) + 1  # 客户阶段 came later; files without it are read as before
    assert sheet["A1"].comment is not None
    assert len(sheet.data_validations.dataValidation) >= 5
    sheet["A2"], sheet["D2"] = "王记超市", "13800000001"
    buffer = io.BytesIO()
    book.save(buffer)
    [row] = rows_of(clerk, upload(clerk, buffer.getvalue()))
    assert row["state"] == "ok"


def test_an_export_can_be_imported_elsewhere(world: World) -> None:
    clerk = world.person("clerk")
    commit(clerk, upload(clerk, workbook([clean("王记超市", 1), clean("李记超市", 2)])))
    content = clerk.client.get("/api/customers/export.xlsx").content
    book = load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["客户", "联系人"]
    assert [cell.value for cell in book["客户"][1]][:8] == HEADERS[:8]
    assert [cell.value for cell in book["联系人"][1]][:3] == CONTACT_HEADERS[:3]
    assert book["联系人"].max_row == 3
    job = upload(clerk, content)
    assert {row["errors"][0]["code"] for row in rows_of(clerk, job, sheet="customer")} == {"duplicate"}


@pytest.mark.slow
@pytest.mark.skipif(not SHARED.exists(), reason="../shared/import is not here")
def test_the_workbook_of_a_real_company(world: World) -> None:
    clerk = world.person("clerk")
    job = upload(clerk, (SHARED / "客户资料.xlsx").read_bytes())
    found = {row["row"]: row for row in rows_of(clerk, job, sheet="customer")}
    kinds = {
        "no_name": "required", "no_phone": "needs_phone", "phone_text": "bad_phone", "bad_category": "unknown_option",
        "bad_mode": "not_a_choice", "neg_credit": "too_small", "day_32": "too_large", "lat_out": "too_large",
        "date_reversed": "dates_reversed", "long_name": "too_long", "parent_unknown": "parent_unknown",
        "dup_phone": "duplicate_row", "dup_name": "duplicate_row", "dup_name_width": "duplicate_row",
    }  # fmt: skip
    changed = {"full_width_phone", "phone_float", "leading_space", "date_text"}
    defects = json.loads((SHARED / "defects.json").read_text("utf-8"))
    for defect in defects:
        row, kind = found[defect["row"]], defect["kind"]
        assert [error["code"] for error in row["errors"]] == ([kinds[kind]] if kind in kinds else []), defect
        assert bool(row["changes"]) or kind not in changed, defect
        assert bool(row["warnings"]) == (kind == "lat_lng_swapped"), defect
    wrong = {row_no for row_no, row in found.items() if row["errors"]}
    assert wrong == {defect["row"] for defect in defects if defect["kind"] in kinds}
    strays = [row for row in rows_of(clerk, job, sheet="contact") if row["errors"]]
    assert "不在客户页的公司" in [row["cells"]["customer_id"] for row in strays]
    done = commit(clerk, job)
    assert done["counts"]["customer"] == {"imported": 800 - len(wrong), "error": len(wrong)}
