"""Project, municipalities, courses, packages and titles over HTTP."""

from typing import Any

import pytest

from shared.contracts.catalogue_v1 import CourseChanged, MunicipalityChanged, ProjectChanged
from shared.security.roles import Role
from tests.support.answers import if_match, ok, refused
from tests.support.booking_world import (
    DAY,
    MUNICIPALITIES,
    NORA,
    NOW,
    OREBRO,
    PROJECT,
    TITLES,
    booking_world,
    enter_register,
)
from tests.support.services import Origin
from tests.support.stack import Stack

COURSE = {
    "code": "AKUT",
    "title": "Akut sjuk vårdtagare",
    "description": "Första hjälpen",
    "duration_minutes": 180,
    "categories": ["base", "licensed"],
    "requires": [],
    "languages": ["sv"],
    "term": "2025H1",
}
AS_NORA, AS_OREBRO = MUNICIPALITIES[NORA], MUNICIPALITIES[OREBRO]
CATALOGUE = "kursnav.catalogue.v1"


async def test_the_project_is_shown_as_it_was_entered_and_can_be_sent_back(booking: Origin) -> None:
    office = booking.client(Role.COORDINATOR)
    refused(await office.get("/booking/v1/project"), 404, "not-found")
    entered = await office.put("/booking/v1/project", json=PROJECT)
    assert ok(entered, 201) == PROJECT
    shown = await office.get("/booking/v1/project")
    assert ok(shown) == PROJECT
    assert shown.headers["ETag"] == entered.headers["ETag"]
    assert ok(await office.put("/booking/v1/project", json=shown.json(), headers=if_match(shown))) == PROJECT
    refused(await office.put("/booking/v1/project", json=PROJECT, headers=if_match(shown)), 412, "stale-if-match")
    refused(await office.put("/booking/v1/project", json=PROJECT), 428, "if-match-required")


async def test_the_project_is_published_with_the_defaults_of_its_settings(booking: Origin) -> None:
    ok(await booking.client(Role.COORDINATOR).put("/booking/v1/project", json=PROJECT), 201)
    ((key, event),) = await booking.published(CATALOGUE)
    assert isinstance(event, ProjectChanged)
    assert key == "project/project"
    settings = {setting.key: setting.value for setting in event.settings}
    assert (settings["breaks"], settings["queue_order"]) == ("unpaid", "strict")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"settings": [{"key": "brakes", "value": "unpaid"}]}, "/settings/0/key"),
        ({"settings": [{"key": "breaks", "value": "some"}]}, "/settings/0/value"),
        ({"settings": [{"key": "breaks", "value": "unpaid"}] * 2}, "/settings/1"),
        ({"period": {"from": "2027-01-01", "to": "2025-01-01"}}, "/period/to"),
        ({"grant": "-1"}, "/grant"),
        ({"commitment_minutes": None}, "/commitment_minutes"),
    ],
)
async def test_a_wrong_field_of_the_project_is_pointed_at(
    booking: Origin, change: dict[str, Any], pointer: str
) -> None:
    office = booking.client(Role.COORDINATOR)
    problem = refused(await office.put("/booking/v1/project", json={**PROJECT, **change}), 422, "validation")
    assert [error["pointer"] for error in problem["errors"]] == [pointer]


async def test_every_setting_of_the_contract_is_taken_and_shown(booking: Origin) -> None:
    office = booking.client(Role.COORDINATOR)
    values: dict[str, Any] = {
        "rounding": {"unit_minutes": 15, "mode": "down", "per": "person_month"},
        "breaks": "counted",
        "invite_within_days": 7,
        "signature_required": True,
        "signing_window_days": 30,
        "queue_order": "skip_if_too_big",
        "promotion_stops_hours": 6,
        "reminder_hours": [72, 24],
        "illness_neutral": False,
        "prerequisite_min_share": 0.5,
        "unit_cost": "312.50",
        "office_email": "kontor@kompetensnavet.example",
        "retention.evidence_until": "2038-12-31",
        "retention.support_days": 14,
        "retention.contact_days": 365,
        "retention.mail_days": 30,
        "retention.audit_days": 3650,
        "retention.backup_days": 35,
    }
    settings = [{"key": key, "value": value, "valid_from": "2025-07-01"} for key, value in values.items()]
    entered = {**PROJECT, "settings": settings}
    assert ok(await office.put("/booking/v1/project", json=entered), 201) == entered
    ((_, event),) = await booking.published(CATALOGUE)
    assert isinstance(event, ProjectChanged)
    assert {setting.key: setting.value for setting in event.settings if setting.valid_from.month == 7} == values


