"""A staff file from the first page to the last, with and without script: mended once, then saved."""

import pytest
from playwright.async_api import FilePayload, Page, expect

from tests.browser.checks import sound
from tests.browser.conftest import Opened
from tests.browser.site import Site
from tests.support.booking_world import personal_number

pytestmark = pytest.mark.asyncio(loop_scope="session")

HEAD = "Persnr;Tilltalsnamn;Efternamn;Kst;Befattning;Personalkategori\n"


def file(first: int, category: str) -> FilePayload:
    rows = (f"{personal_number(each)};Fil{each};Ek;Hagby;Undersköterska;{category}\n" for each in (first, first + 1))
    return {"name": "personal.csv", "mimeType": "text/csv", "buffer": (HEAD + "".join(rows)).encode("cp1252")}


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
async def test_a_file_is_sent_mended_and_saved(site: Site, visit: Opened, script: bool) -> None:
    page: Page = await visit("kommun", script=script)
    first = 7000 + 10 * script
    await send(page, site, file(first, "chefer"))
    if script:
        await page.select_option("[name='columns.3']", "workplace")
        await sound(page)
    else:  # as it was chosen by the other run, or now
        await page.select_option("[name='columns.3']", "workplace")
    await page.click("text=Kontrollera filen")
    await expect(page.locator("main")).to_contain_text("2 rader är fel.", timeout=20_000)
    await expect(page.locator("main")).to_contain_text("Skriv bas, legitimerad eller övrig.")
    if script:
        await sound(page)
    await send(page, site, file(first, "Bas"))
    await expect(page.locator("[name='columns.3']")).to_have_value("workplace")
    await page.click("text=Kontrollera filen")
    await page.click("text=Spara 2 rader", timeout=20_000)
    await expect(page.locator("main")).to_contain_text("2 rader sparades.", timeout=20_000)
    if script:
        await sound(page)


async def send(page: Page, site: Site, sent: FilePayload) -> None:
    await page.goto(site.address("/boka/personal/fil"))
    await page.set_input_files("[name=file]", sent)
    await page.click("main >> text=Fortsätt")
    await expect(page.locator("h1")).to_have_text("Vad är vad i filen?")
