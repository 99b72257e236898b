"""The participant's own page, and the office's and a manager's pages about signatures and certificates."""

import html
import re

import pytest
import pytest_asyncio

from services.attendance.certificates import pages as certificate_pages
from services.attendance.signatures import pages as signature_pages
from shared.security.roles import Role
from tests.integration.attendance.post import DAY, NOW, Participant, Post
from tests.support.browsers import FROM_OUR_PAGES, browser, fields_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

DEMANDED = ("signature_required", True, "2025-01-01")


@pytest_asyncio.fixture(loop_scope="module")
async def maja(post: Post) -> Participant:
    await post.apply(post.school.project(DEMANDED))
    return await post.participant()


def said(page: str) -> str:
    return html.unescape(re.sub(r"\s+", " ", page.replace("\xa0", " ")))


async def test_a_month_is_signed_in_two_steps_without_a_sign_in(post: Post, maja: Participant) -> None:
    client = post.anybody
    client.headers.update(FROM_OUR_PAGES)
    home = f"/min/{maja.token}"
    answer = await client.get(home)
    assert (answer.headers["cache-control"], answer.headers["referrer-policy"]) == ("no-store", "same-origin")
    page = said(answer.text)
    assert "Skriv under 2,8 timmar för mars 2026" in page
    assert "Maja Ek" in page
    first = await client.get(f"{home}/2026-03")
    assert "Steg 1 av 2" in said(first.text)
    before = len(await post.mails_about(maja.address, "Koden för att skriva under"))
    sent = await client.post(f"{home}/2026-03", data=fields_of(first.text))
    assert (sent.status_code, sent.headers["location"]) == (303, f"{home}/2026-03/kod")
    mail = (await post.mails_about(maja.address, "Koden för att skriva under", before + 1))[-1]
    [code] = re.findall(r"Koden är ([0-9]{6})\.", mail["text"])

    second = await client.get(f"{home}/2026-03/kod")
    fields = dict(fields_of(second.text))
    wrong = await client.post(f"{home}/2026-03/kod", data={**fields, "code": f"{(int(code) + 1) % 10**6:06}"})
    assert wrong.status_code == 422
    assert "Koden stämmer inte" in said(wrong.text)
    signed = await client.post(f"{home}/2026-03/kod", data={**fields, "code": code})
    assert (signed.status_code, signed.headers["location"]) == (303, home)
    assert "Dina timmar är underskrivna. Tack!" in said((await client.get(home)).text)
    assert (await maja.month())["state"] == "signed"


async def test_who_has_opened_the_own_page_checks_in_by_the_code_alone(post: Post, maja: Participant) -> None:
    client = post.origin.client()
    assert "Adressen i mejlet" in said((await client.get("/incheckning")).text)
    opened = await client.get(f"/min/{maja.token}")
    kept = opened.headers["set-cookie"]
    assert f"kursnav-link={maja.token}" in kept
    assert "Path=/incheckning" in kept
    assert "HttpOnly" in kept
    assert "Adressen i mejlet" not in said((await client.get("/incheckning")).text)
    assert "kursnav-link" not in (await client.get(f"/min/{'a' * 32}")).headers.get("set-cookie", "")


async def test_a_dead_link_is_a_page_that_says_what_to_do(post: Post, maja: Participant) -> None:
    answer = await post.anybody.get(f"/min/{'a' * 32}")
    assert answer.status_code == 404
    assert "Länken fungerar inte. Öppna länken i det senaste mejlet" in said(answer.text)
    assert "logga-in" not in answer.headers.get("location", "")


async def test_a_code_that_is_no_code_is_said_at_the_field_and_nothing_else(post: Post, maja: Participant) -> None:
    client = post.anybody
    client.headers.update(FROM_OUR_PAGES)
    page = f"/min/{maja.token}/2026-03/kod"
    fields = dict(fields_of((await client.get(page)).text))
    refused = await client.post(page, data={**fields, "code": "12"})
    assert refused.status_code == 422
    assert 'href="#code"' in refused.text


