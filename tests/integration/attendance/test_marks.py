"""Marks through HTTP: every outcome, minutes, and what is published."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.event import listen

from services.attendance.cells.held import count_held
from services.attendance.cells.overlaps import ELSEWHERE
from tests.support.school import NINE, School, got, mark
from tests.support.story import Session

pytestmark = pytest.mark.asyncio(loop_scope="module")


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
    await school.tell(school.project(("breaks", "counted", "2025-04-01")))
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


MALFORMED: list[dict[str, Any]] = [
    {"status": "late"},
    {"marked_at": "0001-01-01T00:00:00+05:00"},
    {"marked_at": "2025-03-03T09:00:00"},
    {"marked_at": 1740988800},
    {"walk_in_id": str(UUID(int=7))},
    {"participant_id": None},
    {"unknown": 1},
    {"minutes": True},
    {"minutes": "30"},
    {"minutes": 1.5},
    {"base_version": "1"},
    {"mark_id": "1"},
    {"occasion_id": 7},
    {"absence_reason": "\x00"},
]


@pytest.mark.parametrize("fault", MALFORMED, ids=str)
async def test_a_malformed_mark_is_rejected_for_it_alone_and_kept(school: School, fault: dict[str, Any]) -> None:
    session, [anna, bo] = await school.with_people(2)
    bad, good = {**mark(session, anna), **fault}, mark(session, bo)
    for outcome in ("accepted", "duplicate"):
        answer = await school.post_marks(session, bad, good)
        assert [result["outcome"] for result in answer["results"]] == ["rejected", outcome]
    problem = answer["results"][0]["problem"]
    assert problem["type"].endswith("/malformed-mark")
    assert problem["errors"][0]["pointer"].startswith("/marks/0")
    [kept] = (await got(school.coordinator, f"/attendance/v1/sessions/{session.id}/refused-marks"))["items"]
    assert kept["content"]["occasion_id"] == bad["occasion_id"]


async def test_what_is_no_mark_at_all_is_rejected_for_it_alone(school: School) -> None:
    session, [anna] = await school.with_people(1)
    strange: list[Any] = [None, 1, "mark", [], {}, {"mark_id": None}, {"\x00": [{"\x00": "\x00"}]}]
    results = (await school.post_marks(session, *strange, mark(session, anna)))["results"]
    assert [result["outcome"] for result in results] == ["rejected"] * 7 + ["accepted"]
    assert {result["mark_id"] for result in results[:-1]} == {None}
    refused = await got(school.coordinator, f"/attendance/v1/sessions/{session.id}/refused-marks")
    assert len(refused["items"]) == 7


async def test_only_a_body_that_is_no_batch_is_refused_as_a_whole(school: School) -> None:
    session, [anna] = await school.with_people(1)
    path = f"/attendance/v1/sessions/{session.id}/marks"
    whole = {"device_id": "a", "device_time": NINE.isoformat(), "marks": [mark(session, anna)]}
    for change, status in (
        ({"marks": []}, 200),
        ({"marks": None}, 422),
        ({"marks": "all"}, 422),
        ({"marks": [{}] * 2001}, 422),
        ({"device_id": "\x00"}, 422),
        ({"device_time": "now"}, 422),
        ({"unknown": 1}, 422),
        ({"on_behalf_of": "Anna"}, 422),
    ):
        assert (await school.coordinator.post(path, json={**whole, **change})).status_code == status, change


async def test_a_version_that_the_roll_never_had_is_rejected(school: School) -> None:
    session, [anna] = await school.with_people(1)
    version = (await school.roll(session))["roll_version"]
    answer = await school.post_marks(session, mark(session, anna, base_version=version + 1))
    assert answer["results"][0]["problem"]["type"].endswith("/unknown-roll-version")
    assert await school.outcomes(session, mark(session, anna, base_version=version)) == ["accepted"]


async def test_a_phone_whose_clock_is_wrong_is_set_right(school: School) -> None:
    """Two hours fast: what it says of five minutes ago was then, and the order of its marks stays."""
    now = datetime.now(UTC).replace(microsecond=0)
    session, [anna] = await school.with_people(1, starts=[now - timedelta(hours=1)])
    fast = timedelta(hours=2)
    early = mark(session, anna, marked_at=(now - timedelta(minutes=5) + fast).isoformat())
    ahead = mark(session, anna, "absent", marked_at=(now + timedelta(days=1) + fast).isoformat())
    await school.post_marks(session, ahead, early, device_time=(now + fast).isoformat())
    stored = (await got(school.coordinator, f"/attendance/v1/sessions/{session.id}/marks"))["items"]
    times = {kept["mark_id"]: datetime.fromisoformat(kept["marked_at"]) for kept in stored}
    assert times[early["mark_id"]] == now - timedelta(minutes=5)
    assert now <= times[ahead["mark_id"]] <= datetime.now(UTC), "what lies ahead counts as made at receipt"
    [shown] = (await school.roll(session))["people"][0]["marks"]
    assert shown["status"] == "absent"


async def test_a_mark_of_tomorrow_does_not_swallow_the_real_one_that_the_phone_makes_later(school: School) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    session, [anna] = await school.with_people(1, starts=[now - timedelta(hours=3, minutes=5)])
    wrong = mark(session, anna, marked_at=(now + timedelta(days=1)).isoformat())
    await school.post_marks(session, wrong)
    real = mark(session, anna, "absent", marked_at=datetime.now(UTC).isoformat())
    assert await school.outcomes(session, real) == ["accepted"]
    [shown] = (await school.roll(session))["people"][0]["marks"]
    assert shown["mark_id"] == real["mark_id"]


class TestWalkInsAreRemembered:
    async def test_after_the_registration_was_cancelled(self, school: School) -> None:
        session, person, walk_in = await school.session(), uuid4(), uuid4()
        await school.tell(school.confirmed(session, person, walk_in_id=walk_in))
        await school.tell(school.cancelled(session, person))
        assert await school.outcomes(session, as_walk_in(session, walk_in)) == ["accepted"]

    @pytest.mark.parametrize("together", [True, False])
    async def test_when_the_cancellation_overtook_it(self, school: School, together: bool) -> None:
        session, person, walk_in = await school.session(), uuid4(), uuid4()
        await school.post_marks(session, as_walk_in(session, walk_in))
        told = [school.confirmed(session, person, walk_in_id=walk_in), school.cancelled(session, person)]
        for batch in [told] if together else [told[1:], told[:1]]:
            await school.tell(*batch)
        [event] = await school.published(session)
        assert event["participant_id"] == str(person)
        [stored] = (await got(school.coordinator, f"/attendance/v1/sessions/{session.id}/marks"))["items"]
        assert (stored["standing"], stored["participant_id"]) == ("recorded", str(person))

    async def test_and_those_to_identify_do_not_keep_the_project_waiting(self, school: School) -> None:
        session, _ = await school.with_people(1)
        await school.post_marks(session, as_walk_in(session, uuid4()), mark(session, uuid4()))
        async with school.origin.services["attendance"].units.system() as unit:
            before = await count_held(unit)
        await school.post_marks(session, as_walk_in(session, uuid4()))
        async with school.origin.services["attendance"].units.system() as unit:
            assert await count_held(unit) == before
        counts = (await got(school.coordinator, f"/attendance/v1/sessions/{session.id}"))["counts"]
        assert counts["held"] == 3


def as_walk_in(session: Session, walk_in: UUID) -> dict[str, Any]:
    """A mark of somebody whom booking has to identify."""
    anonymous = mark(session, uuid4(), walk_in_id=str(walk_in))
    del anonymous["participant_id"]
    return anonymous


async def test_a_mark_stays_as_it_came_whatever_becomes_of_it(school: School) -> None:
    session, late = await school.session(), uuid4()
    await school.post_marks(session, mark(session, late), mark(session, uuid4()))
    as_sent = "select * from marks where session_id = $1 order by mark_id"
    before = await school.origin.rows("attendance", as_sent, session.id)
    await school.tell(school.confirmed(session, late))
    [given_up] = [row for row in before if row["participant_id"] != late]
    await school.post(f"/sessions/{session.id}/marks/{given_up['mark_id']}/discard", {"reason": "Fel lista"})
    assert await school.origin.rows("attendance", as_sent, session.id) == before
    stored = (await got(school.coordinator, f"/attendance/v1/sessions/{session.id}/marks"))["items"]
    assert {kept["standing"]: kept["reason"] for kept in stored} == {"recorded": None, "discarded": "Fel lista"}


async def test_minutes_elsewhere_are_found_by_the_rolls_of_the_person(school: School) -> None:
    """Every mark of somebody who stands on two rolls asks for them: the table of all cells is not read for it."""
    explain = f"EXPLAIN {ELSEWHERE}"
    async with school.origin.services["attendance"].units.system() as unit:
        await unit.execute(text("SET LOCAL enable_seqscan = off"))
        plan = await unit.all(text(explain), {"participants": [uuid4()], "sessions": [uuid4()]})
    assert any("cells_pkey" in row["QUERY PLAN"] for row in plan), plan
