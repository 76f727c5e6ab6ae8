"""The throw-away PostgreSQL server keeps its promises: isolated databases, and copies of a template."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from tests.support.postgres import PostgresServer


def _run(url: str, *statements: str) -> list[object]:
    engine = sa.create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        results = [connection.execute(sa.text(statement)) for statement in statements]
        return [result.scalar() for result in results if result.returns_rows]


@pytest.mark.postgres
def test_each_database_is_a_copy_of_the_template_and_nobody_elses(postgres_server: PostgresServer) -> None:
    def build(url: str) -> None:
        _run(url, "CREATE TABLE customer (name text)", "INSERT INTO customer VALUES ('王记超市')")

    template = postgres_server.template("one customer", build)
    first = postgres_server.new_database(template)
    second = postgres_server.new_database(template)

    _run(first, "DELETE FROM customer")

    assert _run(first, "SELECT count(*) FROM customer") == [0]
    assert _run(second, "SELECT name FROM customer") == ["王记超市"]


def test_engine_url_is_an_empty_database(engine_url: str) -> None:
    assert sa.inspect(sa.create_engine(engine_url, poolclass=NullPool)).get_table_names() == []
