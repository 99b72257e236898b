"""What a phone noted comes in one call: each session and each part of it by itself, and again means nothing."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.attendance.marks import record
from services.attendance.phone import sync
from tests.support.school import NINE, School, got, mark
from tests.support.story import Session

pytestmark = pytest.mark.asyncio(loop_scope="module")

TRAINER = uuid4()


async def synced(school: School, *sessions: dict[str, Any], status: int = 200, **more: Any) -> Any:
    trainer = more.pop("trainer", TRAINER)
    body = {"device_id": "phone", "device_time": datetime.now(UTC).isoformat(), "sessions": list(sessions), **more}
    answer = await school.trainer(trainer).post("/attendance/v1/sync", json=body)
    assert answer.status_code == status, answer.text
    return answer.json().get("sessions", answer.json())


def noted(session: Session, **parts: Any) -> dict[str, Any]:
    return {"session_id": str(session.id), "walk_ins": [], "head_counts": [], "marks": [], **parts}


def came(municipality: str | None = None) -> dict[str, Any]:
    return {"walk_in_id": str(uuid4()), "municipality": municipality}


def counted(session: Session, count: Any = 14) -> dict[str, Any]:
    occasion = str(session.occasions[0].occasion_id)
    return {"head_count_id": str(uuid4()), "occasion_id": occasion, "count": count}


async def mine(school: School, people: int = 1) -> tuple[Session, list[UUID]]:
    return await school.with_people(people, trainers=[TRAINER])


async def test_walk_ins_head_counts_and_marks_of_two_sessions_at_once(school: School) -> None:
    one, [anna] = await mine(school)
    other, [bo] = await mine(school)
    walk_in, heads = came("1884"), counted(one)
    of_walk_in = {**mark(one, anna), "walk_in_id": walk_in["walk_in_id"], "mark_id": str(uuid4())}
    del of_walk_in["participant_id"]
    of_anna, of_bo = mark(one, anna), mark(other, bo)
    of_one = noted(one, walk_ins=[walk_in], head_counts=[heads], marks=[of_anna, of_walk_in])
    body = [of_one, noted(other, marks=[of_bo])]
    first, second = await synced(school, *body)
    assert [(result["outcome"], next(filter(None, map(result.get, IDS)))) for result in first["results"]] == [
        ("accepted", walk_in["walk_in_id"]),
        ("accepted", heads["head_count_id"]),
        ("accepted", of_anna["mark_id"]),
        ("held", of_walk_in["mark_id"]),
    ]
    assert (second["status"], second["session_id"]) == (200, str(other.id))
    roll = await school.roll(one)
    assert first["roll_version"] == roll["roll_version"]
    assert roll["occasions"][0]["head_count"] == 14
    [shown] = roll["walk_ins"]
    assert (shown["walk_in_id"], shown["municipality"]) == (walk_in["walk_in_id"], "1884")
    assert [held["mark_id"] for held in shown["marks"]] == [of_walk_in["mark_id"]]
    assert len(await school.published(one, "head-count-recorded")) == 1
    first, _ = await synced(school, *body)
    assert [result["outcome"] for result in first["results"]] == ["duplicate", "duplicate", "duplicate", "held"]
    assert first["roll_version"] == roll["roll_version"]


IDS = ("walk_in_id", "head_count_id", "mark_id")


async def test_a_refused_session_stops_no_other(school: School) -> None:
    one, [anna] = await mine(school)
    foreign, [bo] = await school.with_people(1)
    unknown = {"session_id": str(uuid4()), "marks": []}
    answers = await synced(
        school, noted(foreign, marks=[mark(foreign, bo)]), unknown, noted(one, marks=[mark(one, anna)])
    )
    assert [answer["status"] for answer in answers] == [404, 404, 200]
    assert answers[0]["problem"]["type"].endswith("/not-found")
    assert answers[2]["results"][0]["outcome"] == "accepted"
    assert not (await school.roll(foreign))["people"][0]["marks"]


async def test_a_bad_part_stops_no_other(school: School) -> None:
    one, [anna, bo] = await mine(school, 2)
    known, other_count = counted(one), counted(one, 15)
    elsewhere = {**counted(one), "occasion_id": str(uuid4())}
    await synced(school, noted(one, head_counts=[known]))
    parts = noted(
        one,
        walk_ins=[{"walk_in_id": "nonsense"}, came()],
        head_counts=[counted(one, -1), counted(one, "3"), {**known, "count": 9}, elsewhere, other_count],
        marks=[{"mark_id": str(uuid4())}, mark(one, anna, minutes=-1), mark(one, bo)],
    )
    [answer] = await synced(school, parts)
    assert [result["outcome"] for result in answer["results"]] == [
        *("rejected", "accepted"),
        *("rejected", "rejected", "rejected", "rejected", "accepted"),
        *("rejected", "rejected", "accepted"),
    ]
    problems = [result["problem"] for result in answer["results"] if result["problem"]]
    pointers = [error["pointer"] for problem in problems for error in problem.get("errors", [])]
    assert pointers[:3] == ["/walk_ins/0/walk_in_id", "/head_counts/0/count", "/head_counts/1/count"]
    assert answer["results"][4]["problem"]["type"].endswith("/head-count-id-reused")
    assert (await school.roll(one))["occasions"][0]["head_count"] == 15


async def test_a_fault_in_one_session_leaves_nothing_of_it_and_all_of_the_others(
    school: School, monkeypatch: Any
) -> None:
    """Also what nobody foresaw: the phone keeps that session, and the others are done."""
    broken, [anna] = await mine(school)
    one, [bo] = await mine(school)

    async def fails(unit: Any, noted: Any, *rest: Any) -> Any:
        found = await record.record_on(unit, noted, *rest)
        if broken.id in {one.taken.roll["session_id"] for one in noted}:
            raise RuntimeError("nobody foresaw this")
        return found

    monkeypatch.setattr(sync, "record_on", fails)
    parts = [noted(broken, walk_ins=[came()], marks=[mark(broken, anna)]), noted(one, marks=[mark(one, bo)])]
    first, second = await synced(school, *parts)
    assert (first["status"], first["results"], second["status"]) == (500, [], 200)
    assert await school.published(broken) == []
    assert (await school.roll(broken))["walk_ins"] == []
    monkeypatch.undo()
    first, second = await synced(school, *parts)
    assert [result["outcome"] for result in first["results"]] == ["accepted", "accepted"]
    assert [result["outcome"] for result in second["results"]] == ["duplicate"]


async def test_a_replaced_trainer_delivers_what_was_marked_before(school: School) -> None:
    session, [anna, bo] = await mine(school, 2)
    await school.tell(school.replaced(session, uuid4(), when=session.occasions[0].starts_at.replace(minute=30)))
    [answer] = await synced(school, noted(session, marks=[mark(session, anna), mark(session, bo, minute=45)]))
    assert [result["outcome"] for result in answer["results"]] == ["accepted", "rejected"]


async def test_what_another_trainer_noted_is_not_sent_in_my_name(school: School) -> None:
    session, [anna] = await mine(school)
    answer = await synced(school, noted(session, marks=[mark(session, anna)]), trainer_id=str(uuid4()), status=403)
    assert "loggar in" in answer["detail"]
    assert not (await school.roll(session))["people"][0]["marks"]


async def test_only_trainers_sync_and_at_most_2000_marks(school: School) -> None:
    session, [anna] = await mine(school)
    body = {"device_id": "x", "device_time": datetime.now(UTC).isoformat(), "sessions": []}
    assert (await school.coordinator.post("/attendance/v1/sync", json=body)).status_code == 403
    half = [mark(session, anna) for _ in range(1001)]
    answer = await synced(school, noted(session, marks=half), noted(session, marks=half), status=422)
    assert "2000" in answer["errors"][0]["message"]


async def test_phones_with_the_same_sessions_in_any_order_do_not_wait_for_each_other(school: School) -> None:
    """The same people stand on both rolls at the same time: locks of rolls and of people, in one order."""
    one, people = await mine(school, 5)
    other = await school.session(trainers=[TRAINER])
    await school.tell(*(school.confirmed(other, person) for person in people))

    async def phone(number: int) -> list[int]:
        pair = [one, other] if number % 2 else [other, one]
        parts = [noted(each, marks=[mark(each, person, minute=number) for person in people]) for each in pair]
        return [answer["status"] for answer in await synced(school, *parts, device_id=f"phone {number}")]

    assert await asyncio.gather(*map(phone, range(6))) == [[200, 200]] * 6


@pytest.mark.parametrize("of_later", ["another mark", "the same mark again", "the same mark again and a walk-in"])
async def test_shared_minutes_of_two_rolls_of_one_call_are_where_it_began_first(school: School, of_later: str) -> None:
    """Also on the roll whose own marks are none of this person's, or none that are new: it rises once, and says so."""
    anna, bo = uuid4(), uuid4()
    earlier = await school.session(NINE, hours=2, break_minutes=0, trainers=[TRAINER])
    later = await school.session(NINE + timedelta(hours=1), hours=2, break_minutes=0, trainers=[TRAINER])
    walked_in = school.confirmed(earlier, anna, via="walk-in", walk_in_id=uuid4())
    await school.tell(school.confirmed(later, anna), school.confirmed(later, bo), walked_in)
    known = mark(later, anna)
    assert await school.outcomes(later, known) == ["accepted"]
    assert await minutes_of(school, anna, later) == [120]
    before = (await school.roll(later))["roll_version"]
    marks = [mark(later, bo)] if of_later == "another mark" else [known]
    walk_ins = [came()] if of_later.endswith("walk-in") else []
    ours = noted(earlier, marks=[mark(earlier, anna)])
    first, second = await synced(school, ours, noted(later, marks=marks, walk_ins=walk_ins))
    assert [result["outcome"] for result in first["results"]] == ["accepted"]
    assert await minutes_of(school, anna, earlier, later) == [120, 60]
    told = [event for event in await school.published(later) if event.get("participant_id") == str(anna)]
    assert [(event["minutes"], event["roll_version"]) for event in told] == [(120, before), (60, before + 1)]
    assert second["roll_version"] == (await school.roll(later))["roll_version"] == before + 1
    await school.attest(later, roll_version=second["roll_version"])


