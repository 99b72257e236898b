"""Pages of follow-up: what is shown to whom, each number leading to its rows, and a report from its order to a file
that somebody checks.
"""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from shared.security.roles import Role
from tests.integration.reporting.ordering import finished
from tests.integration.reporting.publishing import reporting_of
from tests.support.browsers import browser, fields_of
from tests.support.services import Origin
from tests.support.stack import Stack
from tests.support.story import Story, at, employment

pytestmark = pytest.mark.asyncio(loop_scope="module")

YEAR = "from=2025-01-01&to=2025-12-31"
REPORTS = "/uppfoljning/rapporter"


def a_year() -> Story:
    """Seven of Nora and three of Lindesberg, and somebody without an employer that day."""
    story = Story()
    story.project()
    story.municipality("1884", (60_000, "2025-01-01"), name="Nora")
    story.municipality("1885", (600, "2025-01-01"), name="Lindesberg")
    session = story.session("s", (at("2025-03-03"), 180), capacity=20)
    for number in range(10):
        code = "1884" if number < 7 else "1885"
        story.person(f"p{number}", employment(f"p{number}", code))
        story.confirmed(session, f"p{number}", at_employer=code)
    story.person("left", employment("left", until="2025-01-31"))
    story.attest(session, *((f"p{number}", 180) for number in range(10)), ("left", 60))
    return story


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def origin(stack: Stack) -> AsyncIterator[Origin]:
    async with reporting_of(stack, a_year().told) as started:
        yield started


async def page(origin: Origin, role: Role, address: str) -> str:
    answer = await browser(origin, role, municipality="1884" if role is Role.MUNICIPALITY else None).get(address)
    assert answer.status_code == 200, answer.text
    return answer.text


async def status(origin: Origin, role: Role, address: str) -> int:
    return (await browser(origin, role, municipality="1884").get(address)).status_code


async def test_each_number_leads_to_its_rows_for_who_may_see_them(origin: Origin) -> None:
    figures = await page(origin, Role.FUNDER, f"/uppfoljning/siffror?{YEAR}")
    assert "Från 1 jan. 2025</a>" in figures, "the filter says which of the days it is"
    [address] = set(re.findall(r'href="(/uppfoljning/underlag\?figure=minutes\.attested[^"]*)"', figures))
    rows = await page(origin, Role.FUNDER, address.replace("&amp;", "&"))
    assert "1\u00a0860 minuter, 31\u00a0timmar" in rows
    assert rows.count('scope="row"') == 11
    assert len(re.findall(r'href="/boka/kurstillfallen/[0-9a-f-]{36}">TR1, 1880</a>', rows)) == 11, "what, and where"
    assert rows.count("kl. 10–13") == 11
    assert "/boka/personal" not in rows, "who it is, is the office's"
    assert "/boka/personal" in await page(origin, Role.COORDINATOR, address.replace("&amp;", "&"))
    own = await page(origin, Role.MUNICIPALITY, f"/uppfoljning/siffror?{YEAR}&municipality=1884")
    assert "Nora</a>" not in own, "nobody can take the own municipality away"
    assert "1\u202f260" in own
    assert "underlag" not in own
    assert "Lindesberg" not in own
    assert await status(origin, Role.MUNICIPALITY, address.replace("&amp;", "&")) == 403
    released = await page(origin, Role.EVALUATOR, f"/uppfoljning/siffror?{YEAR}")
    assert "1\u202f860" not in released
    file = await browser(origin, Role.FUNDER).get(f"/uppfoljning/siffror.csv?{YEAR}")
    assert ";minutes.attested;1860" in file.text
    rows_file = await browser(origin, Role.FUNDER).get(
        address.replace("&amp;", "&").replace("underlag?", "underlag.csv?")
    )
    assert len(rows_file.text.splitlines()) == 1 + 11


