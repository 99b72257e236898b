"""The benchmark's own parts: what it counts is what was answered, and the floor really checks seats."""

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator, Iterator
from unittest import mock
from uuid import uuid4

import asyncpg
import httpx2
import pytest
from pydantic_core import to_json

from infra.bench import floor, years
from infra.bench.asking import Asked
from infra.bench.county import Size
from infra.bench.crowds import Beside, Crowds
from infra.bench.limit import bookings_in_the_server
from infra.bench.live import Heard
from infra.bench.load import HOST, Call, Sample, closed_loop, open_loop, post, quantile_of
from infra.bench.measure import Consumed, Load, Result
from infra.bench.morning import Morning
from infra.bench.pages import Paced
from infra.bench.reports import Rendered
from infra.bench.table import as_json, tables
from infra.bench.throughput import Throughput
from tests.support import databases
from tests.support.stack import Stack


@contextlib.asynccontextmanager
async def echo(failing: bool = False) -> AsyncIterator[int]:
    """A server that answers every request on a kept-alive connection."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                await reader.readexactly(length)
                status = b"409 Conflict" if failing else b"201 Created"
                writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 4\r\n\r\nfull")

    server = await asyncio.start_server(serve, HOST, 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


def calls(count: int) -> Iterator[Call]:
    return (post("/bookings", {"number": number}) for number in range(count))


def test_a_quantile_is_the_nearest_rank_and_0_of_nothing() -> None:
    assert quantile_of([3.0, 1.0, 2.0], 0.5) == 2.0
    assert quantile_of([3.0, 1.0, 2.0], 0.99) == 3.0
    assert quantile_of([], 0.5) == 0.0


async def test_every_request_is_sent_and_counted_once() -> None:
    async with echo() as port:
        sample = await closed_loop(port, calls(50), connections=4)
    assert (len(sample.latencies), sample.failed) == (50, 0)
    assert sample.per_second > 0


async def test_a_refusal_is_no_booking() -> None:
    async with echo(failing=True) as port:
        sample = await closed_loop(port, calls(5), connections=2)
    assert (len(sample.latencies), sample.failed, sample.first_failure) == (0, 5, "409: full")


async def test_a_fixed_rate_takes_its_time() -> None:
    sent: list[str] = []
    async with echo() as port:
        sample = await open_loop(port, list(calls(20)), 200, 4, on_send=lambda call: sent.append(call.label))
    assert len(sent) == len(sample.latencies) == 20
    assert sample.seconds >= 19 / 200


async def test_the_floor_never_gives_more_seats_than_there_are(stack: Stack) -> None:
    async with databases.empty(stack.admin_url, "booking") as name:
        url = databases.superuser_url(stack.admin_url, name)
        (session,) = await floor.create_tables(url, sessions=1, capacity=3)
        with mock.patch.dict(os.environ, {floor.DATABASE_VARIABLE: url}):
            async with floor.app.router.lifespan_context(floor.app):
                transport = httpx2.ASGITransport(floor.app)
                async with httpx2.AsyncClient(transport=transport, base_url="http://floor") as client:
                    bookings = [{"session_id": str(session), "person_id": str(uuid4())} for _ in range(10)]
                    answers = await asyncio.gather(*(client.post("/bookings", json=body) for body in bookings))
        connection = await asyncpg.connect(url)
        outbox = await connection.fetchval("SELECT count(*) FROM outbox")
        await connection.close()
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [409] * 7
    assert outbox == 3


async def test_the_function_in_the_server_books_with_bookings_own_tables(stack: Stack) -> None:
    assert await bookings_in_the_server(stack.admin_url, 50) > 0


@pytest.fixture
def result() -> Result:
    sample = Sample(latencies=[0.010] * 99 + [0.050], seconds=1.0)
    bare = Sample(latencies=[0.005] * 160, seconds=1.0)
    return Result(
        service=Load([sample], cpu_seconds=0.25),
        floor=Load([bare], cpu_seconds=0.1),
        crowds=Crowds(
            {20: Beside(800, [2.0, 1.0, 4.0], [1.0, 1.5, 1.0])},
            keyed=Beside(800, [2.0], [1.0]),
            queueing=Beside(200, [0.6], [0.4]),
        ),
        in_server=4_000.4,
        consumers={"reporting": Consumed(1000, 0.5)},
        visible=[0.1, 0.2, 0.3],
        few=Sample(latencies=[0.004] * 199 + [0.02]),
        resting=4.04,
        through=Throughput(events=20_000, kursnav=5_000.0, one_by_one=1_000.0, batched=20_000.0),
        recovery={"booking": [2.5, 3.25]},
        rebuild=Consumed(50_000, 5.0),
        rebuild_cpu_seconds=4.0,
        asked=[Asked(106_213, 290.4, 130.0, 9.5, 1.25, 0.5)],
        live=Heard(500, [0.4] * 99 + [1.25], 80.0, 0.05),
        reports=[Rendered("progress", 2.55, 0.75, 0.0125, 0.25)],
        pages=Paced(Size(), {"home": 20.4, "staff": 130.2, "verified": 90}, {"home": 80.0, "staff": 300.0}),
        morning=Morning(
            taps=Sample(latencies=[0.02], refused=[Call(b"", "one other")]),
            returned=Sample(latencies=[0.3, 0.4]),
            lost=1,
        ),
        started_in={"booking": 2.0},
        megabytes={"booking": 90.4},
    )


def test_the_ratio_is_bookings_per_second_of_service_and_floor(result: Result) -> None:
    found = as_json(result)
    assert found["bookings"]["ratio"] == 0.625
    assert found["bookings"]["service"] == {"per_second": 100.0, "p50_ms": 10.0, "p99_ms": 50.0, "cpu_ms": 2.5}
    assert found["bookings_at_once"]["20_clients"] == {"ratio": 0.5, "aim": 1.0}
    assert found["bookings_at_once"]["100_callers_with_keys"] == {"ratio": 0.5, "aim": 1.0}
    assert found["bookings_at_once"]["in_the_server_alone_per_second"] == 4_000
    assert found["bookings_at_once"]["rush_with_waiting_list"] == {"times_the_floors_time": 1.5, "aim": 3.0}
    assert found["events_per_second"] == {"reporting": 2000}
    assert found["visible"]["p99_ms"] == 300.0
    assert found["few"] == {"p50_ms": 4.0, "p99_ms": 4.0}
    assert found["visible"]["aim_p99_ms"] == 1406  # 150 ms where the floor makes 1,500 bookings/s; here 160
    assert found["at_rest"] == {"percent_of_a_core": 4.0, "aim": 5.0}
    assert (found["rebuild"]["million_events_seconds"], found["rebuild"]["million_events_cpu_seconds"]) == (100, 80)
    assert (found["outbox_to_facts"]["ratio_to_one_by_one"], found["outbox_to_facts"]["ratio_to_batched"]) == (5, 0.25)
    assert found["recovery_seconds"] == {"booking": [2.5, 3.25], "aim": 3.0}
    [asked] = found["figures"]
    assert (asked["facts"], asked["year_p95_ms"], asked["month_p95_ms"]) == (106_213, 290, 130)
    assert (asked["year_frozen_seconds"], asked["cofinancing_seconds"], asked["unmatched_seconds"]) == (9.5, 1.25, 0.5)
    assert (found["live"]["told_p50_seconds"], found["live"]["told_p99_seconds"]) == (0.4, 1.25)
    assert found["live"]["kilobytes_each_listener"] == 51
    assert found["reports"]["progress"]["pdf_seconds"] == 0.75
    assert (found["pages"]["worst"], found["pages"]["p95_ms"]) == ("staff", {"home": 20, "staff": 130, "verified": 90})
    morning = found["county_morning"]
    assert (morning["tap_p50_ms"], morning["returned_p50_ms"], morning["returned_p99_ms"]) == (20, 400, 400)
    assert (morning["failed"], morning["marks_refused"], morning["lost"]) == (1, 2, 1)
    assert json.loads(json.dumps(found)) == found


def test_the_tables_show_every_measurement(result: Result) -> None:
    assert [table.row_count for table in tables(result)] == [3, 18, 2, 3, 2]


def test_the_years_that_figures_are_asked_of_hold_about_what_a_county_makes() -> None:
    [first, *_] = made = list(years.everything(1))
    assert abs(len(made) - years.PER_YEAR) < years.PER_YEAR / 10
    assert first.contract.projection == "catalogue"
    for one in made[:500]:
        one.contract.model_validate_json(to_json(one.data))
