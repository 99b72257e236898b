"""Booking as a unit manager does it, twice a year: several people, a whole workplace, or what a mail proposes."""

import re

import pytest

from tests.browser.conftest import Handed
from tests.browser.site import SESSIONS, Site, family, session
from tests.support.booking_world import OREBRO

pytestmark = pytest.mark.asyncio(loop_scope="session")

PROPOSED = re.compile(rf"http\S+{SESSIONS}/(\S+)/anmal/kontrollera\?staff=\S+")


async def test_several_people_are_registered_then_a_whole_workplace(site: Site, handed: Handed, way: str) -> None:
    hand, name = await handed("kommun"), f"Flera{way[:2]}"
    people = await family(site, name)
    first, second = await session(site, 77), await session(site, 79)
    await hand.open(f"{SESSIONS}/{first}")
    await hand.go_on("Anmäl personer")
    await hand.pick("Arbetsställe", "Alla arbetsställen")  # it may begin with that of those registered last
    await hand.write("Namnet börjar med", name)
    await hand.go_on("Visa")
    await hand.go_on("Fortsätt")
    await hand.reads("Välj minst en person.")
    await hand.tick(f"Ill {name}")
    await hand.tick(f"Ny {name}")
    await hand.go_on("Fortsätt")
    await hand.choose("Anmäl alla eller ingen")
    await hand.go_on("Anmäl 2 personer")
    await hand.reads("Anmälan är klar")
    assert await site.world.statuses(first, *people[:2]) == ["confirmed", "confirmed"]

    await hand.open(f"{SESSIONS}/{second}/anmal")  # now it begins with theirs
    await hand.go_on(f"Anmäl hela Avdelning {name}, 3 personer")
    await hand.go_on("Anmäl 3 personer")
    await hand.reads("Anmälan är klar")
    assert await site.world.statuses(second, *people) == ["confirmed"] * 3


async def test_another_session_is_booked_from_the_mail_about_a_cancelled_one(
    site: Site, handed: Handed, way: str
) -> None:
    name, manager = f"Mejl{way[:2]}", f"chef.{way}@example.se"
    who = await site.world.staff(OREBRO, given_name="Bo", family_name=name, manager_email=manager)
    lost = await session(site, 81)
    await site.world.outcomes(lost, who)
    await site.world.post(f"/booking/v1/sessions/{lost}/cancel", {"cause": "venue"})
    assert site.box is not None
    [mail] = await site.box.until(1, manager)
    proposed = PROPOSED.search(mail["text"])
    assert proposed, mail["text"]

    hand = await handed()
    await hand.page.goto(proposed.group())
    await hand.go_on("Kim Kommunsson Kommun, Örebro")  # who clicks in a mail is seldom signed in
    await hand.reads(f"Bo {name}")
    await hand.go_on("Anmäl 1 person")
    await hand.reads("Anmälan är klar")
    assert await site.world.statuses(proposed.group(1), who) == ["confirmed"]
