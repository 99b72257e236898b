"""Seats held before the names are known, those who came unregistered, blackouts and burned seats: in the browser."""

from typing import Any
from uuid import uuid4

import httpx2
import pytest

from shared.security.roles import Role
from tests.support.booking_world import DAY, NORA, NOW, OREBRO, World, personal_number
from tests.support.browsers import browser, fields_of, page, sent

pytestmark = pytest.mark.asyncio(loop_scope="module")

SESSIONS = "/boka/kurstillfallen"
AT_HOME: dict[str, Any] = {"home_municipality": OREBRO, "qualifications": []}


@pytest.fixture
def neighbour(world: World) -> httpx2.AsyncClient:
    return browser(world.origin, Role.MUNICIPALITY, municipality=NORA)


async def reserved(client: httpx2.AsyncClient, session: str, seats: int) -> str:
    """The address of a new reservation."""
    done = await sent(client, f"{SESSIONS}/{session}/reservera", seats=str(seats))
    assert done.status_code == 303, done.text
    return str(done.headers["location"])


async def test_seats_are_held_and_named_and_the_rest_given_back(
    world: World, municipality: httpx2.AsyncClient, neighbour: httpx2.AsyncClient
) -> None:
    session = await world.session(5)
    first, second = await world.several(2)
    reservation = await reserved(municipality, session, 3)
    assert "3 platser saknar namn" in await page(municipality, f"{SESSIONS}/{session}")
    assert "3 platser saknar namn" in await page(municipality, "/"), "it needs the municipality today"
    assert "platser saknar namn" not in await page(neighbour, f"{SESSIONS}/{session}")
    assert (await neighbour.get(reservation)).status_code == 404
    named = await sent(municipality, reservation, staff=[first, second])
    assert named.headers["location"] == reservation
    assert "1 plats saknar namn" in await page(municipality, reservation)
    back = await sent(municipality, f"{reservation}/lamna-tillbaka")
    assert "Platserna är återlämnade." in await page(municipality, back.headers["location"])
    assert await world.statuses(session, first, second) == ["confirmed", "confirmed"]
    assert (await world.seats(session))["held"] == 0


async def test_more_seats_than_there_are_is_refused_with_how_many_one_can_get(
    world: World, municipality: httpx2.AsyncClient
) -> None:
    refused = await sent(municipality, f"{SESSIONS}/{await world.session(1)}/reservera", seats="3")
    assert refused.status_code == 409
    assert "Antal platser: Kommunen kan få 1 plats nu" in refused.text
    assert fields_of(refused.text)["seats"] == "3"


async def test_more_names_than_seats_names_nobody_and_keeps_the_choice(
    world: World, municipality: httpx2.AsyncClient
) -> None:
    session = await world.session(5)
    people = await world.several(2)
    reservation = await reserved(municipality, session, 1)
    refused = await sent(municipality, reservation, staff=people)
    assert refused.status_code == 409
    assert "Reservationen har 1 plats utan namn" in refused.text
    assert refused.text.count(" checked") >= 2
    assert (await world.seats(session))["confirmed"] == 0


async def test_who_came_unregistered_is_identified_by_the_own_municipality_only(
    world: World, municipality: httpx2.AsyncClient, neighbour: httpx2.AsyncClient
) -> None:
    session, was = await world.session(), await world.staff()
    body = {"walk_in_id": str(uuid4()), "name": "Kim Oanmäld", "municipality": OREBRO}
    walk_in = await world.post(f"/booking/v1/sessions/{session}/walk-ins", body)
    assert "att identifiera" in await page(municipality, "/")
    assert "Kim Oanmäld" in await page(municipality, "/boka/oanmalda")
    assert "Kim Oanmäld" not in await page(neighbour, "/boka/oanmalda")
    check = f"/boka/oanmalda/{walk_in['id']}/kontrollera?staff={was}"
    assert ">Det var</dt>" in await page(municipality, check)
    assert f"kontrollera?staff={was}" in await page(municipality, f"/boka/oanmalda/{walk_in['id']}")
    done = await sent(municipality, check)
    assert "Närvaron har fått sin person." in await page(municipality, done.headers["location"])
    assert await world.statuses(session, was) == ["confirmed"]
    again = await municipality.post(check, data={"staff": was})
    assert again.status_code == 409


async def test_a_trainer_takes_in_who_came_by_a_form_that_leads_on_to_the_presence(world: World) -> None:
    trainer, stranger = [
        (await world.post("/booking/v1/trainers", {"name": name, "email": f"{name}@example.se", **AT_HOME}))["id"]
        for name in ("uno", "una")
    ]
    session = await world.session(trainers=[trainer])
    world.clock.at = NOW + 30 * DAY  # it begins
    number = personal_number(20_001)
    known = await world.staff(number=number)
    client = browser(world.origin, Role.TRAINER, trainer_id=trainer)
    address = f"{SESSIONS}/{session}/oanmald"
    refused = await sent(client, address)
    assert refused.status_code == 422
    assert "Ange personnummer eller namn" in refused.text
    wrong = await sent(client, address, personal_number="19811218-9870")
    assert (wrong.status_code, 'id="personal_number-error"' in wrong.text) == (422, True)
    taken = await sent(client, address, personal_number=number)
    assert taken.headers["location"].startswith(f"/narvaro/listor/{session}/oanmald/")
    assert await world.statuses(session, known) == ["confirmed"]
    named = await sent(client, address, name="Kim Okänd", municipality=OREBRO)
    assert named.headers["location"].endswith(f"?municipality={OREBRO}")
    assert "Kim" not in named.headers["location"]
    other = browser(world.origin, Role.TRAINER, trainer_id=stranger)
    assert (await other.get(address)).status_code == 404


async def test_a_blackout_is_declared_warned_of_and_taken_back(
    world: World, municipality: httpx2.AsyncClient, neighbour: httpx2.AsyncClient
) -> None:
    list_ = "/boka/sparrtider"
    day = (NOW + 30 * DAY).date().isoformat()
    wrong = await sent(municipality, list_, **{"from": day, "to": "2026-01-01", "reason": "Påskveckan"})
    assert wrong.status_code == 422
    assert fields_of(wrong.text)["reason"] == "Påskveckan"
    assert '<a href="#to">Sista dag: Sista dagen ligger före den första.</a>' in wrong.text
    assert (await sent(municipality, list_, **{"from": day, "to": day, "reason": "Påskveckan"})).status_code == 303
    assert "Påskveckan" in await page(municipality, list_)
    assert "Påskveckan" not in await page(neighbour, list_)
    session = await world.session()
    assert "Påskveckan" in await page(municipality, f"{SESSIONS}/{session}")
    [blackout] = [each for each in (await world.get("/booking/v1/blackouts"))["items"] if each["from"] == day]
    assert (await sent(municipality, f"{list_}/{blackout['id']}/ta-bort")).status_code == 303
    assert "Påskveckan" not in await page(municipality, list_)


async def test_burned_seats_show_a_municipality_its_own(world: World, municipality: httpx2.AsyncClient) -> None:
    session = await world.session(cancellation_deadline=(NOW - DAY).isoformat())
    late = await world.staff()
    await world.outcomes(session, late)
    await world.cancel(session, late)
    day = (NOW + 30 * DAY).date().isoformat()
    shown = await page(municipality, f"/boka/outnyttjade-platser?from={day}&to={day}")
    assert "1 plats<br>7\u00a0timmar" in shown
    assert "1 kommun" in shown
    assert "Nora" not in shown
