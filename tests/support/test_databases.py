"""The databases of the tests keep their promises: isolated from each other, and copies of a template."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from tests.support.databases import NewDatabase, Template


def _run(url: str, *statements: str) -> list[object]:
    engine = sa.create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        results = [connection.execute(sa.text(statement)) for statement in statements]
        return [result.scalar() for result in results if result.returns_rows]


def _one_customer(url: str) -> None:
    _run(url, "CREATE TABLE customer (name text)", "INSERT INTO customer VALUES ('王记超市')")


def test_each_database_is_a_copy_of_the_template_and_nobody_elses(new_database: NewDatabase) -> None:
    template = Template("one-customer", _one_customer)
    first, second = new_database(template), new_database(template)

    _run(first, "DELETE FROM customer")

    assert _run(first, "SELECT count(*) FROM customer") == [0]
    assert _run(second, "SELECT name FROM customer") == ["王记超市"]


def test_a_database_without_template_is_empty(engine_url: str) -> None:
    assert sa.inspect(sa.create_engine(engine_url, poolclass=NullPool)).get_table_names() == []
