"""Structured logs: one JSON line per event on stderr, or plain text on a terminal.

What people typed never gets into a log: no args, no names, no numbers, no passwords. An exception is told by its type
and its places; its message is left out, because messages quote values (PostgreSQL's name the row that was in the way).
"""

import logging
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy.exc import DBAPIError

from server.telemetry.current import request_id

_encoder = msgspec.json.Encoder(enc_hook=str)


#: Messages of SQLite that name tables and the disk, never what is in them.
_PLAIN = (
    "no such table",
    "no such column",
    "database is",
    "disk I/O",
    "database or disk is full",
    "attempt to write",
)
#: The project's own folder, so that its places are told apart from its libraries'.
_OURS = str(Path(__file__).resolve().parents[2])
_MOST_PLACES = 12


def _places(frames: traceback.StackSummary) -> list[str]:
    """Where an exception came through: the project's own places, and the last one wherever it is."""
    ours = [frame for frame in frames if frame.filename.startswith(_OURS) and "site-packages" not in frame.filename]
    kept = ours[-_MOST_PLACES:] + [frame for frame in frames[-1:] if frame not in ours]
    return [f"{frame.filename.removeprefix(_OURS + '/')}:{frame.lineno} {frame.name}" for frame in kept]


def told(error: BaseException) -> dict[str, Any]:
    """An exception without its message: type, what the database or the system calls it, and where it came through."""
    found: dict[str, Any] = {"type": type(error).__qualname__}
    if isinstance(error, DBAPIError) and error.orig is not None:
        found["cause"] = type(error.orig).__qualname__
        for name in ("sqlstate", "sqlite_errorname"):
            if code := getattr(error.orig, name, None):
                found["code"] = str(code)
        if str(error.orig).startswith(_PLAIN):
            found["message"] = str(error.orig)
    elif isinstance(error, OSError) and error.errno is not None:
        found["code"] = error.strerror or str(error.errno)
    found["at"] = _places(traceback.extract_tb(error.__traceback__))
    origin = error.__cause__ or error.__context__
    if origin is not None and origin is not getattr(error, "orig", None):
        found["because"] = type(origin).__qualname__
    return found


def _facts(record: logging.LogRecord) -> dict[str, Any]:
    facts: dict[str, Any] = dict(getattr(record, "facts", {}))
    if "request" not in facts and (known := request_id()) is not None:
        facts["request"] = known
    if record.exc_info and record.exc_info[1] is not None:
        facts["error"] = told(record.exc_info[1])
    return facts


class JsonLines(logging.Formatter):
    """`{"at", "level", "from", "event", …facts}`; times are UTC."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = {"at": at, "level": record.levelname.lower(), "from": record.name, "event": record.getMessage()}
        return _encoder.encode({**line, **_facts(record)}).decode()


class PlainLines(logging.Formatter):
    """The same for a person at a terminal: local time, `name=value`."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        facts = _facts(record)
        error = facts.pop("error", None)
        pairs = " ".join(f"{name}={value}" for name, value in facts.items())
        line = f"{at} {record.levelname:7} {record.getMessage()} {pairs}".rstrip()
        if error is None:
            return line
        places = "".join(f"\n    {place}" for place in error.pop("at"))
        return f"{line} {error}{places}"


def formatter(style: str, terminal: bool) -> logging.Formatter:
    """`style` as in the setting: json, text, or auto."""
    return PlainLines() if style == "text" or (style == "auto" and terminal) else JsonLines()


def configure(style: str, level: str) -> None:
    """Sends the server's log to stderr. Called once by a process that serves; tests and tools log nowhere."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter(style, sys.stderr.isatty()))
    # Libraries speak only of trouble; what they say of it passes through the same formatter.
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("xunke").setLevel(level.upper())
    for name in ("_granian", "granian.access"):
        server = logging.getLogger(name)
        server.handlers, server.propagate = [], True


#: What granian's own process logs with before a worker has configured anything.
def granian_config(style: str) -> dict[str, Any]:
    return {
        "formatters": {
            "xunke": {"()": "server.telemetry.logs.formatter", "style": style, "terminal": sys.stderr.isatty()}
        },
        "handlers": {
            "stderr": {"formatter": "xunke", "class": "logging.StreamHandler", "stream": "ext://sys.stderr"}
        },
        "loggers": {
            "_granian": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
            "granian.access": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        },
    }
