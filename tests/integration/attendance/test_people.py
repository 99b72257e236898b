"""How people are addressed: by the contact of the employment that registered them."""

from uuid import UUID, uuid4

import pytest

from shared.contracts.people_v1 import PersonChanged
from shared.contracts.people_v2 import ContactOfEmployment
from tests.support.school import School, got, mark
from tests.support.story import Session, employment_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

NORA, OREBRO = "1884", "1880"


async def two_employers(school: School) -> tuple[UUID, Session, Session]:
    """Somebody whom Nora calls Maja Ek and Örebro Maj-Britt Ek Lund, on a session for each."""
    person = uuid4()
    await school.tell(
        school.contacts(
            person,
            ContactOfEmployment(employment_id=employment_of(person, NORA), given_name="Maja", family_name="Ek"),
            ContactOfEmployment(
                employment_id=employment_of(person, OREBRO), given_name="Maj-Britt", family_name="Ek Lund"
            ),
        )
    )
    sessions = []
    for code in (NORA, OREBRO):
        session = await school.session()
        await school.tell(school.confirmed(session, person, at_employer=code))
        sessions.append(session)
    return person, sessions[0], sessions[1]


async def name_on(school: School, session: Session) -> str | None:
    [person] = (await school.roll(session))["people"]
    name: str | None = person["name"]
    return name


async def test_a_roll_takes_the_name_of_the_employment_that_registered(school: School) -> None:
    _, of_nora, of_orebro = await two_employers(school)
    assert await name_on(school, of_nora) == "Maja Ek"
    assert await name_on(school, of_orebro) == "Maj-Britt Ek Lund"


async def test_a_conflict_shows_the_name_that_stands_on_its_roll(school: School) -> None:
    person, _, session = await two_employers(school)
    await school.post_marks(session, mark(session, person, "present"), device="one")
    await school.post_marks(session, mark(session, person, "absent", base_version=0), device="two")
    listed = await got(school.coordinator, f"/attendance/v1/conflicts?session={session.id}")
    assert [item["name"] for item in listed["items"]] == ["Maj-Britt Ek Lund"]


async def test_a_contact_published_before_there_was_one_for_each_employment_holds_for_all(school: School) -> None:
    person, of_nora, of_orebro = await two_employers(school)
    first = PersonChanged(given_name="Maja", family_name="Gammal", language="sv", protected=False)
    await school.tell(school.event(first, key=f"person/{person}"))
    assert {await name_on(school, of_nora), await name_on(school, of_orebro)} == {"Maja Gammal"}


async def test_an_employment_whose_contact_has_not_arrived_shows_the_name_that_is_known(school: School) -> None:
    person, _, _ = await two_employers(school)
    session = await school.session()
    await school.tell(school.confirmed(session, person, employment_id=uuid4()))
    assert await name_on(school, session) in {"Maja Ek", "Maj-Britt Ek Lund"}
