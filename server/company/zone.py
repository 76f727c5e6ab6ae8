"""The company's time zone, which the business day belongs to."""

from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from sync.statements import Statement

DEFAULT_ZONE = "Asia/Shanghai"

_ZONE = Statement("SELECT time_zone FROM company LIMIT 1")


def company_zone(session: Session) -> ZoneInfo:
    """The company's time zone; asked for once in a transaction."""
    memory = session.info.setdefault("memory", {})
    if "zone" not in memory:
        memory["zone"] = ZoneInfo(_ZONE.value(session) or DEFAULT_ZONE)
    zone: ZoneInfo = memory["zone"]
    return zone
