"""Login, logout and who a request comes from."""

import asyncio
import hashlib
import secrets
import threading
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import BindParameter, Row, Select, bindparam, delete, func, insert, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from media.capture import CaptureError, load_device_key
from server.database import Reader, Writer, Written
from server.people import passwords
from server.people.commands import end_sessions, store_password
from server.people.models import (
    Department,
    Device,
    Employee,
    LoginLog,
    Role,
    credential,
    login_failure,
    login_session,
)
from server.people.permissions import administrator
from server.records import audit
from server.records.actor import SCOPES, Actor, Scope
from server.records.errors import Rejected, TooMany, Unauthorized, error_texts
from server.records.fields import L
from server.records.ids import uuid7
from server.records.loading import QUIETLY, flush_for
from sync import journal, positions

MAX_FAILURES = 5
WINDOW = timedelta(minutes=15)
_CACHE_SECONDS = 10.0
#: Records that say who may do what from where.
_WHO_MAY = frozenset({"employee", "role", "department", "device"})

error_texts(
    {
        "login_failed": L(
            "登录失败！用户名或密码错误", "登入失敗！使用者名稱或密碼錯誤", "Wrong user name or password"
        ),
        "login_throttled": L(
            "尝试次数过多，请 {minutes} 分钟后再试",
            "嘗試次數過多，請 {minutes} 分鐘後再試",
            "Too many attempts; try again in {minutes} minutes",
        ),
        "account_disabled": L(
            "账号已停用，请联系管理员", "帳號已停用，請聯絡管理員", "The account is disabled; ask your administrator"
        ),
        "no_role": L(
            "账号没有可用的角色权限，请联系管理员",
            "帳號沒有可用的角色權限，請聯絡管理員",
            "The account has no role with permissions; ask an administrator",
        ),
        "session_expired": L(
            "登录已过期，请重新登录", "登入已過期，請重新登入", "Your login expired; please log in again"
        ),
        "device_revoked": L(
            "此设备已被停用，请联系管理员",
            "此裝置已被停用，請聯絡管理員",
            "This device was revoked; ask your administrator",
        ),
        "device_key_malformed": L(
            "设备密钥无法识别，请重新打开应用",
            "裝置金鑰無法識別，請重新開啟應用程式",
            "This device's key could not be read; open the app again",
        ),
        "device_of_another": L(
            "这台设备登记在另一位员工名下", "這台裝置登記在另一位員工名下", "This device belongs to another employee"
        ),
    }
)


class DeviceInfo(msgspec.Struct):
    """What a browser says of itself. `public_key`: ECDSA P-256, SPKI DER, base64url; the private half never leaves it."""

    id: str
    name: str = ""
    public_key: str | None = None


class LoginArgs(msgspec.Struct):
    username: str
    password: str
    device: DeviceInfo


