"""The task of a serving process that delivers what was written down: to browsers, and to chat groups."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from server.database import Reader, Writer
from server.notifications import groups, queue
from server.notifications.groups import Hook
from server.notifications.models import Notification
from server.notifications.outgoing import Outgoing
from server.notifications.push import PushService, Subscription
from server.notifications.queue import Parcel, channel_of
from server.notifications.sending import Outcome
from server.notifications.settings import read_manners
from server.notifications.webhooks import TestAnswer
from server.notifications.words import posted, pushed
from server.repeated import Rounds

log = logging.getLogger("xunke.postman")

#: What is told in the same moment is told together: an import, a push of two hundred orders.
_GATHER_SECONDS = 0.5
#: Messages at once.
_HANDS = 8


@dataclass(slots=True)
class Postman:
    """Several servers may run one each over the same database: every message is sent by one of them."""

    reader: Reader
    writer: Writer
    push: PushService
    outgoing: Outgoing = field(default_factory=Outgoing)
    #: Told the channel (push, group) and what became of every message that was tried; from any thread.
    on_message: Callable[[str, str], None] = lambda _channel, _outcome: None
    _hands: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(_HANDS, "postman"))
    _rounds: Rounds | None = None

    def start(self) -> None:
        self._rounds = Rounds(
            self.writer,
            Notification.__tablename__,
            lambda: self.round(_now),
            log,
            "delivering failed; it is tried again in 5 s",
            _GATHER_SECONDS,
        )
        self._rounds.start()

    async def stop(self) -> None:
        """Lets what is under way come to its end for a moment. Before the writer closes."""
        if self._rounds is not None:
            await self._rounds.stop()
        self._hands.shutdown(wait=False, cancel_futures=True)

    async def round(self, clock: Callable[[], datetime]) -> int:
        """Sends what is due; returns how many messages were tried."""
        if not await self.reader.run(lambda session: queue.is_due(session, clock())):
            return 0
        parcels = await self.writer.run(lambda session: queue.claim(session, clock()))
        if not parcels:
            return 0
        zone = (await self.reader.run(read_manners)).zone
        by_target: dict[str, list[Parcel]] = {}
        for parcel in parcels:
            by_target.setdefault(parcel.target_id, []).append(parcel)
        loop = asyncio.get_running_loop()
        sent = await asyncio.gather(
            *(loop.run_in_executor(self._hands, self._send_all, some, zone) for some in by_target.values())
        )
        results = [result for some in sent for result in some]
        await self.writer.run(lambda session: queue.settle(session, results, clock()))
        return sum(outcome is not None for _, outcome in results)

    async def deliver_test(self, parcel: Parcel) -> TestAnswer:
        """Sends what `webhooks.begin_test` prepared. A test that failed is not tried again."""
        zone = (await self.reader.run(read_manners)).zone
        outcome = await asyncio.get_running_loop().run_in_executor(self._hands, self._send, parcel, zone)
        told = outcome if outcome.state == "sent" else Outcome("refused", outcome.error)
        await self.writer.run(lambda session: queue.settle_test(session, parcel, told, outcome, _now()))
        return TestAnswer(outcome.state == "sent", outcome.error)

    def _send_all(self, parcels: Sequence[Parcel], zone: ZoneInfo) -> list[tuple[Parcel, Outcome | None]]:
        """One after the other, in their order; after one that failed the others wait with it."""
        results: list[tuple[Parcel, Outcome | None]] = []
        stopped = False
        for parcel in parcels:
            outcome = None if stopped else self._send(parcel, zone)
            stopped = stopped or (outcome is not None and outcome.state in ("failed", "limited", "gone"))
            results.append((parcel, outcome))
        return results

    def _send(self, parcel: Parcel, zone: ZoneInfo) -> Outcome:
        try:
            outcome = self._deliver(parcel, zone)
        except Exception:
            log.exception("a message could not be made")
            outcome = Outcome("refused", "server_error")
        facts = {"target": parcel.target_id, "lines": len(parcel.lines), "outcome": outcome.state}
        self.on_message(channel_of(parcel.to), outcome.state)
        log.info("a message was sent", extra={"facts": {**facts, "error": outcome.error}})
        return outcome

    def _deliver(self, parcel: Parcel, zone: ZoneInfo) -> Outcome:
        if isinstance(parcel.to, Hook):
            limit = groups.PROVIDERS[parcel.to.provider].max_bytes
            lines = [(line.kind, line.content) for line in parcel.lines]
            return groups.send(self.outgoing, parcel.to, posted(lines, parcel.language, zone, limit))
        assert isinstance(parcel.to, Subscription)
        topic, content = push_content(parcel)
        return self.push.send(self.outgoing, parcel.to, topic, content)


def push_content(parcel: Parcel) -> tuple[str, dict[str, Any]]:
    """Topic and content of a push: which kinds, and what to open; no names, no amounts. A phone lies on tables."""
    ids = [line.notification_id for line in parcel.lines if line.notification_id]
    title, text = pushed([line.kind for line in parcel.lines], parcel.language)
    if len(ids) == 1:
        return ids[0].replace("-", ""), {"title": title, "body": text, "id": ids[0]}
    return "digest", {"title": title, "body": text, "count": len(ids)}


def _now() -> datetime:
    return datetime.now(UTC)
