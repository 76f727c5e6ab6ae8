"""Settings come from the environment. `xunke settings` lists them; a wrong one is a clear error at start."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any


class SettingError(ValueError):
    """A setting that cannot be used: which, what it is, and what it should be."""


def _setting(
    variable: str, meaning: str, default: Any, parse: Callable[[str], Any] = str, *, secret: bool = False
) -> Any:
    metadata = {"variable": variable, "meaning": meaning, "parse": parse, "secret": secret}
    return field(default=default, metadata=metadata)


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not re.fullmatch(r"\d+", text) or not low <= int(text) <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return int(text)

    return parse


def _switch(text: str) -> bool:
    if text.lower() in ("1", "true", "yes", "on"):
        return True
    if text.lower() in ("0", "false", "no", "off"):
        return False
    raise ValueError("yes or no")


def _database(text: str) -> str:
    if not text.startswith(("sqlite:///", "postgresql+psycopg://", "postgresql://")):
        raise ValueError("sqlite:///file or postgresql://user:password@host/name")
    return text.replace("postgresql://", "postgresql+psycopg://", 1) if text.startswith("postgresql://") else text


def _one_of(*choices: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text.lower() not in choices:
            raise ValueError(f"one of {', '.join(choices)}")
        return text.lower()

    return parse


def _metrics(text: str) -> str:
    if text in ("off", "local"):
        return text
    if re.fullmatch(r"token:[!-~]{16,200}", text):
        return text
    raise ValueError("off, local, or token:<at least 16 characters>")


def _contact(text: str) -> str:
    if re.fullmatch(r"(mailto:[^@\s]+@|https://)[^@\s]+", text):
        return text
    raise ValueError("mailto:somebody@somewhere or https://address")


def _blobs(text: str) -> str:
    if "://" in text and not text.startswith("s3://"):
        raise ValueError("a folder or s3://bucket/prefix")
    return text


@dataclass(frozen=True, slots=True)
class Settings:
    data: Path = _setting("XUNKE_DATA", "folder for the database, photos and secrets", Path("data"), Path)
    port: int = _setting("PORT", "port the server listens on", 8000, _whole(1, 65535))
    host: str = _setting("XUNKE_HOST", "address the server listens on", "127.0.0.1")
    database: str = _setting(
        "XUNKE_DATABASE", "database URL; default: xunke.db in the data folder", "", _database, secret=True
    )
    blobs: str = _setting(
        "XUNKE_BLOBS", "folder or s3://bucket for photos; default: blobs in the data folder", "", _blobs
    )
    pwa: Path = _setting("XUNKE_PWA", "folder of the built web app", Path("pwa/dist"), Path)
    secure_cookies: bool = _setting(
        "XUNKE_SECURE_COOKIES",
        "send the session cookie over https only (set it wherever https is used)",
        False,
        _switch,
    )
    origins: str = _setting(
        "XUNKE_ORIGINS", "further origins that may write, comma separated (behind a proxy that changes the host)", ""
    )
    proxies: str = _setting(
        "XUNKE_PROXIES",
        "addresses of reverse proxies whose X-Forwarded-For is believed, comma separated",
        "127.0.0.1,::1",
    )
    metrics: str = _setting(
        "XUNKE_METRICS",
        "who may read /metrics: off, local (this machine only), or token:<secret> (Authorization: Bearer <secret>)",
        "local",
        _metrics,
        secret=True,
    )
    log: str = _setting(
        "XUNKE_LOG",
        "form of the log on stderr: json, text, or auto (text on a terminal)",
        "auto",
        _one_of("auto", "json", "text"),
    )
    log_level: str = _setting(
        "XUNKE_LOG_LEVEL",
        "debug (every read and every op), info (every write), warning or error",
        "info",
        _one_of("debug", "info", "warning", "error"),
    )
    session_days: int = _setting("XUNKE_SESSION_DAYS", "days until a login must be renewed", 30, _whole(1, 365))
    writers: int = _setting("XUNKE_WRITERS", "writer threads on PostgreSQL (SQLite has one)", 4, _whole(1, 32))
    push_hosts: str = _setting(
        "XUNKE_PUSH_HOSTS", "further web push services that may be used, host names, comma separated", ""
    )
    push_contact: str = _setting(
        "XUNKE_PUSH_CONTACT",
        "where a web push service finds whoever runs this server: mailto: or https:",
        "mailto:xunke@example.com",
        _contact,
    )
    mail_hosts: str = _setting(
        "XUNKE_MAIL_HOSTS",
        "mail servers in the own network that may be used, host:port, comma separated (others only on the internet)",
        "",
    )
    max_users: int = _setting("XUNKE_MAX_USERS", "how many accounts may exist (PP-9)", 500, _whole(1, 100_000))

    @property
    def inside_mail_hosts(self) -> frozenset[str]:
        return frozenset(one.strip() for one in self.mail_hosts.split(",") if one.strip())

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{(self.data / 'xunke.db').resolve()}"

    @property
    def blob_location(self) -> str:
        return self.blobs or str((self.data / "blobs").resolve())


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings from the environment. Raises `SettingError` that names every wrong one."""
    source = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    wrong: list[str] = []
    for item in fields(Settings):
        text = source.get(item.metadata["variable"], "").strip()
        if not text:
            continue
        try:
            values[item.name] = item.metadata["parse"](text)
        except ValueError as error:
            wrong.append(f"{item.metadata['variable']}={text!r}: expected {error}")
    known = {item.metadata["variable"] for item in fields(Settings)}
    wrong += [
        f"{name}: no such setting (see `xunke settings`)"
        for name in sorted(source)
        if name.startswith("XUNKE_") and name not in known and name not in _FOR_TOOLS
    ]
    if wrong:
        raise SettingError("\n".join(wrong))
    return Settings(**values)


#: Read by the tests and the Makefile only.
_FOR_TOOLS = {"XUNKE_CHROMIUM", "XUNKE_TEST_DATABASE"}


def describe(settings: Settings) -> list[tuple[str, str, str, str]]:
    """(variable, value, default, meaning) of each setting, secrets hidden."""
    rows = []
    for item in fields(Settings):
        value = getattr(settings, item.name)
        shown = "(set)" if item.metadata["secret"] and value else str(value)
        default = "" if item.default is MISSING else str(item.default)
        rows.append((item.metadata["variable"], shown, default, item.metadata["meaning"]))
    return rows
