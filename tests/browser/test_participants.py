"""What a participant does by the personal link: signs a month by a code, checks in by the trainer's screen."""

import re
from datetime import timedelta

import pytest
from playwright.async_api import Page, expect

from shared.security.links import new_token
from shared.security.roles import Role
from tests.browser.checks import sound
from tests.browser.conftest import Handed, Opened
from tests.browser.hands import Hand
from tests.browser.phones import taught
from tests.browser.site import Site, attended, give_link
from tests.browser.test_attendance import signed_in_as
from tests.support.answers import ok
from tests.support.booking_world import OREBRO

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_month_is_signed_by_the_code_of_a_mail(site: Site, handed: Handed, way: str) -> None:
    address, token = f"signe.{way}@example.se", new_token()
    staff = await site.world.staff(OREBRO, given_name="Signe", family_name=f"Skrift {way}", email=address)
    person, month = await attended(site, staff, token)
    await site.settled(dead_letters=True)  # the mail needs her address
    hand = await handed(width=360)
    await hand.open(f"/min/{token}")
    await hand.reads("3 timmar")
    await hand.open(f"/min/{token}/{month}")
    await hand.go_on("Ja, skicka koden")
    assert site.box is not None
    [mail] = await site.box.until(1, address)
    [code] = re.findall(r"Koden är ([0-9]{6})\.", mail["text"])
    await hand.write("Kod", code)
    await hand.press("Skriv under 3 timmar")
    await hand.reads("Underskriven")
    asked = {"month": month, "participant_id": person}
    [signed] = ok(await site.client(Role.COORDINATOR).get("/attendance/v1/months", params=asked))["items"]
    assert (signed["state"], signed["minutes"]) == ("signed", 180)


async def test_who_scans_the_code_on_the_trainers_screen_is_on_the_roll(site: Site, visit: Opened) -> None:
    session, trainer = await taught(site, begins=timedelta(minutes=-5))
    roll = f"/attendance/v1/sessions/{session}/roll"
    pupil = ok(await site.client(Role.COORDINATOR).get(roll))["people"][0]["participant_id"]
    token = new_token()
    await give_link(site, pupil, token)
    screen: Page = await visit("")
    await signed_in_as(site, screen, trainer)
    await screen.goto(site.address(f"/narvaro/listor/{session}/kod"))
    number = (await screen.locator(".app-code-number").inner_text()).replace(" ", "")
    hand = Hand(await visit("", script=False, width=360), site, keyboard=False)
    await hand.open(f"/min/{token}")  # the phone knows her from now on
    await hand.open(f"/incheckning/{number}")
    await hand.press("Jag är här")
    await hand.reads("Du är incheckad")
    [mark] = ok(await site.client(Role.COORDINATOR).get(roll))["people"][0]["marks"]
    assert (mark["status"], mark["source"]) == ("present", "qr")
    await screen.reload()
    await expect(screen.locator("#code")).to_contain_text("1 av 4")
    await sound(screen)
