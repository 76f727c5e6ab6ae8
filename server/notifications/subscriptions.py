"""Which browsers are pushed to: one subscription for each device, of whoever is signed in on it."""

from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from server.notifications.models import delivery_target, push_subscription
from server.notifications.push import Subscription
from server.people.models import Device, Employee, login_session
from server.records.actor import Actor

_s = push_subscription.c


def subscribe(session: Session, actor: Actor, subscription: Subscription, language: str, now: datetime) -> None:
    """This device is pushed to from now on. A device that was given to a colleague is the colleague's; an address that
    another device had is this one's (a browser whose data was cleared comes as a new device)."""
    values = {
        "employee_id": actor.employee_id,
        "endpoint": subscription.endpoint,
        "p256dh": subscription.p256dh,
        "auth": subscription.auth,
        "language": language,
    }
    known = session.execute(select(push_subscription).where(_s.device_id == actor.device_id)).first()
    if known is not None and all(getattr(known, name) == value for name, value in values.items()):
        return
    session.execute(delete(push_subscription).where(_s.endpoint == subscription.endpoint))
    forget_device(session, str(actor.device_id))
    session.execute(insert(push_subscription).values(device_id=actor.device_id, created_at=now, **values))


def forget_device(session: Session, device_id: str) -> None:
    session.execute(delete(push_subscription).where(_s.device_id == device_id))
    session.execute(
        delete(delivery_target).where(delivery_target.c.id == device_id, delivery_target.c.channel == "push")
    )


def is_subscribed(session: Session, device_id: str) -> bool:
    return session.scalar(select(_s.device_id).where(_s.device_id == device_id)) is not None


# unrestricted: whether somebody may still be told on a device
def is_live(session: Session, device_id: str, employee_id: str, now: datetime) -> bool:
    """Whether this employee is here and signed in on the device. Nobody is told anything on a phone that was revoked,
    signed out or passed on."""
    statement = (
        select(Device.id)
        .join(Employee, Employee.id == Device.employee_id)
        .join(login_session, login_session.c.device_id == Device.id)
        .where(
            Device.id == device_id,
            Device.employee_id == employee_id,
            Device.revoked_at.is_(None),
            Employee.status == "enabled",
            login_session.c.employee_id == employee_id,
            login_session.c.expires_at > now,
        )
        .limit(1)
    )
    return session.scalar(statement) is not None