@dataclass(frozen=True, slots=True)
class Login:
    """Who a request comes from: the actor, the session's hash, whether the device was revoked, and whether two phones
    were seen to have its identity."""

    actor: Actor
    token_hash: str
    device_revoked: bool
    public_key: str | None
    device_cloned: bool = False


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class Logins:
    """Opens, finds and ends logins. Found ones are kept for seconds and forgotten when people change."""

    def __init__(self, reader: Reader, writer: Writer, session_days: int) -> None:
        self._reader = reader
        self._writer = writer
        self._days = session_days
        self._cache: dict[str, tuple[float, Login]] = {}
        self._forgotten = 0  #: how often: what was read before is not remembered after
        self._lock = threading.Lock()
        writer.on_commit.append(self._forget)

    def _forget(self, written: Written) -> None:
        if not _WHO_MAY.isdisjoint(written.types):
            self.forget_all()

    def forget_all(self) -> None:
        with self._lock:
            self._forgotten += 1
            self._cache.clear()

    async def find(self, token: str | None) -> Login | None:
        """The login behind a cookie, or None where there is none, it ended, or the account was disabled."""
        if not token:
            return None
        key = hash_token(token)
        with self._lock:
            cached, forgotten = self._cache.get(key), self._forgotten
        now = time.monotonic()
        if cached is not None and cached[0] > now:
            return cached[1]
        login = await self._reader.run(lambda session: load_login(session, key))
        if login is not None:
            with self._lock:
                if len(self._cache) > 5000:
                    self._cache.clear()
                if forgotten == self._forgotten:
                    self._cache[key] = (now + _CACHE_SECONDS, login)
        return login

    async def login(self, args: LoginArgs, ip: str, user_agent: str) -> tuple[str, Login]:
        """A new session token. Raises `Unauthorized` or `TooMany`; every attempt is in the login log."""
        username = args.username.replace("\x00", "").strip()[:40]
        now = datetime.now(UTC)
        _check_device(args.device)
        keys = [f"user:{username.lower()}", f"ip:{ip}"]
        account = await self._reader.run(lambda session: _account(session, username))
        wait = await self._writer.run(
            lambda session: _count_attempt(session, username, ip, args.device.id, keys, now), alone=keys[0]
        )
        if wait is not None:
            raise TooMany("login_throttled", minutes=wait)
        right = await asyncio.to_thread(passwords.verify, account.password_hash if account else None, args.password)
        if account is None or not right:
            employee_id = account.employee_id if account else None

            await self._writer.run(
                lambda session: _log(session, username, employee_id, ip, args.device.id, "wrong_password", now)
            )
            raise Unauthorized("login_failed")
        if account.status != "enabled" or not account.has_rights:
            outcome = "disabled" if account.status != "enabled" else "no_role"
            await self._writer.run(
                lambda session: _log(session, username, account.employee_id, ip, args.device.id, outcome, now)
            )
            raise Unauthorized("account_disabled" if outcome == "disabled" else "no_role")
        token = secrets.token_urlsafe(32)
        await self._writer.run(
            lambda session: _open(
                session, account.employee_id, args.device, token, ip, user_agent, now, self._days, keys
            )
        )
        found = await self.find(token)
        if found is None:
            raise Unauthorized("login_failed")
        return token, found

    async def logout(self, login: Login) -> None:
        await self._writer.run(lambda session: end_sessions(session, login.actor.employee_id, only=login.token_hash))

    async def change_password(self, login: Login, current: str, new: str, ip: str) -> None:
        """Changes one's own password; other logins of the account end. Raises `Rejected` or `TooMany`: whoever holds an
        unlocked phone guesses no better here than at the login. Counted apart from it: who guesses there from outside
        keeps nobody from changing his own."""
        passwords.check_strength(new)
        employee_id, device_id, now = login.actor.employee_id, login.actor.device_id or "", datetime.now(UTC)
        key = f"password:{employee_id}"
        stored = await self._reader.run(lambda session: _password_of(session, employee_id))
        wait = await self._writer.run(
            lambda session: _count_attempt(session, stored.username, ip, device_id, [key], now), alone=key
        )
        if wait is not None:
            raise TooMany("login_throttled", minutes=wait)
        if not await asyncio.to_thread(passwords.verify, stored.password_hash, current):
            await self._writer.run(
                lambda session: _log(session, stored.username, employee_id, ip, device_id, "wrong_password", now)
            )
            raise Rejected("wrong_password", field="current")
        hashed = await asyncio.to_thread(passwords.hash_password, new)

        def change(session: Session) -> None:
            session.execute(delete(login_failure).where(login_failure.c.key == key))
            store_password(session, employee_id, hashed, datetime.now(UTC))
            end_sessions(session, employee_id, keep=login.token_hash)

        await self._writer.run(change)


@dataclass(frozen=True, slots=True)
class _Account:
    employee_id: str
    status: str
    password_hash: str | None
    has_rights: bool


def _check_device(device: DeviceInfo) -> None:
    if len(device.id) != 36 or len(device.name) > 80 or len(device.public_key or "") > 400:
        raise Rejected("invalid_arguments", field="device", message="device")
    if device.public_key is not None:
        try:
            load_device_key(device.public_key)
        except CaptureError:
            raise Rejected("device_key_malformed", field="device.public_key") from None


# unrestricted: nobody has signed in yet
def _account(session: Session, username: str) -> _Account | None:
    row = session.execute(
        select(Employee.id, Employee.status, credential.c.password_hash, Role.permissions, Role.is_administrator)
        .outerjoin(credential, credential.c.employee_id == Employee.id)
        .outerjoin(Role, Role.id == Employee.role_id)
        .where(func.lower(Employee.username) == username.lower())
    ).first()
    if row is None:
        return None
    return _Account(row[0], row[1], row[2], bool(row[3]) or bool(row[4]))


