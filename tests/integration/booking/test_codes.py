"""Codes of courses, packages, titles and qualifications: one spelling each, found in any."""

from datetime import UTC, datetime
from typing import Any
from unicodedata import normalize

import pytest

from shared.contracts.catalogue_v1 import CourseChanged, PackageChanged
from shared.database.engine import create_engine
from shared.database.migrate import migrate
from tests.support import databases
from tests.support.answers import if_match, ok, refused
from tests.support.booking_world import DAY, NOW, TITLES, booking_world, enter_register, session_body
from tests.support.services import Origin
from tests.support.stack import Stack

COURSE = {"code": "Åka1", "title": "Åkalla", "duration_minutes": 60, "categories": ["base"]}
SPELLINGS = ["åka1", "ÅKA1", normalize("NFD", "Åka1"), normalize("NFD", "åKA1"), "\u212bka1"]
CATALOGUE = "kursnav.catalogue.v1"


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_a_second_spelling_of_a_code_is_refused_with_the_first(booking: Origin, spelling: str) -> None:
    office = await enter_register(booking)
    ok(await office.post("/booking/v1/courses", json=COURSE), 201)
    problem = refused(await office.post("/booking/v1/courses", json={**COURSE, "code": spelling}), 409, "code-taken")
    assert "Åka1" in problem["detail"]
    package = {"code": "Åka1", "title": "Paket", "courses": []}
    ok(await office.post("/booking/v1/packages", json=package), 201)
    problem = refused(await office.post("/booking/v1/packages", json={**package, "code": spelling}), 409, "code-taken")
    assert "Åka1" in problem["detail"]


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_a_code_is_found_in_any_spelling_and_answered_in_its_own(booking: Origin, spelling: str) -> None:
    office = await enter_register(booking)
    first = ok(await office.post("/booking/v1/courses", json=COURSE), 201)
    second = ok(await office.post("/booking/v1/courses", json={**COURSE, "code": "B", "requires": [spelling]}), 201)
    package = {"code": "P", "title": "Paket", "courses": ["b", spelling]}
    package = ok(await office.post("/booking/v1/packages", json=package), 201)
    shown = await office.get("/booking/v1/titles")
    titles = [{**TITLES[0], "required_courses": [spelling]}]
    titles = ok(await office.put("/booking/v1/titles", json=titles, headers=if_match(shown)))["items"]
    found = ok(await office.get("/booking/v1/courses", params={"code": spelling}))["items"]
    assert (second["requires"], package["courses"], titles[0]["required_courses"]) == (
        ["Åka1"],
        ["B", "Åka1"],
        ["Åka1"],
    )
    assert found == [first]


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_lists_are_narrowed_by_a_code_in_any_spelling(booking: Origin, spelling: str) -> None:
    office = await enter_register(booking)
    ok(await office.post("/booking/v1/courses", json=COURSE), 201)
    body = {**session_body(5, datetime.now(UTC) + 30 * DAY), "course": "Åka1"}
    session = ok(await office.post("/booking/v1/sessions", json=body), 201)
    held = [{"code": "Åka1", "obtained_on": "2025-02-01"}]
    trainer = {"name": "Ulla", "email": "ulla@example.se", "home_municipality": "1880", "qualifications": held}
    trainer = ok(await office.post("/booking/v1/trainers", json=trainer), 201)
    sessions = ok(await office.get("/booking/v1/sessions", params={"course": spelling}))["items"]
    trainers = ok(await office.get("/booking/v1/trainers", params={"qualification": spelling}))["items"]
    assert [[each["id"] for each in found] for found in (sessions, trainers)] == [[session["id"]], [trainer["id"]]]


async def test_a_code_stands_once_in_a_list_whatever_its_spelling(booking: Origin) -> None:
    office = await enter_register(booking)
    ok(await office.post("/booking/v1/courses", json=COURSE), 201)
    package = {"code": "P", "title": "Paket", "courses": ["Åka1", "ÅKA1"]}
    problem = refused(await office.post("/booking/v1/packages", json=package), 422, "validation")
    assert problem["errors"][0]["pointer"] == "/courses"


async def test_a_patch_may_repeat_the_code_in_any_spelling(booking: Origin) -> None:
    office = await enter_register(booking)
    added = await office.post("/booking/v1/courses", json=COURSE)
    path = f"/booking/v1/courses/{ok(added, 201)['id']}"
    changed = await office.patch(path, json={"code": "ÅKA1", "title": "Annat"}, headers=if_match(added))
    assert (ok(changed)["code"], changed.json()["title"]) == ("Åka1", "Annat")
    refused(await office.patch(path, json={"code": "Åka2"}, headers=if_match(changed)), 422, "validation")


