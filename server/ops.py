"""`xunke ops`: the ops the server keeps, and outboxes that arrive as files. Works beside a running server."""

import argparse
import asyncio
import hashlib
import json
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

from sqlalchemy.orm import Session

from server.api.state import Services
from server.app import make_services
from server.database import write_engine
from server.kept import ops as kept
from server.kept.outbox_file import Imported, Outbox, import_outbox, read_outbox
from server.migrations.current import is_current
from server.records.errors import ERROR_TEXTS, BusinessError, Rejected
from server.settings import Settings
from sync.inbox import Result

T = TypeVar("T")
#: What is as good as done; anything else makes the exit status 1.
_FINE = {"applied", "merged", "adjusted", "conflict"}


class Trouble(Exception):
    """Something the person at the console has to put right; the message says how."""


def run(settings: Settings, chosen: argparse.Namespace) -> int:
    """Exit status: 0 all is well, 1 an op was not run, 2 nothing was done because something is wrong."""
    try:
        with _services(settings) as services:
            return _ACTIONS[chosen.action or "list"](services, chosen)
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
    except BusinessError as error:
        print(_sentence(error.code, error.params), file=sys.stderr)
    return 2


@contextmanager
def _services(settings: Settings) -> Iterator[Services]:
    """The server's own doors to the data; what it is in the middle of is waited for."""
    engine = write_engine(settings.database_url)
    try:
        if settings.database_url.startswith("sqlite") and not Path(engine.url.database or "").exists():
            raise Trouble(f"There is no database {engine.url.database}. Is XUNKE_DATA the folder of the server?")
        if not is_current(engine):
            raise Trouble("The database is of another version than this program: run `xunke migrate` first.")
    finally:
        engine.dispose()
    services = make_services(settings)
    try:
        yield services
    finally:
        services.writer.close()
        asyncio.run(services.reader.close())


def show_list(services: Services, chosen: argparse.Namespace) -> int:
    found = services.writer.call(kept.kept_ops)
    if not found:
        print("No ops are kept.")
        return 0
    now = datetime.now(UTC)
    rows = [
        (
            one.received_at[:16].replace("T", " "),
            one.employee,
            f"{one.device or '?'} {one.device_id[-6:]}",
            one.op.command,
            str(one.op.version),
            one.code,
            _age(now - datetime.fromisoformat(one.received_at).astimezone(UTC)),
            one.op.id[-8:],
        )
        for one in found
    ]
    _table(("received", "who", "device", "command", "version", "code", "age", "op"), rows)
    return 0


def show_one(services: Services, chosen: argparse.Namespace) -> int:
    for name, value in kept.describe(_find(services, chosen.op)).items():
        print(f"{name:27} {json.dumps(value, ensure_ascii=False, indent=2) if isinstance(value, dict) else value}")
    return 0


def replay(services: Services, chosen: argparse.Namespace) -> int:
    if sum((bool(chosen.op), chosen.all, bool(chosen.name))) != 1:
        raise Trouble("Say which: an op, --command NAME, or --all.")
    if chosen.op:
        waiting = [_find(services, chosen.op)]
    else:
        waiting = services.writer.call(partial(kept.kept_ops, command=chosen.name))
    rows = []
    for one in waiting:
        result = _settle(services, one, kept.replay)
        rows.append((one.op.id[-8:], one.employee, one.op.command, result.status, result.code or ""))
    if not rows:
        print("No such op is kept.")
        return 0
    _table(("op", "who", "command", "status", "code"), rows)
    return 0 if all(row[3] in _FINE or (row[3] == "held" and row[4] not in kept.CODES) for row in rows) else 1


def _settle(services: Services, one: kept.Kept, how: Callable[[Session, str, str], Result]) -> Result:
    """Another may have run it a moment ago: then it is not kept any more, which is no reason to stop."""
    try:
        return services.writer.call(lambda session: how(session, one.device_id, one.op.id))
    except BusinessError as error:
        return Result(one.op.id, "not run", error.code)


