"""The built app as the server gives it out: compressed by the build, not anew for everybody who asks."""

from collections.abc import Callable
from pathlib import Path

import brotli
import pytest

from tests.support.world import World

SCRIPT = "console.log('巡客')\n" * 200


@pytest.fixture
def app(tmp_path: Path) -> Path:
    folder = tmp_path / "app"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html>" + " " * 1000)
    (folder / "assets" / "lone.js").write_text(SCRIPT)
    for name in ("assets/page.js", "app.pack"):
        (folder / name).write_text(SCRIPT)
        # Of another quality than the server's own would be: what arrives is what the build wrote.
        (folder / f"{name}.br").write_bytes(brotli.compress(SCRIPT.encode(), quality=1))
    return folder


def test_what_the_build_compressed_is_sent_as_it_is(make_world: Callable[..., World], app: Path) -> None:
    client = make_world(pwa=app).person("rep").client
    for name in ("assets/page.js", "app.pack"):
        small = (app / f"{name}.br").stat().st_size
        for accepted, encoding, size in (("gzip, br", "br", small), ("gzip", None, len(SCRIPT.encode()))):
            answer = client.get(f"/{name}", headers={"accept-encoding": accepted})
            assert answer.text == SCRIPT
            assert answer.headers.get("content-encoding") == encoding
            assert answer.headers["vary"] == "accept-encoding"
            assert int(answer.headers["content-length"]) == size
    assert client.get("/assets/lone.js", headers={"accept-encoding": "br"}).text == SCRIPT
    # What the server says at the moment is compressed by the server.
    assert client.get("/", headers={"accept-encoding": "br"}).headers["content-encoding"] == "br"


def test_a_page_with_a_dot_in_its_name_is_the_apps_and_a_missing_file_is_none(
    make_world: Callable[..., World], app: Path
) -> None:
    client = make_world(pwa=app).person("rep").client
    page = {"accept": "text/html,application/xhtml+xml"}
    assert client.get("/reports/customers.count", headers=page).text.startswith("<!doctype html>")
    for path, headers in (("/old.js", {"accept": "*/*"}), ("/assets/old.js", page), ("/api/old.x", page)):
        assert client.get(path, headers=headers).status_code == 404
