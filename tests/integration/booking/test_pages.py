"""Pages by the same use cases as the API: who may see them, in which language, and what becomes of a refused form."""

import re
from html import unescape

import httpx2
import pytest

from shared.security.roles import Role
from tests.support.booking_world import DAY, HALLEFORS, HOUR, NORA, NOW, OREBRO, World, personal_number, session_body
from tests.support.browsers import browser, fields_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

LIST = "/boka/kurstillfallen"
SEARCH, WHOM = "/booking/v1/staff/search", {"personal_number": personal_number(1)}
ALSO = {"category": "base", "title": "assistant_nurse"}  # what the selects of the staff's form hold
ELSEWHERE = [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}, {}]


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


# --- forms -----------------------------------------------------------------------------------------------------------


async def opened(client: httpx2.AsyncClient, address: str) -> dict[str, str]:
    """The fields of a page's form, as they were sent."""
    answer = await client.get(address)
    assert answer.status_code == 200, answer.text
    return {**fields_of(answer.text), **ALSO}


async def test_a_form_changes_by_the_apis_rules_and_says_so(world: World, municipality: httpx2.AsyncClient) -> None:
    address = f"/boka/personal/{await world.staff(given_name='Anna')}"
    form = await opened(municipality, address)
    assert form["given_name"] == "Anna"
    saved = await municipality.post(address, data={**form, "given_name": "Annika", "email": ""})
    assert (saved.status_code, saved.headers["location"]) == (303, address)
    after = await municipality.get(address)
    assert fields_of(after.text)["given_name"] == "Annika"
    assert fields_of(after.text)["email"] == ""
    assert "Sparat." in after.text
    assert "Sparat." not in (await municipality.get(address)).text, "it is said once"


async def test_a_refused_form_says_three_times_why_and_keeps_what_was_written(
    world: World, municipality: httpx2.AsyncClient
) -> None:
    address = f"/boka/personal/{await world.staff()}"
    form = await opened(municipality, address)
    answer = await municipality.post(address, data={**form, "workplace": "Nya stället", "email": "ingen adress"})
    assert answer.status_code == 422
    assert "<title>Fel: " in answer.text
    assert answer.text.count("E-post: Kontrollera hur det är skrivet.") == 2
    assert 'href="#email"' in answer.text
    assert fields_of(answer.text)["email"] == "ingen adress"
    assert fields_of(answer.text)["workplace"] == "Nya stället"
    assert fields_of((await municipality.get(address)).text)["workplace"] == "Solgården", "nothing was saved"


async def test_what_somebody_else_changed_meanwhile_is_not_overwritten(
    world: World, municipality: httpx2.AsyncClient
) -> None:
    address = f"/boka/personal/{await world.staff()}"
    first, second = await opened(municipality, address), await opened(municipality, address)
    assert (await municipality.post(address, data={**first, "workplace": "Ett"})).status_code == 303
    late = await municipality.post(address, data={**second, "workplace": "Två"})
    assert late.status_code == 412
    assert "Någon annan har ändrat" in late.text
    assert fields_of(late.text)["workplace"] == "Två"
    assert (await municipality.post(address, data={**fields_of(late.text), **ALSO})).status_code == 303, "knowingly"


async def test_a_double_click_books_once_and_both_see_the_same(world: World, municipality: httpx2.AsyncClient) -> None:
    session = await world.post("/booking/v1/sessions", session_body(3, NOW + 43 * DAY))
    staff = await world.staff()
    check = f"{LIST}/{session['id']}/anmal/kontrollera?staff={staff}"
    form = {**fields_of((await municipality.get(check)).text), "waitlist": "true"}
    first, second = await municipality.post(check, data=form), await municipality.post(check, data=form)
    assert first.headers["location"] == second.headers["location"]
    assert second.headers["idempotent-replayed"] == "true"
    assert "Har plats" in (await municipality.get(first.headers["location"])).text


async def test_who_may_not_go_is_shown_with_why_before_anybody_registers(
    world: World, municipality: httpx2.AsyncClient
) -> None:
    session = await world.post("/booking/v1/sessions", session_body(3, NOW + 44 * DAY, course="PALS"))
    await world.staff(given_name="Bo", family_name="Basson")
    page = (await municipality.get(f"{LIST}/{session['id']}/anmal?q=basson")).text
    assert "Kan inte gå, och varför" in page
    assert "Bo Basson" in page


async def test_a_form_outlives_its_session(world: World, municipality: httpx2.AsyncClient) -> None:
    address = f"/boka/personal/{await world.staff()}"
    form = await opened(municipality, address)
    world.clock.at = NOW + 9 * HOUR
    sent_away = await municipality.post(address, data={**form, "workplace": "Skrivet för sent"})
    assert sent_away.headers["location"].startswith("/logga-in?till=%2Fboka%2Fpersonal")
    again = browser(world.origin, Role.MUNICIPALITY, municipality=OREBRO)
    for cookie in municipality.cookies.jar:
        if "kept" in cookie.name:
            again.cookies.set(cookie.name, cookie.value or "")
    page = (await again.get(address)).text
    assert fields_of(page)["workplace"] == "Skrivet för sent"
    assert "Du loggades ut" in page
    other = browser(world.origin, Role.MUNICIPALITY, municipality=OREBRO, subject="somebody-else")
    for name, value in again.cookies.items():
        if "kept" in name:
            other.cookies.set(name, value)
    assert fields_of((await other.get(address)).text)["workplace"] == "Solgården", "what one wrote is not another's"


async def test_staff_stand_in_swedish_order_and_the_other_way_round(
    world: World, municipality: httpx2.AsyncClient
) -> None:
    names = ["Zorn", "Åkesson", "Ärlig", "Öman", "andersson", "Éklund", "Ek"]
    for name in names:
        await world.staff(NORA, family_name=name, given_name="Sara", workplace="Ordningen")
    nora = browser(world.origin, Role.MUNICIPALITY, municipality=NORA)
    text = (await nora.get("/boka/personal.csv?workplace=Ordningen")).text
    assert [line.split(";")[2] for line in text.splitlines()[1:]] == [
        *("andersson", "Ek", "Éklund", "Zorn", "Åkesson", "Ärlig", "Öman")
    ]
    backwards = (await nora.get("/boka/personal.csv?workplace=Ordningen&sort=-name")).text
    assert backwards.splitlines()[1].split(";")[2] == "Öman"


async def test_a_long_list_goes_on_where_it_ended(world: World) -> None:
    for number in range(52):
        await world.staff(HALLEFORS, family_name=f"Lika {number % 3}", given_name=f"{number}", workplace="Det stora")
    page = browser(world.origin, Role.MUNICIPALITY, municipality=HALLEFORS)
    seen: list[str] = []
    address = "/boka/personal?sort=-name"
    while address:
        text = (await page.get(address)).text
        seen += re.findall(r'href="/boka/personal/([0-9a-f-]{36})"', text)
        following = re.search(r'href="([^"]+)" rel="next"', text)
        address = unescape(following[1]) if following else ""
    assert (len(seen), len(set(seen))) == (52, 52)
