"""Never faster than a target takes it, and never more than a person wants: for whatever came when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from server.notifications.pacing import plan

NOW = datetime(2026, 11, 28, 10, tzinfo=UTC)
LIMITS = [((20, 60.0),), ((100, 60.0), (5, 1.0)), ()]


@given(
    gaps=st.lists(st.floats(0.05, 30), min_size=1, max_size=60),
    bursts=st.lists(st.integers(0, 12), min_size=60, max_size=60),
    limits=st.sampled_from(LIMITS),
    flood=st.tuples(st.integers(1, 30), st.floats(1, 600)),
)
def test_in_no_window_more_than_allowed_and_nothing_is_left(
    gaps: list[float], bursts: list[int], limits: tuple[tuple[int, float], ...], flood: tuple[int, float]
) -> None:
    now, waiting, not_before, told, came = NOW, 0, NOW, 0, 0
    sent: list[datetime] = []

    def go() -> None:
        nonlocal waiting, not_before, told
        while waiting and now >= not_before:
            chosen = plan(waiting, sent, now, limits, flood)
            if chosen.at is not None:
                assert chosen.at > now
                not_before = chosen.at
                return
            assert chosen.digest or chosen.singles
            out = 1 if chosen.digest else chosen.singles
            told += waiting if chosen.digest else chosen.singles
            waiting -= waiting if chosen.digest else chosen.singles
            sent.extend([now] * out)

    for gap, burst in zip(gaps, bursts, strict=False):
        now += timedelta(seconds=gap)
        waiting += burst
        came += burst
        go()
    for _ in range(200):
        if not waiting:
            break
        now = max(now, not_before)
        go()
    assert (told, waiting) == (came, 0)
    for count, seconds in (*limits, flood):
        for moment in sent:
            window = [other for other in sent if moment <= other < moment + timedelta(seconds=seconds)]
            assert len(window) <= count
