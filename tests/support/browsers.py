"""A browser without a screen: a client with the cookie of somebody signed in, whose writes come from our pages."""

from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

import httpx2
from starlette.responses import Response

from shared.security.roles import Caller, Role
from shared.web.sign_in.sessions import Sessions
from tests.support.services import Origin

FROM_OUR_PAGES = {"Sec-Fetch-Site": "same-origin"}


def browser(
    origin: Origin, role: Role, *, municipality: str | None = None, trainer_id: UUID | None = None, subject: str = ""
) -> httpx2.AsyncClient:
    """A client that is signed in by cookie."""
    service = next(iter(origin.services.values()))
    sessions: Sessions = service.app.state.sessions
    name = f"{role.value} of the test"
    response = Response()
    sessions.begin(response, Caller(subject or role.value, name, frozenset({role}), municipality, trainer_id))
    client = origin.client()
    client.headers.update(FROM_OUR_PAGES)
    cookie = response.headers["set-cookie"].partition(";")[0]
    client.cookies.set(*cookie.split("=", 1))
    return client


class _Fields(HTMLParser):
    """The fields of the forms of a page by name, as a browser would send them."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, Any] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name"), given.get("value") or ""
        if tag != "input" or name is None or (given.get("type") in ("checkbox", "radio") and "checked" not in given):
            return
        self.fields[name] = value


def fields_of(page: str) -> Mapping[str, Any]:
    """What the inputs of a page hold."""
    parser = _Fields()
    parser.feed(page)
    return parser.fields


async def page(client: httpx2.AsyncClient, address: str) -> str:
    """The page to which an address leads."""
    answer = await client.get(address, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return answer.text


async def sent(client: httpx2.AsyncClient, address: str, **fields: object) -> httpx2.Response:
    """The answer to the form of a page, sent as it stands but for these fields."""
    return await client.post(address, data={**fields_of(await page(client, address)), **fields})
