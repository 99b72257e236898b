"""Marks through HTTP: every outcome, minutes, and what is published."""

from datetime import timedelta
from uuid import uuid4

from sqlalchemy.event import listen

from tests.integration.attendance.school import NINE, School, got, mark


async def test_present_without_minutes_is_the_whole_occasion_without_its_break(school: School) -> None:
    session, [anna, bo] = await school.with_people(2)
    marks = [mark(session, anna), mark(session, bo, "absent", absence_reason="illness")]
    assert await school.outcomes(session, *marks) == ["accepted", "accepted"]
    roll = await school.roll(session)
    people = {person["participant_id"]: person["marks"][0] for person in roll["people"]}
    assert (people[str(anna)]["status"], people[str(anna)]["minutes"]) == ("present", 165)
    assert (people[str(bo)]["status"], people[str(bo)]["minutes"]) == ("absent", 0)
    recorded = await school.published(session, "attendance-recorded")
    assert {(event["participant_id"], event["minutes"], event["status"]) for event in recorded} == {
        (str(anna), 165, "present"),
        (str(bo), 0, "absent"),
    }
    assert {event["roll_version"] for event in recorded} == {roll["roll_version"]}


async def test_times_are_clipped_and_partial_is_published(school: School) -> None:
    session, [anna] = await school.with_people(1)
    late = mark(session, anna, arrived_at=(NINE + timedelta(minutes=30)).isoformat())
    assert await school.outcomes(session, late) == ["accepted"]
    [event] = await school.published(session)
    assert (event["minutes"], event["scheduled_minutes"], event["status"]) == (135, 165, "partial")


async def test_the_same_marks_again_are_duplicates_and_change_nothing(school: School) -> None:
    session, people = await school.with_people(3)
    marks = [mark(session, person) for person in people]
    first = await school.post_marks(session, *marks)
    again = await school.post_marks(session, *reversed(marks), marks[0])
    assert [result["outcome"] for result in again["results"]] == ["duplicate"] * 4
    assert again["roll_version"] == first["roll_version"]
    assert len(await school.published(session)) == 3


async def test_the_id_of_another_mark_is_rejected_and_kept(school: School) -> None:
    session, [anna, bo] = await school.with_people(2)
    first = mark(session, anna)
    await school.post_marks(session, first)
    answer = await school.post_marks(session, {**mark(session, bo), "mark_id": first["mark_id"]})
    assert answer["results"][0]["outcome"] == "rejected"
    assert answer["results"][0]["problem"]["type"].endswith("/mark-id-reused")
    refused = await school.origin.rows(
        "attendance", "select problem from refused_marks where session_id = $1", session.id
    )
    assert [row["problem"] for row in refused] == ["mark-id-reused"]


async def test_each_bad_mark_is_refused_by_name_and_the_good_ones_are_recorded(school: School) -> None:
    session, [anna, bo, cia, dan] = await school.with_people(4)
    answer = await school.post_marks(
        session,
        mark(session, anna, minutes=-5),
        mark(session, bo, minutes=-1),
        mark(session, cia, marked_at=(NINE - timedelta(days=2)).isoformat(), base_version=0),
        {**mark(session, dan), "occasion_id": str(uuid4())},
        mark(session, dan, minutes=165),
    )
    problems = [result["problem"] and result["problem"]["type"].rpartition("/")[2] for result in answer["results"]]
    assert problems == [
        "minutes-out-of-range",
        "minutes-out-of-range",
        "occasion-not-begun",
        "unknown-occasion",
        None,
    ]
    await school.post_marks(session, mark(session, anna, minutes=-5))
    refused = await school.origin.rows(
        "attendance", "select problem from refused_marks where session_id = $1", session.id
    )
    assert len(refused) == 5


async def test_more_minutes_than_scheduled_are_the_whole_occasion(school: School) -> None:
    session, [anna] = await school.with_people(1)
    assert await school.outcomes(session, mark(session, anna, minutes=999)) == ["accepted"]
    roll = await got(school.coordinator, f"/attendance/v1/sessions/{session.id}/roll")
    assert [cell["minutes"] for cell in roll["people"][0]["marks"]] == [165]


async def test_a_mark_before_its_registration_is_held_and_recorded_when_it_arrives(school: School) -> None:
    session, _ = await school.with_people(1)
    late = uuid4()
    early = mark(session, late)
    assert await school.outcomes(session, early) == ["held"]
    assert await school.outcomes(session, early) == ["held"]
    assert await school.published(session) == []
    counts = (await got(school.coordinator, f"/attendance/v1/sessions/{session.id}"))["counts"]
    assert counts["held"] == 1
    await school.attest(session, 409)
    await school.tell(school.confirmed(session, late))
    [event] = await school.published(session)
    assert event["mark_id"] == early["mark_id"]
    assert await school.outcomes(session, early) == ["duplicate"]


async def test_somebody_on_the_waiting_list_is_not_on_the_roll(school: School) -> None:
    session, _ = await school.with_people(1)
    hopeful = uuid4()
    await school.tell(school.waitlisted(session, hopeful))
    assert await school.outcomes(session, mark(session, hopeful)) == ["held"]
    assert len((await school.roll(session))["people"]) == 1


