"""Schedules: made when a period has ended, mailed with a link to what is frozen, once; what fails is seen."""

from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from shared.security.roles import Role
from tests.integration.reporting.ordering import REPORTS, a_year
from tests.integration.reporting.publishing import publish
from tests.support.answers import if_match, ok, refused
from tests.support.clock import FixedClock
from tests.support.eventually import eventually
from tests.support.mailbox import mailbox
from tests.support.services import Origin, running
from tests.support.stack import Stack

pytestmark = pytest.mark.asyncio(loop_scope="module")

SCHEDULES = "/reporting/v1/schedules"
FUNDER, STEERING = "handlaggare@esf.example", "styrgrupp@kommun.example"
UNUSABLE = "a..b@kommun.example"
MONTHLY = {"kind": "progress", "every": "month", "days_after": 5, "to": [FUNDER, STEERING], "language": "sv"}


def by(origin: Origin, role: Role) -> httpx2.AsyncClient:
    """Whatever time the clock of the test shows."""
    return origin.client(role, municipality="1884", iat=0, exp=4_000_000_000)


async def one(office: httpx2.AsyncClient, schedule: str) -> dict[str, Any]:
    found: dict[str, Any] = ok(await office.get(f"{SCHEDULES}/{schedule}"))
    return found


async def test_a_schedule_makes_and_mails_a_report_when_its_period_has_ended(stack: Stack) -> None:
    clock = FixedClock(datetime(2025, 3, 10, 9, tzinfo=UTC))
    async with mailbox() as mails, running(stack, ["reporting"], clock=clock, settings=mails.variables) as origin:
        await publish(origin, a_year()[0].told)
        office, reporting = by(origin, Role.COORDINATOR), origin.services["reporting"]
        stated = ok(await office.post(SCHEDULES, json=MONTHLY), 201)
        path = f"{SCHEDULES}/{stated['id']}"
        assert (stated["next_period"], stated["next_run"]) == ("2025-03", "2025-04-05T00:00:00+02:00")
        clock.at = datetime(2025, 4, 4, 21, 59, tzinfo=UTC)
        await reporting.run_due(clock.at)
        assert (await one(office, stated["id"]))["deliveries"] == []

        clock.at = datetime(2025, 4, 4, 22, 1, tzinfo=UTC)
        await reporting.run_due(clock.at)
        [mail] = await mails.until(1, FUNDER)
        await mails.until(1, STEERING)
        shown = await one(office, stated["id"])
        [delivery] = shown["deliveries"]
        assert (delivery["period"], delivery["state"], shown["next_period"]) == ("2025-03", "sent", "2025-04")
        assert f"/uppfoljning/rapporter/{delivery['report']}" in mail["text"]
        assert mail["subject"] == "Lägesrapport mars 2025 – Kompetensnavet"
        report = ok(await office.get(f"{REPORTS}/{delivery['report']}"))
        assert (report["state"], report["period"]) == ("frozen", "2025-03")
        assert report["hash"] in mail["text"]

        # By hand it is the same act, once a period.
        refused(await office.post(f"{path}/run", json={"period": "2025-03"}), 409, "already-delivered")
        again = ok(await office.post(f"{path}/run", json={"period": "2025-02"}), 202)
        await mails.until(2, FUNDER)
        refused(await office.post(f"{path}/run", json={"period": "2025-02"}), 409, "already-delivered")
        assert {one_["report"] for one_ in (await one(office, stated["id"]))["deliveries"]} == {
            delivery["report"],
            again["report"],
        }
        for period, status, pointer in (("2025", 422, "/period"), ("2025-06", 422, "/period")):
            answer = await office.post(f"{path}/run", json={"period": period})
            assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (status, pointer), period
        await a_failed_delivery_is_seen(office)
        await an_ended_schedule_delivers_nothing(office, stated["id"], delivery["report"])


async def a_failed_delivery_is_seen(office: httpx2.AsyncClient) -> None:
    """And may be run again."""
    stated = ok(await office.post(SCHEDULES, json={**MONTHLY, "to": [UNUSABLE]}), 201)
    for _ in range(2):
        run = await office.post(f"{SCHEDULES}/{stated['id']}/run", json={"period": "2025-01"})
        report = ok(run, 202)["report"]
        failed = await eventually_ended(office, stated["id"])
        assert (failed["report"], failed["state"]) == (report, "failed")
        assert UNUSABLE in failed["reason"]


async def eventually_ended(office: httpx2.AsyncClient, schedule: str) -> dict[str, Any]:
    async def latest() -> dict[str, Any]:
        found: dict[str, Any] = (await one(office, schedule))["deliveries"][0]
        return found

    return await eventually(latest, within=30, until=lambda found: found["state"] in ("sent", "failed"))


async def an_ended_schedule_delivers_nothing(office: httpx2.AsyncClient, schedule: str, report: str) -> None:
    path = f"{SCHEDULES}/{schedule}"
    refused(await office.delete(path), 428, "if-match-required")
    assert (await office.delete(path, headers=if_match(await office.get(path)))).status_code == 204
    refused(await office.get(path), 404, "not-found")
    assert (await office.get(f"{REPORTS}/{report}")).status_code == 200
    assert schedule not in [item["id"] for item in ok(await office.get(SCHEDULES))["items"]]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"kind": "municipality"}, "/kind"),
        ({"every": "week"}, "/every"),
        ({"days_after": -1}, "/days_after"),
        ({"to": []}, "/to"),
        ({"to": ["nobody"]}, "/to/0"),
        ({"language": "fi"}, "/language"),
    ],
)
async def test_what_cannot_be_scheduled_is_refused_by_its_field(
    service: Origin, change: dict[str, Any], pointer: str
) -> None:
    answer = await service.client(Role.COORDINATOR).post(SCHEDULES, json=MONTHLY | change)
    assert answer.status_code == 422, answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_schedules_are_the_project_offices(service: Origin) -> None:
    for role in (Role.FUNDER, Role.MUNICIPALITY, Role.EVALUATOR, Role.OPERATOR, Role.TRAINER):
        client = service.client(role, municipality="1884", trainer_id="0190b0a0-0000-7000-8000-000000000001")
        assert (await client.get(SCHEDULES)).status_code == 403, role
        assert (await client.post(SCHEDULES, json=MONTHLY)).status_code == 403, role
