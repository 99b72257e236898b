"""Callers that begin and do not go on hold nothing that a booking needs: tried on real sockets against a process."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from shared.security.roles import Role
from tests.support import tokens
from tests.support.pace import lasts
from tests.support.services import Origin, running
from tests.support.stack import Stack

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATIENCE = 3
ENDLESS = 600  # seconds: nobody is refused while the test runs
OF_EACH = 8  # 64 sockets
POOL = 5
COURSE = {"code": "A", "title": "A", "duration_minutes": 60, "categories": ["base"]}
FORM = b"Content-Type: multipart/form-data; boundary=x\r\n"
JSON = b"Content-Type: application/json\r\n"
BEGUN = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\npersonal'


def request(line: str, *headers: bytes, body: bytes = b"") -> bytes:
    token = tokens.bearer(Role.COORDINATOR)["Authorization"].encode()
    head = f"{line} HTTP/1.1\r\nHost: kursnav.test\r\n".encode()
    return head + b"Authorization: " + token + b"\r\n" + b"".join(headers) + b"\r\n" + body


LONG = b"Content-Length: 1000\r\n"
UNFINISHED = {
    "a body": request("POST /booking/v1/courses", JSON, LONG, body=b"{"),
    "chunks": request("POST /booking/v1/courses", JSON, b"Transfer-Encoding: chunked\r\n", body=b"1\r\n{\r\n"),
    "a body of a question": request("GET /booking/v1/courses", JSON, LONG, body=b"{"),
    "a body that the call does not take": request("DELETE /booking/v1/staff/" + "0" * 32, JSON, LONG, body=b"{"),
    "a body with a key": request("POST /booking/v1/courses", JSON, b"Idempotency-Key: a\r\n", LONG, body=b"{"),
    "an upload": request("POST /booking/v1/staff/import", FORM, LONG, body=BEGUN),
    "a header": request("POST /booking/v1/courses")[:-2] + b"X-Half: ",
    "nothing": b"",
}
DRIPS = {"chunks": b"1\r\n \r\n", "nothing": b"\r\n"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def origin(stack: Stack) -> AsyncIterator[Origin]:
    async with running(stack, ["booking"], processes=["booking"]) as made:
        yield made


async def started(origin: Origin, patience: int) -> int:
    """Booking anew, with this patience. Returns its port."""
    booking = origin.processes["booking"]
    await booking.stop()
    own = {"KURSNAV_PATIENCE_SECONDS": str(patience), "KURSNAV_POOL_SIZE": str(POOL)}
    booking.variables = {**booking.variables, **own}
    await booking.start()
    return booking.port


def slow_callers(port: int) -> list[asyncio.Task[int]]:
    return [asyncio.create_task(status_of(port, kind)) for kind in UNFINISHED for _ in range(OF_EACH)]


async def status_of(port: int, kind: str) -> int:
    """What one gets who goes on with a byte a second: 0 when the connection is closed without an answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(UNFINISHED[kind])
    reading = asyncio.create_task(reader.readline())
    try:
        while not reading.done():
            await asyncio.wait([reading], timeout=1)
            writer.write(DRIPS.get(kind, b" "))
        line = reading.result()
    except ConnectionError:
        return 0
    finally:
        writer.close()
    return int(line.split()[1]) if line else 0


async def test_bookings_go_on_while_others_do_not_finish_what_they_began(origin: Origin) -> None:
    slow = slow_callers(await started(origin, ENDLESS))
    office = origin.client(Role.COORDINATOR)
    await lasts(PATIENCE / 3)  # all of them have begun
    for number in range(10):
        answer = await office.post("/booking/v1/courses", json={**COURSE, "code": f"A{number}"})
        assert answer.status_code == 201, answer.text
    assert not any(one.done() for one in slow), "taken while all of them were at it"
    for one in slow:
        one.cancel()


async def test_a_byte_now_and_then_does_not_lengthen_the_patience(origin: Origin) -> None:
    """Each of them would go on for ever."""
    port, begun = await started(origin, PATIENCE), time.monotonic()
    assert await asyncio.gather(*slow_callers(port)) == [408] * OF_EACH * len(UNFINISHED)
    assert time.monotonic() - begun >= PATIENCE, "each had its time"
