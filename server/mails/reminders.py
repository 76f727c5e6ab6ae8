"""What senders are told of their mails."""

from server.customers.models import Customer
from server.mails.models import Mail
from server.notifications.kinds import kind
from server.notifications.service import notify
from server.records.commands import Context
from server.records.fields import L

FAILED = kind(
    "mail.failed",
    L("邮件发送失败", "郵件傳送失敗", "Mail not sent"),
    L(
        "给{customer}的邮件“{mail}”没有发出",
        "給{customer}的郵件「{mail}」沒有寄出",
        "The mail “{mail}” to {customer} was not sent",
    ),
    needs="mail.create",
)


def tell_failed(context: Context, mail: Mail) -> None:
    """One that was written by hand; a mailing shows its own."""
    customer = context.find(Customer, mail.customer_id)
    if mail.batch_id is None and customer is not None:
        notify(context, [mail.sender_id], FAILED, mail, {"customer": customer.name, "mail": mail.subject})
