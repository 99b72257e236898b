"""Uploading a file through its four pages, as a browser does."""

import re
from html import unescape

import httpx2

from tests.support.browsers import fields_of
from tests.support.eventually import eventually


async def sent(client: httpx2.AsyncClient, text: str, address: str) -> str:
    """Sends a file; returns the address that it has from then on."""
    form = fields_of((await client.get(address)).text)
    answer = await client.post(
        address, data={"_key": form["_key"]}, files={"file": ("p.csv", text.encode("utf-8-sig"))}
    )
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"]).removesuffix("/kolumner")


def columns(page: httpx2.Response) -> dict[str, str]:
    """What the selects of the second page hold."""
    selects = re.findall(r'<select[^>]* name="(columns\.\d+)"[^>]*>(.*?)</select>', page.text, re.S)
    return {name: found[1] if (found := re.search(r'value="(\w*)" selected', inner)) else "" for name, inner in selects}


async def finished(client: httpx2.AsyncClient, address: str) -> str:
    """The page at the address once its job has ended."""

    async def page() -> str:
        answer = await client.get(address, follow_redirects=True)
        assert answer.status_code == 200, answer.text
        return "" if "<progress" in answer.text else answer.text

    return unescape(await eventually(page))


async def checked(client: httpx2.AsyncClient, text: str, address: str) -> tuple[str, str]:
    """A file with its columns as they were guessed: its address and its third page."""
    upload = await sent(client, text, address)
    answer = await client.post(f"{upload}/kolumner", data=columns(await client.get(f"{upload}/kolumner")))
    assert answer.status_code == 303, answer.text
    return upload, await finished(client, f"{upload}/kontroll")


async def taken_in(client: httpx2.AsyncClient, text: str, address: str) -> str:
    """A good file, to the end: its fourth page."""
    upload, page = await checked(client, text, address)
    answer = await client.post(f"{upload}/kontroll", data={"_key": fields_of(page)["_key"]})
    assert answer.headers["location"] == f"{upload}/klart"
    return await finished(client, f"{upload}/klart")
