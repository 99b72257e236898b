"""One browser and one site for all of these tests, and for no others: they cost processor time as long as they run.

Where there is no browser they say so and are left out.
"""

import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from infra.local.code_flow import remember
from tests.browser.checks import Watched
from tests.browser.hands import WAYS, Hand
from tests.browser.phones import teach
from tests.browser.site import Site, served
from tests.support.chromium import MISSING, REQUIRED, chromium
from tests.support.stack import Stack


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    path = chromium()
    if path is None:
        if os.environ.get(REQUIRED):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    expect.set_options(timeout=30_000)  # as long as an act waits: what is slow is not wrong
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield running
        await running.close()


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def site(browser: Browser, stack: Stack) -> AsyncIterator[Site]:
    async with served(stack) as made:
        await teach(made)
        yield made


Opened = Callable[..., Any]
Handed = Callable[..., Awaitable[Hand]]


HOME = re.compile(r"https?://[^/]+/(narvaro|uppfoljning)?$")
"""Where each role begins."""


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser, site: Site) -> AsyncIterator[Opened]:
    """`page = await visit("kommun", script=False)`: a window of its own, signed in by the sign-in page."""
    async with AsyncExitStack() as resources:

        async def opened(user: str = "", *, script: bool = True, width: int = 1280) -> Page:
            context: BrowserContext = await browser.new_context(
                java_script_enabled=script, locale="sv-SE", viewport={"width": width, "height": 900}
            )
            resources.push_async_callback(context.close)
            page = await context.new_page()
            Watched.of(page)
            if user:
                remember(site.folder, "utbildare", trainer_id=site.ids["trainer"])
                await page.goto(site.address("/logga-in"))
                await page.click(f'[data-user="{user}"]')
                await page.wait_for_url(HOME)
            return page

        yield opened


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def handed(visit: Opened, site: Site, way: str) -> Handed:
    """`hand = await handed("kommun")`: somebody signed in, who does the test's errand in each way."""

    async def hand(user: str = "", **options: Any) -> Hand:
        page = await visit(user, script=way != "no-script", **options)
        return Hand(page, site, keyboard=way == "keyboard")

    return hand
