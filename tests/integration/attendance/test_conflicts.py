"""Contradictions: kept, counted for nothing, decided by a person."""

from datetime import timedelta
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4, uuid5

import pytest

from services.attendance.rolls.lock import lock_roll
from shared.contracts import booking_v1 as booking
from shared.messaging.pipeline import TryAgain
from tests.support.school import NINE, School, got, mark
from tests.support.story import Session

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def open_conflicts(school: School, session: Session) -> list[dict[str, Any]]:
    return list((await got(school.coordinator, f"/attendance/v1/conflicts?session={session.id}"))["items"])


async def contradiction(school: School) -> tuple[Session, UUID, dict[str, Any], dict[str, Any]]:
    """Two devices that did not know of each other."""
    session, [anna] = await school.with_people(1)
    there, away = mark(session, anna), mark(session, anna, "absent")
    assert await school.outcomes(session, there, device="phone") == ["accepted"]
    assert await school.outcomes(session, away, device="tablet") == ["conflict"]
    return session, anna, there, away


async def test_a_contradiction_counts_for_nothing_until_it_is_decided(school: School) -> None:
    session, anna, there, away = await contradiction(school)
    roll = await school.roll(session)
    assert roll["people"][0]["marks"] == []
    [conflict] = await open_conflicts(school, session)
    assert roll["conflicts"] == [
        {"id": conflict["id"], "participant_id": str(anna), "occasion_id": there["occasion_id"]}
    ]
    assert {kept["id"] for kept in conflict["marks"]} == {there["mark_id"], away["mark_id"]}
    refused = await school.attest(session, 409)
    assert refused["type"].endswith("/unresolved-conflicts")
    told = await school.published(session)
    assert [(event["name"], event["minutes"]) for event in told] == [
        ("attendance-recorded", 165),
        ("attendance-corrected", 0),
    ]


async def test_choosing_a_mark_records_it_and_lets_the_roll_be_attested(school: School) -> None:
    session, _, there, _ = await contradiction(school)
    [conflict] = await open_conflicts(school, session)
    body = {"choose": there["mark_id"], "reason": "Kollegan bekräftar"}
    decided = await school.post(f"/conflicts/{conflict['id']}/resolve", body)
    assert (decided["state"], decided["resolution"]["reason"]) == ("resolved", "Kollegan bekräftar")
    assert (await school.post(f"/conflicts/{conflict['id']}/resolve", body, 409))["type"].endswith("conflict-resolved")
    assert await open_conflicts(school, session) == []
    last = (await school.published(session))[-1]
    assert (last["name"], last["mark_id"], last["minutes"]) == ("attendance-recorded", there["mark_id"], 165)
    await school.attest(session)


async def test_choosing_minutes(school: School) -> None:
    session, _, _, _ = await contradiction(school)
    [conflict] = await open_conflicts(school, session)
    path = f"/conflicts/{conflict['id']}/resolve"
    assert (await school.post(path, {"choose": 166, "reason": "x"}, 422))["errors"][0]["pointer"] == "/choose"
    assert (await school.post(path, {"choose": str(uuid4()), "reason": "x"}, 422))["errors"]
    await school.post(path, {"choose": 90, "reason": "Gick vid lunch"})
    assert (await school.published(session))[-1]["minutes"] == 90
    assert (await school.roll(session))["people"][0]["marks"][0]["minutes"] == 90


async def test_devices_that_come_to_agree_end_the_conflict(school: School) -> None:
    session, anna, _, _ = await contradiction(school)
    assert await school.outcomes(session, mark(session, anna, minute=5), device="tablet") == ["accepted"]
    assert await open_conflicts(school, session) == []
    assert (await school.published(session))[-1]["minutes"] == 165


async def test_a_trainer_sees_and_decides_own_conflicts_only(school: School) -> None:
    trainer = uuid4()
    session, *_ = await contradiction(school)
    client = school.trainer(trainer)
    assert (await got(client, "/attendance/v1/conflicts"))["items"] == []
    [foreign] = await open_conflicts(school, session)
    answer = await client.post(f"/attendance/v1/conflicts/{foreign['id']}/resolve", json={"choose": 0, "reason": "Nej"})
    assert answer.status_code == 404


MARKS = ("phone:present:0", "tablet:absent:1", "phone:absent:2", "desk:present:3")


async def test_marks_in_every_order_give_the_same_roll(school: School) -> None:
    said = set()
    for order in list(permutations(MARKS))[::5]:
        session, [anna] = await school.with_people(1)
        for words in [*order, order[0]]:
            device, status, minute = words.split(":")
            made = mark(session, anna, status, minute=int(minute), mark_id=str(uuid5(session.id, words)))
            await school.post_marks(session, made, device=device)
        [person] = (await school.roll(session))["people"]
        seen = str([(shown["status"], shown["minutes"]) for shown in person["marks"]])
        said.add((seen, len(await open_conflicts(school, session))))
    assert said == {("[]", 1)}


