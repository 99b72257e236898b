"""WebKitGTK, which has the engine of iPhones, driven by WebDriver; and a line to the site that can be cut."""

import asyncio
import os
import shutil
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx2

from infra.local.process import free_port
from tests.support.eventually import eventually

PROGRAMS = ("WebKitWebDriver", "Xvfb")
MISSING = "NO WEBKIT: the phone page was not tried in the engine of iPhones. Debian: apt install webkit2gtk-driver xvfb"
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""By this name WebDriver (W3C) hands out elements."""


def is_missing() -> bool:
    return not all(map(shutil.which, PROGRAMS))


class WebKit:
    """One window."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self.client = client
        self.session = ""

    async def call(self, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = await self.client.post(f"{self.session}/{path}", json=body or {})
        assert answer.is_success, answer.text
        return answer.json()["value"]

    async def open(self, address: str) -> None:
        await self.call("url", {"url": address})

    async def reload(self) -> None:
        await self.call("refresh")

    async def click(self, xpath: str) -> None:
        found = await self.call("element", {"using": "xpath", "value": xpath})
        await self.call(f"element/{found[ELEMENT]}/click")

    async def run(self, script: str) -> Any:
        return await self.call("execute/sync", {"script": script, "args": []})

    async def shows(self, selector: str, *texts: str) -> None:
        """Waits until an element says all of this."""
        script = f"return document.querySelector('{selector}')?.textContent.replace(/\\s+/g, ' ') ?? ''"

        async def said() -> str:
            return str(await self.run(script))

        await eventually(said, until=lambda found: all(text in found for text in texts), what=f"{selector}: {texts}")


@asynccontextmanager
async def webkit() -> AsyncIterator[WebKit]:
    """A browser on a screen of its own, until the block ends."""
    screen = await asyncio.create_subprocess_exec("Xvfb", "-displayfd", "1", stdout=PIPE, stderr=DEVNULL)
    assert screen.stdout is not None
    port = free_port()
    try:
        display = (await screen.stdout.readline()).decode().strip()
        shown = {**os.environ, "DISPLAY": f":{display}"}
        driver = await asyncio.create_subprocess_exec(PROGRAMS[0], f"--port={port}", env=shown)
        try:
            async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
                yield await _window(WebKit(client))
        finally:
            await _end(driver)
    finally:
        await _end(screen)


async def _window(browser: WebKit) -> WebKit:
    async def is_ready() -> bool:
        with suppress(httpx2.TransportError):
            return (await browser.client.get("/status")).is_success
        return False

    await eventually(is_ready, what="the driver answers")
    begun = await browser.call("session", {"capabilities": {"alwaysMatch": {}}})
    browser.session = f"/session/{begun['sessionId']}"
    await browser.call("window/rect", {"width": 360, "height": 740})
    return browser


async def _end(process: asyncio.subprocess.Process) -> None:
    process.terminate()
    await process.wait()


class Line:
    """A phone's coverage: what leads to the site while it is up, and nowhere while it is cut."""

    def __init__(self, site_port: int) -> None:
        self.site_port, self.port = site_port, free_port()
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    async def __aenter__(self) -> "Line":
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._open:
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        from_site, to_site = await asyncio.open_connection("127.0.0.1", self.site_port)
        with suppress(ConnectionError):
            await asyncio.gather(_pour(reader, to_site), _pour(from_site, writer))
        self._open.discard(writer)


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()
