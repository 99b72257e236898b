"""Blackouts over HTTP: who may declare them, and who is warned of them."""

from datetime import date, timedelta

import httpx2
import pytest

from shared.security.roles import Role
from tests.support.answers import Json, answered, problem
from tests.support.booking_world import DAY, NORA, NOW, OREBRO, World, client, evening_before, occasion

START = NOW + 30 * DAY
DAYS = "2026-04-01"  # the local day of START

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def declared(world: World, municipality: str, first: str = DAYS, last: str = DAYS) -> Json:
    body = {"municipality": municipality, "from": first, "to": last, "reason": "Nytt journalsystem"}
    return await world.post("/booking/v1/blackouts", body)


async def taken_back(world: World, blackout: Json) -> httpx2.Response:
    path = f"/booking/v1/blackouts/{blackout['id']}"
    seen = await world.coordinator.get(path)
    return await world.coordinator.delete(path, headers={"If-Match": seen.headers["ETag"]})


async def warnings(world: World, session: str, by: httpx2.AsyncClient | None = None) -> list[Json]:
    shown = answered(await (by or world.coordinator).get(f"/booking/v1/sessions/{session}"))
    return list(shown["warnings"])


async def test_a_municipality_declares_its_own_and_reads_no_others(world: World) -> None:
    nora, orebro = world.municipality(NORA), world.municipality(OREBRO)
    body = {"from": "2026-07-01", "to": "2026-08-15", "reason": "Sommar"}
    answer = await nora.post("/booking/v1/blackouts", json=body)
    shown = answered(answer)
    assert (answer.status_code, shown) == (201, {**body, "id": shown["id"], "municipality": NORA})
    path = f"/booking/v1/blackouts/{shown['id']}"
    got = await nora.get(path)
    assert (got.json(), got.headers["ETag"]) == (shown, answer.headers["ETag"])
    assert problem(await orebro.get(path)) == (404, "not-found")
    assert problem(await orebro.delete(path, headers={"If-Match": "*"})) == (404, "not-found")
    assert shown["id"] not in [each["id"] for each in answered(await orebro.get("/booking/v1/blackouts"))["items"]]
    assert (await nora.delete(path)).status_code == 428
    assert (await nora.delete(path, headers={"If-Match": got.headers["ETag"]})).status_code == 204
    assert problem(await nora.get(path)) == (404, "not-found")


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"municipality": OREBRO}, "/municipality", "not-your-municipality"),
        ({"from": "2026-08-01", "to": "2026-07-01"}, "/to", "before_from"),
        ({"reason": " "}, "/reason", "string_too_short"),
    ],
)
async def test_a_wrong_one_is_refused_by_its_field(world: World, fields: Json, pointer: str, code: str) -> None:
    body = {"from": "2026-07-01", "to": "2026-08-15", "reason": "Sommar", **fields}
    answer = await world.municipality(NORA).post("/booking/v1/blackouts", json=body)
    assert problem(answer) == (422, "validation")
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [(pointer, code)]


async def test_the_coordinator_names_a_municipality_of_the_project(world: World) -> None:
    for municipality, code in ((None, "missing"), ("0001", "unknown-municipality")):
        body = {"municipality": municipality, "from": DAYS, "to": DAYS, "reason": "x"}
        answer = await world.coordinator.post("/booking/v1/blackouts", json=body)
        assert [error["code"] for error in answer.json()["errors"]] == [code]


async def test_a_session_on_those_days_warns_whoever_plans_and_the_municipality_itself(world: World) -> None:
    blackout = await declared(world, NORA)
    session = await world.session()
    warning = {"code": "blackout", "blackout_id": blackout["id"], "municipality": NORA, "reason": "Nytt journalsystem"}
    assert await warnings(world, session) == [warning]
    assert await warnings(world, session, world.municipality(NORA)) == [warning]
    for other in (world.municipality(OREBRO), client(world.origin, Role.FUNDER)):
        assert await warnings(world, session, other) == []
    assert (await taken_back(world, blackout)).status_code == 204
    assert await warnings(world, session) == []


@pytest.mark.parametrize(
    ("first", "last", "warned"),
    [(-3, -1, False), (-3, 0, True), (0, 0, True), (2, 9, True), (1, 1, False), (3, 9, False)],
)
async def test_a_day_of_any_occasion_counts_and_a_day_between_them_does_not(
    world: World, first: int, last: int, warned: bool
) -> None:
    day = date.fromisoformat(DAYS)
    days = [(day + timedelta(days=number)).isoformat() for number in (first, last)]
    blackout = await declared(world, NORA, *days)
    session = await world.session(occasions=[occasion(START), occasion(START + 2 * DAY)])
    assert bool(await warnings(world, session)) is warned
    await taken_back(world, blackout)


async def test_an_evening_until_midnight_lies_in_no_blackout_of_the_next_day(world: World) -> None:
    blackout = await declared(world, NORA)
    session = await world.session(occasions=[evening_before(date.fromisoformat(DAYS))])
    assert await warnings(world, session) == []
    await taken_back(world, blackout)


async def test_each_result_of_registering_warns_of_the_own_municipalitys(world: World) -> None:
    blackout = await declared(world, NORA)
    session = await world.session(1)
    of_nora, of_orebro = [await world.staff(NORA), await world.staff(NORA)], await world.staff(OREBRO)
    answer = answered(await world.register(session, *of_nora, of_orebro, policy="any"))
    by_staff = {result["staff"]: result for result in answer["results"]}
    assert [by_staff[staff]["outcome"] for staff in of_nora] == ["confirmed", "waitlisted"]
    for staff in of_nora:
        assert [warning["blackout_id"] for warning in by_staff[staff]["warnings"]] == [blackout["id"]]
    assert "warnings" not in by_staff[of_orebro]
    await taken_back(world, blackout)
