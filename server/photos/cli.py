"""`xunke evidence recheck` and `xunke media verify|retain`."""

import argparse
import asyncio
from collections import Counter

import server.areas  # noqa: F401 - makes every record and command known
from media.store import BlobStore
from media.tokens import TimeTokens
from server.app import secret_of
from server.database import Reader, Writer, read_engine, write_engine
from server.photos.keeping import Count, retain, verify
from server.photos.recheck import Difference, recheck
from server.photos.service import TIME_TOKENS
from server.photos.unnamed import sweep
from server.settings import Settings


def run_evidence(settings: Settings, chosen: argparse.Namespace) -> int:
    """Prints one line for each photo that is judged differently today, and how many there are of a kind."""
    writer = Writer(write_engine(settings.database_url), 1, {TIME_TOKENS: TimeTokens(secret_of(settings.data))})
    counts = Counter[str]()
    try:
        for found in recheck(writer, apply=chosen.apply):
            counts[f"{found.before.verdict} → {found.after.verdict}"] += 1
            print(_line(found))
    finally:
        writer.close()
    for change, number in sorted(counts.items()):
        print(f"{number:8} {change}")
    if not counts:
        print("Every photo is judged as it was.")
    elif not chosen.apply:
        print("Nothing was changed; --apply writes these verdicts.")
    return 0


def _line(found: Difference) -> str:
    before, after = found.before, found.after
    why = [f"+{code}" for code in found.new] + [f"-{code}" for code in found.gone]
    return (
        f"{found.photo_id}  {found.taken}  {found.employee}  {found.customer}: "
        f"{before.verdict} {before.score} → {after.verdict} {after.score}  {' '.join(why)}"
    )


def run_media(settings: Settings, chosen: argparse.Namespace) -> int:
    """`verify` exits with 1 where something is missing or changed."""
    return asyncio.run(_verify(settings) if chosen.what == "verify" else _retain(settings))


async def _verify(settings: Settings) -> int:
    reader, count, damages = Reader(read_engine(settings.database_url)), Count(), Counter[str]()
    try:
        async for damage in verify(reader, BlobStore.open(settings.blob_location), count):
            damages[damage.what] += 1
            print(f"{damage.what:18} {damage.sha256}")
    finally:
        await reader.close()
    print(f"{count.photos} photos, {count.bytes / 1e6:.1f} MB read, {count.removed} originals given up by age")
    for what, number in sorted(damages.items()):
        print(f"{number:8} {what}")
    return 1 if damages["missing"] or damages["changed"] else 0


async def _retain(settings: Settings) -> int:
    reader, writer = Reader(read_engine(settings.database_url)), Writer(write_engine(settings.database_url))
    try:
        blobs = BlobStore.open(settings.blob_location)
        unnamed = await sweep(reader, writer, blobs)
        removed = await retain(reader, writer, blobs)
    finally:
        writer.close()
        await reader.close()
    print(f"{removed} originals given up; thumbnails and verdicts stay.")
    print(f"{unnamed} uploads given up that no photo names.")
    return 0
