"""The company's sending account, and one mailing that has gone out to customers of the first manager's team."""

from datetime import timedelta

from sqlalchemy import select

from server.company.models import Option
from server.demo.shops import Shop
from server.demo.troubles import Scene
from server.followups.models import ContactRecord
from server.mails.addresses import filled
from server.mails.models import Mail, MailAccount, MailBatch
from server.records.record import Record

_SUBJECT, _BODY = "{customer}：新款价目表", "{contact}您好：\n本月新款已到货，详情请联系{rep}。\n祝生意兴隆！"
_MOST = 12


def address_of(index: int) -> str | None:
    """Every fourth customer has an address; nobody has ever registered this domain."""
    return f"shop{index}@example.com" if index % 4 == 0 else None


def write_mails(scene: Scene) -> list[Record]:
    staff, dice = scene.company.staff, scene.dice
    founded, at = scene.company.founded_at + timedelta(hours=6), scene.calendar.now - timedelta(days=1, hours=3)
    account = MailAccount(
        id=dice.id_at(founded), name="公司邮箱", address="sales@example.com", sender_name="青岛巡客商贸",
        host="smtp.example.com", port=465, security="ssl", username="sales@example.com", per_minute=20, is_default=True,
        enabled=True, employee_id=None, created_at=founded, created_by=staff.administrator_id,
    )  # fmt: skip
    manager = staff.manager_ids[0]
    method = scene.session.scalar(
        select(Option.id).where(Option.list_name == "contact_method", Option.name == "电子邮件")
    )
    reached: list[Shop] = [shop for shop in scene.shops if shop.customer.email and shop.rep is staff.reps[0]][:_MOST]
    batch = MailBatch(
        id=dice.id_at(at), subject=_SUBJECT, body=_BODY, account_id=account.id, sender_id=manager, total=len(reached),
        skipped=3, state="done", created_at=at, created_by=manager,
    )  # fmt: skip
    rows: list[Record] = [account, batch]
    for shop in reached:
        customer, rep = shop.customer, shop.rep
        words = {"customer": customer.name, "contact": customer.primary_contact or "", "rep": rep.name if rep else ""}
        subject, to = filled(_SUBJECT, words), str(customer.email)
        rows.append(
            Mail(
                id=dice.id_at(at), customer_id=customer.id, account_id=account.id, batch_id=batch.id, recipients=to,
                subject=subject, body=filled(_BODY, words), sender_id=manager, state="sent", sent_at=at,
                created_at=at, created_by=manager,
            )
        )  # fmt: skip
        rows.append(
            ContactRecord(
                id=dice.id_at(at), customer_id=customer.id, clerk_id=manager, kind="follow_up", method_id=method,
                contacted_at=at, content=f"{subject}\n→ {to}", automatic=True, created_at=at, created_by=manager,
            )
        )  # fmt: skip
    return rows
