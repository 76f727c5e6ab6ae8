"""What is decided in memory is what the database would say, for every record, role and operation."""

import json
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from server.demo.build import build_demo
from server.people.logins import load_actor
from server.people.models import Employee
from server.records.actor import SCOPES, Actor
from server.records.loading import in_memory
from server.records.record import column_of, permission_of, records
from server.records.visibility import allowed, surely_allowed
from server.settings import Settings

OPERATIONS = ("view", "edit", "delete", "approve")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(data=tmp_path_factory.mktemp("demo") / "data")
    build_demo(settings, small=True)
    return settings


def _actors(session: Session) -> list[Actor]:
    found = [load_actor(session, row_id) for row_id in session.scalars(select(Employee.id))]
    actors = [actor for actor in found if actor is not None]
    # Roles as companies may make them: one thing only, and every scope.
    one = next(actor for actor in actors if actor.subordinates and not actor.can("employee.create"))
    for scope in SCOPES:
        for group in sorted({permission_of(record) for record in records()}):
            permissions = {f"{group}.{operation}": scope for operation in OPERATIONS}
            for base in (one, actors[0]):
                actors.append(Actor(base.employee_id, permissions=permissions, department=base.department,
                                    subordinates=base.subordinates))  # fmt: skip
    return actors


def test_memory_and_database_agree(demo: Settings) -> None:
    engine = create_engine(f"sqlite:///{Path(demo.data) / 'xunke.db'}")
    said = dict.fromkeys(("yes", "asked"), 0)
    with Session(engine, autoflush=False) as session:
        rows = {record: session.scalars(select(record).limit(60)).all() for record in records()}
        for actor in _actors(session):
            for record, found in rows.items():
                for operation in OPERATIONS:
                    if actor.scope(f"{permission_of(record)}.{operation}") is None:
                        continue
                    sure = {
                        row.id
                        for row in found
                        if surely_allowed(actor, row, operation, lambda kind, key: in_memory(session, kind, key))
                    }
                    said["yes"] += len(sure)
                    said["asked"] += len(found) - len(sure)
                    if sure:
                        statement = select(record.id).where(
                            column_of(record, "id").in_(sure), allowed(actor, record, operation)
                        )
                        assert set(session.scalars(statement)) == sure, (
                            record,
                            operation,
                            json.dumps(actor.permissions),
                        )
    engine.dispose()
    assert said["yes"] > said["asked"] / 10, said
