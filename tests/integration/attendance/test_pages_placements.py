"""Placements on pages: found by name among the own staff, followed up week by week, corrected."""

from datetime import UTC, date, datetime, timedelta

import httpx2
import pytest

from shared.clock import local_day
from shared.contracts.people_v2 import ContactOfEmployment, PersonChangedV2
from shared.security.roles import Role
from tests.integration.attendance.test_placements import employed
from tests.support.browsers import browser
from tests.support.school import School
from tests.support.story import employment_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGE = "/narvaro/placeringar"
ANSWERS = {"answers.attendance": "partly", "answers.independence": "2", "answers.supervision": "enough"}


def municipality(school: School, code: str = "1884") -> httpx2.AsyncClient:
    return browser(school.origin, Role.MUNICIPALITY, municipality=code)


def day_of_today() -> date:
    return local_day(datetime.now(UTC))


async def test_a_municipality_finds_its_own_staff_and_nobody_elses(school: School) -> None:
    person = await employed(school, "1884")
    assert str(person) in (await municipality(school).get(f"{PAGE}/ny?q=ek")).text
    assert str(person) not in (await municipality(school, "1880").get(f"{PAGE}/ny?q=ek")).text
    assert "Ingen i personalen heter så" in (await municipality(school).get(f"{PAGE}/ny?q=%25")).text
    assert (await browser(school.origin, Role.FUNDER).get(PAGE)).status_code == 403


async def test_somebody_is_found_by_whatever_name_an_own_employer_gave(school: School) -> None:
    person = await employed(school, "1884", "1880")
    names = {"1884": ('Åsa "Lill" ', "O\\Hara_"), "1880": ("Aasa", "Von Ek-100%")}
    contacts = (
        ContactOfEmployment(employment_id=employment_of(person, code), given_name=given, family_name=family)
        for code, (given, family) in names.items()
    )
    await school.tell(school.contacts(person, *contacts))
    for code, begins in {"1884": ("ÅSA", 'åsa "l', "o\\h", "o\\hara_"), "1880": ("aa", "von e", "von ek-100%")}.items():
        other = municipality(school, "1880" if code == "1884" else "1884")
        for q in begins:
            assert str(person) in (await municipality(school, code).get(f"{PAGE}/ny", params={"q": q})).text, q
            assert str(person) not in (await other.get(f"{PAGE}/ny", params={"q": q})).text, q
    for q in ("sa", "lill", "hara", "oxhara", "o\\harax", "ek", "aasa von", ",", '", "'):
        assert str(person) not in (await municipality(school).get(f"{PAGE}/ny", params={"q": q})).text, q
    await school.tell(school.bury(PersonChangedV2, f"person/{person}"))
    assert str(person) not in (await municipality(school).get(f"{PAGE}/ny?q=%C3%A5sa")).text


async def test_a_placement_is_entered_and_its_weeks_are_noted_and_corrected(school: School) -> None:
    person, own, monday = await employed(school, "1884"), municipality(school), day_of_today() - timedelta(days=14)
    year, week, _ = monday.isocalendar()
    form = {"participant_id": str(person), "workplace": "Solgården", "from": monday.isoformat(), "to": ""}
    made = await own.post(f"{PAGE}/ny", data=form)
    assert made.status_code == 303, made.text
    one = made.headers["location"]
    page = (await own.get(one)).text
    assert "Maja Ek" in page
    assert "0 av 3 veckor är uppföljda" in page
    noted = f"{one}/{year}-W{week:02}"
    for grade in ("2", "5"):
        sent = await own.post(noted, data={**ANSWERS, "week": noted[-8:], "answers.independence": grade})
        assert (sent.status_code, sent.headers["location"]) == (303, one)
    page = (await own.get(one)).text
    assert "1 av 3 veckor är uppföljda" in page
    assert "Delvis" in page
    assert 'value="5" checked' in (await own.get(noted)).text
    assert "Maja Ek" in (await own.get(PAGE)).text
    assert "Maja Ek" not in (await municipality(school, "1880").get(PAGE)).text
    assert (await municipality(school, "1880").get(noted)).status_code == 404


async def test_a_refusal_keeps_what_was_written(school: School) -> None:
    person, own = await employed(school, "1884"), municipality(school)
    form = {"participant_id": str(person), "workplace": "Solgården", "from": "2024-01-01"}
    refused = await own.post(f"{PAGE}/ny?q=ek", data=form)
    assert (refused.status_code, "inte anställd hos kommunen" in refused.text) == (422, True)
    assert 'value="Solgården"' in refused.text
