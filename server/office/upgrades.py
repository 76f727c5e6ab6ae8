"""What a new version changes for the office of a company that is there already."""

from server.company.setup import add_list, has_list
from server.records.commands import Context
from server.upgrading import on_upgrade


@on_upgrade("office.notice_categories")
def add_categories(context: Context) -> None:
    """The categories that a new company starts with."""
    if not has_list(context, "notice_category"):
        add_list(context, "notice_category")
