"""What each municipality needs next term, stated by itself and read by the project office."""

import httpx2
import pytest

from shared.security.roles import Role
from tests.support.booking_world import NORA, OREBRO, World
from tests.support.browsers import browser, fields_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

TERM = "/boka/behov/2026H2"


def municipality(world: World, code: str) -> httpx2.AsyncClient:
    return browser(world.origin, Role.MUNICIPALITY, municipality=code)


async def seats_of(client: httpx2.AsyncClient, page: str = TERM) -> dict[str, str]:
    fields = fields_of((await client.get(page)).text)
    courses = {name.split(".")[1]: value for name, value in fields.items() if name.endswith(".course")}
    return {course: fields[f"wishes.{number}.seats"] for number, course in courses.items()}


async def stated(client: httpx2.AsyncClient, **seats: str) -> httpx2.Response:
    """The form as it stands, with these seats by course."""
    fields = dict(fields_of((await client.get(TERM)).text))
    at = {value: name.replace("course", "seats") for name, value in fields.items() if name.endswith(".course")}
    return await client.post(TERM, data={**fields, **{at[course]: number for course, number in seats.items()}})


async def test_a_municipality_states_its_needs_and_the_office_sees_them_all(
    world: World, office: httpx2.AsyncClient
) -> None:
    orebro, nora = municipality(world, OREBRO), municipality(world, NORA)
    assert (await orebro.get("/boka/behov")).headers["location"] == TERM, "the term after this one"
    assert (await stated(orebro, TR1="12")).headers["location"] == TERM
    assert (await stated(nora, TR1="3", TR2="5")).headers["location"] == TERM
    assert await seats_of(orebro) == {"PALS": "", "TR1": "12", "TR2": ""}
    page = (await office.get(TERM)).text
    assert "20 platser" in page
    assert "Örebro:&nbsp;12" in page
    assert "Nora:&nbsp;3" in page
    assert f"{TERM}/plan" in page
    assert "Hällefors" in page.partition("Har inte angett något ännu:")[2]
    assert "hösten 2026" in (await office.get(f"{TERM}/plan")).text
    await stated(orebro, TR1="")
    assert await seats_of(orebro) == {"PALS": "", "TR1": "", "TR2": ""}


async def test_only_terms_of_the_project_lead_on(world: World) -> None:
    client = municipality(world, OREBRO)
    period = (await world.get("/booking/v1/project"))["period"]
    assert (period["from"], period["to"]) == ("2025-01-01", "2027-06-30")
    last, first = [(await client.get(f"/boka/behov/{term}")).text for term in ("2027H1", "2025H1")]
    assert ("Till hösten 2026" in last, "Till hösten 2027" in last) == (True, False)
    assert ("Till hösten 2024" in first, "Till hösten 2025" in first) == (False, True)


async def test_what_is_wrong_stands_at_its_course_with_what_was_written(world: World) -> None:
    client = municipality(world, OREBRO)
    answer = await stated(client, TR1="tolv")
    assert answer.status_code == 422
    assert "Fel:" in answer.text
    assert "tolv" in fields_of(answer.text).values()


async def test_the_office_states_no_needs(office: httpx2.AsyncClient) -> None:
    assert (await office.post(TERM, data={"wishes.0.course": "TR1", "wishes.0.seats": "1"})).status_code == 403
