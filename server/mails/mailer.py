"""The task of a serving process that sends the mails that were written down."""

import asyncio
import logging
import mimetypes
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from media.store import BlobError, BlobStore
from server.database import Reader, Writer
from server.mails import queue
from server.mails.models import Mail
from server.mails.queue import Letter
from server.mails.smtp import Smtp
from server.mails.vault import Vault
from server.notifications.sending import Outcome
from server.repeated import Rounds

log = logging.getLogger("xunke.mailer")

#: Accounts that are sent from at the same time.
_HANDS = 4


@dataclass(slots=True)
class Mailer:
    """Several servers may run one each over the same database: every mail is sent by one of them."""

    reader: Reader
    writer: Writer
    blobs: BlobStore
    vault: Vault
    smtp: Smtp
    _hands: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(_HANDS, "mailer"))
    _rounds: Rounds | None = None

    def start(self) -> None:
        self._rounds = Rounds(
            self.writer,
            Mail.__tablename__,
            lambda: self.round(_now),
            log,
            "sending mails failed; it is tried again in 5 s",
        )
        self._rounds.start()

    async def stop(self) -> None:
        """Lets what is under way come to its end for a moment. Before the writer closes."""
        if self._rounds is not None:
            await self._rounds.stop()
        self._hands.shutdown(wait=False, cancel_futures=True)

    async def round(self, clock: Callable[[], datetime]) -> int:
        """Sends what is due; returns how many mails were tried."""
        if not await self.reader.run(lambda session: queue.is_due(session, clock())):
            return 0
        letters = await self.writer.run(lambda session: queue.claim(session, self.vault, clock()))
        if not letters:
            return 0
        by_account: dict[str, list[tuple[Letter, list[tuple[str, bytes]] | None]]] = {}
        for letter in letters:
            by_account.setdefault(letter.account_id, []).append((letter, await self._files(letter)))
        loop = asyncio.get_running_loop()
        sent = await asyncio.gather(
            *(loop.run_in_executor(self._hands, self._send_all, some) for some in by_account.values())
        )
        results = [result for some in sent for result in some]
        await self.writer.run(lambda session: queue.settle(session, results, clock()))
        return len(results)

    async def _files(self, letter: Letter) -> list[tuple[str, bytes]] | None:
        """None where one of them is no more."""
        found: list[tuple[str, bytes]] = []
        for name, sha256 in letter.files:
            try:
                found.append((name, await self.blobs.get("original", sha256)))
            except BlobError:
                return None
        return found

    def _send_all(
        self, letters: Sequence[tuple[Letter, list[tuple[str, bytes]] | None]]
    ) -> list[tuple[Letter, Outcome]]:
        """One after the other; after one that cannot be delivered now the others of the account wait with it."""
        results: list[tuple[Letter, Outcome]] = []
        waits: Outcome | None = None
        for letter, files in letters:
            outcome = waits or self._send(letter, files)
            if (outcome.error or "").startswith("unreached") and outcome.state == "failed":
                waits = outcome
            results.append((letter, outcome))
        return results

    def _send(self, letter: Letter, files: list[tuple[str, bytes]] | None) -> Outcome:
        if letter.server is None:
            return Outcome("refused", "password_lost")
        if files is None:
            return Outcome("refused", "file_gone")
        try:
            message = message_of(letter, files, _now())
            to = [part.strip() for part in f"{letter.to};{letter.cc}".split(";") if part.strip()]
            outcome = self.smtp.send(letter.server, message, letter.address, to)
        except Exception:
            log.exception("a mail could not be made")
            outcome = Outcome("refused", "server_error")
        log.info("a mail was tried", extra={"facts": {"mail": letter.id, "outcome": outcome.state}})
        return outcome

    async def try_out(self, letter: Letter) -> Outcome:
        """Sends at once, beside the queue: whether an account works."""
        return await asyncio.get_running_loop().run_in_executor(self._hands, self._send, letter, [])


def message_of(letter: Letter, files: Sequence[tuple[str, bytes]], at: datetime) -> EmailMessage:
    message = EmailMessage()
    message["From"] = Address(letter.sender_name, addr_spec=letter.address)
    message["To"] = letter.to.replace(";", ",")
    if letter.cc:
        message["Cc"] = letter.cc.replace(";", ",")
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{letter.id}@{letter.address.rpartition('@')[2]}>"
    message.set_content(letter.body + "\n")
    for name, data in files:
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        # Of a text nobody knows the encoding: it goes byte by byte, like everything else.
        main, _, sub = ("application/octet-stream" if kind.startswith("text/") else kind).partition("/")
        message.add_attachment(data, maintype=main, subtype=sub, filename=name)
    return message


def _now() -> datetime:
    return datetime.now(UTC)
