"""How the office makes a report, and how the funder comes to trust it: to the rows, to the bytes, and as it changes."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx2
import pytest
from playwright.async_api import FilePayload, Page, expect

from shared.security.roles import Role
from tests.browser.conftest import Handed, Opened
from tests.browser.hands import chooser_by_keyboard
from tests.browser.site import Site
from tests.support.answers import ok
from tests.support.booking_world import DAY, OREBRO, occasion

pytestmark = pytest.mark.asyncio(loop_scope="session")

REPORTS = "/uppfoljning/rapporter"
HELD = """
(text) => {
  const held = new DataTransfer()
  held.items.add(new File([text], 'rapport.json'))
  return held
}
"""
"""What somebody drags over the page: a file."""


async def test_the_office_orders_a_report_and_watches_it_being_made(handed: Handed) -> None:
    hand = await handed("samordnare")
    await hand.open(REPORTS)
    await hand.go_on("Beställ en rapport")
    for _ in range(2):
        await hand.go_on("Fortsätt")
    await expect(hand.page.locator("h1")).to_have_text("Kontrollera innan du beställer")
    await hand.go_on("Beställ rapporten")
    await expect(hand.page.locator("h2", has_text="Läs den")).to_be_visible()


async def test_the_funder_counts_again_drills_down_and_checks_the_file_without_script(
    site: Site, visit: Opened
) -> None:
    page: Page = await visit("finansiar", script=False)
    report = site.ids["report"]
    await page.goto(site.address(f"{REPORTS}/{report}"))
    await page.click("text=Räkna raderna igen")
    await expect(page.locator("h1")).to_have_text("Rapporten stämmer")

    client: httpx2.AsyncClient = site.client(Role.FUNDER)
    content = ok(await client.get(f"/reporting/v1/reports/{report}/file.json"), 200)
    await page.goto(site.address("/uppfoljning/kontrollera-fil"))
    file = (await client.get(f"/reporting/v1/reports/{content['id']}/file.json")).content
    await page.set_input_files("#file", {"name": "rapport.json", "mimeType": "application/json", "buffer": file})
    await page.click("text=Kontrollera filen")
    await expect(page.locator("h1")).to_have_text("Filen är äkta")

    await page.goto(site.address("/uppfoljning/siffror"))
    await page.locator("tr", has_text="Kurser som erbjudits").get_by_role("link").click()
    await expect(page.locator("h1")).to_have_text("Kurser som erbjudits")
    await expect(page.locator("main")).to_contain_text("Siffran är antalet rader.")


async def test_a_file_is_checked_by_dropping_it_and_by_keyboard(site: Site, visit: Opened) -> None:
    page: Page = await visit("finansiar")
    path = f"/reporting/v1/reports/{site.ids['report']}/file.json"
    file = (await site.client(Role.FUNDER).get(path)).content
    await page.goto(site.address("/uppfoljning/kontrollera-fil"))
    held = await page.evaluate_handle(HELD, file.decode())
    await page.dispatch_event("#file", "drop", {"dataTransfer": held})
    await expect(page.locator("#file")).to_contain_text("rapport.json")
    await page.click("text=Kontrollera filen")
    await expect(page.locator("h1")).to_have_text("Filen är äkta")

    # Until the page's script has run, #file is the bare field, which it hides.
    chooser = await chooser_by_keyboard(page.locator("button#file"))
    changed: FilePayload = {"name": "rapport.json", "mimeType": "application/json", "buffer": file + b" "}
    await chooser.set_files(changed)
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text("Filen är inte en av våra")


async def attested(site: Site) -> None:
    """A session of a minute ago, entered afterwards, with one person on its roll: of this year, whatever day it is."""
    world, now = site.world, datetime.now(UTC)
    trainer = await world.trainer()
    who = await world.staff(OREBRO, given_name="Liv", family_name="Levande")
    begun = [occasion(now - timedelta(minutes=2), hours=1 / 60, break_minutes=0)]
    session = await world.session(5, at=now - 20 * DAY, trainers=[trainer], occasions=begun)
    assert (await world.register(session, who, at=now - 19 * DAY, policy="all")).status_code == 201
    await site.settled(dead_letters=True)
    person = (await world.get(f"/booking/v1/staff/{who}"))["participant_id"]
    place = (await world.get(f"/booking/v1/sessions/{session}"))["occasions"][0]["occasion_id"]
    mark = {"mark_id": str(uuid4()), "participant_id": person, "occasion_id": place, "status": "present"}
    marks = [{**mark, "marked_at": now.isoformat(), "base_version": 0}]
    path = f"/attendance/v1/sessions/{session}"
    body = {"device_id": "paper", "device_time": now.isoformat(), "marks": marks}
    version = ok(await world.coordinator.post(f"{path}/marks", json=body))["roll_version"]
    seal = {"roll_version": version, "on_behalf_of": trainer, "reason": "Listan kom på papper"}
    ok(await world.coordinator.post(f"{path}/attest", json=seal))


async def test_figures_change_while_somebody_reads_them(site: Site, visit: Opened) -> None:
    page: Page = await visit("finansiar")
    await page.goto(site.address("/uppfoljning"))
    shown = page.locator('[data-figure="sessions.held"]')
    before = await shown.text_content()
    assert before is not None
    await attested(site)
    await expect(shown).to_have_text(str(int(before) + 1))
