"""What people are told about people: what a colleague who leaves hands over to them."""

from server.notifications.kinds import kind
from server.records.fields import L

HANDED_OVER = kind(
    "people.handed_over",
    L("工作交接", "工作交接", "Work handed over"),
    L(
        "{leaver} 的工作已交接给您：客户 {customers} 个，其他 {others} 项",
        "{leaver} 的工作已交接給您：客戶 {customers} 個，其他 {others} 項",
        "The work of {leaver} is yours now: {customers} customers, {others} other things",
    ),
)
