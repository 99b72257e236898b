"""Whole errands as people do them: by mouse, by keyboard alone, and without script."""

from uuid import UUID

import httpx2
import pytest
from playwright.async_api import Page, expect

from shared.security.links import digest_of, new_token
from tests.browser.checks import sound
from tests.browser.conftest import Opened
from tests.browser.hands import reach
from tests.browser.site import Site
from tests.support.eventually import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_participant_answers_a_survey_on_a_phone_without_script(site: Site, visit: Opened) -> None:
    page: Page = await visit("", script=False, width=360)
    await page.goto(site.address(f"/enkat/{await a_link(site)}"))
    await page.click("text=Skicka svaret")
    await expect(page.locator("#main-content")).to_contain_text("Svara på minst en fråga")
    await page.get_by_label("Ja, ganska mycket").check()
    await page.get_by_label("4", exact=True).check()
    await page.click("text=Skicka svaret")
    await expect(page.locator("h1")).to_have_text("Tack")


async def test_the_same_in_english_by_keyboard_alone(site: Site, visit: Opened) -> None:
    page: Page = await visit("")
    await page.goto(site.address(f"/enkat/{await a_link(site)}?sprak=en"))
    await reach(page, "To a high degree")
    await page.keyboard.press("Space")
    await reach(page, "Send the answer")
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text("Thank you")
    await sound(page, "en")


async def a_link(site: Site) -> str:
    """Another link of the survey that the site has."""
    token = new_token()
    link = "INSERT INTO survey_links VALUES ($1, $2, 'participant', false)"
    await site.rows("attendance", link, digest_of(token), UUID(site.session))
    return token


LISTS = ("/boka/kurstillfallen", "/boka/personal", "/boka/anmalningar?period=all", "/narvaro/listor", "/boka/logg")


@pytest.mark.parametrize("script", [True, False])
async def test_on_a_phone_a_lists_rows_come_before_its_folded_filters(site: Site, visit: Opened, script: bool) -> None:
    page: Page = await visit("samordnare", script=script, width=320)
    for address in LISTS:
        await page.goto(site.address(address))
        await expect(page.locator(".app-filter select").first).not_to_be_visible()
        top = await page.locator("tbody th").first.bounding_box()
        assert top is not None
        assert top["y"] < 1000, f"{address}: the first row begins {top} px down"
    await page.set_viewport_size({"width": 1280, "height": 900})
    await expect(page.locator(".app-filter summary")).not_to_be_visible()
    await expect(page.locator(".app-filter select").first).to_be_visible()
    await reach(page, "Gäller")


async def test_a_chart_that_nobody_could_read_leaves_its_table_alone_on_a_phone(site: Site, visit: Opened) -> None:
    page: Page = await visit("samordnare", width=320)
    await page.goto(site.address("/uppfoljning/siffror?from=2025-01-01&to=2025-12-31"))
    chart = page.locator(".app-chart").first
    await expect(chart).not_to_be_visible()
    await expect(page.locator("tbody th").first).to_be_visible()
    await page.set_viewport_size({"width": 1280, "height": 900})
    await expect(chart).to_be_visible()


async def test_folded_filters_are_set_by_keyboard_and_open_when_one_is_wrong(site: Site, visit: Opened) -> None:
    page: Page = await visit("samordnare", width=320)
    await page.goto(site.address("/boka/kurstillfallen?from=igar"))
    await expect(page.locator("#from")).to_be_visible()
    await page.goto(site.address("/boka/kurstillfallen?period=all"))
    await reach(page, "Filtrera kurstillfällen: Alla")
    await page.keyboard.press("Enter")
    await reach(page, "Platser")
    await page.keyboard.press("ArrowDown")
    await reach(page, "Visa")
    await page.keyboard.press("Enter")
    await expect(page.locator(".app-chips")).to_contain_text("Med lediga platser")
    await expect(page.locator("#has_free_seats")).not_to_be_visible()


async def test_a_refused_form_is_sound_and_leads_to_the_field(site: Site, visit: Opened) -> None:
    page: Page = await visit("kommun")
    await page.goto(site.address("/boka/personal/{staff}"))
    await page.fill("#email", "ingen adress")
    await page.click("text=Spara")
    await expect(page).to_have_title("Fel: Anna Andersson – Kompetensnavet")
    await expect(page.locator(".govuk-error-summary")).to_be_focused()
    await sound(page)
    await page.click(".govuk-error-summary a")
    await expect(page.locator("#email")).to_be_focused()
    await expect(page.locator("#email")).to_have_value("ingen adress")


async def test_a_sign_in_leads_back_to_where_one_was_going(site: Site, visit: Opened) -> None:
    page: Page = await visit()
    await page.goto(site.address("/boka/personal?q=Anna"))
    await page.click('[data-user="kommun"]')
    await page.wait_for_url(site.address("/boka/personal?q=Anna"))
    await expect(page.locator("main")).to_contain_text("Andersson, Anna")


async def test_who_signs_out_is_out_here_at_once_and_soon_in_every_service(site: Site, visit: Opened) -> None:
    page: Page = await visit("kommun")
    [cookie] = [one for one in await page.context.cookies() if one["name"] == "kursnav"]
    assert cookie["httpOnly"] is True
    assert cookie["sameSite"] == "Lax"
    thief = httpx2.AsyncClient(base_url=site.base_url, cookies={"kursnav": cookie["value"]})

    async def still_in() -> list[str]:
        asked = {name: await thief.get(f"/{name}/v1/position") for name in site.databases}
        return [name for name, answer in asked.items() if answer.status_code == 200]

    assert await still_in() == ["booking", "attendance", "reporting"]
    await page.click("text=Logga ut")
    await expect(page.locator("header")).to_contain_text("Logga in")
    assert "booking" not in await still_in(), "here at once"
    await eventually(still_in, until=lambda left: not left, what="signed out everywhere")
    await thief.aclose()
