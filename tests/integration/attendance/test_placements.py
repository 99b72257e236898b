"""Placements: entered by the employer or the office, followed up once a week, seen by nobody else, never in events."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from shared.clock import local_day
from shared.contracts.participants_v1 import ParticipantChanged
from shared.contracts.people_v2 import ContactOfEmployment
from shared.security.roles import Role
from tests.support.answers import if_match, ok, refused
from tests.support.school import School
from tests.support.story import employment, employment_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

Json = dict[str, Any]
PATH = "/attendance/v1/placements"
ANSWERS = {"attendance": "as_planned", "independence": 3, "supervision": "enough", "language": "with_support"}
FROM = date(2025, 3, 3)


async def employed(school: School, *municipalities: str, kind: str = "placement") -> UUID:
    """Somebody on the staff of these municipalities since 2025."""
    person = uuid4()
    employments = [employment(person, code, kind=kind, since="2025-01-01") for code in municipalities]
    await school.tell(school.person(person, *employments), school.named(person, "Maja", "Ek"))
    return person


def municipality(school: School, code: str) -> httpx2.AsyncClient:
    return school.origin.client(Role.MUNICIPALITY, municipality=code)


def body(person: UUID, **more: Any) -> Json:
    return {"participant_id": str(person), "workplace": "Solgården", "from": FROM.isoformat(), **more}


async def placed(school: School, client: httpx2.AsyncClient, person: UUID, **more: Any) -> Json:
    made: Json = ok(await client.post(PATH, json=body(person, **more)), 201)
    return made


async def test_a_municipality_enters_its_own_and_the_others_do_not_see_it(school: School) -> None:
    person, own, other = await employed(school, "1884"), municipality(school, "1884"), municipality(school, "1880")
    made = await placed(school, own, person)
    assert (made["municipality"], made["name"], made["to"]) == ("1884", "Maja Ek", None)
    answer = await own.get(f"{PATH}/{made['id']}")
    assert answer.json() == made
    assert made in ok(await own.get(PATH))["items"]
    assert made in ok(await school.coordinator.get(f"{PATH}?municipality=1884"))["items"]
    refused(await other.get(f"{PATH}/{made['id']}"), 404, "not-found")
    assert made not in ok(await other.get(PATH))["items"]
    refused(await other.get(f"{PATH}/{made['id']}/weekly-notes"), 404, "not-found")
    refused(await other.post(PATH, json=body(person)), 422, "validation")
    refused(await school.trainer(uuid4()).get(PATH), 403, "forbidden")


async def test_each_municipality_reads_the_name_that_it_has_given_itself(school: School) -> None:
    """Also where the person was registered by the other one last: what that one calls them is its own."""
    person = await employed(school, "1884", "1880")
    called = (("1884", "Maja", "Ek"), ("1880", "Maja", "Hemlig"))
    contacts = [
        ContactOfEmployment(employment_id=employment_of(person, code), given_name=given, family_name=family)
        for code, given, family in called
    ]
    session = await school.session()
    await school.tell(school.contacts(person, *contacts), school.confirmed(session, person, at_employer="1880"))
    for code, given, family in called:
        own = municipality(school, code)
        made = await placed(school, own, person)
        assert made["name"] == f"{given} {family}"
        assert ok(await own.get(f"{PATH}?participant_id={person}"))["items"] == [made]
    await school.tell(school.contacts(person, *contacts[1:]))
    [nameless] = ok(await municipality(school, "1884").get(f"{PATH}?participant_id={person}"))["items"]
    assert nameless["name"] is None


async def test_of_whom_several_employ_the_office_says_which(school: School) -> None:
    person = await employed(school, "1884", "1880")
    wrong = refused(await school.coordinator.post(PATH, json=body(person)), 422, "validation")
    assert wrong["errors"][0]["code"] == "several-employers"
    assert (await placed(school, school.coordinator, person, municipality="1880"))["municipality"] == "1880"
    assert (await placed(school, municipality(school, "1884"), person))["municipality"] == "1884"


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"participant_id": str(uuid4())}, "/participant_id"),
        ({"from": "2024-12-31"}, "/participant_id"),
        ({"to": "2025-03-02"}, "/to"),
        ({"workplace": ""}, "/workplace"),
    ],
)
async def test_what_cannot_be_is_refused(school: School, more: Json, pointer: str) -> None:
    person = await employed(school, "1884")
    wrong = refused(await school.coordinator.post(PATH, json=body(person, **more)), 422, "validation")
    assert wrong["errors"][0]["pointer"] == pointer


async def test_its_end_and_outcome_are_entered_when_they_are_known(school: School) -> None:
    own, person = municipality(school, "1884"), await employed(school, "1884")
    made = await placed(school, own, person)
    one = f"{PATH}/{made['id']}"
    head = if_match(await own.get(one))
    refused(await own.patch(one, json={"to": "2025-03-28"}), 428, "if-match-required")
    ended = ok(await own.patch(one, json={"to": "2025-03-28", "outcome": "Anställd"}, headers=head))
    assert ended == {**made, "to": "2025-03-28", "outcome": "Anställd"}
    refused(await own.patch(one, json={"to": None}, headers=head), 412, "stale-if-match")
    wrong = await own.patch(one, json={"to": "2025-01-01"}, headers=if_match(await own.get(one)))
    refused(wrong, 422, "validation")


async def test_each_week_is_noted_once_and_can_be_corrected(school: School) -> None:
    own, person = municipality(school, "1884"), await employed(school, "1884")
    made = await placed(school, own, person, to="2025-03-28")
    notes = f"{PATH}/{made['id']}/weekly-notes"
    note = ok(await own.post(notes, json={"week": "2025-W11", "answers": ANSWERS}), 201)
    today = f"{local_day(datetime.now(UTC))}"
    assert (note["version"], note["answers"], note["noted_on"]) == (1, ANSWERS, today)
    refused(await own.post(notes, json={"week": "2025-W11", "answers": ANSWERS}), 409, "week-already-noted")
    answer = await own.get(f"{notes}/{note['id']}")
    assert answer.json() == note
    other = {**ANSWERS, "independence": 4, "language": None}
    corrected = ok(await own.patch(f"{notes}/{note['id']}", json={"answers": other}, headers=if_match(answer)))
    assert corrected["answers"] == {name: value for name, value in other.items() if value is not None}
    assert ok(await own.get(notes))["items"] == [corrected]
    assert ok(await own.get(f"{PATH}/{made['id']}"))["noted_weeks"] == 1


@pytest.mark.parametrize(
    ("week", "answers", "pointer", "code"),
    [
        ("2025-W09", ANSWERS, "/week", "week-outside-placement"),
        ("2025-W14", ANSWERS, "/week", "week-outside-placement"),
        ("2025-W53", ANSWERS, "/week", "no_such_week"),
        ("2025W11", ANSWERS, "/week", "string_pattern_mismatch"),
        ("2025-W11", {}, "/answers", "empty-answer"),
        ("2025-W11", {"language": "svenska"}, "/answers/language", "unknown-answer"),
        ("2025-W11", {"helped": "high"}, "/answers/helped", "unknown-question"),
    ],
)
async def test_a_week_and_its_answers_are_those_of_the_placement(
    school: School, week: str, answers: Json, pointer: str, code: str
) -> None:
    made = await placed(school, school.coordinator, await employed(school, "1884"), to="2025-03-28")
    sent = await school.coordinator.post(f"{PATH}/{made['id']}/weekly-notes", json={"week": week, "answers": answers})
    [error] = refused(sent, 422, "validation")["errors"]
    assert (error["pointer"], error["code"]) == (pointer, code)


async def test_a_week_that_has_not_begun_cannot_have_gone(school: School) -> None:
    made = await placed(school, school.coordinator, await employed(school, "1884"))
    ahead = {"week": "2199-W01", "answers": ANSWERS}
    [error] = refused(
        await school.coordinator.post(f"{PATH}/{made['id']}/weekly-notes", json=ahead), 422, "validation"
    )["errors"]
    assert error["code"] == "week-ahead"


async def test_nothing_of_it_is_published_and_an_erasure_takes_it_away(school: School) -> None:
    person = await employed(school, "1884")
    before = await school.origin.rows("attendance", "SELECT count(*) AS n FROM outbox")
    made = await placed(school, school.coordinator, person)
    note = {"week": "2025-W11", "answers": ANSWERS}
    ok(await school.coordinator.post(f"{PATH}/{made['id']}/weekly-notes", json=note), 201)
    assert await school.origin.rows("attendance", "SELECT count(*) AS n FROM outbox") == before
    data = ParticipantChanged(participant_id=person, gender="woman", employments=(), erased=True, age_group="30_54")
    await school.tell(school.event(data))
    refused(await school.coordinator.get(f"{PATH}/{made['id']}"), 404, "not-found")
    for table in ("placements", "weekly_notes", "employers"):
        rows = await school.origin.rows("attendance", f"SELECT t::text AS row FROM {table} AS t")
        assert not any(made["id"] in row["row"] or ("1884" in row["row"] and str(person) in row["row"]) for row in rows)


async def test_an_older_event_changes_nothing(school: School) -> None:
    person = await employed(school, "1884")
    data = ParticipantChanged(participant_id=person, gender="woman", birth_year=1990, employments=())
    older = school.event(data)
    await school.tell(school.event(data), older)
    rows = await school.origin.rows("attendance", "SELECT sequence FROM employers WHERE participant_id = $1", person)
    assert rows == [{"sequence": 3}]
