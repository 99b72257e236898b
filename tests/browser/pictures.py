"""`make pictures`: screenshots of the demo's pages for README, narrow and wide, into `docs/pictures`."""

import argparse
import asyncio
import sys
from base64 import b64decode, b64encode
from datetime import timedelta
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, Page, async_playwright

from infra.commands.addresses import origin
from shared.clock import SystemClock, local_day
from tests.support.chromium import MISSING, chromium

FOLDER: Final = Path(__file__).parents[2] / "docs" / "pictures"
WIDE, NARROW, HEIGHT = 1120, 360, 860
SESSION = "/boka/kurstillfallen"
PICTURES: Final = (
    ("home", "kommun", "/", WIDE),
    ("register", "kommun", SESSION + "/{open}/anmal", WIDE),
    ("phone", "kommun", SESSION + "/{open}/anmal", NARROW),
    ("registrations", "kommun", "/boka/anmalningar", WIDE),
    ("queue", "kommun", SESSION + "/{full}/reservlista", WIDE),
    ("office", "samordnare", "/", WIDE),
    ("cancel", "samordnare", SESSION + "/{open}/stall-in", WIDE),
)
"""Name, user of the demo, address, width. Each is one screen high: README stays small."""
SESSIONS: Final = {"open": "true", "full": "false"}
"""The session that an address names: the first after today with seats left, or without."""
AS_WEBP: Final = """
async png => {
    const image = await createImageBitmap(await (await fetch("data:image/png;base64," + png)).blob())
    const canvas = document.createElement("canvas")
    canvas.width = image.width
    canvas.height = image.height
    canvas.getContext("2d").drawImage(image, 0, 0)
    return canvas.toDataURL("image/webp", 0.8).split(",")[1]
}
"""
"""A screenshot is a PNG; the browser itself makes a third of it."""


async def take(browser: Browser, base: str, folder: Path) -> None:
    blank = await browser.new_page()
    for name, user, address, width in PICTURES:
        context = await browser.new_context(
            viewport={"width": width, "height": HEIGHT}, locale="sv-SE", reduced_motion="reduce"
        )
        page = await context.new_page()
        await page.goto(f"{base}/logga-in")
        await page.click(f'[data-user="{user}"]')
        await page.wait_for_url(f"{base}/")
        # Idle: also what other services know has come.
        found = await page.goto(base + address.format(**await _sessions(page, base)), wait_until="networkidle")
        if found is None or not found.ok:
            raise SystemExit(f"{name}: {found and found.status} at {page.url}")
        shot = await page.screenshot()
        packed: str = await blank.evaluate(AS_WEBP, b64encode(shot).decode())
        (folder / f"{name}.webp").write_bytes(b64decode(packed))
        await context.close()


async def _sessions(page: Page, base: str) -> dict[str, str]:
    tomorrow = (local_day(SystemClock().now()) + timedelta(days=1)).isoformat()
    asked = {"state": "scheduled", "from": tomorrow, "limit": "1"}
    ids = {}
    for name, free in SESSIONS.items():
        found = await page.request.get(f"{base}/booking/v1/sessions", params={**asked, "has_free_seats": free})
        ids[name] = (await found.json())["items"][0]["id"]
    return ids


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
