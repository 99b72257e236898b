"""The pages of people: added, found by number, ended; another number, merged and erased by the project office only."""

import re
from html import unescape

import httpx2
import pytest

from shared.clock import local_day
from tests.support.answers import ok
from tests.support.booking_world import DAY, HALLEFORS, NOW, OREBRO, World, personal_number
from tests.support.browsers import fields_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

LIST = "/boka/personal"
PERSON = {
    "given_name": "Ali",
    "family_name": "Öst",
    "workplace": "Hagby",
    "title": "assistant_nurse",
    "category": "base",
}


async def participant_of(world: World, staff: str) -> str:
    return str(ok(await world.coordinator.get(f"/booking/v1/staff/{staff}"))["participant_id"])


async def shown(client: httpx2.AsyncClient, address: str) -> str:
    answer = await client.get(address)
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


async def test_a_person_is_added_and_found_by_the_number_which_stands_in_no_address(
    municipality: httpx2.AsyncClient,
) -> None:
    number = personal_number(8001)
    form = {**PERSON, "_key": fields_of((await municipality.get(f"{LIST}/ny")).text)["_key"]}
    added = await municipality.post(f"{LIST}/ny", data={**form, "personal_number": number})
    assert added.status_code == 303, added.text
    found = await municipality.post(f"{LIST}/sok", data={"personal_number": number})
    assert found.headers["location"] == added.headers["location"]
    page = await shown(municipality, found.headers["location"])
    assert "Ali Öst" in page
    assert number not in page
    nobody = await municipality.post(f"{LIST}/sok", data={"personal_number": personal_number(8002)})
    assert nobody.status_code == 422
    assert "Personnummer: Ingen i personalen har det numret." in unescape(nobody.text)


async def test_what_is_missing_is_told_at_its_field_and_the_rest_is_kept(municipality: httpx2.AsyncClient) -> None:
    refused = await municipality.post(f"{LIST}/ny", data={**PERSON, "workplace": "", "personal_number": "1"})
    assert refused.status_code == 422
    assert "Arbetsställe: Fyll i fältet." in unescape(refused.text)
    assert fields_of(refused.text)["given_name"] == "Ali"


async def test_a_number_of_another_municipalitys_staff_finds_nobody(
    world: World, municipality: httpx2.AsyncClient
) -> None:
    await world.staff(municipality=HALLEFORS, personal_number=personal_number(8003))
    answer = await municipality.post(f"{LIST}/sok", data={"personal_number": personal_number(8003)})
    assert answer.status_code == 422
    assert "Ingen i personalen har det numret." in answer.text


async def test_the_end_of_an_employment_shows_what_it_cancels_and_then_does(
    world: World, municipality: httpx2.AsyncClient
) -> None:
    person = await world.staff(municipality=OREBRO)
    session = await world.session(starts=NOW + 30 * DAY)
    await world.register(session, person)
    page = await shown(municipality, f"{LIST}/{person}/avsluta")
    assert "1 anmälan avbokas." in page
    later = local_day(NOW + 60 * DAY)
    assert "Ingen anmälan avbokas." in await shown(municipality, f"{LIST}/{person}/avsluta?valid_to={later}")
    form = fields_of((await municipality.get(f"{LIST}/{person}/avsluta")).text)
    ended = await municipality.post(f"{LIST}/{person}/avsluta", data=form)
    assert ended.status_code == 303, ended.text
    assert "1 later" in await shown(municipality, f"{ended.headers['location']}?sprak=en")
    (left,) = ok(await world.coordinator.get(f"/booking/v1/registrations?session={session}"))["items"]
    assert left["status"] == "cancelled"


async def test_another_number_is_the_offices_to_give(
    world: World, office: httpx2.AsyncClient, municipality: httpx2.AsyncClient
) -> None:
    person = await world.staff(municipality=OREBRO, personal_number=personal_number(8004))
    address = f"/boka/deltagare/{await participant_of(world, person)}/nummer"
    assert (await municipality.get(address)).status_code == 403
    await shown(office, address)
    given = await office.post(address, data={"personal_number": personal_number(8005), "reason": "samordningsnummer"})
    assert given.headers["location"] == f"{LIST}/{person}"
    found = await office.post(f"{LIST}/sok", data={"personal_number": personal_number(8005)})
    assert found.headers["location"] == f"{LIST}/{person}"


async def test_two_are_merged_after_a_page_that_shows_both_and_what_collides(
    world: World, office: httpx2.AsyncClient
) -> None:
    one = await world.staff(municipality=OREBRO, family_name="Upphör")
    other = await world.staff(municipality=HALLEFORS, family_name="Kvar", personal_number=personal_number(8006))
    session = await world.session(starts=NOW + 31 * DAY)
    await world.register(session, one, other)
    ended, into = await participant_of(world, one), await participant_of(world, other)
    address = f"/boka/deltagare/{ended}/sammanfoga"
    assert (await office.post(address, data={"personal_number": personal_number(8098)})).status_code == 422
    chosen = await office.post(address, data={"personal_number": personal_number(8006)})
    assert chosen.headers["location"] == f"{address}/{into}"
    colliding = await shown(office, f"{address}/{into}")
    assert "Upphör" in colliding
    assert "Kvar" in colliding
    assert f"/boka/kurstillfallen/{session}" in colliding
    assert "Slå ihop de två" not in colliding
    registered = ok(await world.coordinator.get(f"/booking/v1/registrations?session={session}&staff={one}"))["items"]
    cancel = f"/booking/v1/registrations/{registered[0]['id']}/cancel"
    ok(await world.coordinator.post(cancel, json={"reason": "other"}))
    assert "Slå ihop de två" in await shown(office, f"{address}/{into}")
    merged = await office.post(f"{address}/{into}", data={"reason": "samma människa"})
    assert merged.status_code == 303, merged.text
    assert await participant_of(world, one) == into


async def test_erasing_tells_its_consequences_asks_why_and_shows_how_far_it_is(
    world: World, office: httpx2.AsyncClient
) -> None:
    person = await world.staff(municipality=OREBRO, family_name="Glömd")
    await world.register(await world.session(starts=NOW + 32 * DAY), person)
    address = f"/boka/deltagare/{await participant_of(world, person)}/radera"
    page = await shown(office, address)
    assert re.search(r"Anmälningar som avbokas\s*</dt>\s*<dd[^>]*>1</dd>", page)
    without = await office.post(address, data={"reason": ""})
    assert without.status_code == 422
    erased = await office.post(address, data={"reason": "begärd av personen"})
    state = await shown(office, erased.headers["location"])
    assert "Pågår" in state
    assert (await office.get(address)).status_code == 404


async def test_the_list_is_of_a_day_and_of_a_workplace(world: World, municipality: httpx2.AsyncClient) -> None:
    today = local_day(NOW)
    await world.staff(municipality=OREBRO, family_name="Gammal", workplace="Ön", valid_to=str(today - 9 * DAY))
    await world.staff(municipality=OREBRO, family_name="Nyare", workplace="Ön")
    page = await shown(municipality, f"{LIST}?workplace=Ön")
    assert ("Gammal" in page, "Nyare" in page) == (False, True)
    page = await shown(municipality, f"{LIST}?workplace=Ön&valid_on={today - 20 * DAY}")
    assert "Gammal" in page