# unrestricted: one's own
def _password_of(session: Session, employee_id: str) -> Row[tuple[str, str | None]]:
    return session.execute(
        select(Employee.username, credential.c.password_hash)
        .outerjoin(credential, credential.c.employee_id == Employee.id)
        .where(Employee.id == employee_id)
    ).one()


def _wait(session: Session, keys: list[str], now: datetime) -> int | None:
    """Minutes to wait where a user name, an address or somebody's change of password has failed too often lately, else None."""
    for key in keys:
        times = list(
            session.scalars(
                select(login_failure.c.at).where(login_failure.c.key == key, login_failure.c.at > now - WINDOW)
            )
        )
        limit = MAX_FAILURES * 10 if key.startswith("ip:") else MAX_FAILURES
        if len(times) >= limit:
            return max(1, int((min(times) + WINDOW - now).total_seconds() // 60) + 1)
    return None


def _count_attempt(
    session: Session, username: str, ip: str, device_id: str, keys: list[str], now: datetime
) -> int | None:
    """Counts an attempt before its password is looked at, so that many at once are not more than the limit; the right
    password takes it back. Minutes to wait where there were too many."""
    session.execute(delete(login_failure).where(login_failure.c.at < now - WINDOW))
    positions.serialize(session, keys[0])
    wait = _wait(session, keys, now)
    if wait is None:
        session.execute(insert(login_failure), [{"key": key, "at": now} for key in keys])
    else:
        _log(session, username, None, ip, device_id, "throttled", now)
    return wait


def _log(
    session: Session, username: str, employee_id: str | None, ip: str, device_id: str, outcome: str, now: datetime
) -> None:
    journal.of(session).cause = audit.Cause(employee_id or "", "login", now, device_id)
    session.add(
        LoginLog(
            id=uuid7(),
            username=username,
            employee_id=employee_id,
            ip=ip,
            device_id=device_id,
            outcome=outcome,
            created_at=now,
            created_by=employee_id,
        )
    )


# unrestricted: part of signing in
def _open(
    session: Session,
    employee_id: str,
    info: DeviceInfo,
    token: str,
    ip: str,
    user_agent: str,
    now: datetime,
    days: int,
    keys: list[str],
) -> None:
    """Enrols the device and opens the session. A device keeps its first key: another key is another device."""
    employee = session.get(Employee, employee_id)
    _log(session, employee.username if employee else "", employee_id, ip, info.id, "ok", now)
    device = session.get(Device, info.id)
    if device is None:
        device = Device(
            id=info.id,
            employee_id=employee_id,
            name=info.name or "—",
            user_agent=user_agent[:300],
            public_key=info.public_key,
            created_at=now,
            created_by=employee_id,
        )
        session.add(device)
    elif device.public_key is None and info.public_key is not None and device.employee_id == employee_id:
        device.public_key = info.public_key
    elif device.public_key != info.public_key and (info.public_key or device.employee_id != employee_id):
        raise Unauthorized("device_of_another")
    else:
        # A phone that is handed on, or a shop's shared tablet: it is listed under whoever signed in last.
        device.employee_id = employee_id
    if device.revoked_at is not None:
        raise Unauthorized("device_revoked")
    device.last_seen_at = now
    user_key, address_key = keys
    session.execute(
        delete(login_failure).where(
            (login_failure.c.key == user_key) | ((login_failure.c.key == address_key) & (login_failure.c.at == now))
        )
    )
    session.execute(
        insert(login_session).values(
            token_hash=hash_token(token),
            employee_id=employee_id,
            device_id=info.id,
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
    )


# unrestricted: finds out who is asking
def load_login(session: Session, token_hash: str) -> Login | None:
    """The login with this token hash, if its account may still sign in and it lives, or has ended on a device that was
    revoked, or with its account: that one hears from us only that it is to wipe, and what it has not sent yet is kept."""
    row = session.execute(
        select(login_session.c.employee_id, login_session.c.device_id, login_session.c.expires_at).where(
            login_session.c.token_hash == token_hash
        )
    ).first()
    if row is None:
        return None
    device = session.get(Device, row.device_id)
    actor = load_actor(session, row.employee_id)
    left = actor is None and _has_left(session, row.employee_id)
    revoked = left or device is None or device.revoked_at is not None
    if row.expires_at <= datetime.now(UTC) and not revoked:
        return None
    if left:
        actor = Actor(employee_id=row.employee_id)
    if actor is None:
        return None
    return Login(
        actor=replace(actor, device_id=row.device_id),
        token_hash=token_hash,
        device_revoked=revoked,
        public_key=device.public_key if device else None,
        device_cloned=device is not None and device.cloned_at is not None,
    )


# unrestricted: finds out who is asking
def _has_left(session: Session, employee_id: str) -> bool:
    return session.scalar(select(Employee.status).where(Employee.id == employee_id)) == "disabled"


# unrestricted: finds out who is asking, and whom the scopes contain
def load_actor(session: Session, employee_id: str, *, whole: bool = False, also_left: bool = False) -> Actor | None:
    """An enabled employee with the permissions of the role and the people of each scope that these need: a rep who has
    only his own does not wait for the whole company to be read. `whole`: of every scope, whether he needs it or not.
    `also_left`: disabled ones, too, for work that they did before."""
    me = session.execute(
        select(
            Employee.id, Employee.real_name, Employee.role_id, Employee.department_id,
            Role.permissions, Role.is_administrator, Role.field_rights,
        )
        .join(Role, Role.id == Employee.role_id)
        .where(Employee.id == employee_id, true() if also_left else Employee.status == "enabled")
    ).first()  # fmt: skip
    if me is None:
        return None
    permissions = administrator() if me.is_administrator else dict(me.permissions or {})
    scopes = set(SCOPES) if whole else set(permissions.values())
    subordinates: frozenset[str] = frozenset()
    department: frozenset[str] = frozenset()
    place = Place(me.id, me.role_id, me.department_id).asked()
    if not scopes.isdisjoint({"subordinates", "department"}):
        subordinates = frozenset(session.scalars(_SUBORDINATES, place))
    if "department" in scopes:
        department = frozenset(session.scalars(_COLLEAGUES, place))
    return Actor(
        employee_id=me.id,
        name=me.real_name,
        role_id=me.role_id,
        department_id=me.department_id,
        permissions=permissions,
        subordinates=subordinates,
        department=department,
        field_rights=() if me.is_administrator else tuple(sorted((me.field_rights or {}).items())),
    )


def _below(
    row_id: InstrumentedAttribute[str], parent: InstrumentedAttribute[str | None], top: BindParameter[Any]
) -> Select[tuple[str]]:
    """Everything below `top` in a tree; UNION keeps no row twice, so that a damaged tree with a circle ends as well."""
    tree = select(row_id.label("id")).where(parent == top, row_id != top).cte(recursive=True)
    tree = tree.union(select(row_id).join(tree, parent == tree.c.id).where(row_id != top))
    return select(tree.c.id)


# Drawn up once: they are asked at every login, and for every order somebody is told of.
_SUBORDINATES = select(Employee.id).where(
    or_(
        Employee.id.in_(_below(Employee.id, Employee.supervisor_id, bindparam("me"))),
        Employee.role_id.in_(_below(Role.id, Role.parent_id, bindparam("role"))),
    )
)
_COLLEAGUES = select(Employee.id).where(
    or_(
        Employee.department_id == bindparam("department"),
        Employee.department_id.in_(_below(Department.id, Department.parent_id, bindparam("department"))),
    )
)
_ONE_OF = {
    which: statement.where(Employee.id == bindparam("about"))
    for which, statement in (("subordinates", _SUBORDINATES), ("department", _COLLEAGUES))
}


class Place(NamedTuple):
    """Where somebody stands in the trees of people, roles and departments: what his scopes follow from."""

    employee_id: str
    role_id: str | None
    department_id: str | None

    def asked(self) -> dict[str, str | None]:
        return {"me": self.employee_id, "role": self.role_id, "department": self.department_id}


# unrestricted: whom a scope contains
def reaches(session: Session, place: Place, scope: Scope, about: str) -> bool:
    """Whether a scope contains an employee, as `Actor.members` has it, without reading everybody it contains."""
    if scope == "all" or place.employee_id == about:
        return True
    parts = {"own": (), "subordinates": ("subordinates",), "department": ("department", "subordinates")}[scope]
    asked = {**place.asked(), "about": about}
    flush_for(session, Employee, Role, Department)
    return any(session.scalar(_ONE_OF[part], asked, execution_options=QUIETLY) is not None for part in parts)
