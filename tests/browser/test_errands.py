"""What a municipality does with its places, by mouse, by keyboard alone and without script: each errand to its end."""

from uuid import uuid4

import pytest

from tests.browser.conftest import Handed
from tests.browser.site import SESSIONS, Site, family, session
from tests.support.booking_world import DAY, OREBRO

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_somebody_else_goes_then_to_another_session_and_then_nobody(site: Site, handed: Handed, way: str) -> None:
    hand, name = await handed("kommun"), f"Byte{way[:2]}"
    ill, new, _ = await family(site, name)
    first, second = await session(site, 61), await session(site, 63)
    await site.world.outcomes(first, ill)
    await hand.open(f"{SESSIONS}/{first}")
    await hand.follow(f"Ersätt Ill {name}", f"Välj Ny {name}")  # two clicks, and the act
    await hand.press(f"Skicka Ny {name} i stället")
    assert await site.world.statuses(first, ill, new) == ["substituted", "confirmed"]
    going = (await site.world.registration(first, new))["id"]
    await hand.open(f"/boka/anmalningar/{going}/flytta/kontrollera?session={second}")
    await hand.press(f"Flytta Ny {name}")
    await hand.follow("Avboka")
    await hand.choose("Sjukdom")
    await hand.press(f"Avboka Ny {name}")
    assert await site.world.statuses(second, new) == ["cancelled"]


async def test_places_get_names_and_a_walk_in_a_person(site: Site, handed: Handed, way: str) -> None:
    hand, name = await handed("kommun"), f"Namn{way[:2]}"
    _, new, kim = await family(site, name)
    held_on, came_to = await session(site, 65), await session(site, 67)
    held = {"seats": 1, "name_by": (site.world.clock.at + 30 * DAY).isoformat(), "municipality": OREBRO}
    reservation = (await site.world.post(f"/booking/v1/sessions/{held_on}/reservations", held))["id"]
    await hand.open(f"/boka/reservationer/{reservation}?q={name}")
    await hand.tick(f"Ny {name}")
    await hand.press("Ge platserna till dem du har valt")
    await hand.reads("Alla platser har namn")
    assert await site.world.statuses(held_on, new) == ["confirmed"]
    came = {"walk_in_id": str(uuid4()), "name": "Okänd", "municipality": OREBRO}
    walk_in = (await site.world.post(f"/booking/v1/sessions/{came_to}/walk-ins", came))["id"]
    await hand.open(f"/boka/oanmalda/{walk_in}?q={name}")
    await hand.follow(f"Välj Kim {name}")
    await hand.press(f"Det var Kim {name}")
    assert await site.world.statuses(came_to, kim) == ["confirmed"]
