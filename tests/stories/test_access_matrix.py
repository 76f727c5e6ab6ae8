"""For every record type and role: what list, detail, export, media and sync give out.

Given a rep with one of everything; rep2 is a colleague of the same manager, the stranger reports to nobody the manager
knows. A new record type that is in no row of the matrix fails the test: somebody must decide who sees it.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import openpyxl
import pytest

from media.drawing import draw_shop
from media.make import honest_photo
from server.mails.models import MailBatch
from server.mails.smtp import Smtp
from server.records.ids import uuid7
from server.records.record import path_of, permission_of, record_named, records, visible_fields
from server.records.rights import governed, is_masked
from tests.notifications.test_kinds import run
from tests.support.fieldwork import upload
from tests.support.outside import nobody_outside
from tests.support.world import Person, Refused, World

EVERYBODY = {"boss", "manager", "rep", "rep2", "stranger", "clerk"}
MINE = {"rep", "manager", "clerk", "boss"}

#: Who sees the rep's row, by record type.
WHO_SEES: dict[str, set[str]] = {
    "customer": MINE,
    "contact": MINE,
    "terminal": MINE,
    "customer_department": MINE,
    "customer_move": MINE,
    "customer_share": MINE,
    "visit": MINE,
    "photo": MINE,
    "attachment": MINE,
    "contact_record": MINE,
    "opportunity": MINE,
    "complaint": MINE,
    "own_table": EVERYBODY,
    "own_row": MINE,
    "call_report": MINE,
    "trial_account": MINE,
    "alert": MINE,
    "alert_rule": EVERYBODY,
    "mail": MINE,
    "mail_account": {"rep", "boss"},
    "mail_batch": {"rep", "manager", "clerk", "boss"},
    "order": MINE,
    "order_line": MINE,
    "payment": MINE,
    "conflict": MINE,
    "work_report": {"rep", "manager", "boss"},
    "report_comment": {"rep", "manager", "boss"},
    "report_reader": {"rep", "manager", "boss"},
    "target": {"rep", "manager", "boss"},
    "approval": {"rep", "manager", "boss"},
    "approval_step": {"rep", "manager", "boss"},
    "approval_absence": {"rep", "manager", "boss"},
    "approval_flow": {"boss"},
    "device": {"rep", "manager", "boss"},
    "notification": {"rep", "boss"},
    "notification_choice": {"rep", "boss"},
    "notification_rule": EVERYBODY,
    "group_webhook": {"boss"},
    "login_log": {"boss"},
    "phone_reveal": {"boss"},
    "department": EVERYBODY,
    "role": EVERYBODY,
    "employee": EVERYBODY,
    "company": EVERYBODY,
    "option": EVERYBODY,
    "visit_type": EVERYBODY,
    "own_field": EVERYBODY,
    "layout": EVERYBODY,
    "form_template": EVERYBODY,
    "saved_view": {"rep", "boss"},
    "view_choice": {"rep", "boss"},
    "notice": EVERYBODY,
    "notice_reader": {"rep", "clerk", "boss"},
    "schedule_entry": {"rep", "manager", "boss"},
    "start_page": {"rep", "boss"},
    "role_start_page": EVERYBODY,
    "saved_report": {"rep", "boss"},
    "product": EVERYBODY,
    "product_category": EVERYBODY,
    "product_price": EVERYBODY,
}

#: Who may export which group at all; the others get 403.
MAY_EXPORT: dict[str, set[str]] = {
    "customer": {"manager", "clerk", "boss"},
    "visit": {"manager", "clerk", "boss"},
    "attachment": {"manager", "clerk", "boss"},
    "contact_record": {"manager", "clerk", "boss"},
    "opportunity": {"manager", "clerk", "boss"},
    "complaint": {"manager", "clerk", "boss"},
    "own_row": {"manager", "clerk", "boss"},
    "call_report": {"manager", "clerk", "boss"},
    "trial_account": {"manager", "clerk", "boss"},
    "alert": {"manager", "clerk", "boss"},
    "mail": {"manager", "clerk", "boss"},
    "order": {"manager", "clerk", "boss"},
    "payment": {"manager", "clerk", "boss"},
    "worklog": {"manager", "boss"},
    "target": {"manager", "boss"},
    "product": {"clerk", "boss"},
    "approval": {"manager", "boss"},
}


def one_of_everything(world: World) -> dict[str, str]:
    """The ids of the rep's rows, by record type."""
    rep, boss, manager = world.person("rep"), world.person("boss"), world.person("manager")
    rep.pull()
    unit = world.option("unit", "箱")
    category = boss.create("product_category", name="饮料")
    product = boss.create("product", name="矿泉水", unit_id=unit, price="12.0000", category_id=category)
    grade = world.option("customer_grade", "金牌")
    own_field = boss.create("own_field", record_type="customer", name="冰柜", kind="text")
    own_table = boss.create("own_table", name="陈列", place="customer")
    price = boss.create("product_price", product_id=product, level="grade", grade_id=grade, price="11.0000")
    customer = rep.create(
        "customer", name="王记超市", primary_contact="王五", mobile="13800000001", geo_lat=36.0671, geo_lng=120.3826
    )
    own_row = rep.create("own_row", table_id=own_table, customer_id=customer, title="端架")
    contact = rep.create("contact", customer_id=customer, name="赵六")
    terminal = rep.create("terminal", customer_id=customer, name="市南店")
    branch = rep.create("customer_department", customer_id=customer, name="采购部")
    chance = rep.create("opportunity", customer_id=customer, name="冰柜陈列", expected_amount="500.00")
    company = boss.get("/api/companies")["items"][0]["id"]
    boss.do("company.edit", id=company, set={"trial_accounts": [False, True]})
    trial = rep.create("trial_account", customer_id=customer, name="云进销存")
    complaint = rep.create(
        "complaint", customer_id=customer, kind_id=world.option("complaint_kind", "送货"), content="少送一箱"
    )
    told = rep.create(
        "call_report",
        customer_id=customer,
        kind="lead",
        reported_at=datetime.now(UTC).isoformat(),
        content="老板愿意再谈",
    )
    talk = rep.create(
        "contact_record",
        customer_id=customer,
        contacted_at=datetime.now(UTC).isoformat(),
        content="要两箱",
        phone="13800000001",
    )
    visit, photo, order, line, payment, report, comment, document = (uuid7() for _ in range(8))
    now = datetime.now(UTC)
    rep.do(
        "visit.check_in", id=visit, customer_id=customer, at=now.isoformat(), lat=36.0671, lng=120.3826, accuracy=12
    )
    made = honest_photo(
        draw_shop(1, "王记超市"), key=rep.key, device_id=rep.device_id, visit_id=visit, customer_id=customer,
        taken_at=now, time_token=rep.time_token, lat=36.0671, lng=120.3826,
    )  # fmt: skip
    rep.do(
        "photo.attach", id=photo, visit_id=visit, customer_id=customer, kind="storefront",
        capture=made.capture, signature=made.signature,
    )  # fmt: skip
    assert upload(rep, made.jpeg, made.sha256).status_code == 201
    rep.do("attachment.add", id=document, customer_id=customer, name="合同.jpg", sha256=made.sha256, size=1)
    lines = [{"id": line, "product_id": product, "quantity": "2", "price": "12"}]
    rep.do("order.place", id=order, customer_id=customer, lines=lines)
    rep.do("payment.record", id=payment, order_id=order, amount="5.00", paid_at=now.isoformat())
    day = (now + timedelta(hours=8)).date().isoformat()
    rep.do("report.submit", id=report, kind="day", report_date=day, summary="跑了一家")
    manager.do("report.comment", id=comment, report_id=report, text="很好")
    rep.do("customer.edit", id=customer, set={"address": [None, "一号"]})
    [result] = rep.push(rep.op("customer.edit", {"id": customer, "set": {"address": [None, "二号"]}}))
    choice = rep.do("notification.choose", id=uuid7(), kind="worklog.commented", push=False)["result"]["id"]
    robot = uuid7()
    robot_body = {
        "name": "销售群", "provider": "wecom", "kinds": [],
        "url": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=robot",
    }  # fmt: skip
    world.app.state.services.postman.outgoing = nobody_outside()
    assert boss.client.put(f"/api/group-robots/{robot}", json=robot_body).status_code == 204
    rule = boss.do("notification_rule.set", kind="worklog.commented", enabled=True, push=False)["result"]["id"]
    view = rep.do("saved_view.save", id=uuid7(), record_type="customer", name="青岛的")["result"]["id"]
    layout = boss.do("layout.set", record_type="customer", form=[])["result"]["id"]
    look = boss.do(
        "form_template.save", id=uuid7(), record_type="customer", purpose="edit", name="绿", look={"accent": "green"}
    )["result"]["id"]
    start = rep.do("view_choice.set", id=uuid7(), record_type="customer", view=view)["result"]["id"]
    page = rep.do("start_page.set", id=uuid7(), parts=[{"part": "today.day"}])["result"]["id"]
    boss.do("role_start_page.set", role_id=rep.me["role"]["id"], parts=[{"part": "today.day"}])
    paper, flow = uuid7(), uuid7()
    rep.do(
        "customer.request_change", id=paper, customer_id=customer, set={"name": ["王记超市", "王记"]}, reason="改名"
    )
    absence = rep.create("approval_absence", delegate_id=manager.id, starts_on=day, ends_on=day)
    step = {"name": "上级审批", "who": "superior"}
    boss.do("approval_flow.save", id=flow, kind="customer.claim", base=0, enabled=True, steps=[step])
    clerk = world.person("clerk")
    clerk.do("customer.share", id=customer, employee_id=world.person("clerk").id)
    share = boss.get("/api/customer-shares")["items"][0]["id"]
    given = rep.create("customer", name="给了经理", mobile="13800000099")
    clerk.do("customer.assign", ids=[given], owner_id=manager.id)
    saved = rep.create("saved_report", name="我的拜访", declaration={"record": "visit", "by": "customer_id"})
    target = rep.create(
        "target",
        person_id=rep.id,
        kind="year",
        start_date="2099-01-01",
        end_date="2099-12-31",
        visits=9,
        deal_amount="1.00",
    )
    notice = boss.create("notice", title="放假安排", content="国庆放假三天")
    boss.do("notice.publish", id=notice)
    noticed = uuid7()
    rep.do("notice.read", id=noticed, notice_id=notice)
    entry = rep.create(
        "schedule_entry", title="例会", start_at=now.isoformat(), end_at=(now + timedelta(hours=1)).isoformat()
    )
    login = boss.get("/api/login-logs", username="rep")["items"][0]["id"]
    used = rep.do("phone.reveal", record="customer", id=customer, field="mobile")["result"]["id"]
    watched = boss.create("alert_rule", name="超额度", kind="debt_share", percent=1)
    boss.do("customer.edit", id=customer, set={"credit_limit": [None, "1.00"]})
    boss.do("order.approve", id=order)
    assert run(world, "alerts.judge", now)["begun"] >= 1
    sender, mail, batch = uuid7(), uuid7(), uuid7()
    world.app.state.services.mailer.smtp = Smtp(
        resolve=lambda host, port: [(2, ("192.0.2.1", port))], allowed=lambda ip: True, timeout=0.1
    )
    body = {"name": "我的", "address": "rep@xunke.example", "host": "smtp.xunke.example", "port": 465}
    assert rep.client.put(f"/api/mail-senders/{sender}", json=body).status_code == 204
    rep.do(
        "mail.send", id=mail, customer_id=customer, account_id=sender, to="a@b.example", subject="价目", body="见附件"
    )
    world.app.state.services.writer.call(
        lambda session: session.add(
            MailBatch(
                id=batch,
                subject="价目",
                body="见附件",
                account_id=sender,
                sender_id=rep.id,
                created_at=now,
                state="done",
            )
        )
    )
    return {
        "alert": rep.get("/api/alerts", customer_id=customer)["items"][0]["id"], "alert_rule": watched, "mail": mail,
        "mail_account": sender, "mail_batch": batch,
        "customer": customer, "contact": contact, "terminal": terminal, "customer_department": branch, "customer_share": share, "customer_move": boss.get("/api/customer-moves")["items"][0]["id"], "visit": visit,
        "photo": photo, "attachment": document, "contact_record": talk, "opportunity": chance, "complaint": complaint, "call_report": told, "trial_account": trial, "order": order, "order_line": line, "payment": payment, "work_report": report,
        "report_comment": comment, "report_reader": rep.get("/api/report-readers")["items"][0]["id"], "target": target, "conflict": result["conflicts"][0], "device": rep.device_id, "login_log": login,
        "phone_reveal": used, "notice": notice, "notice_reader": noticed, "schedule_entry": entry,
        "notification": rep.get("/api/notifications", kind="worklog.commented")["items"][0]["id"],
        "approval": paper, "approval_flow": flow, "approval_absence": absence,
        "approval_step": rep.get("/api/approval-steps", approval_id=paper)["items"][0]["id"],
        "notification_choice": choice, "notification_rule": rule, "group_webhook": robot,
        "department": rep.me["employee"]["department_id"], "role": rep.me["role"]["id"], "employee": rep.id,
        "company": company, "option": unit, "product": product,
        "visit_type": boss.get("/api/visit-types")["items"][0]["id"], "own_field": own_field, "own_table": own_table, "own_row": own_row,
        "saved_report": saved, "product_category": category, "product_price": price, "saved_view": view, "view_choice": start, "layout": layout, "form_template": look,
        "start_page": page, "role_start_page": boss.get("/api/role-start-pages")["items"][0]["id"],
    }  # fmt: skip


