"""Reports on work reports (BUSINESS.md, Reports: Q10)."""

from server.records.fields import L
from server.reports.declaring import Measure, Report, report

_TREE = "author_id.department_id:tree"

report(
    Report(
        name="work_reports.daily",
        number="Q10",
        label=L("销售日报查询", "銷售日報查詢", "Daily reports"),
        record="work_report",
        filters={"kind": "day"},
        moment="report_date",
        period="this_month",
        measures=(
            Measure("count", "count", L("日报数", "日報數", "Reports")),
            Measure("comments", "sum", L("点评数", "點評數", "Comments"), "comment_count"),
        ),
        dimensions=("author_id", _TREE, "report_date:day", "report_date:week", "report_date:month"),
        paths=((_TREE, "author_id"),),
        columns=("report_date", "author_id", "summary", "next_plan"),
    )
)
