"""The migrations make exactly what the declarations say, on both engines."""

from server.database import write_engine
from server.migrations.current import is_current
from server.schema import differences, migrate


def test_migrations_and_declarations_agree(engine_url: str) -> None:
    engine = write_engine(engine_url)
    assert not is_current(engine)
    migrate(engine)
    assert is_current(engine)
    assert differences(engine) == []
    migrate(engine)
    engine.dispose()
