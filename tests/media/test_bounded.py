"""A picture that hurts the decoder ends its process and nothing else."""

import io
import os
import signal
import time
from pathlib import Path

import pytest
from PIL import Image

from media.bounded import BoundedIntake, FilePart
from media.images import take_in
from tests.media.scene import honest

PHOTO = honest().photo.jpeg


def large(kind: str, size: tuple[int, int]) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((size[0] // 4, size[1] // 4), 60).resize(size).convert("RGB").save(out, kind)
    return out.getvalue()


def pids(pool: BoundedIntake) -> list[int]:
    return [process._child.pid for process in pool._all]


@pytest.mark.slow
def test_the_processes_find_what_a_call_finds() -> None:
    pool = BoundedIntake(1)
    try:
        assert pool.take_in(PHOTO) == take_in(PHOTO)
        assert pool.take_in(b"") == take_in(b"")
        assert pool.take_in(large("JPEG", (4000, 3000))).examination.readable
        assert pool.take_in(large("PNG", (4000, 4000))).examination.readable  # the largest that is held as a whole
        assert pool.restarts == 0
    finally:
        pool.close()


def test_a_picture_that_lies_in_a_file_is_read_by_the_process_itself(tmp_path: Path) -> None:
    file = tmp_path / "upload"
    file.write_bytes(b"head" + PHOTO + b"rest")
    part = FilePart(file, 4, len(PHOTO), take_in(PHOTO).examination.sha256)
    pool = BoundedIntake(1)
    try:
        assert pool.take_in(part) == take_in(PHOTO)
        os.kill(pids(pool)[0], signal.SIGKILL)
        broken = pool.take_in(part).examination
        assert (broken.problems, broken.sha256, broken.size) == (("over_limits",), part.sha256, part.size)
        assert pool.take_in(part).examination.readable
    finally:
        pool.close()


def test_a_process_that_dies_is_replaced_and_its_picture_marked() -> None:
    pool = BoundedIntake(1)
    try:
        pool.take_in(PHOTO)
        os.kill(pids(pool)[0], signal.SIGKILL)
        broken = pool.take_in(PHOTO)
        assert broken.examination.problems == ("over_limits",)
        assert broken.examination.sha256 == take_in(PHOTO).examination.sha256
        assert pool.take_in(PHOTO).examination.readable
        assert pool.restarts == 1
    finally:
        pool.close()


def test_a_picture_that_takes_too_long_is_given_up() -> None:
    pool = BoundedIntake(1)
    try:
        pool.take_in(PHOTO)
        [pid] = pids(pool)
        os.kill(pid, signal.SIGSTOP)
        pool._seconds = 0.3
        started = time.monotonic()
        assert pool.take_in(PHOTO).examination.problems == ("over_limits",)
        assert time.monotonic() - started < 5
        pool._seconds = 20.0
        assert pool.take_in(PHOTO).examination.readable
    finally:
        pool.close()


@pytest.mark.slow
def test_a_picture_that_needs_too_much_memory_is_marked() -> None:
    pool = BoundedIntake(1, memory_bytes=90 * 1024 * 1024)
    try:
        found = pool.take_in(large("PNG", (4000, 4000))).examination
        assert found.problems in (("damaged",), ("over_limits",))
    finally:
        pool.close()
