"""An operator sees whether everything has arrived, and decides about what could not be applied, by pages."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import httpx2
import pytest
import pytest_asyncio

from shared.messaging import dead_letters
from shared.security.roles import Role
from shared.web.pages.operations import ADDRESSES
from tests.support.booking_world import NOW, OREBRO, World
from tests.support.browsers import browser, fields_of
from tests.support.clock import FixedClock
from tests.support.events import record
from tests.support.eventually import eventually
from tests.support.services import running
from tests.support.stack import Stack

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOME = ADDRESSES["booking"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(stack: Stack) -> AsyncIterator[World]:
    """With consumers at work: how far they are is what the page tells."""
    clock = FixedClock(NOW)
    async with running(stack, ["booking"], clock=clock) as origin:
        yield await World.made(origin, clock)


@pytest.fixture
def operator(world: World) -> httpx2.AsyncClient:
    return browser(world.origin, Role.OPERATOR)


async def buried(world: World) -> UUID:
    """An event that booking's consumer of attendance could not apply."""
    event = record(uuid4(), 1)
    async with world.origin.services["booking"].units.system() as unit:
        await dead_letters.bury(unit, "booking-attendance", event, "ValueError", "no rule for it")
        row = await unit.one("SELECT id FROM dead_letters WHERE key = :key", {"key": event.key})
    return UUID(str(row["id"]))


async def decided(client: httpx2.AsyncClient, address: str, reason: str = "Fel i källan.") -> httpx2.Response:
    form = fields_of((await client.get(address)).text)
    return await client.post(address, data={**form, "reason": reason})


async def test_all_is_said_to_have_arrived_once_it_has(operator: httpx2.AsyncClient) -> None:
    async def said() -> str:
        return (await operator.get(HOME)).text

    await eventually(said, until=lambda page: "Allt har kommit fram" in page, what="everything has arrived")


async def test_what_could_not_be_applied_is_shown_and_discarded_with_a_reason(
    world: World, operator: httpx2.AsyncClient
) -> None:
    letter = await buried(world)
    address = f"{HOME}/{letter}"
    listed = (await operator.get(HOME)).text
    assert address in listed
    assert "Händelser väntar på beslut" in listed
    one = (await operator.get(address)).text
    assert "no rule for it" in one
    assert "ce_sequence: 1" in one
    nothing_said = await decided(operator, f"{address}/skriv-av", reason="")
    assert (nothing_said.status_code, "Skäl" in nothing_said.text) == (422, True)
    assert (await decided(operator, f"{address}/skriv-av")).headers["location"] == HOME
    assert address not in (await operator.get(HOME)).text
    assert address in (await operator.get(f"{HOME}?decided=true")).text
    assert "Fel i källan." in (await operator.get(address)).text


async def test_what_still_cannot_be_applied_stays_and_says_why(world: World, operator: httpx2.AsyncClient) -> None:
    address = f"{HOME}/{await buried(world)}"
    answer = await decided(operator, f"{address}/kor-om")
    assert answer.status_code == 409
    assert "Fel:" in answer.text
    assert f"{address}/kor-om" in (await operator.get(address)).text


async def test_its_first_part_is_a_part_of_start_pages(world: World, operator: httpx2.AsyncClient) -> None:
    await buried(world)
    part = (await operator.get(HOME, headers={"HX-Request": "true"})).text
    assert "<h1" not in part
    assert f'href="{HOME}"' in part, "to those that wait"
    for client in (operator, browser(world.origin, Role.COORDINATOR)):
        start = (await client.get("/")).text
        assert [address for address in ADDRESSES.values() if f'hx-get="{address}"' not in start] == []


async def test_it_is_the_operators_and_the_offices(world: World) -> None:
    municipality = browser(world.origin, Role.MUNICIPALITY, municipality=OREBRO)
    assert (await municipality.get(HOME)).status_code == 403
    assert (await municipality.post(f"{HOME}/{uuid4()}/skriv-av", data={"reason": "x"})).status_code == 403