def _listed(person: Person, record: str) -> set[str]:
    found: set[str] = set()
    after = ""
    while True:
        page = person.get(f"/api/{path_of(record_named(record))}", limit=200, **({"after": after} if after else {}))
        found |= {item["id"] for item in page["items"]}
        after = page["next"] or ""
        if not after:
            return found


def _exported(person: Person, record: str) -> set[str]:
    """The titles in the first sheet of an export; raises `Refused` without the permission."""
    cls = record_named(record)
    title = cls.spec.title if cls.spec.title in visible_fields(cls) else next(iter(visible_fields(cls)))
    response = person.client.get(f"/api/{path_of(cls)}/export.xlsx", params={"columns": title})
    if response.status_code != 200:
        raise Refused(response.status_code, response.json())
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).worksheets[0]
    return {str(row[0]) for row in sheet.iter_rows(min_row=2, values_only=True)}


def _detail(person: Person, record: str, row_id: str) -> dict[str, Any] | None:
    response = person.client.get(f"/api/{path_of(record_named(record))}/{row_id}")
    assert response.status_code in (200, 404)
    return dict(response.json()) if response.status_code == 200 else None


def test_the_matrix(world: World) -> None:
    rows = one_of_everything(world)
    names = {record.__tablename__ for record in records() if record.spec.generic_routes}
    assert names == set(WHO_SEES) == set(rows)
    for username in sorted(EVERYBODY):
        person = world.person(username)
        person.pull()
        for name, row_id in rows.items():
            sees = username in WHO_SEES[name]
            where = f"{username} and the {name}"
            listed = _listed(person, name)
            assert (row_id in listed) == sees, f"{where} in the list"
            assert (_detail(person, name, row_id) is not None) == sees, f"{where} in detail"
            held = set(person.cache.get(name, {}))
            assert held <= listed, f"{where}: the device holds what the list does not show"


