"""Rolls from events in any order; names; who may see what."""

import random
from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from shared.contracts import booking_v1 as booking
from shared.contracts.people_v1 import SupportNoted
from shared.contracts.people_v2 import PersonChangedV2
from shared.security.roles import Role
from tests.support import databases
from tests.support.browsers import browser
from tests.support.school import NINE, School, got, mark

pytestmark = pytest.mark.asyncio(loop_scope="module")

MAY = NINE + timedelta(days=63)


async def test_a_roll_names_its_people_in_swedish_order_and_masks_the_protected(school: School) -> None:
    session, [anna, orjan, ake, hidden, unknown] = await school.with_people(5)
    await school.tell(
        school.named(orjan, "Örjan", "Öst"),
        school.named(ake, "Åke", "Åberg"),
        school.named(anna, "Anna", "Zetterlund"),
        school.named(hidden, "X", "Y", protected=True),
    )
    people = (await school.roll(session))["people"]
    assert [person["name"] for person in people][:3] == ["Anna Zetterlund", "Åke Åberg", "Örjan Öst"]
    last = {person["participant_id"]: (person["name"], person["masked"]) for person in people[3:]}
    assert last == {str(hidden): ("Skyddad identitet", True), str(unknown): (None, False)}


async def test_a_tombstone_erases_contact_data_and_is_answered(school: School) -> None:
    session, [anna] = await school.with_people(1)
    await school.tell(school.named(anna, "Anna", "Zetterlund"))
    await school.tell(school.bury(PersonChangedV2, f"person/{anna}"))
    [person] = (await school.roll(session))["people"]
    assert person["name"] is None
    [row] = await school.origin.rows("attendance", "select * from people where participant_id = $1", anna)
    assert (row["erased"], row["contacts"], row["names"], row["language"]) == (True, "{}", "[]", None)
    erased = await school.origin.rows(
        "attendance", "select headers ->> 'ce_type' as type from outbox where key = $1", str(anna)
    )
    assert [row["type"] for row in erased] == ["se.kursnav.signatures.erasure-applied.v1"]


async def test_support_needs_stand_on_the_roll_until_they_are_erased(school: School) -> None:
    session, anna = await school.session(), uuid4()
    registration = school.confirmed(session, anna)
    await school.tell(registration)
    assert isinstance(registration.data, booking.RegistrationConfirmed)
    key = f"support/{registration.data.registration_id}"
    await school.tell(school.event(SupportNoted(session_id=session.id, needs=("sign_interpreter",)), key=key))
    assert (await school.roll(session))["people"][0]["support_needs"] == ["sign_interpreter"]
    page = (await browser(school.origin, Role.COORDINATOR).get(f"/narvaro/listor/{session.id}")).text
    assert ("Teckentolk" in page, "sign_interpreter" in page) == (True, False), "in words"
    await school.tell(school.bury(SupportNoted, key))
    assert (await school.roll(session))["people"][0]["support_needs"] == []


async def test_older_events_change_nothing(school: School) -> None:
    session, anna = await school.session(), uuid4()
    confirmed, cancelled = school.confirmed(session, anna), school.cancelled(session, anna)
    first, second = school.named(anna, "Anna", "Gift"), school.named(anna, "Anna", "Ogift")
    await school.tell(cancelled, second)
    await school.tell(confirmed, first)
    assert (await school.roll(session))["people"] == []
    statement = "select family_name from people_on_rolls where participant_id = $1"
    [row] = await school.origin.rows("attendance", statement, anna)
    assert row["family_name"] == "Ogift"


async def test_batches_of_any_size_give_the_same_rolls(school: School) -> None:
    session = await school.session(NINE, NINE + timedelta(days=7))
    people = [UUID(int=n) for n in range(1, 9)]
    events = [school.confirmed(session, person) for person in people]
    events += [school.cancelled(session, person) for person in people[:4]]
    events += [school.confirmed(session, person) for person in people[:2]]
    chance = random.Random(3)
    while events:
        size = chance.randint(1, 5)
        await school.tell(*events[:size])
        events = events[size:]
    roll = await school.roll(session)
    assert {person["participant_id"] for person in roll["people"]} == {str(people[n]) for n in (0, 1, 4, 5, 6, 7)}


async def test_sessions_of_a_period_page_by_page_with_their_counts(school: School) -> None:
    early = await school.session(MAY)
    anna = uuid4()
    await school.tell(school.confirmed(early, anna), school.confirmed(early, uuid4()))
    late = await school.session(MAY + timedelta(days=30))
    same_day = await school.session(MAY + timedelta(hours=1))
    await school.post_marks(early, mark(early, anna))
    path = "/attendance/v1/sessions?from=2025-05-05&to=2025-05-05&limit=1"
    first = await got(school.coordinator, path)
    second = await got(school.coordinator, f"{path}&cursor={first['next']}")
    assert [item["id"] for item in first["items"] + second["items"]] == [str(early.id), str(same_day.id)]
    assert second["next"] is None
    counts = first["items"][0]["counts"]
    assert (counts["people"], counts["present"], counts["unmarked"], counts["minutes"]) == (2, 1, 1, 165)
    assert str(late.id) in [item["id"] for item in (await got(school.coordinator, "/attendance/v1/sessions"))["items"]]


