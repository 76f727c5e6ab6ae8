"""Every declared report as it opens, over 50,000 customers and 1,000,000 visits on both engines, for who sees all, a manager
and a rep: `python -m tests.bench.reports [sqlite|postgresql] [CUSTOMERS VISITS]` runs it alone and prints each.

The reference is the bare statement that somebody would write for who sees all, in the same run, through the same driver.
"""

from __future__ import annotations

import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from sqlalchemy import Engine, insert, select, text
from sqlalchemy.orm import Session

import server.areas  # noqa: F401 - all tables and commands
from server.company.models import Option
from server.customers.models import Customer
from server.database import Writer, write_engine
from server.demo import company as demo
from server.demo.dice import Dice
from server.people.models import Employee
from server.records.record import table_of
from server.reports.totals import count_all, declared_totals
from server.schema import migrate
from tests.bench.figures import Table, ms
from tests.bench.load import percentile, sign_in
from tests.support.live_server import LiveServer
from tests.support.postgres import PostgresServer

CUSTOMERS, VISITS = 50_000, 1_000_000
PEOPLE = {"admin": "admin", "manager": "manager", "rep": "rep1"}
PASSWORD = "xunke-demo"
_REPS = 12
_DAYS = 730
_RUNS = 9
_ZONE = ZoneInfo("Asia/Shanghai")
_PROVINCES = ("山东", "广东", "江苏", "浙江", "河南", "四川", "湖北", "河北", "湖南", "福建", "安徽", "上海", "北京")


def build(url: str, customers: int = CUSTOMERS, visits: int = VISITS) -> None:
    """Fills an empty database past the commands: customers of all kinds filed over two years, each with one of the reps,
    visits of all of them, and as many contact records."""
    engine = write_engine(url)
    migrate(engine)
    writer = Writer(engine)
    began = datetime.now(UTC).replace(microsecond=0) - timedelta(days=_DAYS)
    dice = Dice(1, _ZONE)
    writer.call(lambda session: demo.found(session, dice, began, rep_count=_REPS, product_count=10))
    writer.call(lambda session: _customers(session, customers, began))
    writer.close()
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL statement_timeout = 0"))  # a million rows are no command
        for made in (_visits_sql, _contacts_sql):
            connection.execute(text(made(engine, visits)), {"began": _moment(engine, began)})
    with Session(engine) as session, session.begin():
        for totals in declared_totals():
            count_all(session, totals)
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()


def _moment(engine: Engine, at: datetime) -> Any:
    return at.strftime("%Y-%m-%d %H:%M:%S") if engine.dialect.name == "sqlite" else at


# unrestricted: fills a database
def _customers(session: Session, count: int, began: datetime) -> None:
    reps = list(
        session.scalars(select(Employee.id).where(Employee.username.like("rep%")).order_by(Employee.username))
    )
    lists: dict[str, list[str]] = {}
    for option in session.scalars(select(Option).order_by(Option.list_name, Option.sort)):
        lists.setdefault(option.list_name, []).append(option.id)
    step = timedelta(days=_DAYS) / count

    def of(name: str, n: int) -> str | None:
        entries = lists.get(name)
        return entries[n % len(entries)] if entries else None

    rows = [
        {
            "id": f"01900001-0000-7000-8000-{n:012x}",
            "created_at": began + step * n,
            "created_by": reps[n % len(reps)],
            "customer_no": f"CT{n:013d}",
            "name": f"第{n}号商店",
            "province": _PROVINCES[n * n % len(_PROVINCES)],
            "city": f"{_PROVINCES[n * n % len(_PROVINCES)]}{n % 7}市",
            "sales_region_id": of("sales_region", n),
            "category_id": of("customer_category", n * n),
            "source_id": of("customer_source", n),
            "sales_stage_id": of("sales_stage", n),
            "customer_status": "dealt" if n % 3 == 0 else "open",
            "owner_id": reps[n % len(reps)],
            "filed_at": began + step * n,
        }
        for n in range(count)
    ]
    for start in range(0, count, 5000):
        session.execute(insert(table_of(Customer)), rows[start : start + 5000])


