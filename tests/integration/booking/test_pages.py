"""Pages by the same use cases as the API: who may see them, in which language, and what becomes of a refused form."""

import httpx2
import pytest

from shared.security.roles import Role
from tests.support.booking_world import DAY, NOW, OREBRO, World, personal_number, session_body
from tests.support.browsers import browser

pytestmark = pytest.mark.asyncio(loop_scope="module")

LIST = "/boka/kurstillfallen"
SEARCH, WHOM = "/booking/v1/staff/search", {"personal_number": personal_number(1)}
ELSEWHERE = [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}, {}]


@pytest.fixture
def office(world: World) -> httpx2.AsyncClient:
    return browser(world.origin, Role.COORDINATOR)


@pytest.fixture
def municipality(world: World) -> httpx2.AsyncClient:
    return browser(world.origin, Role.MUNICIPALITY, municipality=OREBRO)


async def test_who_is_not_signed_in_is_led_there_and_back(world: World) -> None:
    answer = await world.origin.client().get(f"{LIST}?course=TR1")
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/logga-in?till=%2Fboka%2Fkurstillfallen%3Fcourse%3DTR1",
    )


async def test_a_page_is_swedish_until_the_language_is_switched_and_stays_so(municipality: httpx2.AsyncClient) -> None:
    swedish = await municipality.get(LIST)
    assert '<html lang="sv"' in swedish.text
    assert "<title>Kurstillfällen – " in swedish.text
    english = await municipality.get(f"{LIST}?sprak=en")
    assert '<html lang="en"' in english.text
    assert "<title>Sessions – " in (await municipality.get(LIST)).text


async def test_a_page_lets_nothing_foreign_run_and_is_kept_nowhere(municipality: httpx2.AsyncClient) -> None:
    headers = (await municipality.get(LIST)).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "no-store" in headers["cache-control"]


async def test_the_cookie_calls_the_api_too_and_a_token_goes_on(world: World, municipality: httpx2.AsyncClient) -> None:
    assert (await municipality.get("/booking/v1/staff")).status_code == 200
    assert (await world.municipality(OREBRO).get(LIST)).status_code == 200


@pytest.mark.parametrize("site", ELSEWHERE)
async def test_a_write_that_another_site_began_is_refused(
    municipality: httpx2.AsyncClient, site: dict[str, str]
) -> None:
    del municipality.headers["sec-fetch-site"]
    answer = await municipality.post(SEARCH, json=WHOM, headers=site)
    assert (answer.status_code, answer.json()["type"]) == (403, "https://kursnav.se/problems/forbidden")


async def test_an_older_browser_says_by_origin_that_it_is_our_page(municipality: httpx2.AsyncClient) -> None:
    del municipality.headers["sec-fetch-site"]
    ours = {"Origin": str(municipality.base_url).rstrip("/")}
    answer = await municipality.post(SEARCH, json=WHOM, headers=ours)
    assert answer.status_code == 200


async def test_a_cookie_that_was_tampered_with_is_none(world: World, municipality: httpx2.AsyncClient) -> None:
    stolen = municipality.cookies["kursnav"]
    municipality.cookies.set("kursnav", stolen[:-4] + "AAAA")
    assert (await municipality.get("/booking/v1/staff")).status_code == 401


async def test_what_there_is_nothing_at_is_a_page_that_says_so(municipality: httpx2.AsyncClient) -> None:
    for address in ("/boka/ingenstans", "/ingenstans", f"{LIST}/0194d2c0-0000-7000-8000-000000000001"):
        answer = await municipality.get(address)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert "<h1" in answer.text
        assert "Sidan finns inte" in answer.text


async def test_filters_that_make_no_sense_are_named_and_the_list_stands(municipality: httpx2.AsyncClient) -> None:
    answer = await municipality.get(f"{LIST}?from=igår")
    assert answer.status_code == 422
    assert "<title>Fel: Kurstillfällen" in answer.text
    assert 'value="igår"' in answer.text


async def test_the_list_shows_what_fits_and_exports_it(world: World, office: httpx2.AsyncClient) -> None:
    await world.post("/booking/v1/sessions", session_body(12, NOW + 40 * DAY, venue="Biblioteket"))
    assert "Biblioteket" in (await office.get(f"{LIST}?has_free_seats=true")).text
    exported = (await office.get(f"{LIST}.csv?has_free_seats=true")).text
    assert "Biblioteket" in exported
    assert exported.startswith("\ufeffstart;course;")


async def test_everybody_may_see_the_courses_without_counts(world: World) -> None:
    await world.post("/booking/v1/sessions", session_body(12, NOW + 41 * DAY))
    answer = await world.origin.client().get("/kurser")
    assert answer.status_code == 200
    assert "Platser kvar" in answer.text


async def test_who_signs_out_is_signed_out_at_once(world: World, municipality: httpx2.AsyncClient) -> None:
    kept = municipality.cookies["kursnav"]
    assert (await municipality.post("/logga-ut")).status_code == 303
    municipality.cookies.clear()
    municipality.cookies.set("kursnav", kept)
    assert (await municipality.get("/booking/v1/staff")).status_code == 401
