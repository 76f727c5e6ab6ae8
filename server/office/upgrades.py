"""What a new version changes for the office of a company that is there already."""

from sqlalchemy import select

from server.company.models import Option
from server.company.setup import LISTS
from server.records.commands import Context
from server.records.ids import uuid7
from server.upgrading import on_upgrade


# unrestricted: the company's lists are everybody's
@on_upgrade("office.notice_categories")
def add_categories(context: Context) -> None:
    """The categories that a new company starts with."""
    if context.session.scalar(select(Option.id).where(Option.list_name == "notice_category").limit(1)) is None:
        for index, name in enumerate(LISTS["notice_category"]):
            values = {
                "list_name": "notice_category",
                "name": name,
                "sort": (index + 1) * 10,
                "is_default": index == 0,
            }
            context.run("option.create", {"id": uuid7(), "values": values})