async def test_a_municipality_has_an_address_for_its_notices(booking: Origin) -> None:
    office = await enter_register(booking)
    shown = await office.get("/booking/v1/municipalities/1884")
    assert ok(shown)["contact_email"] is None
    body = {**AS_NORA, "contact_email": "kurser@nora.example"}
    changed = await office.put("/booking/v1/municipalities/1884", json=body, headers=if_match(shown))
    assert ok(changed)["contact_email"] == "kurser@nora.example"
    wrong = await office.put(
        "/booking/v1/municipalities/1884",
        json={**AS_NORA, "contact_email": "nora"},
        headers=if_match(changed),
    )
    assert refused(wrong, 422, "validation")["errors"][0]["pointer"] == "/contact_email"


async def test_everybody_reads_the_catalogue_and_only_the_coordinator_writes(booking: Origin) -> None:
    await enter_register(booking)
    for client in (
        booking.client(Role.MUNICIPALITY, municipality="1884"),
        booking.client(Role.EVALUATOR),
        booking.client(Role.TRAINER, trainer_id="0197a000-0000-7000-8000-000000000000"),
    ):
        for path in ("project", "municipalities", "municipalities/1884", "courses", "packages", "titles"):
            ok(await client.get(f"/booking/v1/{path}"))
        refused(await client.put("/booking/v1/project", json=PROJECT), 403, "forbidden")
        refused(await client.post("/booking/v1/courses", json=COURSE), 403, "forbidden")
        refused(await client.get("/booking/v1/audit"), 403, "forbidden")


async def test_commitments_are_computed_so_that_they_sum_exactly(booking: Origin) -> None:
    office = await enter_register(booking)
    laxa = {"code": "1860", "name": "Laxå", "org_number": "212000-1918", "employees": 290}
    ok(await office.put("/booking/v1/municipalities/1860", json={**laxa, "commitment_minutes": 100_001}), 201)
    listed = ok(await office.get("/booking/v1/municipalities"))
    assert listed["next"] is None
    minutes = {each["code"]: each["commitment_minutes"] for each in listed["items"]}
    assert minutes["1860"] == 100_001
    assert sum(minutes.values()) == PROJECT["commitment_minutes"]
    assert minutes["1884"] == round((2_520_000 - 100_001) * 460 / 6060)
    last = [event for key, event in await booking.published(CATALOGUE) if key == "municipality/1884"][-1]
    assert isinstance(last, MunicipalityChanged)
    assert [(each.minutes, each.employees) for each in last.commitments] == [(minutes["1884"], 460)]


async def test_a_municipality_can_be_read_edited_and_sent_back(booking: Origin) -> None:
    office = await enter_register(booking)
    shown = await office.get("/booking/v1/municipalities/1884")
    assert ok(shown)["commitment_computed"] is True
    refused(await office.put("/booking/v1/municipalities/1884", json=AS_NORA), 428, "if-match-required")
    body = {**shown.json(), "employees": 500}
    changed = await office.put("/booking/v1/municipalities/1884", json=body, headers=if_match(shown))
    minutes = round(2_520_000 * 500 / 6100)
    assert ok(changed) == {
        **body,
        "commitment_minutes": minutes,
        "commitments": [{"minutes": minutes, "employees": 500, "valid_from": "2025-01-01"}],
    }
    other = ok(await office.get("/booking/v1/municipalities/1880"))
    assert other["commitment_minutes"] == 2_520_000 - minutes


async def test_a_commitment_from_a_later_day_leaves_the_earlier_one(booking: Origin) -> None:
    office = await enter_register(booking)
    shown = await office.get("/booking/v1/municipalities/1884")
    body = {**AS_NORA, "commitment_minutes": 300_000, "valid_from": "2026-01-01"}
    changed = ok(await office.put("/booking/v1/municipalities/1884", json=body, headers=if_match(shown)))
    before = shown.json()["commitment_minutes"]
    assert [(each["valid_from"], each["minutes"]) for each in changed["commitments"]] == [
        ("2025-01-01", before),
        ("2026-01-01", 300_000),
    ]
    other = ok(await office.get("/booking/v1/municipalities/1880"))
    assert [each["minutes"] for each in other["commitments"]] == [2_520_000 - before, 2_220_000]


