"""Mutated pictures through the intake checks: `make fuzz INPUTS=1000000`. Writes docs/fuzzing.md.

Seeds are small pictures of every format and kind of JPEG, EXIF as the app writes it, and the directories that broke
other readers. A mutation knows the structure: it flips bytes, cuts, repeats and swaps segments, and rewrites counts,
offsets and types of EXIF entries. Each input goes through examination, fingerprint and judgement, and any exception is
a failure; so is one that takes longer than 200 ms or more than 256 MB. Runs in several processes; a seed
repeats a run exactly.

Time is processor time, because a busy machine says nothing about a picture; wall time of the slowest is told as well.
Memory is the highest resident size of a process, the interpreter included.
"""

from __future__ import annotations

import argparse
import io
import random
import resource
import struct
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import PIL
from PIL import Image

from media.drawing import draw_shop
from media.evidence import Evidence, Place, judge
from media.images import take_in
from media.make import DeviceKey, honest_photo
from media.tokens import TimeTokens

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / "docs" / "fuzzing.md"
MOST_SECONDS, MOST_BYTES = 0.2, 256 * 1024 * 1024
BATCH = 2000
_NOON = datetime(2026, 11, 21, 4, tzinfo=UTC)
_TOKENS = TimeTokens(b"a secret for nothing but fuzzing")
_KEY = DeviceKey(b"fuzzing")


@dataclass
class Tally:
    """What a number of inputs did."""

    inputs: int = 0
    seconds: float = 0.0
    slowest: float = 0.0  # processor seconds
    slowest_wall: float = 0.0
    slowest_at: tuple[int, int] = (0, 0)  # batch, index: repeats it
    memory: int = 0  # bytes
    outcomes: Counter[str] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        self.inputs += other.inputs
        self.seconds += other.seconds
        if other.slowest > self.slowest:
            self.slowest, self.slowest_at = other.slowest, other.slowest_at
        self.slowest_wall = max(self.slowest_wall, other.slowest_wall)
        self.memory = max(self.memory, other.memory)
        self.outcomes.update(other.outcomes)
        self.problems.update(other.problems)
        self.failures += other.failures


def seeds() -> tuple[list[bytes], Evidence]:
    """The files that are mutated, and the evidence of the first of them."""
    picture = draw_shop(1, "Xunke").resize((192, 144))
    photo = honest_photo(
        picture, key=_KEY, device_id="d", visit_id="v", customer_id="c", taken_at=_NOON,
        time_token=_TOKENS.issue("d", _NOON - timedelta(minutes=5)), token_issued=_NOON - timedelta(minutes=5),
        lat=36.0671, lng=120.3826,
    )  # fmt: skip
    files = [photo.jpeg, photo.jpeg]
    grey = picture.convert("L")
    for kind, source, options in (
        ("JPEG", picture, {"progressive": True}),
        ("JPEG", grey, {}),
        ("JPEG", picture.convert("CMYK"), {}),
        ("JPEG", picture, {"restart_marker_rows": 1, "subsampling": 0}),
        ("PNG", picture, {}),
        ("PNG", picture.convert("P"), {}),
        ("WEBP", picture, {"exif": _exif_of(photo.jpeg)}),
        ("WEBP", picture, {"lossless": True}),
    ):
        out = io.BytesIO()
        source.save(out, kind, **options)
        files.append(out.getvalue())
    files.append(b"\0\0\0\x18ftypheic\0\0\0\0heicmif1" + b"\0\0\x02\0meta\0\0\0\0" + bytes(500))
    evidence = Evidence(
        photo_id="p", examination=take_in(photo.jpeg).examination, capture=photo.capture, signature=photo.signature,
        device_id="d", visit_id="v", customer_id="c", received_at=_NOON + timedelta(hours=1), tokens=_TOKENS,
        device_key=_KEY.public, customer_place=Place(36.0671, 120.3826),
    )  # fmt: skip
    return files, evidence


def _exif_of(jpeg: bytes) -> bytes:
    found: bytes = Image.open(io.BytesIO(jpeg)).info["exif"]
    return found


def mutate(rng: random.Random, files: list[bytes]) -> bytes:
    """One input: a seed with one to six mutations."""
    data = bytearray(rng.choice(files))
    for _ in range(rng.choice((1, 1, 2, 3, 6))):
        rng.choice(_MUTATIONS)(rng, data)
        if not data:
            break
    return bytes(data)