def _spread(engine: Engine, count: int, prefix: str, into: str, values: str) -> str:
    """One statement makes them all: the n-th of so many moments, at a customer that a large prime step leads to."""
    seconds = _DAYS * 86_400
    if engine.dialect.name == "sqlite":
        at = f"strftime('%Y-%m-%d %H:%M:%S.000000', :began, '+' || (CAST(i AS INTEGER) * {seconds} / {count}) || ' seconds')"
        row_id = f"printf('{prefix}-0000-7000-8000-%012x', i)"
    else:
        at = f"CAST(:began AS timestamptz) + make_interval(secs => i::bigint * {seconds} / {count})"
        row_id = f"'{prefix}-0000-7000-8000-' || lpad(to_hex(i), 12, '0')"
    return f"""
        WITH RECURSIVE numbers(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM numbers WHERE i + 1 < {count}),
        shops AS MATERIALIZED (SELECT row_number() OVER (ORDER BY id) - 1 AS n, id, owner_id FROM customer),
        size AS MATERIALIZED (SELECT count(*) AS size FROM customer),
        spread AS (SELECT i, {row_id} AS id, {at} AS at, shops.id AS customer_id, owner_id
                   FROM numbers CROSS JOIN size JOIN shops ON shops.n = (CAST(i AS BIGINT) * 7919) % size.size)
        INSERT INTO {into} SELECT {values} FROM spread
    """


def _visits_sql(engine: Engine, count: int) -> str:
    return _spread(
        engine, count, "01900002",
        "visit (id, created_at, created_by, customer_id, visitor_id, state, evidence, photo_count, checked_in_at,"
        " checked_out_at, duration_seconds)",
        "id, at, owner_id, customer_id, owner_id, 'done', CASE WHEN i % 5 = 0 THEN 'unverified' ELSE 'verified' END, 2,"
        " at, at, 300 + i % 1500",
    )  # fmt: skip


def _contacts_sql(engine: Engine, count: int) -> str:
    false = "0" if engine.dialect.name == "sqlite" else "false"
    return _spread(
        engine, count, "01900003",
        "contact_record (id, created_at, created_by, customer_id, kind, contacted_at, content, clerk_id, automatic)",
        f"id, at, owner_id, customer_id, 'follow_up', at, 'asked for a price list', owner_id, {false}",
    )  # fmt: skip


def bare(engine: Engine) -> dict[str, str]:
    """The same figures in the fewest words, for who sees all."""
    day = datetime.now(_ZONE).date()
    sqlite = engine.dialect.name == "sqlite"

    def since(first: date) -> str:
        moment = datetime(first.year, first.month, 1, tzinfo=_ZONE).astimezone(UTC)
        return f"'{moment:%Y-%m-%d %H:%M:%S}'" if sqlite else f"'{moment.isoformat()}'"

    year, month = since(day.replace(month=1)), since(day)
    of_month = (
        "substr(datetime(filed_at, '+8 hours'), 1, 7)"
        if sqlite
        else "to_char(filed_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM')"
    )
    active = "merged_into IS NULL AND enabled" + (" = 1" if sqlite else "")
    return {
        "visits.by_customer": "SELECT customer_id, count(*) AS n, max(checked_in_at) FROM visit "
        f"WHERE checked_in_at >= {year} GROUP BY customer_id ORDER BY n DESC LIMIT 200",
        "visits.by_region": "SELECT c.sales_region_id, count(*), max(checked_in_at) FROM visit JOIN customer c "
        f"ON c.id = customer_id WHERE checked_in_at >= {month} GROUP BY 1",
        "followups.count": "SELECT clerk_id, count(*) AS n, max(contacted_at) FROM contact_record "
        f"WHERE contacted_at >= {month} AND NOT automatic GROUP BY clerk_id ORDER BY n DESC LIMIT 200",
        "visits.all": f"SELECT count(*), avg(duration_seconds) FROM visit WHERE checked_in_at >= {month}",
        "customers.new_by_region": f"SELECT sales_region_id, {of_month}, count(*) FROM customer WHERE filed_at >= {year} GROUP BY 1, 2",
        "customers.count": "SELECT province, count(*) FROM customer WHERE merged_into IS NULL GROUP BY 1",
        "customers.categories": f"SELECT category_id, count(*) FROM customer WHERE {active} GROUP BY 1",
    }