async def test_minutes_in_two_sessions_at_the_same_time_are_a_conflict(school: School) -> None:
    anna = uuid4()
    first, second = await school.session(), await school.session(NINE + timedelta(hours=1))
    await school.tell(school.confirmed(first, anna), school.confirmed(second, anna))
    assert await school.outcomes(first, mark(first, anna)) == ["accepted"]
    assert await school.outcomes(second, mark(second, anna)) == ["conflict"]
    [conflict] = await open_conflicts(school, second)
    assert (conflict["kind"], conflict["session_id"]) == ("overlap", str(second.id))
    path = f"/conflicts/{conflict['id']}/resolve"
    refused = await school.post(path, {"choose": 165, "reason": "Var på båda"}, 409)
    assert refused["type"].endswith("/overlapping-minutes")
    await school.post(path, {"choose": 60, "reason": "Kom efter den andra"})
    assert await open_conflicts(school, second) == []


@pytest.mark.parametrize("last", ["a third session", "the first session's next occasion"])
async def test_minutes_that_push_each_other_along_a_day_are_no_more_than_it_had(school: School, last: str) -> None:
    """Who stays the whole of the first can have only the second half of the second, and so on; first and last share
    no time.
    """
    anna, late = uuid4(), NINE + timedelta(minutes=150)
    of_first = [NINE] if last == "a third session" else [NINE, late]
    first = await school.session(*of_first, hours=2, break_minutes=0)
    second = await school.session(NINE + timedelta(hours=1), hours=2, break_minutes=0)
    third = first if late in of_first else await school.session(late, hours=2, break_minutes=0)
    rolls = (first, second) if third is first else (first, second, third)
    await school.tell(*(school.confirmed(session, anna) for session in rolls))
    assert await school.outcomes(first, mark(first, anna)) == ["accepted"]
    assert await school.outcomes(second, mark(second, anna)) == ["conflict"]
    await decide(school, second, 60)
    assert await school.outcomes(third, mark(third, anna, occasion=len(of_first) - 1)) == ["conflict"]
    refused = await decide(school, third, 91, 409)
    assert (refused["type"].split("/")[-1], refused["session_id"]) == ("overlapping-minutes", str(second.id))
    await decide(school, third, 90)


async def decide(school: School, session: Session, minutes: int, status: int = 200) -> dict[str, Any]:
    """Chooses minutes in the only conflict of a session."""
    [conflict] = await open_conflicts(school, session)
    body = {"choose": minutes, "reason": "Enligt henne"}
    return await school.post(f"/conflicts/{conflict['id']}/resolve", body, status)


@pytest.mark.parametrize("walked_in_on", ["first", "second"])
@pytest.mark.parametrize("marked_first", ["first", "second"])
async def test_who_walks_in_over_another_registration_has_the_shared_minutes_where_it_began_first(
    school: School, walked_in_on: str, marked_first: str
) -> None:
    anna, walk_in = uuid4(), uuid4()
    first, second = await school.session(), await school.session(NINE + timedelta(hours=1))
    came: dict[str, dict[str, Any]] = {"first": {}, "second": {}, walked_in_on: {"walk_in_id": walk_in}}
    await school.tell(school.confirmed(first, anna, **came["first"]), school.confirmed(second, anna, **came["second"]))
    for session in [first, second] if marked_first == "first" else [second, first]:
        assert await school.outcomes(session, mark(session, anna)) == ["accepted"]
    assert [await minutes(school, session) for session in (first, second)] == [165, 60]
    assert (await school.published(second))[-1]["minutes"] == 60

    version = (await school.roll(first))["roll_version"]
    gone = mark(first, anna, "absent", minute=9, base_version=version)
    assert await school.outcomes(first, gone) == ["accepted"]
    assert [await minutes(school, session) for session in (first, second)] == [0, 165]


async def an_hour_shared(school: School) -> tuple[Session, Session]:
    """Two sessions with the same person present, a walk-in on the second, which has an hour less of it."""
    anna = uuid4()
    first, second = await school.session(), await school.session(NINE + timedelta(hours=1))
    await school.tell(school.confirmed(first, anna), school.confirmed(second, anna, walk_in_id=uuid4()))
    for session in (first, second):
        assert await school.outcomes(session, mark(session, anna)) == ["accepted"]
    assert [await minutes(school, session) for session in (first, second)] == [165, 60]
    return first, second


def a_day_later(session: Session) -> booking.Occasion:
    """Its only occasion, moved."""
    [occasion] = session.occasions
    times = {name: getattr(occasion, name) + timedelta(days=1) for name in ("starts_at", "ends_at")}
    return occasion.model_copy(update=times)


