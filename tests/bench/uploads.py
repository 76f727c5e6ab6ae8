"""Photos that come in beside normal work: what a push takes while they do, beside what it takes while none does.

A rep's app pushes ten ops a second, one a push, all the time. In some windows photos as the app makes them (2048 pixels,
half a megabyte, with their signed records) come in by tus at `RATE`, are examined, stored and judged; in some a manager
has a report of stamped photos made meanwhile, one after the other. The windows take turns, because the machine is not the
same from one minute to the next.
"""

from __future__ import annotations

import base64
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from PIL import Image

from media.drawing import draw_shop
from media.make import DeviceKey, MadePhoto, honest_photo
from server.records.ids import uuid7
from tests.bench.company import MANAGER, REP, build
from tests.bench.figures import Table, ms
from tests.bench.load import op, percentile
from tests.support.live_server import LiveServer

#: Photos a second: 3.6 times the thousand an hour that are aimed at.
RATE = 1.0
ROUNDS, WINDOW_SECONDS = 5, 5.0
_PUSH_EVERY = 0.1
_PASSWORD = "xunke-demo"
_PLACE = (36.0671, 120.3826)


@dataclass
class Phone:
    """A signed-in device that pushes and uploads."""

    client: httpx.Client
    device: str
    key: DeviceKey
    customer: str
    seq: int = 0
    token: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def push(self, *commands: tuple[str, dict[str, object]]) -> float:
        """Delivers ops; returns the seconds it took."""
        with self.lock:
            ops = [op(self.seq + n, name, args) for n, (name, args) in enumerate(commands)]
            self.seq += len(ops)
        started = time.perf_counter()
        answer = self.client.post("/sync/v1/push", json={"device": self.device, "schema": 2, "ops": ops})
        seconds = time.perf_counter() - started
        wrong = [found for found in answer.raise_for_status().json()["results"] if found["status"] != "applied"]
        assert not wrong, wrong
        return seconds


def sign_in(url: str) -> Phone:
    client, key, device = httpx.Client(base_url=url, timeout=60), DeviceKey(), str(uuid.uuid4())
    told = {"id": device, "name": "bench", "public_key": key.public}
    client.post("/api/login", json={"username": REP, "password": _PASSWORD, "device": told}).raise_for_status()
    page = client.get("/sync/v1/pull", params={"schema": 2}).raise_for_status().json()
    customer = client.get("/api/customers", params={"limit": 1}).raise_for_status().json()["items"][0]
    return Phone(client, device, key, customer["id"], token=page["time_token"])


def photos(phone: Phone, count: int) -> list[MadePhoto]:
    """Taken during one visit, their ops delivered, their bytes not yet."""
    now = datetime.now(UTC)
    visit = uuid7()
    here = {"lat": _PLACE[0], "lng": _PLACE[1], "accuracy": 9.0}
    phone.push(("visit.check_in", {"id": visit, "customer_id": phone.customer, "at": now.isoformat(), **here}))
    made = []
    for n in range(count):
        picture = draw_shop(n, "王记超市").resize((2048, 1536), Image.Resampling.BICUBIC)
        photo = honest_photo(
            picture, key=phone.key, device_id=phone.device, visit_id=visit, customer_id=phone.customer,
            taken_at=now, lat=_PLACE[0] + n * 1e-6, lng=_PLACE[1], time_token=phone.token,
            token_issued=now - timedelta(seconds=1),
        )  # fmt: skip
        attach = {"id": uuid7(), "visit_id": visit, "customer_id": phone.customer, "kind": "shelf"}
        phone.push(("photo.attach", {**attach, "capture": photo.capture, "signature": photo.signature}))
        made.append(photo)
    return made


def upload(client: httpx.Client, photo: MadePhoto) -> float:
    """One photo in one request; returns the seconds until it is stored and judged."""
    started = time.perf_counter()
    headers = {
        "tus-resumable": "1.0.0",
        "upload-length": str(len(photo.jpeg)),
        "upload-metadata": f"sha256 {base64.b64encode(photo.sha256.encode()).decode()}",
        "content-type": "application/offset+octet-stream",
    }
    answer = client.post("/media/v1/uploads", content=photo.jpeg, headers=headers)
    assert answer.headers["upload-offset"] == str(len(photo.jpeg)), answer.text
    return time.perf_counter() - started


def _push_for(phone: Phone, seconds: float) -> Iterator[float]:
    """What each push of a window took."""
    until = time.perf_counter() + seconds
    due = time.perf_counter()
    while due < until:
        time.sleep(max(0.0, due - time.perf_counter()))
        values = {"customer_id": phone.customer, "name": "李会计"}
        yield phone.push(("contact.create", {"id": uuid7(), "values": values}))
        due += _PUSH_EVERY


def _send(phone: Phone, waiting: list[MadePhoto], until: float, took: list[float]) -> None:
    client = httpx.Client(base_url=phone.client.base_url, cookies=phone.client.cookies, timeout=60)
    due = time.perf_counter()
    while due < until and waiting:
        time.sleep(max(0.0, due - time.perf_counter()))
        took.append(upload(client, waiting.pop()))
        due += 1 / RATE


def _manager(url: str) -> httpx.Client:
    """Signed in beforehand: checking a password is dear on purpose."""
    client = httpx.Client(base_url=url, timeout=60)
    told = {"id": str(uuid.uuid4()), "name": "bench"}
    client.post("/api/login", json={"username": MANAGER, "password": _PASSWORD, "device": told}).raise_for_status()
    return client


def _report(manager: httpx.Client, until: float) -> None:
    """Reports of all photos there are, until the window closes; the last one is given up then."""
    while time.perf_counter() < until:
        with manager.stream("POST", "/media/v1/reports/photos", json={"progress": True}) as answer:
            assert answer.status_code == 200, answer.read()
            for _ in answer.iter_raw():
                if time.perf_counter() > until:
                    return


def measure(table: Table, folder: Path) -> None:
    data = folder / "photos beside work"
    data.mkdir()
    build(f"sqlite:///{data / 'xunke.db'}", 200)
    server = LiveServer(data)
    server.start()
    try:
        phone, manager = sign_in(server.url), _manager(server.url)
        waiting = photos(phone, int(2 * ROUNDS * WINDOW_SECONDS * RATE) + 2)
        upload(phone.client, waiting.pop())  # the examining processes start with the first
        list(_push_for(phone, 1.0))
        idle: list[float] = []
        loaded: list[float] = []
        reporting: list[float] = []
        took: list[float] = []
        for _ in range(ROUNDS):
            idle += _push_for(phone, WINDOW_SECONDS)
            for pushes, reports in ((loaded, False), (reporting, True)):
                until = time.perf_counter() + WINDOW_SECONDS
                others = [threading.Thread(target=_send, args=(phone, waiting, until, took))]
                if reports:
                    others.append(threading.Thread(target=_report, args=(manager, until)))
                for other in others:
                    other.start()
                pushes += _push_for(phone, WINDOW_SECONDS)
                for other in others:
                    other.join()
    finally:
        server.stop()
    usual = percentile(idle, 0.95)
    hourly = len(took) / (2 * ROUNDS * WINDOW_SECONDS) * 3600
    for beside, what in ((loaded, ""), (reporting, " while a photo report is made,")):
        slow = percentile(beside, 0.95)
        work = f"push beside {hourly:,.0f} photos an hour{what or ','} p95"
        table.add(work, ms(slow), f"without {ms(usual)}", f"{slow / usual:.2f}×")
    table.add("a photo stored and judged, p95", ms(percentile(took, 0.95)))