def _flip(rng: random.Random, data: bytearray) -> None:
    for _ in range(rng.choice((1, 2, 8, 40))):
        data[rng.randrange(len(data))] = rng.choice((0, 0xFF, 0x7F, 0x80, rng.randrange(256)))


def _flip_head(rng: random.Random, data: bytearray) -> None:
    for _ in range(rng.choice((1, 3, 10))):
        data[rng.randrange(min(len(data), 700))] = rng.randrange(256)


def _cut(rng: random.Random, data: bytearray) -> None:
    del data[rng.randrange(len(data)) :]


def _drop(rng: random.Random, data: bytearray) -> None:
    at = rng.randrange(len(data))
    del data[at : at + rng.choice((1, 2, 16, 400))]


def _double(rng: random.Random, data: bytearray) -> None:
    at, length = rng.randrange(len(data)), rng.choice((1, 4, 64, 2000))
    data[at:at] = data[at : at + length] * rng.choice((1, 2, 20))


def _noise(rng: random.Random, data: bytearray) -> None:
    at = rng.randrange(len(data))
    data[at:at] = rng.randbytes(rng.choice((1, 7, 100, 3000)))


def _number(rng: random.Random, data: bytearray) -> None:
    """A count, length or offset somewhere becomes an interesting one."""
    value = rng.choice((0, 1, 2, 8, 0xFFFF, 0x10000, 0x7FFFFFFF, 0xFFFFFFFF, rng.randrange(1 << 32)))
    packed = struct.pack(rng.choice(("<I", ">I")), value)
    if rng.random() < 0.5:
        packed = struct.pack(">H", value & 0xFFFF)
    at = rng.randrange(min(len(data), 1200))
    data[at : at + len(packed)] = packed


def _exif_entry(rng: random.Random, data: bytearray) -> None:
    """Type, count or value of a directory entry of the EXIF block."""
    start = data.find(b"Exif\0\0")
    if start < 0:
        return _number(rng, data)
    tiff = start + 6
    big = data[tiff : tiff + 2] == b"MM"
    order = ">" if big else "<"
    at = tiff + 10 + 12 * rng.randrange(24)
    which = rng.randrange(4)
    if at + 12 > len(data):
        return None
    if which == 0:
        data[at : at + 2] = struct.pack(
            order + "H", rng.choice((0x8769, 0x8825, 0x9003, 0x9286, 2, 4, 0x0112, 0xA420))
        )
    elif which == 1:
        data[at + 2 : at + 4] = struct.pack(order + "H", rng.choice((0, 1, 2, 3, 4, 5, 7, 10, 12, 13, 255)))
    elif which == 2:
        data[at + 4 : at + 8] = struct.pack(order + "I", rng.choice((0, 1, 3, 1 << 16, 1 << 28, 0xFFFFFFFF)))
    else:
        data[at + 8 : at + 12] = struct.pack(order + "I", rng.choice((0, 8, 10, at - tiff, len(data), 0xFFFFFFF0)))
    return None


def _segment(rng: random.Random, data: bytearray) -> None:
    """A JPEG segment more: a second frame, a bomb of a size, a table, a scan."""
    marker = rng.choice((0xC0, 0xC2, 0xC4, 0xDA, 0xDB, 0xDD, 0xE1, 0xE2, 0xEE, 0xFE, 0xD8, 0xD9, 0xDC))
    if marker in (0xC0, 0xC2):
        body = struct.pack(">BHHB", 8, rng.choice((1, 144, 4000, 65535)), rng.choice((1, 192, 4000, 65535)), 3)
        body += b"\1\x22\0\2\x11\1\3\x11\1"
    else:
        body = rng.randbytes(rng.choice((0, 3, 64, 500)))
    at = rng.choice((2, 20, rng.randrange(len(data))))
    data[at:at] = bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def _swap(rng: random.Random, data: bytearray) -> None:
    one, other, length = rng.randrange(len(data)), rng.randrange(len(data)), rng.choice((2, 16, 300))
    data[one : one + length], data[other : other + length] = data[other : other + length], data[one : one + length]


_MUTATIONS = (
    _flip, _flip, _flip_head, _flip_head, _cut, _drop, _double, _noise, _number, _number, _exif_entry, _exif_entry,
    _exif_entry, _segment, _segment, _swap,
)  # fmt: skip