async def test_the_office_sees_who_has_not_signed_and_enters_the_paper(post: Post, maja: Participant) -> None:
    client = browser(post.origin, Role.COORDINATOR)
    listed = await client.get("/narvaro/underskrifter?month=2026-03")
    assert f"/narvaro/underskrifter/2026-03/{maja.id}" in listed.text
    page = f"/narvaro/underskrifter/2026-03/{maja.id}"
    fields = dict(fields_of((await client.get(page)).text))
    missing = await client.post(page, data={**fields, "document_ref": ""})
    assert (missing.status_code, 'href="#document_ref"' in missing.text) == (422, True)
    entered = await client.post(page, data={**fields, "document_ref": "Pärm 3"})
    assert (entered.status_code, entered.headers["location"]) == (303, "/narvaro/underskrifter?month=2026-03")
    assert (await maja.month())["state"] == "signed"


async def test_the_office_sends_a_link_and_ends_it(post: Post, maja: Participant) -> None:
    client = browser(post.origin, Role.COORDINATOR)
    page = f"/narvaro/lankar/{maja.id}"
    listed = await client.get(page)
    assert f"{page}/{maja.link_id}" in listed.text
    sent = await client.post(page, data=fields_of(listed.text))
    assert sent.status_code == 303
    ended = await client.post(f"{page}/{maja.link_id}")
    assert ended.status_code == 303
    assert (await post.anybody.get(f"/min/{maja.token}")).status_code == 404


async def test_a_manager_fetches_certificates_of_own_people_only(post: Post, maja: Participant) -> None:
    await post.apply(post.school.project())
    own = browser(post.origin, Role.MUNICIPALITY, municipality="1884")
    other = browser(post.origin, Role.MUNICIPALITY, municipality="1880")
    address = f"/narvaro/intyg/{maja.id}/{maja.session.id}.pdf"
    assert address in (await own.get("/narvaro/intyg?month=2026-03")).text
    assert address in (await own.get("/narvaro/intyg?month=2026-03&q=ek")).text
    assert address not in (await own.get("/narvaro/intyg?month=2026-03&q=olsson")).text
    assert str(maja.id) not in (await other.get("/narvaro/intyg?month=2026-03")).text
    paper = await own.get(f"{address}?language=en")
    assert (paper.status_code, paper.content[:5]) == (200, b"%PDF-")
    assert (await other.get(address)).status_code == 404


async def test_who_has_not_signed_yet_is_told_on_a_page_not_in_json(post: Post, maja: Participant) -> None:
    await post.apply(post.school.project(DEMANDED))
    own = browser(post.origin, Role.MUNICIPALITY, municipality="1884")
    refused = await own.get(f"/narvaro/intyg/{maja.id}/{maja.session.id}.pdf")
    assert refused.status_code == 409
    assert refused.headers["content-type"].startswith("text/html")
    assert "Timmarna är inte underskrivna än" in refused.text


async def test_anybody_reads_whether_a_certificate_is_genuine(post: Post, maja: Participant) -> None:
    await post.apply(post.school.project())
    await post.school.coordinator.get(f"/attendance/v1/certificates/{maja.id}/{maja.session.id}.pdf")
    stored = "SELECT hash FROM certificates WHERE participant_id = $1"
    [row] = await post.origin.rows("attendance", stored, maja.id)
    assert "Intyget är äkta" in (await post.anybody.get(f"/intyg/{row['hash']}")).text
    unknown = await post.anybody.get("/intyg/abc")
    assert (unknown.status_code, "Inget sådant intyg gäller" in unknown.text) == (200, True)


async def test_lists_of_months_and_certificates_go_on_page_after_page(
    post: Post, maja: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    for pages in (signature_pages, certificate_pages):
        monkeypatch.setattr(pages, "ROWS", 2)
    people = [(await post.person(given_name=f"Nils{n}", family_name="Listsson"))[0] for n in range(5)]
    await post.attended(*people, starts=NOW + 400 * DAY)
    office = browser(post.origin, Role.COORDINATOR)
    for address in ("/narvaro/underskrifter?month=2027-04", "/narvaro/intyg?month=2027-04"):
        seen: list[list[str]] = []
        while address:
            page = said((await office.get(address)).text)
            print(page[page.index("<main") :][:6000])
            assert "Listsson" not in address
            seen.append(re.findall(r"<th role=\"rowheader\"[^>]*>([^<]*Nils[0-9][^<]*)</th>", page))
            following = re.search(r'href="([^"]*cursor=[^"]*)" rel="next"', page)
            address = following[1] if following else ""
        assert [len(names) for names in seen] == [2, 2, 1]
        names = [name for found in seen for name in found]
        assert names == sorted(set(names))
