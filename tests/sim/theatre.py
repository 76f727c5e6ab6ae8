"""Where many pieces are played one after the other: the Node half is built once, a company is a copy of one made before,
PostgreSQL runs all the time."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from tests.sim.copies import Copies, PostgresCopies, copies_of
from tests.sim.stage import Outcome, Piece, Stage, bundle
from tests.support.postgres import PostgresServer
from tests.support.world import build_company


class Theatre:
    """Use as a context manager. `engine`: "sqlite" or "postgresql". Raises `BundleFailed`."""

    def __init__(self, engine: str) -> None:
        self.engine = engine
        self._folder = Path(tempfile.mkdtemp(prefix="xunke-sim-"))
        self._postgres: PostgresServer | None = None
        self._template: Path | None = None
        self._count = 0

    def __enter__(self) -> Theatre:
        try:
            self._program = bundle(self._folder / "program")
            if self.engine == "postgresql":
                self._postgres = PostgresServer()
                self._postgres.__enter__()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exc: object) -> None:
        if self._postgres is not None:
            self._postgres.__exit__()
        shutil.rmtree(self._folder, ignore_errors=True)

    def play(self, piece: Piece, *, loud: bool = False) -> Outcome:
        """Plays a piece in a company of its own."""
        self._count += 1
        folder = self._folder / f"play{self._count}"
        folder.mkdir()
        url, copies = self._company(folder)
        try:
            with Stage(url, folder, self._program, copies) as stage:
                return stage.play(piece, loud=loud)
        finally:
            if self._postgres is not None:
                self._postgres.drop(url)
            shutil.rmtree(folder, ignore_errors=True)

    def _company(self, folder: Path) -> tuple[str, Copies]:
        if self._postgres is not None:
            url = self._postgres.new_database(self._postgres.template("company", build_company))
            return url, PostgresCopies(self._postgres, url)
        if self._template is None:
            self._template = self._folder / "company.db"
            build_company(f"sqlite:///{self._template}")
        path = folder / "company.db"
        shutil.copyfile(self._template, path)
        url = f"sqlite:///{path}"
        return url, copies_of(url)
