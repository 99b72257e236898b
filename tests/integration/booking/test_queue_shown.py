"""The queue as it is shown: why each entry waits, to whom, and what the coordinator moved."""

from uuid import UUID, uuid4

import pytest

from shared.security.roles import Role
from tests.integration.booking.queueing import full
from tests.support.answers import refused
from tests.support.booking_world import DAY, HALLEFORS, NORA, NOW, OREBRO, World, client, occasion

START = NOW + 30 * DAY
pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_queue_tells_each_entry_why_it_waits(world: World) -> None:
    session, seated = await full(world, 3)
    group, single = await world.several(2), await world.staff()
    await world.outcomes(session, *group, policy="all")
    await world.outcomes(session, single)
    first, second = (await world.queue(session))["entries"]
    assert (first["position"], first["municipality"], "staff" in first) == (1, OREBRO, False)
    assert first["group"] == {
        "policy": "all",
        "size": 2,
        "needs": 2,
        "staff": group,
        "municipalities": [OREBRO],
    }
    assert (second["position"], second["staff"], "group" in second) == (2, single, False)
    assert first["why_not_yet"] == second["why_not_yet"] == "Alla platser är tagna."
    await world.cancel(session, seated[0])
    first, second = (await world.queue(session))["entries"]
    assert first["why_not_yet"] == "2 platser behövs samtidigt, 1 är lediga."
    assert second["why_not_yet_code"] == "behind-others"


async def test_a_municipality_sees_its_own_entries_explained_and_the_others_anonymous(world: World) -> None:
    session, [seated] = await full(world, 1)
    await world.outcomes(session, await world.staff(HALLEFORS))
    own = await world.staff(NORA)
    await world.outcomes(session, own)
    await world.cancel(session, seated)
    await world.outcomes(session, await world.staff(HALLEFORS))
    queue = await world.queue(session, world.municipality(NORA))
    mine, other = queue["entries"]
    assert (mine["municipality"], mine["staff"], mine["why_not_yet_code"]) == (NORA, own, "session-full")
    assert set(other) == {"position", "since"}
    assert queue["decisions"] == []
    assert [each["decision"] for each in (await world.queue(session))["decisions"]] == ["promoted"]


async def test_the_coordinator_moves_an_entry_with_a_reason_that_is_kept(world: World) -> None:
    session, [seated] = await full(world, 1)
    first, second = await world.several(2)
    await world.outcomes(session, first)
    await world.outcomes(session, second)
    entry = (await world.queue(session))["entries"][1]["entry"]
    path = f"/booking/v1/sessions/{session}/queue/move"
    answer = await world.post(path, {"entry": entry, "position": 1, "reason": "Sista chansen före årsskiftet"})
    assert [each["staff"] for each in answer["entries"]] == [second, first]
    assert [(each["decision"], each["reason"]) for each in answer["decisions"]] == [
        ("moved", "Sista chansen före årsskiftet")
    ]
    await world.cancel(session, seated)
    assert await world.statuses(session, first, second) == ["waitlisted", "confirmed"]


async def test_a_move_to_nowhere_or_by_somebody_else_is_refused(world: World) -> None:
    session, _ = await full(world, 1)
    person = await world.staff(NORA)
    await world.outcomes(session, person)
    path = f"/booking/v1/sessions/{session}/queue/move"
    entry = (await world.queue(session))["entries"][0]["entry"]
    body = {"entry": entry, "position": 2, "reason": "x"}
    refused(await world.coordinator.post(path, json=body), 422, "validation")
    unknown = {**body, "entry": str(uuid4())}
    refused(await world.coordinator.post(path, json=unknown), 404, "not-found")
    refused(await world.municipality(NORA).post(path, json=body), 403, "forbidden")


async def test_trainers_and_funders_do_not_see_the_queue(world: World) -> None:
    session, _ = await full(world, 1)
    for role in (Role.TRAINER, Role.FUNDER):
        other = client(world.origin, role, trainer_id=uuid4())
        refused(await other.get(f"/booking/v1/sessions/{session}/queue"), 403, "forbidden")


async def test_a_rescheduled_session_looks_at_its_queue_again(world: World) -> None:
    session, [seated] = await full(world, 1)
    waiting = await world.staff()
    await world.outcomes(session, waiting)
    await world.origin.rows(
        "booking",
        "UPDATE employment_periods SET valid_to = $1 WHERE employment_id IN (SELECT employment_id FROM registrations "
        "WHERE session_id = $2 AND status = 'waitlisted')",
        (START - DAY).date(),
        UUID(session),
    )
    await world.cancel(session, seated)
    assert await world.statuses(session, waiting) == ["waitlisted"]
    earlier = {"occasions": [occasion(START - 2 * DAY)]}
    await world.post(f"/booking/v1/sessions/{session}/reschedule", earlier)
    assert await world.statuses(session, waiting) == ["confirmed"]


async def test_why_not_yet_names_the_course_that_is_missing(world: World) -> None:
    session = await world.session(1, course="TR2")
    seated, waiting = await world.several(2)
    await world.outcomes(session, seated, override={"reason": "Har gått den"})
    before = await world.session(starts=START - DAY)
    await world.outcomes(before, waiting)
    await world.outcomes(session, waiting)
    await world.cancel(before, waiting)
    await world.cancel(session, seated)
    queue = await world.queue(session)
    [entry] = queue["entries"]
    assert entry["why_not_yet_code"] == "prerequisite-missing"
    assert "TR1" in entry["why_not_yet"]
    [decision] = queue["decisions"]
    assert (decision["decision"], "TR1" in decision["reason"]) == ("skipped", True)
