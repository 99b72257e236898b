"""What is planned ahead and what goes wrong before a course, by mouse, by keyboard alone and without script."""

import pytest

from shared.clock import local_day
from tests.browser.conftest import Handed
from tests.browser.site import SESSIONS, Site, family, session
from tests.support.answers import ok
from tests.support.booking_world import DAY, OREBRO

pytestmark = pytest.mark.asyncio(loop_scope="session")

NEEDS = {"mouse": "2031H1", "keyboard": "2031H2", "no-script": "2032H1"}
"""A term of its own for each way."""


async def test_seats_are_held_needs_stated_and_days_kept_free(site: Site, handed: Handed, way: str) -> None:
    hand, reason = await handed("kommun"), f"Flytt {way}"
    ahead = await session(site, 71)
    await hand.open(f"{SESSIONS}/{ahead}/reservera")
    await hand.write("Antal platser", "2")
    await hand.press("Reservera platserna")
    assert (await site.world.seats(ahead))["held"] == 2

    await hand.open(f"/boka/behov/{NEEDS[way]}")
    await hand.write("Läkemedelshantering", "7")
    await hand.press("Spara")
    stated = ok(await site.world.municipality(OREBRO).get(f"/booking/v1/demand/{NEEDS[way]}"))
    assert stated == {"wishes": [{"course": "PALS", "seats": 7}]}

    day = f"{local_day(site.world.clock.at) + 80 * DAY}"
    await hand.open("/boka/sparrtider")
    await hand.day("Första dag", day)
    await hand.day("Sista dag", day)
    await hand.write("Skäl", reason)
    await hand.press("Ange en spärrtid")
    await hand.reads(reason)
    await hand.follow(f"Ta bort {reason}")
    await hand.press("Ta bort spärrtiden")
    left = (await site.world.get("/booking/v1/blackouts"))["items"]
    assert reason not in [one["reason"] for one in left]


async def test_the_office_moves_a_queue_finds_another_trainer_and_cancels(site: Site, handed: Handed, way: str) -> None:
    world, hand = site.world, await handed("samordnare")
    name = f"Kö{way[:2]}"
    first, second, third = await family(site, name)
    starts = world.clock.at.replace(hour=9) + {"mouse": 73, "keyboard": 74, "no-script": 75}[way] * DAY
    ill = await trainer(site, f"Sjuk {name}")
    await trainer(site, f"Ledig {name}")
    full = await world.session(1, starts=starts, trainers=[ill])
    assert await world.outcomes(full, first, second, third, policy="any") == ["confirmed", "waitlisted", "waitlisted"]

    await hand.open(f"{SESSIONS}/{full}/reservlista")
    await hand.follow(f"Flytta Kim {name}")
    await hand.write("Ny plats i kön", "1")
    await hand.write("Skäl", "Behövs först")
    await hand.press("Ändra reservlistan")
    assert (await world.registration(full, third))["position"] == 1

    day = f"{local_day(starts)}"
    await hand.open(f"/boka/utbildningsledare/{ill}/franvaro")
    await hand.day("Första frånvarodag", day)
    await hand.day("Sista frånvarodag", day)
    await hand.write("Skäl", "Borta")
    await hand.press("Anmäl frånvaron och hitta ersättare")
    assert ill not in (await world.get(f"/booking/v1/sessions/{full}"))["trainers"]

    await hand.open(f"{SESSIONS}/{full}/stall-in")
    await hand.choose("Utbildningsledaren är frånvarande")
    await hand.press("Ställ in och meddela 1 person")
    assert (await world.get(f"/booking/v1/sessions/{full}"))["state"] == "cancelled"


async def trainer(site: Site, name: str) -> str:
    body = {"name": name, "email": "ledare@kommun.example", "home_municipality": OREBRO, "qualifications": []}
    return str((await site.world.post("/booking/v1/trainers", body))["id"])
