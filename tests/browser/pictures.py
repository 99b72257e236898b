"""`make pictures`: screenshots of the demo's pages for README, narrow and wide, into `docs/pictures`."""

import argparse
import asyncio
import sys
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, async_playwright

from infra.commands.addresses import origin
from tests.support.chromium import MISSING, chromium

FOLDER: Final = Path(__file__).parents[2] / "docs" / "pictures"
WIDE, NARROW = 1120, 360
PICTURES: Final = (
    ("home", "kommun", "/", WIDE),
    ("sessions", "kommun", "/boka/kurstillfallen?period=all", WIDE),
    ("sessions-phone", "kommun", "/boka/kurstillfallen?period=all", NARROW),
    ("staff", "kommun", "/boka/personal", WIDE),
)
"""Name, user of the demo, address, width. Each is one screen high: README stays small."""


async def take(browser: Browser, base: str, folder: Path) -> None:
    for name, user, address, width in PICTURES:
        context = await browser.new_context(viewport={"width": width, "height": 720}, locale="sv-SE")
        page = await context.new_page()
        await page.goto(f"{base}/logga-in")
        await page.click(f'[data-user="{user}"]')
        await page.wait_for_url(f"{base}/")
        await page.goto(base + address)
        await page.screenshot(path=folder / f"{name}.jpg", type="jpeg", quality=72)
        await context.close()


async def main(base: str, folder: Path) -> None:
    path = chromium()
    if path is None:
        raise SystemExit(MISSING)
    folder.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        await take(browser, base, folder)
        await browser.close()
    sys.stdout.write(f"{len(PICTURES)} pictures in {folder}\n")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--base", default="", help="the running stack (default: the one of this folder)")
    arguments.add_argument("--out", type=Path, default=FOLDER)
    given = arguments.parse_args()
    asyncio.run(main(given.base.rstrip("/") or origin(), given.out))
