"""Errands of a day in attendance: signing by code, a roll without script, a contradiction, attesting on the phone."""

import re
from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page, expect

from infra.local.code_flow import remember
from shared.security.links import new_token
from shared.security.roles import Role
from tests.browser.checks import sound
from tests.browser.conftest import Opened
from tests.browser.phones import NAMES, PAGE, Phone, contradiction, taught
from tests.browser.site import Site, attended
from tests.browser.test_flows import reach
from tests.support.answers import ok
from tests.support.booking_world import OREBRO
from tests.support.eventually import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")
OVER = timedelta(hours=-2)


async def code_for(site: Site, address: str) -> str:
    """The code of the last mail to somebody."""
    box = site.box
    assert box is not None
    mails = await eventually(lambda: box.mails(address), until=bool, within=20, what=f"a code for {address}")
    [code] = re.findall(r"Koden är ([0-9]{6})", mails[-1]["text"])
    return str(code)


async def signed_in_as(site: Site, page: Page, trainer: str) -> None:
    remember(site.folder, "utbildare", trainer_id=trainer)
    await page.goto(site.address("/logga-in"))
    await page.click('[data-user="utbildare"]')
    await page.wait_for_url("**/narvaro")


async def test_a_participant_signs_a_month_on_a_phone_by_keyboard_alone(site: Site, visit: Opened) -> None:
    address, token = "sig.nerande@example.se", new_token()
    staff = await site.world.staff(OREBRO, given_name="Sig", family_name="Nerande", email=address)
    await site.settled()
    _, month = await attended(site, staff, token)
    page: Page = await visit("", width=360)
    await page.goto(site.address(f"/min/{token}/{month}"))
    await reach(page, "Ja, skicka koden")
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text("Skriv koden")
    await page.fill("#code", "12")
    await page.keyboard.press("Enter")
    await expect(page.locator(".govuk-error-summary")).to_be_focused()
    await page.fill("#code", await code_for(site, address))
    await page.keyboard.press("Enter")
    await expect(page.locator("main")).to_contain_text("Dina timmar är underskrivna. Tack!")
    await expect(page.locator("main")).to_contain_text("Underskriven")
    await sound(page)


async def test_a_trainer_enters_a_roll_and_attests_it_without_script(site: Site, visit: Opened) -> None:
    session, trainer = await taught(site, begins=OVER)
    page: Page = await visit("", script=False, width=360)
    await signed_in_as(site, page, trainer)
    await page.goto(site.address(f"/narvaro/listor/{session}"))
    await page.click("text=Markera närvaro")
    await page.get_by_label("Närvaro Asta Telefonsson").select_option("illness")
    await page.get_by_label("Minuter Bo Telefonsson").fill("30")
    await page.get_by_label("Alla utan markering var med hela tiden").check()
    await page.click("text=Spara markeringarna")
    await expect(page.locator("main")).to_contain_text("4 markeringar sparade.")
    await page.locator(".app-actions >> text=Attestera").click()
    await page.locator("main button >> text=Attestera").click()
    await expect(page.locator("main")).to_contain_text("Listan är attesterad och förseglad.")
    roll = ok(await site.client(Role.COORDINATOR).get(f"/attendance/v1/sessions/{session}/roll"))
    minutes = {person["name"].split()[0]: person["marks"][0]["minutes"] for person in roll["people"]}
    assert minutes == {"Asta": 0, "Bo": 30, "Cilla": 60, "Didrik": 60}
    assert roll["state"] == "attested"


async def test_a_trainer_decides_a_contradiction(site: Site, visit: Opened) -> None:
    session, trainer = await taught(site, begins=OVER)
    conflict = await contradiction(site, session, trainer)
    page: Page = await visit("")
    await signed_in_as(site, page, trainer)
    await page.goto(site.address(f"/narvaro/listor/{session}"))
    await page.locator(f'a[href="/narvaro/konflikter/{conflict}"]').click()
    await page.click("text=Avgör")
    await expect(page.locator(".govuk-error-summary")).to_be_focused()
    await page.get_by_label("Närvarande, 60").check()
    await page.get_by_label("Skäl").fill("Kom efter fikat, enligt deltagaren")
    await page.click("main button >> text=Avgör")
    await expect(page.locator("main")).to_contain_text("Konflikten är avgjord.")
    roll = ok(await site.client(Role.COORDINATOR).get(f"/attendance/v1/sessions/{session}/roll"))
    assert roll["conflicts"] == []
    assert [one["minutes"] for one in roll["people"][0]["marks"]] == [60]


async def test_a_trainer_marks_everybody_and_attests_on_the_phone(site: Site, browser: Browser) -> None:
    session, trainer = await taught(site, begins=OVER)
    context = await browser.new_context(locale="sv-SE", viewport={"width": 360, "height": 740})
    one = Phone(site, session, trainer, await context.new_page())
    await one.sign_in()
    await one.open()
    await one.tap(*NAMES)
    await one.shows(kept=4, waiting=0)
    await one.page.goto(site.address(f"{PAGE}#{session}/attestera"))
    await one.page.click("#view-attestera button")
    await expect(one.page.locator("#view-attestera [data-part=done]")).to_be_visible(timeout=10_000)
    assert (await one.roll())["state"] == "attested"
    await context.close()
