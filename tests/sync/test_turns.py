"""Who of those that wait for the writer may go, and beside whom."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import pytest

from server.turns import Turns


@dataclass(frozen=True)
class Job:
    number: int
    alone: str = ""
    weight: int = 1


def _numbers(jobs: list[Job]) -> list[int]:
    return [job.number for job in jobs]


def test_jobs_are_given_out_in_their_order_until_the_limit() -> None:
    turns = Turns[Job]()
    for number in range(5):
        turns.put(Job(number, weight=40))
    assert _numbers(turns.take(100)) == [0, 1, 2]
    assert len(turns) == 2
    assert _numbers(turns.take(100)) == [3, 4]


def test_what_is_of_a_busy_name_waits_and_keeps_its_order() -> None:
    turns = Turns[Job]()
    for number, name in enumerate(["a", "b", "a", "", "b", "a"]):
        turns.put(Job(number, name))
    first = turns.take(2)
    assert _numbers(first) == [0, 1]
    assert _numbers(turns.take(10)) == [3]  # nobody's may go beside anybody
    turns.put(Job(6, "a"))
    turns.done([job for job in first if job.alone == "a"])
    assert _numbers(turns.take(10)) == [2, 5, 6]
    turns.done(first)
    assert _numbers(turns.take(10)) == [4]


def test_a_thread_that_waits_is_woken_when_a_name_is_free() -> None:
    turns = Turns[Job]()
    turns.put(Job(0, "a"))
    first = turns.take(1)
    turns.put(Job(1, "a"))
    found: list[list[int]] = []
    other = threading.Thread(target=lambda: found.append(_numbers(turns.take(1))))
    other.start()
    turns.done(first)
    other.join(timeout=20)
    assert found == [[1]]


def test_what_waits_is_still_given_out_after_the_end() -> None:
    turns = Turns[Job]()
    turns.put(Job(0, "a"))
    first = turns.take(1)
    turns.put(Job(1, "a"))
    turns.close()
    found: list[list[int]] = []
    other = threading.Thread(target=lambda: found.extend([_numbers(turns.take(1)), _numbers(turns.take(1))]))
    other.start()
    turns.done(first)
    other.join(timeout=20)
    assert found == [[1], []]


def test_a_patient_thread_leaves_what_has_just_come_to_the_first() -> None:
    now = [100.0]
    turns = Turns[Job](lambda: now[0])
    turns.put(Job(0, "a"))
    turns.put(Job(1, "b"))
    found: list[list[int]] = []
    patient = threading.Thread(target=lambda: found.append(_numbers(turns.take(10, 0.5))))
    patient.start()
    patient.join(timeout=0.2)
    assert patient.is_alive()
    assert _numbers(turns.take(10)) == [0, 1]
    turns.put(Job(2))
    now[0] += 1.0  # the first thread is still at it
    patient.join(timeout=20)
    assert found == [[2]]


def test_a_patient_thread_counts_from_when_a_job_may_go_not_from_one_that_may_not() -> None:
    now = [100.0]
    turns = Turns[Job](lambda: now[0])
    turns.put(Job(0, "a"))
    first = turns.take(1)
    turns.put(Job(1, "a"))
    now[0] += 10.0
    turns.put(Job(2, "b"))
    found: list[list[int]] = []
    patient = threading.Thread(target=lambda: found.append(_numbers(turns.take(10, 0.5))))
    patient.start()
    patient.join(timeout=0.2)
    assert patient.is_alive()
    turns.done(first)
    patient.join(timeout=20)
    assert found == [[1, 2]]


def test_the_first_thread_waits_a_moment_for_those_it_has_just_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.turns.MOMENT", 5.0)
    turns = Turns[Job]()
    turns.put(Job(0))
    turns.put(Job(1))
    assert _numbers(turns.take(10)) == [0, 1]
    found: list[list[int]] = []

    def take_twice() -> None:
        for _ in range(2):
            found.append(_numbers(turns.take(10)))

    first = threading.Thread(target=take_twice)
    turns.put(Job(2))
    first.start()
    first.join(timeout=0.2)
    assert found == []
    turns.put(Job(3))
    turns.put(Job(4, weight=10))
    first.join(timeout=0.2)
    assert found == [[2, 3, 4]], "with all that was expected, at once"
    turns.put(Job(5, weight=10))  # fewer than the last time, but as much as is taken together
    first.join(timeout=20)
    assert found == [[2, 3, 4], [5]]


def test_who_is_alone_is_not_kept_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.turns.MOMENT", 60.0)
    turns = Turns[Job]()
    found: list[int] = []

    def take_thrice() -> None:
        for _ in range(3):
            found.extend(_numbers(turns.take(10)))

    first = threading.Thread(target=take_thrice)
    first.start()
    for number in range(3):
        first.join(timeout=0.1)  # it waits for the next
        turns.put(Job(number))
    first.join(timeout=20)
    assert found == [0, 1, 2]
