"""When timed work is due, by the company's clock."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from server.scheduler.jobs import Daily, Every

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")


def test_a_daily_job_goes_by_the_clock_on_the_companys_wall() -> None:
    job = Daily(time(2))
    just_before = datetime(2026, 11, 27, 17, 59, tzinfo=UTC)
    assert job.latest(just_before, SHANGHAI) == datetime(2026, 11, 26, 18, tzinfo=UTC)
    assert job.next(just_before, SHANGHAI) == datetime(2026, 11, 27, 18, tzinfo=UTC)
    assert job.latest(just_before + timedelta(minutes=1), SHANGHAI) == datetime(2026, 11, 27, 18, tzinfo=UTC)


def test_the_night_without_two_o_clock_has_its_job_once() -> None:
    job = Daily(time(2, 30))
    before = job.latest(datetime(2026, 3, 28, 12, tzinfo=UTC), BERLIN)
    in_the_night = job.next(before, BERLIN)
    after = job.next(in_the_night, BERLIN)
    assert in_the_night.astimezone(BERLIN).date().isoformat() == "2026-03-29"
    assert after.astimezone(BERLIN).date().isoformat() == "2026-03-30"


def test_the_night_with_two_o_clock_twice_has_its_job_once() -> None:
    job = Daily(time(2, 30))
    first = job.next(datetime(2026, 10, 24, 12, tzinfo=UTC), BERLIN)
    assert job.next(first, BERLIN) - first == timedelta(hours=25)


@given(
    hours=st.floats(0, 50_000),
    at=st.times(),
    zone=st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/St_Johns", "Pacific/Apia"]),
)
def test_the_latest_moment_is_past_and_the_next_one_is_not(hours: float, at: time, zone: str) -> None:
    moment, clock = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=hours), ZoneInfo(zone)
    for job in (Daily(at.replace(microsecond=0)), Every(timedelta(minutes=7))):
        assert job.latest(moment, clock) <= moment < job.next(moment, clock)
        assert job.next(job.latest(moment, clock), clock) == job.next(moment, clock)
