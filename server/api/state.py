"""What every request handler may use, made once at start."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from sqlalchemy.orm import Session

from media.spool import Spool
from media.store import BlobStore
from media.tokens import TimeTokens
from server.api.admission import Admission
from server.api.ahead import Ahead
from server.api.hints import Hints
from server.database import Reader, Writer
from server.mails.mailer import Mailer
from server.notifications.postman import Postman
from server.people.contacts import Contacts
from server.people.logins import Logins
from server.records.search.following import Following
from server.records.shape import Shape, Shapes
from server.settings import Settings
from server.telemetry.metrics import Metrics
from sync.head import Head
from sync.pull import Page

T = TypeVar("T")


class Read(Protocol):
    """Runs a read function over a session."""

    async def __call__(self, work: Callable[[Session], T], /) -> T: ...


@dataclass(slots=True)
class Services:
    settings: Settings
    reader: Reader
    writer: Writer
    logins: Logins
    blobs: BlobStore
    spool: Spool
    tokens: TimeTokens
    hints: Hints
    head: Head
    metrics: Metrics
    contacts: Contacts
    postman: Postman
    mailer: Mailer
    search: Following
    admission: Admission = field(default_factory=Admission, kw_only=True)
    shapes: Shapes = field(default_factory=Shapes, kw_only=True)
    ahead: Ahead[tuple[Page, str | None, Shape | None]] = field(default_factory=Ahead, kw_only=True)
    #: The exports that this process works at, by their ids.
    exports: dict[str, asyncio.Task[None]] = field(default_factory=dict, kw_only=True)
    #: Set when the server ends: long work in threads leaves off at its next step.
    stopping: threading.Event = field(default_factory=threading.Event, kw_only=True)

    def reading(self, q: str = "") -> Read:
        """Reads in one snapshot; where words are searched for, with an index that has all that was written before."""
        return self.search.read if q else self.reader.run
