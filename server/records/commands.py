"""Commands: the only way to write.

A command is a name, a version and a typed argument struct; its code is a plain synchronous function
`(context, args) -> result` over a session. A phone's outbox, a desk browser, REST, an import, the CLI and scheduled
jobs all run it through `run`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.records import audit
from server.records.actor import Actor
from server.records.errors import BusinessError, Forbidden, NotFound, Rejected, worded
from server.records.ids import uuid7
from server.records.loading import in_memory, keep, load, load_locked
from server.records.numbering import next_number
from server.records.record import Record
from server.records.visibility import allowed, surely_allowed
from server.savepoints import flush_soon
from sync import journal
from sync.schema import access

R = TypeVar("R", bound=Record)
A = TypeVar("A")
Handler = Callable[["Context", Any], Any]


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """`fact`: what somebody saw or did; it is never refused because the customer changed hands meanwhile.

    `internal`: only the server itself runs it; over HTTP there is no such command.
    `secrets`: args that are not kept with the op, which stays in the inbox for ever.
    """

    name: str
    version: int
    args: type[Any]
    handler: Handler
    permission: str | None
    fact: bool = False
    doc: str = ""
    internal: bool = False
    secrets: tuple[str, ...] = ()


@dataclass(slots=True)
class Context:
    """What a command may use: the session, who acts, the server's time, and the outcome it reports."""

    session: Session
    actor: Actor
    now: datetime
    zone: ZoneInfo
    command: str = ""
    at: datetime | None = None  #: the phone's clock, a claim; never used for ordering
    op_id: str | None = None
    fact: bool = False
    pushed: bool = False  #: arrived from an outbox: done in the field, maybe long ago, without the company's data
    status: str = "applied"
    code: str | None = None
    changes: list[dict[str, Any]] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """The business day, in the company's time zone."""
        return self.now.astimezone(self.zone).date()

    @property
    def device_id(self) -> str | None:
        return self.actor.device_id

    def report(self, status: str, code: str | None = None, **detail: Any) -> None:
        """Raises the outcome: applied < merged < adjusted < conflict < held. The strongest is what the phone is told."""
        if _STRENGTH[status] >= _STRENGTH[self.status]:
            self.status = status
            self.code = code or self.code
        self.detail.update(worded(detail))

    def adjusted(self, code: str, **params: Any) -> None:
        """The company decided a value; the phone shows which, from, to and why."""
        self.changes.append({"code": code, **worded(params)})
        self.report("adjusted", code)

    def held(self, code: str, **params: Any) -> None:
        """Kept, but somebody has to decide."""
        self.changes.append({"code": code, **worded(params)})
        self.report("held", code)

    def number(self, prefix: str, digits: int = 5) -> str:
        return next_number(self.session, prefix, self.today, digits)

    def get(self, record: type[R], row_id: str, *, lock: bool = True) -> R:
        """The row, whoever may see it; locked against concurrent commands. Raises `NotFound`."""
        row = (load_locked if lock else load)(self.session, record, row_id)
        if row is None:
            raise NotFound("not_found", record=record.__tablename__, id=row_id)
        return row

    def find(self, record: type[R], row_id: str | None) -> R | None:
        return None if row_id is None else load(self.session, record, row_id)

    def may(self, row: Record, operation: str) -> bool:
        """Whether the actor's permission and scope reach this row."""
        record = type(row)
        if surely_allowed(self.actor, row, operation, lambda target, key: in_memory(self.session, target, key)):
            return True
        found = self.session.scalar(
            select(record.id).where(record.id == row.id, allowed(self.actor, record, operation))
        )
        return found is not None

    def need(self, record: type[R], row_id: str, operation: str = "view") -> R:
        """The row, if the actor may perform the operation on it; for facts also if it was theirs until recently."""
        row = self.get(record, row_id)
        if not self.may(row, operation) and not (self.fact and self.held_before(row)):
            raise Forbidden("outside_scope", record=record.__tablename__, id=row_id)
        return row

    def held_before(self, row: Record) -> bool:
        """Whether the actor's devices hold or once held the customer this row belongs to."""
        if not row.root().startswith("customer:"):
            return False
        line = select(access.c.root).where(
            access.c.employee_id == self.actor.employee_id, access.c.root == row.root()
        )
        return self.session.scalar(line) is not None

    @property
    def memory(self) -> dict[str, Any]:
        """What commands of one batch remember of the database to ask once; forgotten whenever something is undone."""
        memory: dict[str, Any] = self.session.info.setdefault("memory", {})
        return memory

    @property
    def without_savepoints(self) -> bool:
        """The first attempt: the database need not be asked whether an id is taken. It refuses the row itself, and all
        runs again with savepoints (decision 0015)."""
        return bool(self.session.info.get("quick"))

    def add(self, row: R, *, fresh: bool = False) -> R:
        """A new row, with who made it and when. `fresh`: its id was just made, nothing can have it yet."""
        if row.id is None:
            row.id = uuid7()
        elif not fresh and self._is_taken(type(row), row.id):
            raise Rejected("already_exists", field="id")
        row.created_at = self.now
        row.created_by = self.actor.employee_id
        self.session.add(row)
        keep(self.session, row)
        return row

    def _is_taken(self, record: type[Record], row_id: str) -> bool:
        look = in_memory if self.without_savepoints else load
        return look(self.session, record, row_id) is not None

    def claimed_time(self, claimed: datetime | None = None) -> datetime:
        """The phone's time where it gave one, else the server's. A phone may be wrong: never use it for ordering."""
        moment = claimed or self.at or self.now
        if not _POSSIBLE <= moment <= self.now:
            return self.now
        return moment

    def run(self, name: str, args: Mapping[str, Any]) -> Any:
        """Runs another command as part of this one, with the same actor and outcome."""
        spec = find_command(name)
        return spec.handler(self, convert(spec, args))


