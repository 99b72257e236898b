"""A municipality's system is told: a webhook is made, its log read, its secret changed, and it ends."""

import pytest

from tests.browser.conftest import Handed
from tests.browser.hands import Hand
from tests.browser.site import Site, session
from tests.support.answers import Json, ok
from tests.support.booking_world import DAY, OREBRO
from tests.support.eventually import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_webhook_is_made_read_given_another_secret_and_removed(site: Site, handed: Handed, way: str) -> None:
    world, hand = site.world, await handed("kommun")
    url = f"http://127.0.0.1:9/{way}"  # where nobody listens
    await hand.open("/boka/webhooks")
    await hand.go_on("Lägg till en webhook")
    await hand.write("Det mottagande systemets adress", url)
    await hand.tick("Platser reserveras")
    await hand.go_on("Lägg till webhooken")
    first = await secret(hand)
    await hand.go_on("Jag har kopierat den")
    [made] = [one for one in await webhooks(site) if one["url"] == url]

    held = {"seats": 1, "name_by": (world.clock.at + 30 * DAY).isoformat(), "municipality": OREBRO}
    await world.post(f"/booking/v1/sessions/{await session(site, 87)}/reservations", held)

    async def attempted() -> bool:
        sent = ok(await world.municipality(OREBRO).get(f"/booking/v1/webhooks/{made['id']}/deliveries"))["items"]
        return any(one["attempts"] for one in sent)

    await eventually(attempted)
    await hand.open(f"/boka/webhooks/{made['id']}")
    await hand.reads("Platser reserveras")
    await hand.reads("Nästa försök")

    await hand.follow("Skapa en ny hemlighet")
    await hand.go_on("Skapa en ny hemlighet")
    assert await secret(hand) != first
    await hand.go_on("Jag har kopierat den")
    await hand.follow("Ta bort webhooken")
    await hand.press("Ta bort webhooken")
    assert url not in [one["url"] for one in await webhooks(site)]


async def webhooks(site: Site) -> list[Json]:
    found: list[Json] = ok(await site.world.municipality(OREBRO).get("/booking/v1/webhooks"))["items"]
    return found


async def secret(hand: Hand) -> str:
    """What is shown once."""
    return await hand.page.locator("dd", has_text="whsec_").inner_text()
