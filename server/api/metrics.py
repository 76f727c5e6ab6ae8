"""`/metrics` for Prometheus. Closed to the world: to this machine only, or to whoever has the token."""

import asyncio
import hmac
import ipaddress
from datetime import UTC, datetime
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from prometheus_client import generate_latest

from server.api.state import Services
from server.notifications.queue import count_undelivered
from server.people.contacts import stored_contacts
from server.records.errors import Forbidden, error_texts
from server.records.fields import L
from server.telemetry.figures import read_figures, registry_of

_FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip", "via")
TEXT = "text/plain; version=0.0.4; charset=utf-8"

error_texts(
    {
        "metrics_closed": L(
            "这里只对本机或持有令牌的监控开放（见 XUNKE_METRICS）",
            "這裡只對本機或持有權杖的監控開放（見 XUNKE_METRICS）",
            "Open to this machine or to a monitor with the token only (see XUNKE_METRICS)",
        )
    }
)


@get("/metrics", include_in_schema=False, media_type="text/plain")
async def metrics(services: NamedDependency[Services], request: Request[Any, Any, Any]) -> Response[bytes]:
    """Counters of this process and figures of the database. 403 metrics_closed, 404 where it is off."""
    setting = services.settings.metrics
    if setting == "off":
        raise NotFoundException("metrics")
    if not _may_read(setting, request):
        raise Forbidden("metrics_closed")
    now = datetime.now(UTC)
    figures = await services.reader.run(
        lambda session: read_figures(session, services.contacts.latest(stored_contacts(session)), now)
    )
    undelivered = await services.reader.run(count_undelivered)
    uploads = await asyncio.to_thread(services.spool.count)
    text = services.metrics.text() + generate_latest(registry_of(figures, uploads, undelivered))
    return Response(text, headers={"content-type": TEXT})


def _may_read(setting: str, request: Request[Any, Any, Any]) -> bool:
    if setting.startswith("token:"):
        wanted = f"Bearer {setting.removeprefix('token:')}"
        return hmac.compare_digest(request.headers.get("authorization", "").encode(), wanted.encode())
    # A proxy on this machine makes the whole world local: what came through one is not.
    if any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