#: Before any phone was made: a clock that says so says nothing.
_POSSIBLE = datetime(2000, 1, 1, tzinfo=UTC)
_STRENGTH = {"applied": 0, "merged": 1, "adjusted": 2, "conflict": 3, "held": 4}

_commands: dict[str, CommandSpec] = {}
Convert = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Upcast:
    """How the args of an old command become those of what took its place."""

    convert: Convert
    command: str
    version: int


_upcasts: dict[tuple[str, int], Upcast] = {}


class UnknownCommand(LookupError):
    """A command, or a version of one, that this server does not have (yet)."""


def command(
    name: str,
    args: type[A],
    *,
    version: int = 1,
    permission: str | None = None,
    fact: bool = False,
    internal: bool = False,
    secrets: tuple[str, ...] = (),
) -> Callable[[Callable[[Context, A], Any]], Callable[[Context, A], Any]]:
    """Declares a command. `permission` is required of the actor before the handler runs."""

    def remember(handler: Callable[[Context, A], Any]) -> Callable[[Context, A], Any]:
        register_command(
            CommandSpec(
                name,
                version,
                args,
                cast(Handler, handler),
                permission,
                fact,
                (handler.__doc__ or "").strip(),
                internal,
                secrets,
            )
        )
        return handler

    return remember


def register_command(spec: CommandSpec) -> None:
    if spec.name in _commands:
        raise RuntimeError(f"the command {spec.name} is declared twice")
    _commands[spec.name] = spec


def upcast(
    name: str, version: int, *, into: str | None = None, into_version: int = 1
) -> Callable[[Convert], Convert]:
    """Declares how args of an old version become those of the next, so that old phones are always understood. `into`:
    the command is no more, and this version of another one took its place."""

    def remember(convert_args: Convert) -> Convert:
        step = Upcast(convert_args, into or name, into_version if into else version + 1)
        if (step.command, step.version) == (name, version):
            raise RuntimeError(f"{name} version {version} becomes itself")
        _upcasts[name, version] = step
        return convert_args

    return remember


def _steps(name: str, version: int) -> tuple[CommandSpec, list[Upcast]]:
    """The present command that an op of this name and version is for, and what leads there. Raises `UnknownCommand`."""
    steps: list[Upcast] = []
    passed = {(name, version)}
    while (spec := _commands.get(name)) is None or version != spec.version:
        step = _upcasts.get((name, version))
        if step is None or (step.command, step.version) in passed:
            raise UnknownCommand(f"{name} version {version}")
        steps.append(step)
        name, version = step.command, step.version
        passed.add((name, version))
    return spec, steps


def is_understood(name: str, version: int) -> bool:
    """Whether an op of this command and version from outside can be run by this server."""
    try:
        spec, _ = _steps(name, version)
    except UnknownCommand:
        return False
    return not spec.internal


Redirect = Callable[[Context, str, dict[str, Any]], dict[str, Any]]
_redirects: list[Redirect] = []


def redirect(step: Redirect) -> Redirect:
    """Declares how args that name a record which is no more are led to its successor, before the command sees them."""
    _redirects.append(step)
    return step


def commands() -> list[CommandSpec]:
    """All commands that may come from outside."""
    return [_commands[name] for name in sorted(_commands) if not _commands[name].internal]


def is_command(name: str) -> bool:
    return name in _commands


def kept_args(name: str, args: dict[str, Any]) -> dict[str, Any]:
    """The args as they may be stored: without what is secret."""
    spec = _commands.get(name)
    return (
        {**args, **dict.fromkeys(set(spec.secrets) & args.keys(), "…")} if spec is not None and spec.secrets else args
    )


def find_command(name: str) -> CommandSpec:
    spec = _commands.get(name)
    if spec is None:
        raise UnknownCommand(name)
    return spec


def convert(spec: CommandSpec, args: Mapping[str, Any]) -> Any:
    """The args as the struct; a wrong shape is a `Rejected` that says where."""
    try:
        return msgspec.convert(args, spec.args, strict=True)
    except msgspec.ValidationError as error:
        _, _, place = str(error).partition(" - at `$.")
        raise Rejected("invalid_arguments", field=place.rstrip("`") or None, message=str(error)) from error


def run(context: Context, name: str, version: int, args: dict[str, Any]) -> Any:
    """Runs a command in the context's transaction. Raises `UnknownCommand` or a `BusinessError`; never commits."""
    spec, steps = _steps(name, version)
    if spec.internal and not context.actor.is_system:
        raise UnknownCommand(name)
    for step in steps:
        try:
            args = step.convert(args)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise Rejected("invalid_arguments", message=f"{name} version {version}: {error!r}"[:200]) from error
    name = spec.name
    if spec.permission is not None:
        context.actor.require(spec.permission)
    context.command = name
    context.fact = spec.fact
    for lead in _redirects:
        args = lead(context, name, args)
    converted = convert(spec, args)
    log = journal.of(context.session)
    log.cause = audit.Cause(
        employee_id=context.actor.employee_id,
        command=name,
        at=context.now,
        device_id=context.actor.device_id,
        op_id=context.op_id,
    )
    result = spec.handler(context, converted)
    flush_soon(context.session)
    journal.wait(context.session)  # while it is known what made its rows
    return result


def system_context(session: Session, zone: ZoneInfo, actor: Actor) -> Context:
    return Context(session=session, actor=actor, now=datetime.now(UTC), zone=zone)


__all__ = [
    "BusinessError",
    "CommandSpec",
    "Context",
    "UnknownCommand",
    "command",
    "commands",
    "find_command",
    "is_understood",
    "redirect",
    "register_command",
    "run",
    "system_context",
    "upcast",
]
