"""When somebody last spoke with a customer: from contact records, call reports and visits."""

from sqlalchemy import func, select

from server.customers.models import Customer
from server.followups.models import CallReport, ContactRecord
from server.records.commands import Context


# unrestricted: records of a customer whose figures are computed from all of them
def recount(context: Context, customer: Customer, without: str = "") -> None:
    """The last contact is the latest of what people wrote down and of the visits."""
    context.session.flush()
    spoken = context.session.scalar(
        select(func.max(ContactRecord.contacted_at)).where(
            ContactRecord.customer_id == customer.id, ~ContactRecord.automatic, ContactRecord.id != without
        )
    )
    reported = context.session.scalar(
        select(func.max(CallReport.reported_at)).where(
            CallReport.customer_id == customer.id, CallReport.id != without
        )
    )
    moments = [moment for moment in (spoken, reported, customer.last_visit_at) if moment is not None]
    customer.last_contact_at = max(moments, default=None)
