"""What a new version changes for the follow-up of a company that is there already."""

from server.company.setup import add_list, has_list
from server.records.commands import Context
from server.upgrading import on_upgrade


@on_upgrade("followups.complaint_kinds")
def add_complaint_kinds(context: Context) -> None:
    """The kinds of complaints that a new company starts with."""
    if not has_list(context, "complaint_kind"):
        add_list(context, "complaint_kind")