def test_exports_need_their_permission_and_obey_its_scope(world: World) -> None:
    rows = one_of_everything(world)
    for username in sorted(EVERYBODY):
        person = world.person(username)
        for name in rows:
            allowed = username in MAY_EXPORT.get(permission_of(record_named(name)), {"boss"})
            if allowed:
                _exported(person, name)
            else:
                with pytest.raises(Refused) as refused:
                    _exported(person, name)
                assert refused.value.status == 403, f"{username} exports {name}"
    stranger_manager = world.person("manager")
    assert "王记超市" in _exported(stranger_manager, "customer")


def test_photos_are_given_only_to_who_sees_them(world: World) -> None:
    photo = one_of_everything(world)["photo"]
    for username in sorted(EVERYBODY):
        for size in ("original", "large", "small"):
            response = world.person(username).client.get(f"/media/v1/photos/{photo}/{size}")
            expected = 200 if username in WHO_SEES["photo"] else 404
            assert response.status_code == expected, f"{username}, {size}"


def test_documents_are_given_only_to_who_sees_them(world: World) -> None:
    document = one_of_everything(world)["attachment"]
    for username in sorted(EVERYBODY):
        response = world.person(username).client.get(f"/media/v1/files/{document}")
        assert response.status_code == (200 if username in WHO_SEES["attachment"] else 404), username