async def test_a_held_mark_can_be_given_up_with_a_reason(school: School) -> None:
    session, _ = await school.with_people(1)
    typo = mark(session, uuid4())
    await school.post_marks(session, typo)
    path = f"/sessions/{session.id}/marks/{typo['mark_id']}/discard"
    await school.post(path, {"reason": "Fel person"})
    await school.post(path, {"reason": "Fel person"}, 409)
    await school.attest(session)


async def test_a_walk_in_is_recorded_when_booking_has_identified_it(school: School) -> None:
    session, _ = await school.with_people(1)
    walk_in, person = uuid4(), uuid4()
    anonymous = mark(session, person, walk_in_id=str(walk_in))
    del anonymous["participant_id"]
    assert await school.outcomes(session, anonymous) == ["held"]
    await school.tell(school.confirmed(session, person, walk_in_id=walk_in))
    [event] = await school.published(session)
    assert event["participant_id"] == str(person)


async def test_who_cancelled_and_came_all_the_same_keeps_the_hour(school: School) -> None:
    session, [anna, bo] = await school.with_people(2)
    await school.tell(school.cancelled(session, anna), school.cancelled(session, bo))
    assert (await school.roll(session))["people"] == []
    await school.post_marks(session, mark(session, anna), mark(session, bo, "absent"))
    [person] = (await school.roll(session))["people"]
    assert (person["participant_id"], person["registration"]) == (str(anna), "cancelled")


async def test_a_foreign_or_unknown_session_is_404(school: School) -> None:
    trainer = uuid4()
    own = await school.session(trainers=[trainer])
    other = await school.session()
    client = school.trainer(trainer)
    assert (await client.get(f"/attendance/v1/sessions/{own.id}/roll")).status_code == 200
    for path in ("roll", "seals", "marks", "corrections"):
        assert (await client.get(f"/attendance/v1/sessions/{other.id}/{path}")).status_code == 404
    listed = (await client.get("/attendance/v1/sessions")).json()["items"]
    assert [item["id"] for item in listed] == [str(own.id)]
    body = {"device_id": "a", "device_time": NINE.isoformat(), "marks": [mark(other, uuid4())]}
    assert (await client.post(f"/attendance/v1/sessions/{other.id}/marks", json=body)).status_code == 404


async def test_other_settings_for_breaks_change_unsealed_minutes(school: School) -> None:
    anna, session = uuid4(), await school.session(NINE + timedelta(days=40))
    await school.tell(school.confirmed(session, anna))
    await school.post_marks(session, mark(session, anna))
    await school.tell(school.project({"key": "breaks", "value": "counted", "valid_from": "2025-04-01"}))
    assert (await school.roll(session))["people"][0]["marks"][0]["minutes"] == 180
    assert [event["minutes"] for event in await school.published(session)] == [165, 180]


async def test_twenty_marks_take_few_statements(school: School) -> None:
    session, people = await school.with_people(20)
    statements: list[str] = []
    engine = school.origin.services["attendance"].engine.sync_engine
    listen(engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    await school.post_marks(session, *(mark(session, person) for person in people))
    assert len(statements) <= 16, statements


async def test_a_trainer_keeps_the_own_roll_from_mark_to_seal(school: School) -> None:
    trainer = uuid4()
    session, [anna] = await school.with_people(1, trainers=[trainer])
    client = school.trainer(trainer)
    first = mark(session, anna)
    assert await school.outcomes(session, first, client=client) == ["accepted"]
    contradicting = mark(session, anna, "absent")
    assert await school.outcomes(session, contradicting, client=client, device="tablet") == ["conflict"]
    [conflict] = (await got(client, "/attendance/v1/conflicts"))["items"]
    body = {"choose": first["mark_id"], "reason": "Syns på bilden"}
    assert (await client.post(f"/attendance/v1/conflicts/{conflict['id']}/resolve", json=body)).status_code == 200
    path = f"/attendance/v1/sessions/{session.id}"
    roll = await school.roll(session, client)
    assert (await client.post(f"{path}/attest", json={"roll_version": roll["roll_version"]})).status_code == 200
    correction = {"participant_id": str(anna), "occasion_id": first["occasion_id"], "minutes": 30, "reason": "Gick"}
    assert (await client.post(f"{path}/corrections", json=correction)).status_code == 201
    assert (await got(client, path))["state"] == "reopened"
    assert {event["source"] for event in await school.published(session) if "source" in event} == {"trainer"}
    stored = (await got(client, f"{path}/marks"))["items"]
    assert sorted(kept["kind"] for kept in stored) == ["correction", "decision", "mark", "mark"]
    assert await got(client, f"{path}/marks/{first['mark_id']}") in stored


async def test_a_body_that_cannot_be_read_names_its_fields(school: School) -> None:
    session, [anna] = await school.with_people(1)
    path = f"/attendance/v1/sessions/{session.id}/marks"
    good = mark(session, anna)
    whole = {"device_id": "a", "device_time": NINE.isoformat(), "marks": [good]}
    for change in (
        {"status": "late"},
        {"marked_at": "0001-01-01T00:00:00+05:00"},
        {"marked_at": "2025-03-03T09:00:00"},
        {"walk_in_id": str(uuid4())},
        {"unknown": 1},
    ):
        body = {**whole, "marks": [{**good, **change}]}
        answer = await school.coordinator.post(path, json=body)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"].startswith("/marks/0")
    assert (await school.coordinator.post(path, json={**whole, "device_id": "\x00"})).status_code == 422
