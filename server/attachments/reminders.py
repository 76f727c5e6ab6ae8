"""Telling who added a file that it did not pass the check: it may have arrived long after he put the phone away."""

from server.attachments.models import Attachment
from server.customers.models import Customer
from server.notifications.kinds import kind
from server.notifications.service import notify
from server.records.commands import Context
from server.records.fields import L

REFUSED = kind(
    "attachment.refused",
    L("文档未通过检查", "文件未通過檢查", "A document did not pass the check"),
    L(
        "{customer} 的文档 {file} 未通过检查，请改名或重新添加",
        "{customer} 的文件 {file} 未通過檢查，請改名或重新新增",
        "{file} of {customer} did not pass the check; rename it or add it anew",
    ),
    needs="attachment.create",
)


def tell_refused(context: Context, attachment: Attachment) -> None:
    """Once a file and reason."""
    if attachment.state != "refused" or attachment.created_by is None:
        return
    customer = context.find(Customer, attachment.customer_id)
    args = {"customer": customer.name if customer else "", "file": attachment.name}
    key = f"{attachment.id}:{attachment.problem}"
    notify(context, [attachment.created_by], REFUSED, customer or attachment, args, key=key)
