"""Reports on contact records (BUSINESS.md, Reports: C2), and on complaints (LF-15)."""

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

_HANDLERS = "handler_id.department_id:tree"
_OF_COMPLAINTS = (
    "kind_id", "handler_id", _HANDLERS, "customer_id", "urgency", "state", "satisfaction", "way_id",
    "customer_id.sales_region_id", "customer_id.category_id",
)  # fmt: skip
_PATHS_OF_COMPLAINTS = (("kind_id", "customer_id"), (_HANDLERS, "handler_id", "customer_id"))
_UNITS = ("day", "week", "month", "year")

report(
    Report(
        name="complaints.count",
        label=L("客户投诉统计", "客戶投訴統計", "Complaints"),
        record="complaint",
        moment="reported_at",
        period="this_month",
        measures=(
            Measure("count", "count", L("投诉数", "投訴數", "Complaints")),
            SHARE,
            Measure("waiting", "count", L("未答复", "未答覆", "Not answered"), filters={"state__in": "open,working"}),
            Measure("late", "count", L("逾期", "逾期", "Late"), filters={"late": "true"}),
        ),
        dimensions=(*_OF_COMPLAINTS, *(f"reported_at:{unit}" for unit in _UNITS)),
        by="kind_id",
        chart="column",
        paths=_PATHS_OF_COMPLAINTS,
        columns=("customer_id", "kind_id", "reported_at", "content", "handler_id", "state", "due_at", "satisfaction"),
    )
)
report(
    Report(
        name="complaints.answered",
        label=L("投诉答复与满意度", "投訴答覆與滿意度", "Complaints answered and satisfaction"),
        record="complaint",
        filters={"answered_at__empty": "0"},
        moment="answered_at",
        period="this_month",
        measures=(
            Measure("count", "count", L("已答复", "已答覆", "Answered")),
            Measure("in_time", "rate", L("及时率", "及時率", "In time"), filters={"late": "false"}),
            Measure("asked", "rate", L("回访率", "回訪率", "Asked"), filters={"satisfaction__empty": "0"}),
            Measure("good", "rate", L("满意率", "滿意率", "Satisfied"), filters={"satisfaction": "good"}),
            Measure("bad", "rate", L("不满意率", "不滿意率", "Not satisfied"), filters={"satisfaction": "bad"}),
        ),
        dimensions=(*_OF_COMPLAINTS, *(f"answered_at:{unit}" for unit in _UNITS)),
        by="handler_id",
        chart="bar",
        paths=_PATHS_OF_COMPLAINTS,
        columns=("customer_id", "kind_id", "handler_id", "due_at", "answered_at", "late", "satisfaction", "answer"),
    )
)
