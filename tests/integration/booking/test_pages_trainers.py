"""Trainers and who stands in for them, the plan that follows from demand, the log and the mails, by pages."""

import re
from html import unescape
from urllib.parse import urljoin

import httpx2
import pytest

from shared.security.roles import Role
from tests.support.answers import ok
from tests.support.booking_world import DAY, NORA, NOW, OREBRO, World
from tests.support.browsers import browser, fields_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

LIST = "/boka/utbildningsledare"
OFFICE_ONLY = (LIST, f"{LIST}/ny", "/boka/logg", "/boka/behov/2026H2/plan")


async def trainer(office: httpx2.AsyncClient, name: str, municipality: str = OREBRO, **fields: str) -> str:
    """The address of the page of a new trainer."""
    form = {"name": name, "email": "larare@example.se", "home_municipality": municipality, "qualifications": ""}
    answer = await office.post(f"{LIST}/ny", data={**form, **fields})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def test_what_is_the_offices_is_no_municipalitys(world: World) -> None:
    municipality = browser(world.origin, Role.MUNICIPALITY, municipality=OREBRO)
    assert [(await municipality.get(address)).status_code for address in OFFICE_ONLY] == [403] * len(OFFICE_ONLY)


async def test_a_qualification_is_given_and_taken_away(world: World, office: httpx2.AsyncClient) -> None:
    held = {"qualifications.0.code": "KlinSim1", "qualifications.0.obtained_on": "2025-02-01"}
    address = await trainer(office, "Kim Kunnig", **held)
    assert "Kim Kunnig" in (await office.get(f"{LIST}?qualification=KlinSim1")).text
    form = {**fields_of((await office.get(address)).text), "home_municipality": OREBRO}
    assert form["qualifications.0.code"] == "KlinSim1"
    half = await office.post(address, data={**form, "qualifications.1.code": "HLR"})
    assert (half.status_code, fields_of(half.text)["qualifications.1.code"]) == (422, "HLR")
    done = await office.post(address, data={**form, "_without": "qualifications.0"})
    assert done.status_code == 303, done.text
    assert "Kim Kunnig" not in (await office.get(f"{LIST}?qualification=KlinSim1")).text


async def test_an_absence_shows_who_takes_over_and_why_the_best_is_first(
    world: World, office: httpx2.AsyncClient
) -> None:
    sick = await trainer(office, "Sara Sjuk")
    near, far = await trainer(office, "Nils Nära", NORA), await trainer(office, "Frida Fjärran")
    teaching = [sick.rpartition("/")[2]]
    session = await world.session(5, starts=NOW + 40 * DAY, host_municipality=NORA, trainers=teaching)
    day = (NOW + 40 * DAY).date().isoformat()
    refused = await office.post(f"{sick}/franvaro", data={"from": day, "to": day})
    assert refused.status_code == 422
    answer = await office.post(f"{sick}/franvaro", data={"from": day, "to": day, "reason": "Kan inte komma"})
    assert answer.status_code == 303, answer.text
    page = (await office.get(answer.headers["location"])).text
    assert "Nils Nära tar över" in page
    assert page.index("Nils Nära") < page.index("Frida Fjärran")
    assert near.rpartition("/")[2] in (await world.get(f"/booking/v1/sessions/{session}"))["trainers"]
    assert answer.headers["location"] in (await office.get(sick)).text
    assert far != near


async def test_the_plan_leads_to_a_session_that_is_filled_in(world: World, office: httpx2.AsyncClient) -> None:
    wishes = {"wishes": [{"course": "TR1", "seats": 12}]}
    ok(await world.municipality(NORA).put("/booking/v1/demand/2026H2", json=wishes), 201)
    page = (await office.get("/boka/behov/2026H2/plan")).text
    assert "Nora: " in page
    assert f"/boka/kurstillfallen/nytt?course=TR1&amp;municipality={NORA}" in page


async def test_a_long_plan_is_read_in_pages(world: World, office: httpx2.AsyncClient) -> None:
    wishes = {"wishes": [{"course": "TR2", "seats": 51 * 12}]}
    ok(await world.municipality(NORA).put("/booking/v1/demand/2027H1", json=wishes), 201)
    first = (await office.get("/boka/behov/2027H1/plan")).text
    onward = re.search(r'href="([^"]*cursor=[^"]+)"', first)
    assert onward is not None
    last = (await office.get(urljoin("/boka/behov/2027H1/plan", unescape(onward[1])))).text
    assert [page.count("nytt?course=TR2") for page in (first, last)] == [50, 1]
    assert "51 kurstillfällen" in first


async def test_mails_are_listed_for_the_office_and_each_municipality(world: World, office: httpx2.AsyncClient) -> None:
    municipality = browser(world.origin, Role.MUNICIPALITY, municipality=OREBRO)
    for client in (office, municipality):
        for address in ("/boka/utskick", "/boka/utskick?state=refused"):
            assert (await client.get(address)).status_code == 200
