"""The end-to-end stage: a demo company, the server over a copy of it, and devices for its people.

Pictures of devices whose test failed, and the server's log, are left in `build/e2e/`.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Playwright, sync_playwright

from tests.e2e.device import PHONE, Device, Form
from tests.support.chromium import Chromium
from tests.support.live_server import ROOT, LiveServer, run_xunke

OpenDevice = Callable[..., Device]
_FAILED = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    report = yield
    if report.when == "call":
        item.stash[_FAILED] = report.failed
    return report


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def demo_company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a small demo company, made once. Take `live_server`, which works on a copy."""
    data = tmp_path_factory.mktemp("demo") / "data"
    run_xunke("demo", "--small", environment={"XUNKE_DATA": str(data)})
    return data


@pytest.fixture
def live_server(demo_company: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[LiveServer]:
    """The server over a fresh copy of the demo company; the app is served from pwa/dist."""
    if not (ROOT / "pwa" / "dist" / "index.html").exists():
        raise RuntimeError("the app is not built: run `make install`")
    data = tmp_path / "data"
    shutil.copytree(demo_company, data)
    server = LiveServer(data)
    server.start()
    yield server
    server.stop()
    if request.node.stash.get(_FAILED, False):
        _evidence(request).with_suffix(".log").write_text(server.log)


@pytest.fixture
def open_device(
    playwright: Playwright,
    chromium: Chromium,
    live_server: LiveServer,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> Iterator[OpenDevice]:
    """`open_device("王伟's phone", PHONE, path="/", locale=..., place=..., pictures=...)`: a device, switched on.

    After the test each device is closed, and whatever it put on the console as an error must have been expected
    (`device.expect_complaint`).
    """
    devices: dict[str, Device] = {}

    def opened(name: str, form: Form = PHONE, *, path: str = "/", **options: Any) -> Device:
        device = Device(
            playwright=playwright,
            chromium=chromium,
            url=live_server.url,
            profile=tmp_path / f"profile-{len(devices)}",
            form=form,
            **{"pictures": ROOT / "build" / "e2e", **options},
        )
        devices[name] = device
        device.open(path)
        return device

    yield opened
    failed = request.node.stash.get(_FAILED, False)
    for number, device in enumerate(devices.values()):
        if failed and device.is_open:
            device.screenshot(f"{_evidence(request).name}-{number}-{device.form.name}")
        device.close()
    if not failed:
        complaints = [f"{name}: {text}" for name, device in devices.items() for text in device.unexpected()]
        assert not complaints, "errors on the console:\n" + "\n".join(complaints)


def _evidence(request: pytest.FixtureRequest) -> Path:
    folder = ROOT / "build" / "e2e"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / re.sub(r"[^\w-]+", "-", request.node.name)