async def test_a_municipality_sees_its_own_hours_and_others_everybodys(origin: Origin) -> None:
    address = "/uppfoljning/samfinansiering?as_of=2025-12-31"
    everybodys = await page(origin, Role.COORDINATOR, address)
    assert "Lindesberg" in everybodys
    assert "/uppfoljning/omatchade" in everybodys
    assert re.search(r"\d+\u00a0*kurstillfällen med 20 platser|\d+ kurstillfällen med 20 platser", everybodys)
    own = await page(origin, Role.MUNICIPALITY, address)
    assert "21\u00a0timmar" in own
    assert "Lindesberg" not in own


async def test_what_nobody_can_claim_says_what_to_do(origin: Origin) -> None:
    shown = await page(origin, Role.COORDINATOR, "/uppfoljning/omatchade")
    assert "Personen hade ingen anställning den dagen" in shown
    assert "/boka/personal?ended=true&amp;participant_id=" in shown
    part = await browser(origin, Role.COORDINATOR).get("/uppfoljning/omatchade", headers={"HX-Request": "true"})
    assert "1\u00a0timme som är attesterade kan inte räknas åt någon" in part.text
    assert await status(origin, Role.FUNDER, "/uppfoljning/omatchade") == 403


async def ordered(client: httpx2.AsyncClient, **fields: Any) -> str:
    """Orders a report as the pages do; returns its page."""
    assert (await client.get(f"{REPORTS}/ny")).status_code == 200
    assert 'value="2025Q1"' in (await client.get(f"{REPORTS}/ny/period?kind=progress")).text
    check = f"{REPORTS}/ny/kontrollera?kind=progress&period=2025&language=sv"
    form = fields_of((await client.get(check)).text)
    answer = await client.post(check, data={**form, **fields})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def test_a_report_is_ordered_watched_read_checked_compared_and_made_anew(origin: Origin) -> None:
    office, funder = browser(origin, Role.COORDINATOR), browser(origin, Role.FUNDER)
    one = await ordered(office, **{"texts.activities": "- Allt går bra"})
    first = one.rpartition("/")[2]
    assert (await finished(origin, first))["texts"] == {"activities": "- Allt går bra"}
    shown = (await funder.get(one)).text
    assert f"/reporting/v1/reports/{first}/file.pdf" in shown
    assert "ny-version" not in shown, "a funder reads"
    assert "Rapporten stämmer" in (await funder.get(f"{one}/kontroll")).text

    new = await office.get(f"{one}/ny-version")
    answer = await office.post(f"{one}/ny-version", data={**fields_of(new.text), "texts.activities": "Bättre"})
    assert answer.status_code == 303, answer.text
    second = answer.headers["location"]
    assert (await finished(origin, second.rpartition("/")[2]))["texts"] == {"activities": "Bättre"}
    assert "Inga siffror skiljer sig" in (await funder.get(f"{second}/andringar")).text
    assert "Det finns en nyare version" in (await funder.get(one)).text
    assert first in (await funder.get(REPORTS)).text
    assert (await browser(origin, Role.MUNICIPALITY, municipality="1884").get(one)).status_code == 404


async def test_a_file_is_known_by_its_bytes_to_those_who_may_read_its_report(origin: Origin) -> None:
    office, funder = browser(origin, Role.COORDINATOR), browser(origin, Role.FUNDER)
    one = (await ordered(office)).rpartition("/")[2]
    await finished(origin, one)
    content = (await funder.get(f"/reporting/v1/reports/{one}/file.csv")).content

    async def checked(client: httpx2.AsyncClient, content: bytes) -> str:
        form = fields_of((await client.get("/uppfoljning/kontrollera-fil")).text)
        sent = {"file": ("rapport.csv", content)}
        answer = await client.post("/uppfoljning/kontrollera-fil", data={"_key": form["_key"]}, files=sent)
        assert answer.status_code == 303, answer.text
        return (await client.get(answer.headers["location"])).text

    assert "Filen är äkta" in await checked(funder, content)
    assert "Filen är inte en av våra" in await checked(funder, content + b" ")
    stranger = browser(origin, Role.MUNICIPALITY, municipality="1884")
    assert "Filen är inte en av våra" in await checked(stranger, content)
    empty = await funder.post("/uppfoljning/kontrollera-fil", data={"_key": "k"}, files={"other": ("x", b"x")})
    assert empty.status_code == 422
