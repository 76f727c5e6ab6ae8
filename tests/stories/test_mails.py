"""E-mail: accounts whose password nobody gets back, mails that reach a real mail server and stay with the customer, one text
to many. On both engines, through the public API."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from server.mails.mailer import Mailer
from server.mails.models import MailAccount, mail_queue
from server.mails.smtp import Smtp
from server.records.ids import uuid7
from tests.customers.test_pool import refused
from tests.notifications.test_kinds import told
from tests.support.fieldwork import new_shop, upload
from tests.support.smtp import PASSWORD, MailServer, post_office
from tests.support.world import Person, Refused, World

__all__ = ["post_office"]
pytestmark = pytest.mark.stories


class Post:
    """The mailer in the hands of the test, with a clock of its own."""

    def __init__(self, world: World, smtp: Smtp) -> None:
        self.world, self.ahead = world, timedelta()
        services = world.app.state.services
        world.in_loop(services.mailer.stop)
        self.mailer = Mailer(services.reader, services.writer, services.blobs, services.mailer.vault, smtp)
        services.mailer = self.mailer

    def deliver(self, after: timedelta = timedelta()) -> int:
        self.ahead += after
        return int(self.world.in_loop(self.mailer.round, self.clock))

    def clock(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def settings(office: MailServer, **changed: Any) -> dict[str, Any]:
    return {
        "name": "我的邮箱", "address": "zhangsan@xunke.example", "host": office.host, "port": office.port,
        "security": "none", "sender_name": "张三", "password": PASSWORD, **changed,
    }  # fmt: skip


def account(person: Person, body: dict[str, Any]) -> str:
    row_id = uuid7()
    answer = person.client.put(f"/api/mail-senders/{row_id}", json=body)
    if answer.status_code != 204:
        raise Refused(answer.status_code, answer.json())
    return row_id


def send(person: Person, customer: str, sender: str, to: str = "wang@shop.example", **more: Any) -> str:
    row_id = uuid7()
    values = {"subject": "新款价目", "body": "王老板：\n请看附件。", **more}
    person.do("mail.send", id=row_id, customer_id=customer, account_id=sender, to=to, **values)
    return row_id


def mail(person: Person, row_id: str) -> dict[str, Any]:
    return dict(person.get(f"/api/mails/{row_id}"))


def test_a_mail_to_a_customer_is_sent_kept_and_a_contact(world: World, post_office: MailServer) -> None:
    rep, manager = world.person("rep"), world.person("manager")
    post = Post(world, post_office.smtp())
    mine = account(rep, settings(post_office))
    shop = new_shop(rep, "王记超市", primary_contact="王五", email="wang@shop.example")
    text = "价目表：12 元一箱".encode()
    file, digest = uuid7(), hashlib.sha256(text).hexdigest()
    rep.do("attachment.add", id=file, customer_id=shop, name="价目.txt", sha256=digest, size=len(text))
    assert refused(send, rep, shop, mine, attachments=[file]) == "mail_file_gone"
    assert upload(rep, text, digest).status_code == 201
    assert refused(send, rep, shop, mine, to="wang") == "mail_address"
    assert refused(send, rep, shop, mine, subject="  ") == "required"
    op = rep.op(
        "mail.send",
        {
            "id": uuid7(), "customer_id": shop, "account_id": mine, "to": "wang@shop.example；li@shop.example",
            "cc": "boss@xunke.example", "subject": "新款价目", "body": "请看附件。", "attachments": [file],
        },
    )  # fmt: skip
    [result] = rep.push(op)  # written in a cellar
    assert result["status"] == "applied", result
    made = op["args"]["id"]
    assert mail(manager, made)["state"] == "waiting"
    assert post.deliver() == 1
    [message] = post_office.taken
    assert (message["From"], message["To"], message["Cc"]) == (
        "张三 <zhangsan@xunke.example>", "wang@shop.example, li@shop.example", "boss@xunke.example",
    )  # fmt: skip
    assert post_office.envelopes[0].rcpt_tos == ["wang@shop.example", "li@shop.example", "boss@xunke.example"]
    body = message.get_body()
    assert body is not None
    assert (message["Subject"], body.get_content().strip()) == ("新款价目", "请看附件。")
    [part] = message.iter_attachments()
    assert (part.get_filename(), part.get_content()) == ("价目.txt", text)
    sent = mail(manager, made)
    assert (sent["state"], sent["sender_id"], sent["attachments"]) == (
        "sent",
        rep.id,
        [{"id": file, "name": "价目.txt"}],
    )
    assert sent["sent_at"]
    assert post.deliver() == 0
    rep.pull()
    assert rep.cache["mail"][made]["state"] == "sent"
    [said] = rep.get("/api/contact-records", customer_id=shop)["items"]
    assert said["content"] == "新款价目\n→ wang@shop.example; li@shop.example"
    assert (said["clerk_id"], said["method_id"]) == (rep.id, world.option("contact_method", "电子邮件"))
    assert rep.get(f"/api/customers/{shop}")["last_contact_at"] == said["contacted_at"]
    assert refused(mail, world.person("stranger"), made) == "not_found"


def test_what_cannot_be_sent_is_tried_again_and_then_says_why(world: World, post_office: MailServer) -> None:
    rep = world.person("rep")
    post = Post(world, post_office.smtp())
    mine = account(rep, settings(post_office))
    shop = new_shop(rep)
    post_office.refuse = "451 greylisted, come back later"
    late = send(rep, shop, mine)
    assert post.deliver() == 1
    assert (mail(rep, late)["state"], mail(rep, late)["error"], mail(rep, late)["said"]) == (
        "waiting", "said", "451 greylisted, come back later",
    )  # fmt: skip
    post_office.refuse = ""
    assert post.deliver(timedelta(seconds=50)) == 0
    assert post.deliver(timedelta(seconds=11)) == 1
    assert mail(rep, late)["state"] == "sent"
    post_office.unknown.add("gone@shop.example")
    never = send(rep, shop, mine, to="gone@shop.example")
    post.deliver()
    assert (mail(rep, never)["state"], mail(rep, never)["error"]) == ("failed", "recipient")
    assert [one["record_id"] for one in told(rep, "mail.failed")] == [never]
    post_office.unknown.clear()
    rep.do("mail.send_again", id=never)
    post.deliver()
    assert mail(rep, never)["state"] == "sent"
    assert refused(rep.do, "mail.send_again", id=never) == "mail_not_again"
    # A server that was cut off at a mail may have sent it: nobody sends it a second time by himself.
    cut = send(rep, shop, mine)

    def taken(session: Any) -> None:
        session.execute(mail_queue.update().values(busy_until=post.clock() + timedelta(minutes=10)))

    world.app.state.services.writer.call(taken)
    assert post.deliver(timedelta(minutes=9)) == 0
    assert post.deliver(timedelta(minutes=2)) == 0
    assert (mail(rep, cut)["state"], mail(rep, cut)["error"]) == ("failed", "interrupted")
    assert len(post_office.taken) == 2
    # A wrong password is no reason to knock all night.
    body = settings(post_office, password="wrong")
    assert rep.client.put(f"/api/mail-senders/{mine}", json=body).status_code == 204
    wrong = send(rep, shop, mine)
    post.deliver()
    assert (mail(rep, wrong)["state"], mail(rep, wrong)["error"]) == ("failed", "auth")


def test_accounts_are_ones_own_or_the_companys_and_keep_their_password(world: World, post_office: MailServer) -> None:
    rep, rep2, boss = world.person("rep"), world.person("rep2"), world.person("boss")
    Post(world, post_office.smtp())
    mine = account(rep, settings(post_office, is_default=True))
    assert refused(account, rep, settings(post_office, public=True)) == "mail_account_public"
    public = account(boss, settings(post_office, name="公司邮箱", public=True))
    assert (
        refused(account, boss, settings(post_office, host="127.0.0.1", port=25, security="ssl"))
        == "mail_server_refused"
    )
    assert (
        refused(account, boss, settings(post_office, host="127.0.0.1", port=22, security="ssl"))
        == "mail_server_refused"
    )
    assert {row["id"] for row in rep.get("/api/mail-accounts")["items"]} == {mine, public}
    assert {row["id"] for row in rep2.get("/api/mail-accounts")["items"]} == {public}
    everything = rep.client.get("/api/mail-accounts").text + boss.client.get(f"/api/mail-accounts/{mine}").text
    assert PASSWORD not in everything
    assert "password" not in everything

    def stored(session: Any) -> str:
        return str(session.scalar(select(MailAccount.password).where(MailAccount.id == mine)))

    kept = world.app.state.services.writer.call(stored)
    assert PASSWORD not in kept
    shop = new_shop(rep2)
    assert refused(send, rep2, shop, mine) == "mail_account_gone"
    assert mail(rep2, send(rep2, shop, public))["state"] == "waiting"
    assert rep.post(f"/api/mail-senders/{mine}/test", None) == {"sent": True, "error": None}
    assert post_office.texts()[-1][0] == "zhangsan@xunke.example"
    # The password stays when nothing is typed, and does not follow to another server.
    assert rep.client.put(f"/api/mail-senders/{mine}", json=settings(post_office, password=None)).status_code == 204
    assert rep.post(f"/api/mail-senders/{mine}/test", None)["sent"]
    moved = settings(post_office, password=None, host="mail.elsewhere.example", port=465, security="ssl")
    assert rep.client.put(f"/api/mail-senders/{mine}", json=moved).status_code == 204
    assert world.app.state.services.writer.call(stored) == "None"
    assert rep2.client.delete(f"/api/mail-senders/{mine}").status_code == 404
    assert rep.client.delete(f"/api/mail-senders/{mine}").status_code == 204


def test_one_text_goes_to_many_as_fast_as_the_account_may_and_can_be_stopped(
    world: World, post_office: MailServer
) -> None:
    rep, manager = world.person("rep"), world.person("manager")
    post = Post(world, post_office.smtp())
    sender = account(manager, settings(post_office, per_minute=2))
    shops = [new_shop(rep, f"店{index}", email=f"shop{index}@shop.example") for index in range(4)]
    rep.create("contact", customer_id=shops[0], name="赵六", email="zhao@shop.example", is_primary=True)
    without = new_shop(rep, "无邮箱")
    elsewhere = new_shop(world.person("stranger"), "别人的", email="no@shop.example")
    ids = [*shops, without, elsewhere]
    text = {"subject": "{customer}的中秋", "body": "{contact}您好，{rep}祝您中秋快乐"}
    assert (
        refused(
            manager.do, "mail.send_many", id=uuid7(), account_id=sender, customer_ids=ids, subject="x", body="{name}"
        )
        == "mail_placeholder"
    )
    assert refused(rep.post, "/api/mailings/preview", {"customer_ids": ids}) == "forbidden"
    preview = manager.post("/api/mailings/preview", {"customer_ids": ids, **text})
    assert (preview["total"], [one["name"] for one in preview["without"]]) == (4, ["无邮箱"])
    assert preview["first"][0] == {
        "customer": "店0", "to": "zhao@shop.example", "subject": "店0的中秋", "body": "赵六您好，张三祝您中秋快乐",
    }  # fmt: skip
    batch = uuid7()
    answer = manager.do("mail.send_many", id=batch, account_id=sender, customer_ids=ids, **text)
    assert answer["result"] == {"id": batch, "total": 4, "skipped": 2}
    assert [post.deliver(), post.deliver(), post.deliver(timedelta(seconds=61))] == [2, 0, 2]
    assert len(post_office.taken) == 4
    assert manager.get(f"/api/mail-batches/{batch}")["state"] == "done"
    assert manager.get("/api/mailings/progress") == {batch: {"sent": 4}}
    # It stands with each customer, and keeps none of them from the pool.
    [said] = rep.get("/api/contact-records", customer_id=shops[1])["items"]
    assert (said["content"], said["automatic"]) == ("店1的中秋\n→ shop1@shop.example", True)
    assert rep.get(f"/api/customers/{shops[1]}")["last_contact_at"] is None
    again = uuid7()
    manager.do("mail.send_many", id=again, account_id=sender, customer_ids=shops, **text)
    assert post.deliver(timedelta(seconds=61)) == 2
    assert manager.do("mail.stop", id=again)["result"]["stopped"] == 2
    assert post.deliver(timedelta(seconds=61)) == 0
    assert manager.get("/api/mailings/progress")[again] == {"sent": 2, "stopped": 2}
    assert refused(rep.do, "mail.stop", id=again) == "forbidden"
