"""Blobs go in once, come out as they were, and their names cannot lead anywhere else."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TypeVar

import obstore
import pytest
from obstore.exceptions import PermissionDeniedError

from media.store import BlobError, BlobStore

T = TypeVar("T")

DATA = b"the bytes of a photo" * 1000
NAME = hashlib.sha256(DATA).hexdigest()


@pytest.fixture(params=["folder", "file url", "memory", "s3"])
def store(request, tmp_path: Path) -> BlobStore:
    if request.param == "s3":
        return BlobStore.open(request.getfixturevalue("s3"))
    places: dict[str, Path | str] = {
        "folder": tmp_path / "blobs",
        "file url": f"file://{tmp_path}/with%20space",
        "memory": "memory:///",
    }
    return BlobStore.open(places[request.param])


async def collect(pieces: AsyncIterator[T]) -> list[T]:
    return [piece async for piece in pieces]


def test_original_goes_in_once_and_comes_out_bit_for_bit(store):
    async def story():
        assert await store.head("original", NAME) is None
        assert await store.put("original", NAME, DATA)
        assert not await store.put("original", NAME, DATA)
        assert await store.get("original", NAME) == DATA
        assert b"".join(await collect(store.stream("original", NAME))) == DATA
        info = await store.head("original", NAME)
        assert info
        assert info.size == len(DATA)
        assert await collect(store.hashes()) == [NAME]
        assert await collect(store.hashes("small")) == []

    asyncio.run(story())


def test_thumbnail_is_named_by_its_original_and_can_be_made_again(store):
    async def story():
        assert await store.put("small", NAME, b"first")
        assert not await store.put("small", NAME, b"better")
        assert await store.get("small", NAME) == b"better"

    asyncio.run(story())


def test_bytes_under_the_wrong_name_are_refused(store):
    with pytest.raises(BlobError, match="hash_mismatch"):
        asyncio.run(store.put("original", NAME, DATA + b"!"))
    assert asyncio.run(store.head("original", NAME)) is None


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, NAME.upper(), NAME + "\n", NAME[:-1], "１" * 64])
def test_only_a_hash_is_a_name(store, name):
    async def story():
        for call in (store.get, store.head, store.delete):
            with pytest.raises(BlobError, match="bad_hash"):
                await call("original", name)
        with pytest.raises(BlobError, match="bad_hash"):
            await store.put("original", name, DATA)

    asyncio.run(story())


def test_missing_and_deleted_blobs(store):
    async def story():
        with pytest.raises(BlobError, match="blob_missing"):
            await store.get("original", NAME)
        with pytest.raises(BlobError, match="blob_missing"):
            await collect(store.stream("original", NAME))
        await store.put("original", NAME, DATA)
        await store.delete("original", NAME)
        await store.delete("original", NAME)
        assert await store.verify(NAME) == "missing"

    asyncio.run(story())


def test_verify_notices_a_changed_file_and_sending_it_again_heals_it(tmp_path: Path):
    store = BlobStore.open(tmp_path)

    async def story():
        await store.put("original", NAME, DATA)
        assert await store.verify(NAME) == "ok"
        path = tmp_path / "original" / NAME[:2] / NAME
        path.write_bytes(b"")  # what a power cut leaves behind
        assert await store.verify(NAME) == "changed"
        await store.put("original", NAME, DATA)
        assert await store.verify(NAME) == "ok"

    asyncio.run(story())


def test_what_was_changed_in_an_s3_store_is_noticed_and_healed(s3: str):
    store = BlobStore.open(s3)

    async def story():
        await store.put("original", NAME, DATA)
        for damage in (b"", DATA[:-1] + b"!"):
            obstore.put(store._store, f"original/{NAME[:2]}/{NAME}", damage)
            assert await store.verify(NAME) == "changed"
            assert not await store.put("original", NAME, DATA)
            assert await store.verify(NAME) == "ok"

    asyncio.run(story())


def test_a_wrong_key_opens_no_s3_store(s3: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with pytest.raises(PermissionDeniedError):
        asyncio.run(BlobStore.open(s3).put("original", NAME, DATA))


def test_many_at_once(store):
    async def story():
        await asyncio.gather(*(store.put("original", NAME, DATA) for _ in range(20)))
        assert await store.verify(NAME) == "ok"

    asyncio.run(story())
