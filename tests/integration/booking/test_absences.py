"""An absent trainer over HTTP: who takes over, what is cancelled, and what is proposed instead."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from shared.clock import local_day
from shared.security.roles import ANY, Role
from tests.support.answers import Json, answered, problem
from tests.support.booking_world import (
    DAY,
    HOUR,
    NORA,
    NOW,
    OREBRO,
    World,
    client,
    evening_before,
    occasion,
    session_body,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

weeks = iter(range(4, 60))


class Scene:
    """A course of its own, which needs a qualification of its own, and a day that no other test uses."""

    def __init__(self, world: World, code: str) -> None:
        self.world, self.code, self.start = world, code, NOW + next(weeks) * 7 * DAY

    @classmethod
    async def made(cls, world: World) -> "Scene":
        code = f"KURS{uuid4().hex[:8]}"
        await world.course(code, ["base", "other"], needs_qualification=code)
        return cls(world, code)

    @property
    def day(self) -> str:
        return local_day(self.start).isoformat()

    async def trainer(self, name: str, home: str = OREBRO, *, since: str = "2025-02-01", **fields: object) -> str:
        return await self.world.trainer(self.code, since=since, name=name, home_municipality=home, **fields)

    async def session(self, *trainers: str, after: timedelta = 0 * DAY, capacity: int = 5, **fields: Any) -> str:
        given: Json = {"course": self.code, "trainers": list(trainers), **fields}
        return await self.world.session(capacity, starts=self.start + after, **given)

    async def absent(self, trainer: str, **fields: object) -> Json:
        body = {"from": self.day, "to": self.day, "reason": "Sjuk", **fields}
        return await self.world.post(f"/booking/v1/trainers/{trainer}/absences", body)

    async def shown(self, session: str) -> Json:
        return await self.world.get(f"/booking/v1/sessions/{session}")


@pytest_asyncio.fixture(loop_scope="module")
async def scene(world: World) -> Scene:
    return await Scene.made(world)


def names(affected: Json) -> list[str]:
    return [candidate["name"] for candidate in affected["candidates"]]


async def test_the_best_colleague_takes_over_and_all_candidates_are_shown_in_order(scene: Scene) -> None:
    absent, other = await scene.trainer("Absent"), await scene.trainer("Annat slag", qualifications=[])
    near_busy, near = await scene.trainer("Åke Nära"), await scene.trainer("Örjan Nära")
    await scene.trainer("Anna Längre bort", NORA)
    await scene.session(near_busy, after=10 * DAY)
    session = await scene.session(absent)
    answer = await scene.absent(absent)
    [affected] = answer["affected"]
    assert (affected["session_id"], affected["outcome"]) == (session, "replaced")
    assert names(affected) == ["Örjan Nära", "Åke Nära", "Anna Längre bort"]
    assert [each["assignments"] for each in affected["candidates"]] == [0, 1, 0]
    assert (await scene.shown(session))["trainers"] == [near]
    events = await scene.world.events(session)
    assert ("trainer-replaced", {"from": absent, "to": near}) in events
    assert other not in [each["trainer_id"] for each in affected["candidates"]]
    path = f"/booking/v1/trainers/{absent}/absences"
    assert await scene.world.get(f"{path}/{answer['id']}") == answer
    assert (await scene.world.get(path))["items"] == [answer]


async def test_who_is_not_qualified_by_then_inactive_away_or_teaching_is_no_candidate(scene: Scene) -> None:
    absent, away = await scene.trainer("Absent"), await scene.trainer("Borta")
    await scene.trainer("Senare", since=(local_day(scene.start) + timedelta(days=1)).isoformat())
    await scene.trainer("Slutat", active_to=scene.day)
    busy = await scene.trainer("Undervisar")
    await scene.session(busy, after=2 * HOUR)
    await scene.absent(away)
    session = await scene.session(absent)
    [affected] = (await scene.absent(absent))["affected"]
    assert (affected["session_id"], affected["outcome"], affected["candidates"]) == (session, "cancelled", [])
    shown = await scene.shown(session)
    assert (shown["state"], shown["cancellation"]["cause"]) == ("cancelled", "trainer-absent")
    assert shown["cancellation"]["note"] is None
    [(_, cancelled)] = [event for event in await scene.world.events(session) if event[0] == "session-cancelled"]
    assert cancelled["cause"] == "trainer-absent"


async def test_with_another_trainer_on_it_somebody_decides(scene: Scene) -> None:
    absent, present = await scene.trainer("Absent"), await scene.trainer("Kvar")
    session = await scene.session(absent, present)
    [affected] = (await scene.absent(absent))["affected"]
    assert (affected["outcome"], affected["candidates"]) == ("needs-decision", [])
    shown = await scene.shown(session)
    assert (shown["state"], shown["trainers"]) == ("scheduled", [absent, present])


async def test_the_second_session_of_a_day_is_decided_about_with_what_became_of_the_first(scene: Scene) -> None:
    absent, colleague = await scene.trainer("Absent"), await scene.trainer("Kollega")
    first = await scene.session(absent, occasions=[occasion(scene.start, hours=2, break_minutes=0)])
    later = [occasion(scene.start + 2 * HOUR, hours=2, break_minutes=0)]
    second = await scene.session(absent, occasions=later, after=2 * HOUR)
    answer = await scene.absent(absent)
    assert [(each["session_id"], each["outcome"]) for each in answer["affected"]] == [
        (first, "replaced"),
        (second, "replaced"),
    ]
    assert [each["candidates"][0]["assignments"] for each in answer["affected"]] == [0, 1]
    assert (await scene.shown(second))["trainers"] == [colleague]


async def test_only_sessions_on_those_days_are_touched(scene: Scene) -> None:
    absent = await scene.trainer("Absent")
    before, after = await scene.session(absent, after=-DAY), await scene.session(absent, after=DAY)
    assert (await scene.absent(absent))["affected"] == []
    for session in (before, after):
        assert (await scene.shown(session))["trainers"] == [absent]


async def test_who_is_away_is_scheduled_for_nothing_then(scene: Scene) -> None:
    absent = await scene.trainer("Absent")
    await scene.absent(absent)
    body = session_body(5, scene.start, course=scene.code, trainers=[absent])
    answer = await scene.world.coordinator.post("/booking/v1/sessions", json=body)
    assert problem(answer) == (409, "trainer-busy")
    [error] = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/trainers/0", "trainer-absent")
    await scene.session(absent, after=DAY)


async def test_an_evening_until_midnight_is_nothing_of_the_day_away(scene: Scene) -> None:
    absent, evening = await scene.trainer("Absent"), [evening_before(local_day(scene.start))]
    session = await scene.session(absent, occasions=evening)
    assert (await scene.absent(absent))["affected"] == []
    await scene.world.post(f"/booking/v1/sessions/{session}/cancel", {"cause": "venue"})
    await scene.session(absent, occasions=evening)


async def test_an_absence_entered_afterwards_leaves_alone_what_was_over_by_then(scene: Scene) -> None:
    absent = await scene.trainer("Absent")
    session = await scene.session(absent)
    scene.world.clock.at = scene.start + 30 * DAY
    told = await scene.world.post(
        f"/booking/v1/trainers/{absent}/absences",
        {"from": scene.day, "to": scene.day, "reason": "Sjuk"},
        at=scene.start + DAY,
    )
    assert told["affected"] == []
    told = await scene.world.post(
        f"/booking/v1/trainers/{absent}/absences",
        {"from": scene.day, "to": scene.day, "reason": "Sjuk"},
        at=scene.start - DAY,
    )
    assert [each["outcome"] for each in told["affected"]] == ["cancelled"]
    cancelled_at = (await scene.shown(session))["cancellation"]["at"]
    assert cancelled_at.startswith(local_day(scene.start - DAY).isoformat())


async def test_the_reason_is_in_no_event_and_not_in_the_audit(scene: Scene) -> None:
    absent = await scene.trainer("Absent")
    session = await scene.session(absent)
    await scene.absent(absent, reason="Bruten arm")
    audit = await scene.world.get("/booking/v1/audit", target=f"trainer/{absent}")
    assert audit["items"][0]["action"] == "trainer-absent"
    assert "Bruten arm" not in str(audit)
    assert "Bruten arm" not in str(await scene.world.events(session))


@pytest.mark.parametrize("role", [role for role in ANY if role is not Role.COORDINATOR])
async def test_absences_are_the_offices(world: World, role: Role) -> None:
    other = client(world.origin, role, municipality=NORA, trainer_id=uuid4())
    for answer in (
        await other.get(f"/booking/v1/trainers/{uuid4()}/absences"),
        await other.post(f"/booking/v1/trainers/{uuid4()}/absences", json={}),
    ):
        assert answer.status_code == 403


class TestProposals:
    """What is offered to those whose session was cancelled."""

    async def offered(self, scene: Scene, session: str, staff: str) -> list[str]:
        registration = await scene.world.registration(session, staff)
        by = scene.world.municipality(registration["municipality"])
        path = f"/booking/v1/registrations/{registration['id']}/proposals"
        return [each["session"] for each in answered(await by.get(path))["items"]]

    async def test_the_three_next_sessions_with_a_free_seat_that_the_person_can_attend(self, scene: Scene) -> None:
        world, absent = scene.world, await scene.trainer("Absent")
        person, taken = await world.staff(NORA), await world.staff(NORA)
        session = await scene.session(absent)
        await world.outcomes(session, person)
        full = await scene.session(after=DAY, capacity=1)
        await world.outcomes(full, taken)
        at_once = await scene.session(after=2 * DAY)
        elsewhere = await world.session(starts=scene.start + 2 * DAY)
        await world.outcomes(elsewhere, person)
        reserved = await scene.session(after=3 * DAY, capacity=1, seat_shares={OREBRO: 1})
        opens_at = (scene.start + 3 * DAY).isoformat()
        closed = await scene.session(after=4 * DAY, registration_opens_at=opens_at)
        free = [await scene.session(after=number * DAY) for number in (8, 7, 6, 5)]
        await scene.absent(absent)
        offered = await self.offered(scene, session, person)
        assert offered == [free[3], free[2], free[1]]
        assert not {full, at_once, reserved, closed} & set(offered)

    async def test_each_that_is_offered_can_be_booked(self, scene: Scene) -> None:
        world, absent, person = scene.world, await scene.trainer("Absent"), await scene.world.staff(NORA)
        session, other = await scene.session(absent), await scene.session(after=DAY)
        await world.outcomes(session, person)
        assert await self.offered(scene, session, person) == [other]
        await scene.absent(absent)
        assert await self.offered(scene, session, person) == [other]
        assert await world.outcomes(other, person) == ["confirmed"]
        assert await self.offered(scene, session, person) == []

    async def test_who_cannot_come_at_the_new_time_is_offered_others(self, scene: Scene) -> None:
        world, person = scene.world, await scene.world.staff(NORA)
        session, other = await scene.session(), await scene.session(after=5 * DAY)
        elsewhere = await world.session(starts=scene.start + DAY)
        await world.outcomes(session, person)
        await world.outcomes(elsewhere, person)
        moved = {"occasions": [occasion(scene.start + DAY)], "force": True}
        await world.post(f"/booking/v1/sessions/{session}/reschedule", moved)
        ended = await world.registration(session, person)
        assert (ended["status"], ended["cancelled"]["neutral"]) == ("cancelled", True)
        assert await self.offered(scene, session, person) == [other]

    async def test_a_municipality_asks_about_its_own(self, scene: Scene) -> None:
        person, session = await scene.world.staff(NORA), await scene.session()
        await scene.world.outcomes(session, person)
        registration = await scene.world.registration(session, person)
        path = f"/booking/v1/registrations/{registration['id']}/proposals"
        assert problem(await scene.world.municipality(OREBRO).get(path)) == (404, "not-found")