async def test_a_walk_in_gets_the_shared_minutes_back_when_the_other_session_moves_away(school: School) -> None:
    first, second = await an_hour_shared(school)
    await school.tell(school.rescheduled(first, a_day_later(first)))
    assert [await minutes(school, session) for session in (first, second)] == [165, 165]
    assert (await school.published(second))[-1]["minutes"] == 165
    roll = await school.roll(second)
    assert (await school.attest(second, roll_version=roll["roll_version"]))["sealed_hash"]


async def test_the_minutes_come_back_also_to_a_roll_that_a_phone_is_just_changing(school: School) -> None:
    first, second = await an_hour_shared(school)
    moved = school.rescheduled(first, a_day_later(first))
    async with school.origin.services["attendance"].units.system() as phone:
        await lock_roll(phone, second.id)
        with pytest.raises(TryAgain):
            await school.tell(moved)
    await school.tell(moved)
    assert [await minutes(school, session) for session in (first, second)] == [165, 165]


async def test_two_sealed_rolls_that_shared_an_hour_move_apart_in_one_batch(school: School) -> None:
    first, second = await an_hour_shared(school)
    for session in (first, second):
        await school.attest(session, roll_version=(await school.roll(session))["roll_version"])
    [later] = second.occasions
    times = {name: getattr(later, name) + timedelta(days=2) for name in ("starts_at", "ends_at")}
    moved = school.rescheduled(first, a_day_later(first)), school.rescheduled(second, later.model_copy(update=times))
    await school.tell(*moved)
    assert [await minutes(school, session) for session in (first, second)] == [165, 165]
    assert [(await school.roll(session))["state"] for session in (first, second)] == ["reopened", "reopened"]


@pytest.mark.parametrize("also", ["registration", "session"])
async def test_a_walk_in_gets_the_shared_minutes_back_also_when_its_own_session_has_news_in_the_same_batch(
    school: School, also: str
) -> None:
    first, second = await an_hour_shared(school)
    before = (await school.roll(second))["roll_version"]
    news = school.waitlisted(second, uuid4()) if also == "registration" else school.scheduled(second)
    await school.tell(school.rescheduled(first, a_day_later(first)), news)
    assert [await minutes(school, session) for session in (first, second)] == [165, 165]
    told = (await school.published(second))[-1]
    assert (told["minutes"], told["roll_version"]) == (165, before + 1)
    assert (await school.roll(second))["roll_version"] == before + 1
    await school.attest(second, roll_version=before + 1)


async def test_a_walk_in_gets_the_shared_minutes_back_also_when_the_same_batch_breaks_the_seal_of_its_roll(
    school: School,
) -> None:
    first, second = await an_hour_shared(school)
    late = uuid4()
    assert await school.outcomes(second, mark(second, late)) == ["held"]
    await school.attest(second, leave_held=True, reason="Okänd på listan")
    await school.tell(school.rescheduled(first, a_day_later(first)), school.confirmed(second, late))
    roll = await school.roll(second)
    assert roll["state"] == "reopened"
    assert [shown["minutes"] for person in roll["people"] for shown in person["marks"]] == [165, 165]
    told = [event["minutes"] for event in await school.published(second, "attendance-recorded")]
    assert sorted(told[-2:]) == [165, 165]
    await school.attest(second)


async def test_stated_times_of_a_walk_in_are_not_moved(school: School) -> None:
    anna = uuid4()
    first, second = await school.session(), await school.session(NINE + timedelta(hours=1))
    await school.tell(school.confirmed(first, anna), school.confirmed(second, anna, walk_in_id=uuid4()))
    assert await school.outcomes(first, mark(first, anna)) == ["accepted"]
    came = mark(second, anna, arrived_at=(NINE + timedelta(hours=1)).isoformat())
    assert await school.outcomes(second, came) == ["conflict"]


async def minutes(school: School, session: Session) -> int:
    """The minutes of the only person on the roll."""
    [person] = (await school.roll(session))["people"]
    return sum(shown["minutes"] for shown in person["marks"])


async def test_who_left_one_session_before_the_other_began_is_on_both(school: School) -> None:
    anna = uuid4()
    first, second = await school.session(), await school.session(NINE + timedelta(hours=1))
    await school.tell(school.confirmed(first, anna), school.confirmed(second, anna))
    left = mark(first, anna, left_at=(NINE + timedelta(hours=1)).isoformat())
    assert await school.outcomes(first, left) == ["accepted"]
    assert await school.outcomes(second, mark(second, anna)) == ["accepted"]


@pytest.mark.parametrize("held_first", [True, False])
async def test_a_registration_that_arrives_late_changes_nothing_in_the_result(school: School, held_first: bool) -> None:
    session, anna = await school.session(), uuid4()
    registration = school.confirmed(session, anna)
    if not held_first:
        await school.tell(registration)
    await school.post_marks(session, mark(session, anna, minutes=60), device="phone")
    await school.post_marks(session, mark(session, anna, minutes=90), device="tablet")
    if held_first:
        await school.tell(registration)
    assert len(await open_conflicts(school, session)) == 1
    assert (await school.roll(session))["people"][0]["marks"] == []
