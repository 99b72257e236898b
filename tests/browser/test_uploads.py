"""A staff file from the first page to the last: mended once, then saved."""

import pytest
from playwright.async_api import FilePayload, expect

from tests.browser.checks import sound
from tests.browser.conftest import Handed
from tests.browser.hands import WAYS, Hand
from tests.support.booking_world import personal_number

pytestmark = pytest.mark.asyncio(loop_scope="session")

HEAD = "Persnr;Tilltalsnamn;Efternamn;Kst;Befattning;Personalkategori\n"


def file(first: int, category: str) -> FilePayload:
    rows = (f"{personal_number(each)};Fil{each};Ek;Hagby;Undersköterska;{category}\n" for each in (first, first + 1))
    return {"name": "personal.csv", "mimeType": "text/csv", "buffer": (HEAD + "".join(rows)).encode("cp1252")}


async def test_a_file_is_sent_mended_and_saved(handed: Handed, way: str) -> None:
    hand, first = await handed("kommun"), 7000 + 10 * WAYS.index(way)
    await hand.open("/boka/personal/fil")
    await send(hand, file(first, "chefer"))
    await hand.pick("Kst", "Arbetsställe (behövs)")
    await sound_by(way, hand)
    await hand.go_on("Kontrollera filen")
    await hand.reads("2 rader är fel.")
    await hand.reads("Skriv bas, legitimerad eller övrig.")
    await sound_by(way, hand)
    await hand.go_on("Skicka den rättade filen")
    await send(hand, file(first, "Bas"))
    await expect(hand.page.get_by_label("Kst")).to_have_value("workplace")  # as it was chosen
    await hand.go_on("Kontrollera filen")
    await hand.reads("Alla rader är rätt.")
    await hand.go_on("Spara 2 rader")
    await hand.reads("2 rader sparades.")
    await sound_by(way, hand)


async def send(hand: Hand, sent: FilePayload) -> None:
    await hand.attach("Fil", sent)
    await hand.go_on("Fortsätt")
    await expect(hand.page.locator("h1")).to_have_text("Vad är vad i filen?")


async def sound_by(way: str, hand: Hand) -> None:
    """Once is enough."""
    if way == "mouse":
        await sound(hand.page)