async def test_head_counts_are_the_trainers_and_the_last_counts(school: School) -> None:
    trainer = uuid4()
    session = await school.session(trainers=[trainer])
    path = f"/attendance/v1/sessions/{session.id}/head-count"
    body = {"head_count_id": str(uuid4()), "occasion_id": str(session.occasions[0].occasion_id), "count": 14}
    client = school.trainer(trainer)
    assert (await client.post(path, json=body)).status_code == 201
    assert (await client.post(path, json=body)).status_code == 200
    assert (await client.post(path, json={**body, "count": 15})).status_code == 409
    assert (await client.post(path, json={**body, "head_count_id": str(uuid4()), "count": 15})).status_code == 201
    assert (await school.coordinator.post(path, json=body)).status_code == 403
    assert (await school.roll(session))["occasions"][0]["head_count"] == 15
    assert [event["count"] for event in await school.published(session)] == [14, 15]


async def test_paper_answers_are_published_without_anything_that_leads_to_a_person(school: School) -> None:
    session, _ = await school.with_people(1)
    answers = [{"helped": "high", "confidence": 5, "language_support": "fully"}, {"helped": "low", "confidence": None}]
    path = f"/sessions/{session.id}/survey-answers"
    body = {"survey": "participant", "invited": 12, "answers": answers}
    key = {"Idempotency-Key": str(uuid4())}
    entered = await school.post(path, body, 201, **key)
    assert await school.post(path, body, 201, **key) == entered
    assert (entered["answered"], entered["invited"]) == (2, 12)
    rows = await school.origin.rows(
        "attendance", "select event_id, headers from outbox where key = $1 order by id", str(session.id)
    )
    assert len(rows) == 3
    for row in rows[1:]:
        assert row["event_id"].version == 4
        assert "correlation" not in row["headers"]
        assert "traceparent" not in row["headers"]
    published = await school.published(session, "survey-answered")
    assert sorted(event["answers"]["helped"] for event in published) == ["high", "low"]
    wrong = await school.post(path, {**body, "answers": [{"helped": "yes"}, {}]}, 422)
    assert [error["pointer"] for error in wrong["errors"]] == ["/answers/0/helped", "/answers/1"]


async def test_surveys_are_defined_in_three_languages(school: School) -> None:
    items = (await got(school.coordinator, "/attendance/v1/surveys"))["items"]
    assert {survey["survey"] for survey in items} == {"participant", "manager", "placement"}
    assert all(question["text"]["sv_easy"] for survey in items for question in survey["questions"])


async def test_roles_that_have_no_business_here_are_refused(school: School) -> None:
    session = await school.session()
    for role in (Role.MUNICIPALITY, Role.EVALUATOR, Role.FUNDER, Role.OPERATOR):
        client = school.origin.client(role, municipality="1884")
        assert (await client.get(f"/attendance/v1/sessions/{session.id}/roll")).status_code == 403
    assert (await school.origin.client().get("/attendance/v1/sessions")).status_code == 401


async def test_the_database_itself_shows_a_trainer_own_rolls_only(school: School) -> None:
    trainer = uuid4()
    own = await school.session(trainers=[trainer])
    other, [anna] = await school.with_people(1)
    await school.tell(school.confirmed(own, uuid4()), school.named(anna, "Anna", "Z"))
    await school.post_marks(other, mark(other, anna))
    tables = ("rolls", "occasions", "roll_entries", "cells", "marks", "people")
    expected = {"rolls": 1, "occasions": 1, "roll_entries": 1, "cells": 0, "marks": 0, "people": 0}
    connection = await asyncpg.connect(
        databases.app_url(school.origin.stack.admin_url, "attendance", school.origin.databases["attendance"])
    )
    try:
        for scope, visible in (("trainer", expected), ("", dict.fromkeys(tables, 0))):
            await connection.execute("select set_config('kursnav.scope', $1, false)", scope)
            await connection.execute("select set_config('kursnav.trainer', $1, false)", str(trainer))
            seen = {table: await connection.fetchval(f"select count(*) from {table}") for table in tables}
            assert seen == visible
    finally:
        await connection.close()


async def test_an_erasure_is_answered_also_when_the_person_is_back_in_the_same_batch(school: School) -> None:
    anna = uuid4()
    tombstone = school.bury(PersonChangedV2, f"person/{anna}")
    await school.tell(tombstone, school.named(anna, "Anna", "Zetterlund"))
    cause = "select headers ->> 'ce_causationid' as cause from outbox where key = $1"
    answers = [row["cause"] for row in await school.origin.rows("attendance", cause, str(anna))]
    [row] = await school.origin.rows("attendance", "select * from people where participant_id = $1", anna)
    assert (answers, row["erased"]) == ([str(tombstone.id)], False)
