"""Reports on visits (BUSINESS.md, Reports: Q3, T1 – T3)."""

from server.records.fields import L
from server.reports.declaring import Measure, Report, report
from server.reports.totals import yearly_totals

_MADE = {"checked_in_at__empty": "0"}
_TREE = "visitor_id.department_id:tree"
_PATHS = (
    ("customer_id.sales_region_id", "customer_id"),
    ("customer_id.province", "customer_id.city", "customer_id"),
    (_TREE, "visitor_id", "customer_id"),
)
_CALENDAR = ("checked_in_at:day", "checked_in_at:week", "checked_in_at:month", "checked_in_at:year")
_DIMENSIONS = (
    "customer_id", "visitor_id", _TREE, "customer_id.sales_region_id", "customer_id.province", "customer_id.city",
    "customer_id.category_id", "visit_type_id", "sales_stage_id", "evidence", "state", *_CALENDAR,
)  # fmt: skip
_VISITS = Measure("count", "count", L("拜访次数", "拜訪次數", "Visits"))
_LAST = Measure("last", "latest", L("最近拜访", "最近拜訪", "Last visit"), "checked_in_at")
_VERIFIED = Measure("verified", "rate", L("核验率", "核驗率", "Verified"), filters={"evidence": "verified"})
_LENGTH = Measure(
    "length", "average", L("平均停留（秒）", "平均停留（秒）", "Average length (s)"), "duration_seconds"
)

# Visits of this year by customer are half a million rows in 50,000 groups: 0.3 s to count, a few ms to read.
yearly_totals("visit", "checked_in_at", ("customer_id", "visitor_id"))

report(
    Report(
        name="visits.all",
        number="Q3",
        label=L("客户拜访查询", "客戶拜訪查詢", "Visits"),
        record="visit",
        filters=_MADE,
        moment="checked_in_at",
        period="this_month",
        measures=(_VISITS, _VERIFIED, _LENGTH),
        dimensions=_DIMENSIONS,
        paths=_PATHS,
        columns=("customer_id", "checked_in_at", "visitor_id", "visit_type_id", "place", "distance", "evidence"),
    )
)
report(
    Report(
        name="visits.by_customer",
        number="T1",
        label=L("本年拜访统计", "本年拜訪統計", "Visits this year"),
        record="visit",
        moment="checked_in_at",
        period="this_year",
        measures=(_VISITS, _LAST),
        dimensions=_DIMENSIONS,
        by="customer_id",
        paths=_PATHS,
    )
)
report(
    Report(
        name="visits.mine",
        number="T2",
        label=L("我本年拜访统计", "我本年拜訪統計", "My visits this year"),
        record="visit",
        mine="visitor_id",
        moment="checked_in_at",
        period="this_year",
        measures=(_VISITS, _LAST),
        dimensions=("customer_id", "customer_id.category_id", "visit_type_id", "evidence", *_CALENDAR),
        by="customer_id",
    )
)
report(
    Report(
        name="visits.by_region",
        number="T3",
        label=L("区域拜访统计", "區域拜訪統計", "Visits by region"),
        record="visit",
        moment="checked_in_at",
        period="this_month",
        measures=(_VISITS, _LAST, _VERIFIED),
        dimensions=_DIMENSIONS,
        by="customer_id.sales_region_id",
        chart="column",
        paths=_PATHS,
    )
)
