"""Reports on orders (BUSINESS.md, Reports: T7)."""

from server.records.fields import L
from server.reports.declaring import Measure, Report, report

report(
    Report(
        name="orders.mine",
        number="T7",
        label=L("我本月业务统计", "我本月業務統計", "My business this month"),
        record="order",
        filters={"state__ne": "cancelled"},
        mine="clerk_id",
        moment="ordered_at",
        period="this_month",
        measures=(
            Measure("count", "count", L("订单数", "訂單數", "Orders")),
            Measure("payable", "sum", L("应付金额", "應付金額", "Payable"), "payable"),
            Measure("paid", "sum", L("实付金额", "實付金額", "Paid"), "paid"),
            Measure("debt", "sum", L("欠款金额", "欠款金額", "Debt"), "debt"),
        ),
        dimensions=(
            "customer_id", "state", "settlement_mode", "customer_id.category_id", "ordered_at:day", "ordered_at:month",
        ),
        by="customer_id",
        chart="column",
    )
)  # fmt: skip