async def test_a_session_is_of_the_course_in_any_spelling(stack: Stack) -> None:
    async with booking_world(stack) as world:
        added = await world.post("/booking/v1/sessions", session_body(10, NOW + 30 * DAY, course="tr1"))
        listed = (await world.get("/booking/v1/sessions", course="tr1"))["items"]
        changed = await world.patch(added["id"], course="tR1", capacity=11)
    assert (added["course"], [session["id"] for session in listed]) == ("TR1", [added["id"]])
    assert (changed.json()["course"], changed.json()["capacity"]) == ("TR1", 11)


async def test_titles_of_courses_and_packages_become_codes_when_the_title_is_known(booking: Origin) -> None:
    office = await enter_register(booking)
    body: dict[str, Any] = {**COURSE, "titles": ["Stödpedagog", "UNDERSKÖTERSKA"]}
    course = ok(await office.post("/booking/v1/courses", json=body), 201)
    assert course["titles"] == ["Stödpedagog", "assistant_nurse"]
    package = {"code": "P", "title": "Paket", "for_titles": ["Stödpedagog"], "courses": []}
    package = ok(await office.post("/booking/v1/packages", json=package), 201)
    shown = await office.get("/booking/v1/titles")
    titles = [*TITLES, {"title": "support_educator", "title_sv": "stödpedagog", "category": "other"}]
    ok(await office.put("/booking/v1/titles", json=titles, headers=if_match(shown)))
    assert ok(await office.get(f"/booking/v1/courses/{course['id']}"))["titles"] == [
        "support_educator",
        "assistant_nurse",
    ]
    assert ok(await office.get(f"/booking/v1/packages/{package['id']}"))["for_titles"] == ["support_educator"]
    of_course, of_package = (event for _, event in (await booking.published(CATALOGUE))[-2:])
    assert isinstance(of_course, CourseChanged)
    assert isinstance(of_package, PackageChanged)
    assert (of_course.titles, of_package.for_titles) == (("support_educator", "assistant_nurse"), ("support_educator",))


async def test_trainers_are_found_by_a_qualification_in_any_spelling(booking: Origin) -> None:
    office = await enter_register(booking)
    ok(await office.post("/booking/v1/courses", json={**COURSE, "needs_qualification": "KlinSim1"}), 201)
    qualified = {"code": "klinsim1", "obtained_on": "2025-03-01"}
    body = {"name": "Tova", "email": "tova@kurs.example", "home_municipality": "1884", "qualifications": [qualified]}
    tova = ok(await office.post("/booking/v1/trainers", json=body), 201)
    ok(await office.post("/booking/v1/trainers", json={**body, "name": "Ulf", "qualifications": []}), 201)
    assert tova["qualifications"] == [{**qualified, "code": "KlinSim1"}]
    for spelling, found in (("KLINSIM1", [tova]), ("KlinSim1", [tova]), ("KlinSim2", [])):
        listed = ok(await office.get("/booking/v1/trainers", params={"qualification": spelling}))
        assert listed["items"] == found
    twice = {**body, "qualifications": [qualified, {**qualified, "code": "KlinSim1"}]}
    problem = refused(await office.post("/booking/v1/trainers", json=twice), 422, "validation")
    assert problem["errors"][0]["pointer"] == "/qualifications"


OLD = """
    INSERT INTO courses (id, code, title, description, duration_minutes, categories, requires, languages, revision)
    VALUES ($1, $2, $3, '', 60, '{base}', '{}', '{sv}', 1)
"""


async def test_codes_from_before_keep_their_spelling_and_the_first_owns_the_name(stack: Stack) -> None:
    """One code in three spellings had made three courses: all stay, and no fourth is made."""
    spellings = ["Åka1", normalize("NFD", "Åka1"), "åka1", "B"]
    async with databases.empty(stack.admin_url, "booking") as name:
        owner = databases.owner_url(stack.admin_url, "booking", name)
        await migrate("booking", owner, "0004")
        engine = create_engine(owner, application="test")
        async with engine.begin() as connection:
            for number, code in enumerate(spellings):
                course = (f"0197a000-0000-7000-8000-00000000000{number}", code, normalize("NFD", "Åkalla"))
                await connection.exec_driver_sql(OLD, course)
        await migrate("booking", owner)
        async with engine.connect() as connection:
            rows = (await connection.exec_driver_sql("SELECT code, code_key, title FROM courses ORDER BY id")).all()
        await engine.dispose()
    assert [row.code for row in rows] == spellings
    assert [row.code_key for row in rows] == ["åka1", f"åka1 {spellings[1]}", "åka1 åka1", "b"]
    assert {row.title for row in rows} == {"Åkalla"}
