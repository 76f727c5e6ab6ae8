"""One small demo company for all tests of this folder; `DEMO_SIZE=full` looks at the large one instead."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from media.make import DeviceKey
from server.demo.build import build_demo
from server.demo.names import PASSWORD
from server.records.ids import uuid7
from server.settings import Settings
from tests.support.world import Person, World, running

#: A Friday afternoon in Shanghai.
NOW = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
SMALL = os.environ.get("DEMO_SIZE") != "full"


def settings_in(folder: Path, database: str = "") -> Settings:
    return Settings(data=folder, database=database, pwa=folder / "no-pwa")


@dataclass
class Demo:
    settings: Settings
    engine: Engine
    world: World

    def sign_in(self, username: str) -> Person:
        return self.world.sign_in(username, uuid7(), DeviceKey(), PASSWORD)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = settings_in(tmp_path_factory.mktemp("demo"))
    assert build_demo(settings, seed=1, small=SMALL, now=NOW)
    return settings


@pytest.fixture(scope="module")
def demo(built: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The running application on a copy, in which one may work."""
    folder = tmp_path_factory.mktemp("played") / "data"
    shutil.copytree(built.data, folder)
    settings = settings_in(folder)
    engine = create_engine(settings.database_url)
    with running(settings) as world:
        yield Demo(settings, engine, world)
    engine.dispose()


@pytest.fixture
def session(built: Settings) -> Iterator[Session]:
    """A look into the database; what is changed in it is taken back."""
    engine = create_engine(built.database_url)
    with Session(engine, autoflush=False) as session:
        yield session
        session.rollback()
    engine.dispose()
