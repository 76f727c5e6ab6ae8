"""Reports on contact records (BUSINESS.md, Reports: C2)."""

from server.records.fields import L
from server.reports.declaring import SHARE, Measure, Report, report

#: What the system wrote itself is no follow-up.
_BY_PEOPLE = {"automatic": "false"}
_TREE = "clerk_id.department_id:tree"
_CALENDAR = ("contacted_at:day", "contacted_at:week", "contacted_at:month", "contacted_at:year")

report(
    Report(
        name="followups.count",
        number="C2",
        label=L("客户跟进报表", "客戶跟進報表", "Follow-ups"),
        record="contact_record",
        filters=_BY_PEOPLE,
        moment="contacted_at",
        period="this_month",
        measures=(
            Measure("count", "count", L("跟进次数", "跟進次數", "Follow-ups")),
            SHARE,
            Measure("last", "latest", L("最近联系", "最近聯絡", "Last contact"), "contacted_at"),
        ),
        dimensions=(
            "clerk_id",
            _TREE,
            "customer_id",
            "method_id",
            "kind",
            "sales_stage_id",
            "customer_id.sales_region_id",
            "customer_id.category_id",
            *_CALENDAR,
        ),
        by="clerk_id",
        chart="column",
        paths=((_TREE, "clerk_id", "customer_id"),),
        columns=("customer_id", "contacted_at", "method_id", "content", "clerk_id", "next_contact_at"),
    )
)
