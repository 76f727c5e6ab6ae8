"""Running numbers: one after the other without gaps, also where many are taken at once."""

import contextlib
from datetime import date

from sqlalchemy.orm import Session

from server.database import savepoint
from server.records.numbering import next_number, reserved
from tests.support.world import World

DAY = date(2026, 3, 1)


def number(session: Session) -> str:
    return next_number(session, "XX", DAY, 3)


def test_numbers_taken_at_once_leave_no_gap(world: World) -> None:
    """What is left over is given back, and so is all of it where what they were for failed."""

    def work(session: Session) -> list[str]:
        found = [number(session)]
        with reserved(session, "XX", DAY, 5):
            found += [number(session), number(session)]
        found.append(number(session))
        with contextlib.suppress(KeyError), savepoint(session), reserved(session, "XX", DAY, 5):
            number(session)
            raise KeyError
        with reserved(session, "XX", DAY, 1):
            found += [number(session), number(session)]  # one more than were taken
        return [*found, number(session)]

    found = world.app.state.services.writer.call(work)
    assert found == [f"XX20260301{n:03}" for n in range(1, 8)]
