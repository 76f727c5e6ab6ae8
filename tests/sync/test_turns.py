"""Who of those that wait for the writer may go, and beside whom."""

from __future__ import annotations

import threading
from dataclasses import dataclass

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
