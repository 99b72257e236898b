"""What a municipality does with its places, by mouse, by keyboard alone and without script: each errand to its end."""

from uuid import uuid4

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Opened
from tests.browser.site import Site
from tests.browser.test_flows import reach
from tests.support.booking_world import DAY, OREBRO

pytestmark = pytest.mark.asyncio(loop_scope="session")

SESSIONS = "/boka/kurstillfallen"


class Hand:
    """Somebody at a page, who follows links and presses buttons by what they say."""

    def __init__(self, page: Page, site: Site, *, keyboard: bool) -> None:
        self.page, self.site, self.keyboard = page, site, keyboard

    async def open(self, path: str) -> None:
        await self.page.goto(self.site.address(path))

    async def follow(self, *names: str) -> None:
        for name in names:
            await self._act("link", name, "Enter")

    async def press(self, name: str) -> None:
        """The last button of an errand: the next page says that it is done."""
        await self._act("button", name, "Enter")
        await expect(self.page.locator(".govuk-notification-banner--success")).to_be_visible()

    async def go_on(self, name: str) -> None:
        """A button that leads to the next step."""
        await self._act("button", name, "Enter")

    async def tick(self, name: str) -> None:
        await self._act("checkbox", name, "Space")

    async def choose(self, name: str) -> None:
        """By the keyboard a group of radios is one stop: Tab reaches its first, which is the one that is wanted."""
        await self._act("radio", name, "Space")

    async def write(self, label: str, text: str) -> None:
        if self.keyboard:
            await reach(self.page, label)
            await self.page.keyboard.type(text)
        else:
            await self.page.get_by_label(label, exact=True).fill(text)

    async def day(self, label: str, day: str) -> None:
        """A date is written into the browser's own field, whose keys differ by its language."""
        await self.page.get_by_label(label, exact=True).fill(day)

    async def reads(self, text: str) -> None:
        await expect(self.page.locator("main")).to_contain_text(text)

    async def _act(self, role: str, name: str, key: str) -> None:
        if self.keyboard:
            await reach(self.page, name)
            if key == "Space":
                await self.page.keyboard.press(key)
                return
            async with self.page.expect_event("framenavigated"):  # else the next Tab is of the page that is left
                await self.page.keyboard.press(key)
            await self.page.wait_for_load_state()
        else:
            await self.page.get_by_role(role, name=name, exact=True).click()  # type: ignore[arg-type]


@pytest.fixture(params=["mouse", "keyboard", "no-script"])
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def hand_of(site: Site, visit: Opened, way: str) -> Hand:
    return Hand(await visit("kommun", script=way != "no-script"), site, keyboard=way == "keyboard")


async def family(site: Site, name: str) -> list[str]:
    """Three people of this name, at a workplace of their own."""
    fields = {"family_name": name, "workplace": f"Avdelning {name}"}
    return [await site.world.staff(OREBRO, given_name=given, **fields) for given in ("Ill", "Ny", "Kim")]


async def session(site: Site, days: int) -> str:
    return await site.world.session(5, starts=site.world.clock.at.replace(hour=9) + days * DAY)


async def test_somebody_else_goes_then_to_another_session_and_then_nobody(site: Site, visit: Opened, way: str) -> None:
    hand, name = await hand_of(site, visit, way), f"Byte{way[:2]}"
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


async def test_places_get_names_and_a_walk_in_a_person(site: Site, visit: Opened, way: str) -> None:
    hand, name = await hand_of(site, visit, way), f"Namn{way[:2]}"
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