def set_aside(services: Services, chosen: argparse.Namespace) -> int:
    one = _find(services, chosen.op)
    services.writer.call(lambda session: kept.set_aside(session, one.device_id, one.op.id, "console"))
    print(f"{one.op.command} of {one.employee} was set aside; its content stays in the inbox.")
    return 0


def _find(services: Services, words: list[str]) -> kept.Kept:
    *devices, op_id = words
    if len(devices) > 1:
        raise Trouble("One op at a time: its id, or its device and its id.")
    found = [
        one
        for one in services.writer.call(kept.kept_ops)
        if one.op.id.endswith(op_id) and (not devices or one.device_id.endswith(devices[0]))
    ]
    exact = [one for one in found if one.op.id == op_id] or found
    if not exact:
        raise Trouble(f"No kept op ends in {op_id}. `xunke ops` lists them.")
    if len(exact) > 1:
        raise Trouble(f"{len(exact)} kept ops end in {op_id}: give more of the id, or the device before it.")
    return exact[0]


# -- files


def import_files(services: Services, chosen: argparse.Namespace) -> int:
    """Reads all files before anything is delivered: a wrong one stops the import as a whole."""
    outboxes: list[tuple[Path, Outbox]] = []
    pictures: dict[str, bytes] = {}
    for path in chosen.files:
        try:
            raw = path.read_bytes()
        except OSError as error:
            raise Trouble(f"{path}: {error.strerror}. Is the name right, and may you read the file?") from error
        if raw[:3] == b"\xff\xd8\xff":
            pictures[hashlib.sha256(raw).hexdigest()] = raw
            continue
        try:
            outboxes.append((path, read_outbox(raw)))
        except Rejected as error:
            raise Trouble(f"{path}: {_sentence(error.code, error.params)}") from error
    fine = [_import_one(services, path, outbox, pictures) for path, outbox in outboxes]
    if pictures:
        raise Trouble(
            f"{len(pictures)} pictures belong to none of these files; import them together with their export."
        )
    return 0 if all(fine) else 1


def _import_one(services: Services, path: Path, outbox: Outbox, pictures: dict[str, bytes]) -> bool:
    for sha256 in outbox.beside:
        if sha256 in pictures:
            outbox.photos[sha256] = pictures.pop(sha256)
    done = asyncio.run(import_outbox(services, outbox))
    print(
        f"{path}: {outbox.employee}, device {outbox.device_id}, exported {outbox.exported_at}, app {outbox.app or '?'}"
    )
    if done:
        _table(("seq", "made (phone's clock)", "who", "command", "status", "code", ""), [_line(one) for one in done])
    missing = [sha256 for sha256 in outbox.beside if sha256 not in outbox.photos]
    print(
        f"{len(done)} ops, {len(outbox.photos)} pictures"
        + (f"; not given: {len(missing)} pictures" if missing else "")
    )
    for sha256 in missing:
        print(f"  {sha256}.jpg")
    return not missing and all(
        one.result.status in {*_FINE, "held"} and one.result.code not in kept.CODES for one in done
    )


def _line(one: Imported) -> tuple[str, ...]:
    at = (one.op.at or "")[:16].replace("T", " ")
    before = "had it before" if one.known else ""
    return (
        str(one.op.seq), at, one.employee, one.op.command, one.result.status, one.result.code or "", before
    )  # fmt: skip


# -- words


def _sentence(code: str, params: dict[str, object]) -> str:
    """The sentence of an error in the language of consoles."""
    text = ERROR_TEXTS.get(code)
    try:
        return text.en.format(**params) if text is not None else code
    except (KeyError, IndexError):
        return code


def _age(passed: timedelta) -> str:
    seconds = max(0, int(passed.total_seconds()))
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    lines = [list(head), *[list(row) for row in rows]]
    widths = [max(_width(line[n]) for line in lines) for n in range(len(lines[0]))]
    for line in lines:
        cells = [cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)]
        print("  ".join(cells).rstrip())


def _width(text: str) -> int:
    """Columns on a console: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


_ACTIONS: dict[str, Callable[[Services, argparse.Namespace], int]] = {
    "list": show_list,
    "show": show_one,
    "replay": replay,
    "set-aside": set_aside,
    "import": import_files,
}