async def test_the_commitment_is_split_again_when_the_projects_changes(booking: Origin) -> None:
    office = await enter_register(booking)
    project = await office.get("/booking/v1/project")
    body = {**PROJECT, "commitment_minutes": 606_000, "period": {"from": "2024-10-01", "to": "2027-06-30"}}
    ok(await office.put("/booking/v1/project", json=body, headers=if_match(project)))
    shown = [ok(await office.get(f"/booking/v1/municipalities/{code}")) for code in ("1884", "1880")]
    assert [each["commitment_minutes"] for each in shown] == [46_000, 560_000]
    assert [each["valid_from"] for each in shown] == ["2024-10-01", "2024-10-01"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"org_number": "212000-2008"}, "/org_number"),
        ({"code": "1885"}, "/code"),
        ({"employees": 0}, "/employees"),
        ({"name": ""}, "/name"),
        ({"name": "No\x00ra"}, "/name"),
        ({"commitment_minutes": -1}, "/commitment_minutes"),
    ],
)
async def test_a_wrong_field_of_a_municipality_is_pointed_at(
    booking: Origin, change: dict[str, Any], pointer: str
) -> None:
    office = booking.client(Role.COORDINATOR)
    ok(await office.put("/booking/v1/project", json=PROJECT), 201)
    answer = await office.put("/booking/v1/municipalities/1884", json={**AS_NORA, **change})
    assert [error["pointer"] for error in refused(answer, 422, "validation")["errors"]] == [pointer]
    refused(await office.get("/booking/v1/municipalities/1884"), 404, "not-found")


async def test_a_municipality_needs_a_project(booking: Origin) -> None:
    answer = await booking.client(Role.COORDINATOR).put("/booking/v1/municipalities/1884", json=AS_NORA)
    refused(answer, 409, "project-missing")


async def test_a_course_is_answered_as_get_shows_it(booking: Origin) -> None:
    office = await enter_register(booking)
    added = await office.post("/booking/v1/courses", json=COURSE)
    course = ok(added, 201)
    assert {name: course[name] for name in COURSE} == COURSE
    shown = await office.get(f"/booking/v1/courses/{course['id']}")
    assert (ok(shown), shown.headers["ETag"]) == (course, added.headers["ETag"])
    refused(await office.post("/booking/v1/courses", json=COURSE), 409, "code-taken")


async def test_a_course_is_changed_field_by_field(booking: Origin) -> None:
    office = await enter_register(booking)
    added = await office.post("/booking/v1/courses", json=COURSE)
    path = f"/booking/v1/courses/{ok(added, 201)['id']}"
    refused(await office.patch(path, json={"title": "Akut"}), 428, "if-match-required")
    changed = await office.patch(path, json={"title": "Akut", "term": None}, headers=if_match(added))
    assert ok(changed) == {**added.json(), "title": "Akut", "term": None}
    refused(await office.patch(path, json={"title": "Annat"}, headers=if_match(added)), 412, "stale-if-match")
    for wrong, pointer in (
        ({"title": None}, "/title"),
        ({"code": "AKUT2"}, "/code"),
        ({"categories": []}, "/categories"),
    ):
        problem = refused(await office.patch(path, json=wrong, headers=if_match(changed)), 422, "validation")
        assert problem["errors"][0]["pointer"] == pointer
    event = (await booking.published(CATALOGUE))[-1][1]
    assert isinstance(event, CourseChanged)
    assert (event.code, event.title, event.term) == ("AKUT", "Akut", None)


async def test_prerequisites_exist_and_make_no_circle(booking: Origin) -> None:
    office = await enter_register(booking)
    problem = refused(await office.post("/booking/v1/courses", json={**COURSE, "requires": ["X"]}), 422, "validation")
    assert problem["errors"][0]["pointer"] == "/requires/0"
    first = await office.post("/booking/v1/courses", json={**COURSE, "code": "TR1"})
    ok(await office.post("/booking/v1/courses", json={**COURSE, "code": "TR2", "requires": ["TR1"]}), 201)
    path = f"/booking/v1/courses/{ok(first, 201)['id']}"
    problem = refused(await office.patch(path, json={"requires": ["TR2"]}, headers=if_match(first)), 422, "validation")
    assert "TR1 → TR2 → TR1" in problem["errors"][0]["message"]