def test_a_stranger_without_login_gets_nothing(world: World) -> None:
    rows = one_of_everything(world)
    client = world.person("stranger").client
    client.cookies.clear()
    for name, row_id in rows.items():
        path = path_of(record_named(name))
        for address in (
            f"/api/{path}",
            f"/api/{path}/{row_id}",
            f"/api/{path}/{row_id}/history",
            f"/api/{path}/export.xlsx",
        ):
            assert client.get(address).status_code == 401, address
    assert client.get("/sync/v1/pull").status_code == 401
    assert client.get(f"/media/v1/photos/{rows['photo']}/small").status_code == 401
    assert client.get(f"/media/v1/files/{rows['attachment']}").status_code == 401


def test_fields_that_a_role_may_not_read_are_in_no_record_of_any_type(world: World) -> None:
    """For every record type with amounts or numbers: a role to which they are hidden or masked gets none of them, in no
    list, detail, history or on its device; who may read them gets them all."""
    rows = one_of_everything(world)
    boss, clerk, rep = world.person("boss"), world.person("clerk"), world.person("rep")
    seen = {
        name: set(governed(record_named(name))) for name in rows if governed(record_named(name))
    }  # fmt: skip
    assert {"customer", "contact", "order", "order_line", "payment", "product", "employee", "approval"} <= seen.keys()
    whole = {name: _detail(rep, name, rows[name]) or {} for name in seen}
    assert all(whole[name].keys() >= fields for name, fields in seen.items() if rep.username in WHO_SEES[name])
    roles = [person.me["role"]["id"] for person in (rep, clerk)]
    boss.do("role.grant", ids=roles, fields={"phone": "masked", "money": "hidden"})
    for person in (rep, clerk):
        person.cursor, person.cache = None, {}
        person.pull()
        for name, fields in seen.items():
            listed = person.get(f"/api/{path_of(record_named(name))}", limit=200)["items"]
            held = [{**row} for row in person.cache.get(name, {}).values()]
            for row in [*listed, *held, _detail(person, name, rows[name]) or {}]:
                for field in fields:
                    value, group = row.get(field), governed(record_named(name))[field]
                    assert value is None or (group == "phone" and is_masked(value)), (
                        f"{person.username}: {name}.{field}"
                    )
            if person.username in WHO_SEES[name]:
                history = person.get(f"/api/{path_of(record_named(name))}/{rows[name]}/history")
                told = {
                    field: pair for entry in history for field, pair in entry["changes"].items() if field in fields
                }
                for field, pair in told.items():
                    assert governed(record_named(name))[field] == "phone", f"{person.username}: {name}.{field}"
                    assert all(value is None or is_masked(value) for value in pair)