async def test_the_version_told_is_the_last_also_when_a_later_session_changed_the_roll(school: School) -> None:
    """A session that comes twice has each go by itself, one after the other."""
    anna, bo = uuid4(), uuid4()
    earlier = await school.session(NINE, hours=2, break_minutes=0, trainers=[TRAINER])
    later = await school.session(NINE + timedelta(hours=1), hours=2, break_minutes=0, trainers=[TRAINER])
    walked_in = school.confirmed(earlier, anna, via="walk-in", walk_in_id=uuid4())
    await school.tell(school.confirmed(later, anna), school.confirmed(later, bo), walked_in)
    assert await school.outcomes(later, mark(later, anna)) == ["accepted"]
    ours = noted(earlier, marks=[mark(earlier, anna)])
    first, *_ = await synced(school, noted(later, marks=[mark(later, bo)]), ours, noted(earlier))
    assert await minutes_of(school, anna, earlier, later) == [120, 60]
    assert first["roll_version"] == (await school.roll(later))["roll_version"]


async def minutes_of(school: School, person: UUID, *sessions: Session) -> list[int]:
    """A person's minutes on each of the rolls."""
    people = [row for session in sessions for row in (await school.roll(session))["people"]]
    return [sum(shown["minutes"] for shown in row["marks"]) for row in people if row["participant_id"] == str(person)]


