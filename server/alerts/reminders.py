"""What owners are told of alerts: once, when they begin."""

from server.alerts.models import Alert, AlertRule
from server.customers.models import Customer
from server.notifications.kinds import kind
from server.notifications.service import notify
from server.records.commands import Context
from server.records.fields import L

BEGUN = kind(
    "alert.begun",
    L("业务警示", "業務警示", "Business alert"),
    L("{customer}：{rule}", "{customer}：{rule}", "{customer}: {rule}"),
    needs="alert.view",
)
SEVERAL = kind(
    "alert.several",
    L("多条业务警示", "多則業務警示", "Several business alerts"),
    L(
        "{count} 位客户有新的业务警示，例如 {customer}：{rule}",
        "{count} 位客戶有新的業務警示，例如 {customer}：{rule}",
        "{count} customers have new alerts, e.g. {customer}: {rule}",
    ),
    needs="alert.view",
)
#: More at once are told as one.
_FEW = 3


def tell_begun(context: Context, owner_id: str, alerts: list[tuple[Alert, str, AlertRule]]) -> None:
    """Each by itself, or many as one sentence."""
    alert, name, rule = alerts[0]
    if len(alerts) > _FEW:
        customers = len({alert.customer_id for alert, _, _ in alerts})
        args = {"count": customers, "customer": name, "rule": rule.name}
        notify(context, [owner_id], SEVERAL, None, args, key=alert.id)
        return
    for alert, name, rule in alerts:
        customer = context.find(Customer, alert.customer_id)
        notify(context, [owner_id], BEGUN, customer, {"customer": name, "rule": rule.name}, key=alert.id)
