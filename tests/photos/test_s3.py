"""A company whose photos lie in an S3-compatible store: everything that reads, checks and gives up photos works there."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import obstore
import pytest
from sqlalchemy import update

from media.store import BlobStore
from server.database import Reader, read_engine
from server.photos.keeping import Count, retain, verify
from server.photos.models import blob
from tests.support.fieldwork import new_shop, uploaded, visit_with_photo
from tests.support.world import World


@pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
def test_photos_live_in_an_s3_store_as_in_a_folder(make_world: Callable[..., World], s3: str) -> None:
    world = make_world(blobs=s3)
    rep, boss = world.person("rep"), world.person("boss")
    shop = new_shop(rep)
    shots = [visit_with_photo(rep, shop)[1] for _ in range(3)]
    kept, changed, lost = shots
    for size in ("original", "large", "small"):
        assert rep.client.get(f"/media/v1/photos/{kept.id}/{size}").status_code == 200
    assert rep.client.get(f"/media/v1/photos/{kept.id}/original").content == kept.photo.jpeg
    assert rep.get(f"/api/photos/{kept.id}")["verdict"] == "verified"

    services = world.app.state.services
    store = BlobStore.open(s3)._store
    obstore.put(store, f"original/{changed.photo.sha256[:2]}/{changed.photo.sha256}", b"x" * len(changed.photo.jpeg))
    obstore.delete(store, f"original/{lost.photo.sha256[:2]}/{lost.photo.sha256}")

    async def look() -> set[tuple[str, str]]:
        reader = Reader(read_engine(services.settings.database_url))
        try:
            return {(found.sha256, found.what) async for found in verify(reader, services.blobs, Count())}
        finally:
            await reader.close()

    assert asyncio.run(look()) == {(changed.photo.sha256, "changed"), (lost.photo.sha256, "missing")}
    assert uploaded(rep, lost.photo.sha256) is None  # a phone that still has it may bring it

    company = boss.get("/api/companies")["items"][0]
    boss.do("company.edit", id=company["id"], set={"keep_originals_days": [company["keep_originals_days"], 365]})
    old = datetime.now(UTC) - timedelta(days=400)
    services.writer.call(
        lambda session: (
            session.execute(update(blob).where(blob.c.sha256 == kept.photo.sha256).values(uploaded_at=old)) and None
        )
    )

    async def tidy() -> int:
        reader = Reader(read_engine(services.settings.database_url))
        try:
            return await retain(reader, services.writer, services.blobs)
        finally:
            await reader.close()

    assert asyncio.run(tidy()) == 1
    gone = rep.client.get(f"/media/v1/photos/{kept.id}/original")
    assert (gone.status_code, gone.json()["code"]) == (404, "original_removed")
    assert rep.client.get(f"/media/v1/photos/{kept.id}/large").status_code == 200