async def test_a_walk_in_is_taken_in_once_and_shown(school: School) -> None:
    session, _ = await mine(school)
    foreign, _ = await mine(school)
    client, body = school.trainer(TRAINER), came("1884")
    path = f"/attendance/v1/sessions/{session.id}/walk-ins"
    answer = await client.post(path, json=body)
    assert (answer.status_code, answer.json()["id"]) == (201, body["walk_in_id"])
    assert (await client.post(path, json=body)).status_code == 200
    assert (await client.get(f"{path}/{body['walk_in_id']}")).headers["etag"]
    assert [row["municipality"] for row in (await got(client, path))["items"]] == ["1884"]
    elsewhere = await client.post(f"/attendance/v1/sessions/{foreign.id}/walk-ins", json=body)
    assert (elsewhere.status_code, elsewhere.json()["type"].rpartition("/")[2]) == (409, "walk-in-id-taken")
    assert (await school.trainer(uuid4()).post(path, json=came())).status_code == 404
    await school.tell(school.called_off(session))
    assert (await client.post(path, json=came())).status_code == 409


async def test_a_walk_in_who_is_known_leaves_the_list_and_takes_the_marks_along(school: School) -> None:
    session, [anna] = await mine(school)
    walk_in, person = came(), uuid4()
    held = {**mark(session, anna), "walk_in_id": walk_in["walk_in_id"]}
    del held["participant_id"]
    await synced(school, noted(session, walk_ins=[walk_in], marks=[held]))
    await school.tell(school.confirmed(session, person, via="walk-in", walk_in_id=UUID(walk_in["walk_in_id"])))
    roll = await school.roll(session)
    assert roll["walk_ins"] == []
    [row] = [row for row in roll["people"] if row["participant_id"] == str(person)]
    assert [done["minutes"] for done in row["marks"]] == [165]
    path = f"/attendance/v1/sessions/{session.id}/walk-ins/{walk_in['walk_in_id']}"
    assert (await got(school.coordinator, path))["participant_id"] == str(person)
