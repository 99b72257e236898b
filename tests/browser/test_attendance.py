"""Errands of a trainer's day on pages: a roll without script, a contradiction."""

import json
from datetime import timedelta

import pytest
from playwright.async_api import Page, expect

from infra.local.code_flow import remember
from shared.security.roles import Role
from tests.browser.checks import sound
from tests.browser.conftest import Opened
from tests.browser.phones import Phone, contradiction, taught
from tests.browser.site import Site
from tests.support.answers import ok

pytestmark = pytest.mark.asyncio(loop_scope="session")
OVER = timedelta(hours=-2)


async def signed_in_as(site: Site, page: Page, trainer: str) -> None:
    remember(site.folder, "utbildare", trainer_id=trainer)
    await page.goto(site.address("/logga-in"))
    await page.click('[data-user="utbildare"]')
    await page.wait_for_url("**/narvaro")


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


async def test_a_roll_is_attested_on_the_phone_which_then_leads_to_its_seal(site: Site, visit: Opened) -> None:
    session, trainer = await taught(site, begins=OVER)
    page: Page = await visit("", width=360)
    phone = Phone(site, session, trainer, page)
    await phone.sign_in()
    await phone.open()
    await phone.tap("Asta", "Bo", "Cilla")
    await phone.tap("Didrik", choice="absent")
    await page.click("text=Attestera listan")
    await expect(page.locator("#view-attestera dd")).to_have_text(["3", "1", "0"])
    await page.click("#view-attestera button")
    await expect(page.get_by_text("Listan är attesterad och förseglad.")).to_be_visible()
    assert "Telefonsson" not in json.dumps(await phone.stored()), "names leave the phone"
    await page.get_by_role("link", name="Se förseglingen").click()
    await expect(page.locator("h1")).to_have_text("Listans historik")
    path = f"/attendance/v1/sessions/{session}/seals"
    [seal] = ok(await site.client(Role.TRAINER, trainer_id=trainer).get(path))["items"]
    await expect(page.locator("main")).to_contain_text(seal["sealed_hash"])
    await expect(page.locator("main")).to_contain_text("3 timmar")
    await sound(page)


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