def batch(seed: int, number: int, count: int) -> Tally:
    """Runs `count` inputs; the same seed and number give the same ones."""
    rng, tally = random.Random(f"{seed}/{number}"), Tally()
    files, evidence = seeds()
    text, signed_for = evidence.capture or "", evidence.examination.sha256
    for index in range(count):
        data = mutate(rng, files)
        wall, started = time.perf_counter(), time.process_time()
        try:
            found = take_in(data)
            capture = text.replace(signed_for, found.examination.sha256)
            told = replace(evidence, examination=found.examination, capture=capture, signature=_KEY.sign(capture))
            verdict = judge(told)
            tally.outcomes[verdict.outcome] += 1
            tally.problems.update(found.examination.problems or ("none",))
        except BaseException as error:  # whatever it is, it is what this tool looks for
            tally.failures.append(f"batch {number} input {index}: {type(error).__name__}: {error}"[:200])
        spent = time.process_time() - started
        tally.seconds += spent
        tally.slowest_wall = max(tally.slowest_wall, time.perf_counter() - wall)
        if spent > tally.slowest:
            tally.slowest, tally.slowest_at = spent, (number, index)
    tally.inputs = count
    tally.memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return tally


def run(inputs: int, seed: int, processes: int) -> Tally:
    total, started = Tally(), time.monotonic()
    numbers = range((inputs + BATCH - 1) // BATCH)
    counts = [min(BATCH, inputs - number * BATCH) for number in numbers]
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        for number, tally in enumerate(pool.map(batch, [seed] * len(counts), numbers, counts), 1):
            total.add(tally)
            if number % 10 == 0 or number == len(counts):
                rate = total.inputs / (time.monotonic() - started)
                print(f"  {total.inputs:,} inputs, {rate:.0f}/s, {len(total.failures)} failures", flush=True)
    return total


def report(total: Tally, seed: int, elapsed: float) -> str:
    """The page for docs/: figures, not opinions."""
    lines = [
        "# Fuzzing the photo intake",
        "",
        "Written by `make fuzz`; what is mutated and how is in `tools/fuzz.py`. Each input is examined (structure, EXIF,",
        "decoding, thumbnails, fingerprint) and judged. A failure is any exception, more than 200 ms of processor time, or",
        "more than 256 MB.",
        "",
        "| | |",
        "|---|---|",
        f"| inputs | {total.inputs:,} (seed {seed}) |",
        f"| failures | {len(total.failures)} |",
        f"| mean per input | {total.seconds / max(1, total.inputs) * 1000:.2f} ms processor time |",
        f"| slowest input | {total.slowest * 1000:.0f} ms processor time (batch {total.slowest_at[0]}, input "
        f"{total.slowest_at[1]}), limit 200 ms |",
        f"| slowest by the wall | {total.slowest_wall * 1000:.0f} ms |",
        f"| highest memory of a process | {total.memory / 2**20:.0f} MB with the interpreter, limit 256 MB |",
        f"| whole run | {elapsed / 60:.1f} min, {total.inputs / elapsed:.0f} inputs a second |",
        f"| versions | Python {sys.version.split()[0]}, Pillow {PIL.__version__} |",
        "",
        "What the inputs were found to be:",
        "",
        "| found | inputs |",
        "|---|---:|",
        *[f"| {code} | {number:,} |" for code, number in total.problems.most_common()],
        "",
        "| outcome | inputs |",
        "|---|---:|",
        *[f"| {outcome} | {number:,} |" for outcome, number in total.outcomes.most_common()],
    ]
    if total.failures:
        lines += ["", "Failures:", "", *[f"- {line}" for line in total.failures[:50]]]
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    chosen = parser.parse_args()
    started = time.monotonic()
    total = run(chosen.inputs, chosen.seed, chosen.processes)
    if total.slowest > MOST_SECONDS:
        total.failures.append(f"the slowest input took {total.slowest * 1000:.0f} ms")
    if total.memory > MOST_BYTES:
        total.failures.append(f"a process needed {total.memory / 2**20:.0f} MB")
    REPORT.write_text(report(total, chosen.seed, time.monotonic() - started), "utf-8")
    print(f"{total.inputs:,} inputs, {len(total.failures)} failures; written to {REPORT.relative_to(ROOT)}")
    return 1 if total.failures else 0


if __name__ == "__main__":
    sys.exit(main())
