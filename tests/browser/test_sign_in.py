"""The code flow against the development issuer: what does not belong to a sign-in of this browser signs nobody in."""

from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
import pytest_asyncio

from tests.browser.site import Site

pytestmark = pytest.mark.asyncio(loop_scope="session")

BACK = "/logga-in/svar"


@pytest_asyncio.fixture(loop_scope="session")
async def clients(site: Site) -> AsyncIterator[list[httpx2.AsyncClient]]:
    """Two browsers."""
    made = [httpx2.AsyncClient(base_url=site.base_url, headers={"Sec-Fetch-Site": "same-origin"}) for _ in range(2)]
    yield made
    for client in made:
        await client.aclose()


async def begun(client: httpx2.AsyncClient, user: str = "kommun", till: str = "/boka/personal") -> httpx2.URL:
    """A sign-in up to the address that the issuer leads back to."""
    to_issuer = await client.post("/logga-in", params={"till": till}, data={"user": user})
    assert to_issuer.status_code == 303, to_issuer.text
    asked = parse_qs(urlsplit(to_issuer.headers["location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert all(asked[name][0] for name in ("state", "nonce", "code_challenge"))
    back = await client.get(to_issuer.headers["location"])
    return httpx2.URL(back.headers["location"])


def signed_in(client: httpx2.AsyncClient) -> bool:
    return "kursnav" in client.cookies


async def test_a_sign_in_is_completed_once(clients: list[httpx2.AsyncClient]) -> None:
    client, _ = clients
    back = await begun(client)
    answer = await client.get(back)
    assert (answer.status_code, answer.headers["location"]) == (303, "/boka/personal")
    assert signed_in(client)
    client.cookies.delete("kursnav")
    assert (await client.get(back)).status_code == 400, "what it was begun with is gone"


async def test_an_answer_without_a_sign_in_begun_here_is_refused(clients: list[httpx2.AsyncClient]) -> None:
    mine, other = clients
    answer = await other.get(await begun(mine))
    assert answer.status_code == 400
    assert "Börja om från inloggningssidan" in answer.text
    assert not signed_in(other)


async def test_another_state_is_refused(clients: list[httpx2.AsyncClient]) -> None:
    client, _ = clients
    back = await begun(client)
    assert (await client.get(back.copy_set_param("state", "another"))).status_code == 400
    assert not signed_in(client)


async def test_the_code_of_another_sign_in_is_refused(clients: list[httpx2.AsyncClient]) -> None:
    """Its verifier is not ours (PKCE): whoever slips his own code to somebody signs nobody in."""
    mine, his = clients
    back, stolen = await begun(mine), await begun(his, "samordnare")
    assert (await mine.get(back.copy_set_param("code", stolen.params["code"]))).status_code == 400
    assert not signed_in(mine)


@pytest.mark.parametrize("till", ["https://evil.example/", "//evil.example", "/logga-ut"])
async def test_a_sign_in_leads_to_our_own_pages_only(clients: list[httpx2.AsyncClient], till: str) -> None:
    client, _ = clients
    answer = await client.get(await begun(client, till=till))
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


async def test_another_site_cannot_sign_anybody_in(clients: list[httpx2.AsyncClient]) -> None:
    client, _ = clients
    answer = await client.post("/logga-in", data={"user": "kommun"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


async def test_signing_out_leads_by_the_issuer_and_back(clients: list[httpx2.AsyncClient], site: Site) -> None:
    client, _ = clients
    await client.get(await begun(client))
    out = await client.post("/logga-ut")
    assert out.headers["location"].startswith(f"{site.issuer}/logout?client_id=kursnav")
    assert "id_token_hint=" in out.headers["location"]
    assert (await client.get(out.headers["location"])).headers["location"] == site.base_url + "/"
    assert not signed_in(client)
