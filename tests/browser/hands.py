"""Somebody at a page, by mouse or by keyboard alone: an errand is written once, and done in each way."""

import asyncio
import contextlib
from typing import Any, Literal

from playwright.async_api import FileChooser, FilePayload, Locator, Page, expect
from playwright.async_api import TimeoutError as NothingHappened

from tests.browser.site import Site

WAYS = ("mouse", "keyboard", "no-script")
MOST_TABS, MOST_OPTIONS = 150, 100
FOCUSED = """
() => {
  const one = document.activeElement; const label = one.labels && one.labels[0]
  const style = getComputedStyle(one.labels?.length ? one.labels[0] : one)
  const ring = [getComputedStyle(one), getComputedStyle(one, '::before'),
    one.nextElementSibling ? getComputedStyle(one.nextElementSibling, '::before') : style]
  return {name: (label ?? one).textContent.trim().replace(/\\s+/g, ' '), group: one.type == 'radio' ? one.name : null,
    seen: ring.some((s) => s.outlineStyle !== 'none' || s.boxShadow !== 'none')}
}
"""
CHOSEN = "(list) => list.selectedOptions[0].textContent.trim()"


class Hand:
    """Follows links, presses buttons and fills in fields by what they say."""

    def __init__(self, page: Page, site: Site, *, keyboard: bool) -> None:
        self.page, self.site, self.keyboard = page, site, keyboard

    async def open(self, path: str) -> None:
        await self.page.goto(self.site.address(path))

    async def follow(self, *names: str) -> None:
        for name in names:
            await self._leave("link", name)

    async def go_on(self, name: str) -> None:
        """A button that leads to another page."""
        await self._leave("button", name)

    async def press(self, name: str) -> None:
        """The last button of an errand: the next page says that it is done."""
        await self.go_on(name)
        await expect(self.page.locator(".govuk-notification-banner--success")).to_be_visible()

    async def tick(self, name: str) -> None:
        if self.keyboard:
            await reach(self.page, name)
            await self.page.keyboard.press("Space")
        else:
            await self.page.get_by_role("checkbox", name=name, exact=True).click()

    async def choose(self, name: str) -> None:
        """By the keyboard a group of radios is one stop of Tab; the arrows choose within it."""
        radio = self.page.get_by_role("radio", name=name, exact=True)
        if not self.keyboard:
            await radio.click()
            return
        await reach(self.page, await radio.get_attribute("name"), "group")
        for _ in range(MOST_OPTIONS):
            if await radio.evaluate("(one) => one === document.activeElement"):
                await self.page.keyboard.press("Space")
                return
            await self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{name} is not reached by the arrows")

    async def pick(self, label: str, option: str) -> None:
        """One of a list."""
        field = self._field(label)
        if not self.keyboard:
            await field.select_option(label=option)
            return
        await reach(self.page, label)
        await self.page.keyboard.press("Home")
        for _ in range(MOST_OPTIONS):
            if await field.evaluate(CHOSEN) == option:
                return
            await self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{option} is not reached by the arrows")

    async def write(self, label: str, text: str) -> None:
        if self.keyboard:
            await reach(self.page, label)
            await self.page.keyboard.type(text)
        else:
            await self._field(label).fill(text)

    async def day(self, label: str, day: str) -> None:
        """A date or a time, which the browser's own field takes by keys that differ by its language."""
        if self.keyboard:
            await reach(self.page, label)
        await self._field(label).fill(day)

    async def attach(self, label: str, file: FilePayload) -> None:
        field = self.page.get_by_label(label, exact=True)
        if self.keyboard:
            await (await chooser_by_keyboard(field)).set_files(file)
            return
        async with self.page.expect_file_chooser() as chooser:
            await field.click()
        await (await chooser.value).set_files(file)

    async def reads(self, text: str) -> None:
        await expect(self.page.locator("main")).to_contain_text(text)

    def _field(self, label: str) -> Locator:
        return self.page.get_by_label(label, exact=True).filter(visible=True)

    async def _leave(self, role: Literal["link", "button"], name: str) -> None:
        """What is done next is done on the next page."""
        target = self.page.get_by_role(role, name=name, exact=True)
        if self.keyboard:
            await reach(self.page, name)
        async with self.page.expect_event("framenavigated"):
            await (self.page.keyboard.press("Enter") if self.keyboard else target.click())
        await self.page.wait_for_load_state()


async def reach(page: Page, wanted: Any, by: Literal["name", "group"] = "name") -> None:
    """Moves on by Tab until what has this name, or is of this group, has the focus, which must be visible."""
    for _ in range(MOST_TABS):
        await page.keyboard.press("Tab")
        focus = await page.evaluate(FOCUSED)
        if focus[by] == wanted:
            assert focus["seen"], f"{wanted} has the focus, and nobody sees it"
            return
    raise AssertionError(f"{wanted} is not reached by Tab")


async def chooser_by_keyboard(field: Locator) -> FileChooser:
    """What the Enter key opens. On a busy machine a key that follows a new page at once may be lost: whoever sees
    nothing happen presses again.
    """
    async with asyncio.timeout(30):
        while True:
            with contextlib.suppress(NothingHappened):
                async with field.page.expect_file_chooser(timeout=3_000) as chooser:
                    await field.press("Enter")
                return await chooser.value