async def test_lists_go_on_where_they_ended(booking: Origin) -> None:
    office = await enter_register(booking)
    for code in ("C", "A", "B"):
        ok(await office.post("/booking/v1/courses", json={**COURSE, "code": code}), 201)
    first = ok(await office.get("/booking/v1/courses", params={"limit": 2}))
    last = ok(await office.get("/booking/v1/courses", params={"limit": 2, "cursor": first["next"]}))
    assert [[each["code"] for each in page["items"]] for page in (first, last)] == [["A", "B"], ["C"]]
    assert last["next"] is None
    refused(await office.get("/booking/v1/courses?cursor=WzFd"), 400, "invalid-cursor")
    refused(await office.get("/booking/v1/courses?limit=501"), 422, "validation")


async def test_a_package_keeps_the_order_of_its_courses(booking: Origin) -> None:
    office = await enter_register(booking)
    for code in ("A", "B"):
        ok(await office.post("/booking/v1/courses", json={**COURSE, "code": code}), 201)
    body = {"code": "START", "title": "Ny i vården", "for_titles": ["assistant_nurse"], "courses": ["B", "A"]}
    added = await office.post("/booking/v1/packages", json=body)
    package = ok(added, 201)
    assert package == {**body, "id": package["id"]}
    path = f"/booking/v1/packages/{package['id']}"
    assert ok(await office.patch(path, json={"courses": ["A"]}, headers=if_match(added)))["courses"] == ["A"]
    problem = refused(await office.post("/booking/v1/packages", json={**body, "courses": ["X"]}), 422, "validation")
    assert problem["errors"][0]["pointer"] == "/courses/0"


async def test_titles_are_replaced_as_a_whole_and_what_is_gone_is_forgotten(booking: Origin) -> None:
    office = await enter_register(booking)
    shown = await office.get("/booking/v1/titles")
    assert ok(shown) == {"items": TITLES}
    refused(await office.put("/booking/v1/titles", json=TITLES), 428, "if-match-required")
    assert ok(await office.put("/booking/v1/titles", json=TITLES[1:], headers=if_match(shown))) == {"items": TITLES[1:]}
    assert (await booking.published(CATALOGUE))[-1] == ("title/care_assistant", None)
    again = {"title": "x", "title_sv": "undersköterska", "category": "base"}
    latest = await office.get("/booking/v1/titles")
    answer = await office.put("/booking/v1/titles", json=[TITLES[1], again], headers=if_match(latest))
    assert refused(answer, 422, "validation")["errors"][0]["pointer"] == "/1/title_sv"


async def test_the_audit_tells_who_changed_what_latest_first(booking: Origin) -> None:
    office = await enter_register(booking)
    shown = await office.get("/booking/v1/municipalities/1880")
    ok(
        await office.put(
            "/booking/v1/municipalities/1880",
            json={**AS_OREBRO, "name": "Orebro"},
            headers=if_match(shown),
        )
    )
    items = ok(await office.get("/booking/v1/audit", params={"limit": 2}))["items"]
    latest = items[0]
    assert (latest["actor"], latest["action"]) == ("coordinator", "municipality-changed")
    assert latest["target"] == "municipality/1880"
    assert latest["before"] == {"name": "Örebro"}
    assert latest["after"]["name"] == "Orebro"
    assert items[1]["action"] == "titles-replaced"


async def test_acts_are_dated_within_the_project_only(stack: Stack) -> None:
    async with booking_world(stack) as world:
        office, tomorrow = world.coordinator, (NOW + DAY).isoformat()
        for at, name in (
            ("2024-12-31T12:00:00+01:00", "occurred-at-outside-project"),
            (tomorrow, "occurred-at-in-future"),
        ):
            answer = await office.post("/booking/v1/courses", json=COURSE, headers={"Kursnav-Occurred-At": at})
            refused(answer, 422, name)
        within = {"Kursnav-Occurred-At": "2025-02-03T12:00:00+01:00"}
        ok(await office.post("/booking/v1/courses", json=COURSE, headers=within), 201)
        statement = "SELECT headers->>'ce_time' AS t FROM outbox ORDER BY id DESC LIMIT 1"
        (row,) = await world.origin.rows("booking", statement)
    assert row["t"] == "2025-02-03T11:00:00Z"