def measure(table: Table, engines: tuple[str, ...] = ("sqlite", "postgresql"), customers: int = CUSTOMERS,
            visits: int = VISITS, *, every: bool = False) -> None:  # fmt: skip
    for name in engines:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "data"
            folder.mkdir()
            url, settings = f"sqlite:///{folder / 'xunke.db'}", {}
            if name == "postgresql":
                url = stack.enter_context(PostgresServer(durable=True)).new_database()
                settings = {"XUNKE_DATABASE": url}
            started = time.perf_counter()
            build(url, customers, visits)
            label = "SQLite" if name == "sqlite" else "PostgreSQL"
            table.add(
                f"{label}: {customers:,} customers, {visits:,} visits and as many contact records made",
                f"{time.perf_counter() - started:.0f} s",
            )
            engine = write_engine(url)
            references = {report: _timed_sql(engine, sql) for report, sql in bare(engine).items()}
            engine.dispose()
            server = LiveServer(folder, settings)
            server.start()
            stack.callback(server.stop)
            look(table, label, server.url, references, every=every)


def _timed_sql(engine: Engine, sql: str) -> list[float]:
    times = []
    with engine.connect() as connection:
        for _ in range(_RUNS + 1):
            started = time.perf_counter()
            connection.execute(text(sql)).all()
            times.append(time.perf_counter() - started)
    return times[1:]


def look(table: Table, engine: str, url: str, references: dict[str, list[float]], *, every: bool = False) -> None:
    """Measures over a server that has the company: all reports as they open, and those with a bare statement one by one."""
    for who, username in PEOPLE.items():
        client = httpx.Client(base_url=url, headers={"cookie": sign_in(url, username, PASSWORD).cookie}, timeout=120)
        found: dict[str, list[float]] = {}
        for entry in client.get("/api/reports").raise_for_status().json()["items"]:
            found[entry["name"]] = _timed(client, f"/api/reports/{entry['name']}")
        for name, times in found.items():
            known = references.get(name) if who == "admin" else None
            if every or known:
                table.add(
                    f"{engine}: {name}, {who}",
                    f"p50 {ms(percentile(times, 0.5))}, p95 {ms(percentile(times, 0.95))}",
                    f"bare statement p50 {ms(percentile(known, 0.5))}" if known else "",
                    f"{percentile(times, 0.5) / percentile(known, 0.5):.1f} ×" if known else "",
                )
        worst = max(found, key=lambda name: percentile(found[name], 0.95))
        together = [seconds for times in found.values() for seconds in times]
        table.add(
            f"{engine}: {len(found)} reports as they open, {who}",
            f"p50 {ms(percentile(together, 0.5))}, p95 {ms(percentile(together, 0.95))}; the slowest ({worst}) p95 "
            f"{ms(percentile(found[worst], 0.95))}",
        )
        client.close()


def _timed(client: httpx.Client, path: str) -> list[float]:
    client.get(path).raise_for_status()
    times = []
    for _ in range(_RUNS):
        started = time.perf_counter()
        client.get(path).raise_for_status()
        times.append(time.perf_counter() - started)
    return times


if __name__ == "__main__":
    chosen = tuple(name for name in sys.argv[1:] if name in ("sqlite", "postgresql")) or ("sqlite", "postgresql")
    sizes = [int(word) for word in sys.argv[1:] if word.isdigit()] or [CUSTOMERS, VISITS]
    measure(Table(), chosen, *sizes, every=True)
