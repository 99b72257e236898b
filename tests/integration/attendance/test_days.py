"""A day's rolls for the phone: what it takes along, and what it has to forget."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from services.attendance.phone import days_together
from shared.contracts.people_v2 import PersonChangedV2
from tests.support.eventually import eventually
from tests.support.lanes import held, lane_of
from tests.support.school import HOURS, NINE, School, got, mark
from tests.support.story import Session

pytestmark = pytest.mark.asyncio(loop_scope="module")

DAY = "/attendance/v1/days/2025-03-03"
NEXT_DAY = timedelta(days=1)
PHONE = {"device_id": "phone", "device_time": "2025-03-03T12:00:00Z"}


async def day(school: School, session: Session, path: str = DAY) -> dict[str, Any]:
    return await got(school.trainer(session.trainers[0]), path)


async def test_a_day_has_the_trainers_own_rolls_with_seeds(school: School) -> None:
    session, [anna] = await school.with_people(1, starts=[NINE, NINE + NEXT_DAY])
    await school.tell(school.named(anna, "Anna", "Ek"))
    await school.with_people(1)
    answer = await day(school, session)
    assert answer["trainer_id"] == str(session.trainers[0])
    assert datetime.fromisoformat(answer["server_time"]) <= datetime.now(UTC)
    [roll] = answer["rolls"]
    alone = await school.roll(session, school.trainer(session.trainers[0]))
    assert {name: roll[name] for name in alone} == alone
    assert (roll["course_title"], roll["venue"]) == ("Hjärt-lungräddning", "KTC")
    assert roll["people"][0]["name"] == "Anna Ek"
    [seed] = roll["check_in"]
    assert seed["occasion_id"] == str(session.occasions[0].occasion_id), "only of that day"
    assert (len(seed["seed"]), seed["period_seconds"]) == (64, 60)
    assert answer["forget"] == []


async def test_a_session_stands_on_each_of_its_days_and_on_no_other(school: School) -> None:
    session, _ = await school.with_people(0, starts=[NINE, NINE + NEXT_DAY])
    for path, found in ((DAY, 1), ("/attendance/v1/days/2025-03-04", 1), ("/attendance/v1/days/2025-03-05", 0)):
        assert len((await day(school, session, path))["rolls"]) == found, path


async def test_an_unchanged_day_is_304_and_a_mark_a_name_or_a_walk_in_changes_it(school: School) -> None:
    session, [anna] = await school.with_people(1)
    client = school.trainer(session.trainers[0])

    async def tag(known: str = "") -> str | None:
        answer = await client.get(DAY, headers={"If-None-Match": known})
        assert answer.status_code in (200, 304), answer.text
        assert answer.status_code == 200 or not answer.content
        assert answer.headers["etag"]
        return str(answer.headers["etag"]) if answer.status_code == 200 else None

    known = await tag() or ""
    assert await tag(known) is None
    assert await tag(f'"other", W/{known}') is None
    for change in ("mark", "name", "walk-in"):
        if change == "mark":
            await school.post_marks(session, mark(session, anna))
        elif change == "name":
            await school.tell(school.named(anna, "Anna", "Ek"))
        else:
            await client.post(f"/attendance/v1/sessions/{session.id}/walk-ins", json={"walk_in_id": str(uuid4())})
        changed = await tag(known)
        assert changed is not None, change
        known = changed


async def test_an_attested_roll_has_no_names_and_is_to_be_forgotten(school: School) -> None:
    session, [anna] = await school.with_people(1)
    await school.tell(school.named(anna, "Anna", "Ek"))
    await school.post_marks(session, mark(session, anna))
    await school.attest(session)
    answer = await day(school, session)
    assert answer["forget"] == [str(session.id)]
    [roll] = answer["rolls"]
    assert (roll["state"], roll["check_in"]) == ("attested", [])
    assert [(person["name"], person["participant_id"]) for person in roll["people"]] == [(None, str(anna))]


async def test_masked_people_come_masked(school: School) -> None:
    session, [anna] = await school.with_people(1)
    await school.tell(school.named(anna, "Anna", "Ek", protected=True))
    client = school.trainer(session.trainers[0])
    for language, name in (("sv", "Skyddad identitet"), ("en", "Protected identity")):
        answer = await client.get(DAY, headers={"Accept-Language": language})
        [person] = answer.json()["rolls"][0]["people"]
        assert (person["name"], person["masked"]) == (name, True)


async def test_what_is_cancelled_rescheduled_away_or_anothers_now_is_to_be_forgotten(school: School) -> None:
    gone, away, taken, mine = [(await school.with_people(1, trainers=[TRAINER]))[0] for _ in range(4)]
    later = away.occasions[0].model_copy(
        update={"occasion_id": uuid4(), "starts_at": NINE + NEXT_DAY, "ends_at": NINE + NEXT_DAY + 3 * HOURS}
    )
    await school.tell(school.called_off(gone), school.rescheduled(away, later), school.replaced(taken, uuid4()))
    answer = await got(school.trainer(TRAINER), DAY)
    assert [roll["session_id"] for roll in answer["rolls"]] == [str(mine.id)]
    assert set(answer["forget"]) == {str(session.id) for session in (gone, away, taken)}


async def test_a_roll_with_an_erased_person_is_replaced(school: School) -> None:
    session, [anna] = await school.with_people(1)
    await school.tell(school.named(anna, "Anna", "Ek"))
    await school.tell(school.bury(PersonChangedV2, f"person/{anna}"))
    answer = await day(school, session)
    assert answer["forget"] == [str(session.id)]
    assert answer["rolls"][0]["people"][0]["name"] is None


async def test_a_day_is_read_behind_what_phones_noted_but_waits_for_it_only_so_long(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = uuid4()
    sessions = [await school.with_people(1, trainers=[trainer]) for _ in range(2)]
    client = school.trainer(trainer)

    async def noted(session: Session, people: list[UUID]) -> httpx2.Response:
        sent = {"session_id": str(session.id), "marks": [mark(session, people[0])]}
        return await client.post("/attendance/v1/sync", json={**PHONE, "sessions": [sent]})

    async def marked() -> int:
        """How many people are, by the day."""
        rolls = (await got(client, DAY))["rolls"]
        return sum(len(person["marks"]) for roll in rolls for person in roll["people"])

    await client.post("/attendance/v1/sync", json={**PHONE, "sessions": [{"session_id": str(uuid4())}]})
    async with held(lane_of(school.origin, "/v1/sync", "attendance"), len(sessions)):
        tasks = [asyncio.create_task(noted(*each)) for each in sessions]
        await eventually(lambda: lane_of(school.origin, "/v1/sync", "attendance").gathering)
        monkeypatch.setattr(days_together, "BEHIND_SECONDS", 0.0)
        assert await marked() == 0, "it came although nothing went on"
        monkeypatch.setattr(days_together, "BEHIND_SECONDS", 60.0)
        behind = asyncio.create_task(marked())
    assert await behind == 2
    assert [(await task).status_code for task in tasks] == [200, 200]


async def test_a_day_is_the_trainers_alone(school: School) -> None:
    assert (await school.coordinator.get(DAY)).status_code == 403
    assert (await school.origin.client().get(DAY)).status_code == 401
    answer: httpx2.Response = await school.trainer(uuid4()).get("/attendance/v1/days/i-dag")
    assert answer.status_code == 422


TRAINER = uuid4()


async def test_days_that_are_fetched_at_one_moment_are_those_that_each_gets_alone(school: School) -> None:
    ours = [(await school.with_people(2))[0] for _ in range(3)]
    await school.tell(school.called_off(ours[2]), school.replaced(ours[1], uuid4()))
    trainers = [school.trainer(session.trainers[0]) for session in ours]
    left = school.trainer(uuid4())
    alone = [await client.get(DAY) for client in (*trainers, left)]
    known = {"If-None-Match": alone[0].headers["etag"]}
    async with held(lane_of(school.origin, "/v1/days/{date}", "attendance"), 5):
        asked = [asyncio.create_task(client.get(DAY)) for client in (*trainers, left)]
        again = asyncio.create_task(trainers[0].get(DAY, headers=known))
    assert (await again).status_code == 304
    for before, now in zip(alone, [await task for task in asked], strict=True):
        assert (now.status_code, now.headers["etag"]) == (200, before.headers["etag"])
        assert now.json() | {"server_time": None} == before.json() | {"server_time": None}
        assert set(now.headers) == set(before.headers)
