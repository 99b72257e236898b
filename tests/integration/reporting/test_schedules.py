"""Schedules: made when a period has ended, mailed with a link to what is frozen, once; what fails is seen."""

import re
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from shared.security.roles import Role
from shared.web.pages.formatting import address
from tests.integration.reporting.ordering import REPORTS, a_year
from tests.integration.reporting.publishing import publish
from tests.support.answers import if_match, ok, refused
from tests.support.browsers import browser, fields_of
from tests.support.clock import FixedClock
from tests.support.eventually import eventually
from tests.support.mailbox import mailbox
from tests.support.services import Origin, running
from tests.support.stack import Stack

pytestmark = pytest.mark.asyncio(loop_scope="module")

SCHEDULES, PAGE = "/reporting/v1/schedules", "/uppfoljning/scheman"
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
        delivery = await eventually_ended(office, stated["id"])  # noted after the mail server has taken it
        shown = await one(office, stated["id"])
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
        await another_period_is_refused(office, path)
        await what_is_due_is_changed(office, stated["id"])
        await a_failed_delivery_is_seen(office)
        await the_office_sees_it_on_pages(origin)
        await an_ended_schedule_delivers_nothing(office, stated["id"], delivery["report"])


async def another_period_is_refused(office: httpx2.AsyncClient, path: str) -> None:
    """One of another length, and one that has not begun."""
    for period in ("2025", "2025-06"):
        answer = await office.post(f"{path}/run", json={"period": period})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/period"), period


async def what_is_due_is_changed(office: httpx2.AsyncClient, schedule: str) -> None:
    """From the next period on; of what kind it is stays."""
    path = f"{SCHEDULES}/{schedule}"
    refused(await office.patch(path, json={"days_after": 9}), 428, "if-match-required")
    match = if_match(await office.get(path))
    changed = ok(await office.patch(path, json={"days_after": 9, "to": [FUNDER]}, headers=match))
    assert (changed["days_after"], changed["to"], changed["language"]) == (9, [FUNDER], "sv")
    assert (changed["next_period"], changed["next_run"]) == ("2025-04", "2025-05-09T00:00:00+02:00")
    refused(await office.patch(path, json={"days_after": 9}, headers=match), 412, "stale-if-match")
    match = if_match(await office.get(path))
    assert (await office.patch(path, json={"kind": "final"}, headers=match)).status_code == 422


async def the_office_sees_it_on_pages(origin: Origin) -> None:
    """What failed, as a warning and in the list; a schedule added, changed, delivered again and ended."""
    pages = browser(origin, Role.COORDINATOR)
    part = await pages.get(PAGE, headers={"HX-Request": "true"})
    assert "1 återkommande rapport levererades inte" in part.text
    assert UNUSABLE in (await pages.get(PAGE)).text, "with why"
    fresh = {"kind": "participants", "every": "year", "days_after": "30", "to.0": FUNDER, "to.1": "", "language": "en"}
    new = fields_of((await pages.get(f"{PAGE}/nytt")).text)
    wrong = await pages.post(f"{PAGE}/nytt", data={**new, **fresh, "to.0": "ingen"})
    assert (wrong.status_code, 'value="ingen"' in wrong.text) == (422, True)
    later = await pages.post(f"{PAGE}/nytt", data={**new, **fresh, "to.0": "", "to.2": "ingen"})
    assert ('href="#to.2"' in later.text, 'id="to.2-error"' in later.text) == (True, True), "at its very line"
    assert (await pages.post(f"{PAGE}/nytt", data={**new, **fresh})).status_code == 303
    listed = (await pages.get(PAGE)).text
    one = re.findall(r"/uppfoljning/scheman/([0-9a-f-]{36})\"", listed)[-1]
    assert "30 dagar efter periodens slut" in listed
    form = fields_of((await pages.get(f"{PAGE}/{one}")).text)
    changed = {"days_after": "1", "to.0": STEERING, "to.1": FUNDER, "language": "sv"}
    assert (await pages.post(f"{PAGE}/{one}", data={**form, **changed})).status_code == 303
    told = (await pages.get(PAGE)).text
    assert f"{address(STEERING)}, {address(FUNDER)}" in told, "each of them breaks between its parts"
    assert "<wbr>" in address(STEERING)
    run = {"_key": "again", "period": "2025"}
    not_begun = await pages.post(f"{PAGE}/{one}/leverera", data={**run, "period": "2026"})
    assert not_begun.status_code == 422
    assert (await pages.post(f"{PAGE}/{one}/leverera", data=run)).headers["location"] == f"{PAGE}/{one}"
    end = fields_of((await pages.get(f"{PAGE}/{one}/avsluta")).text)
    assert (await pages.post(f"{PAGE}/{one}/avsluta", data=end)).status_code == 303
    assert one not in (await pages.get(PAGE)).text
    assert (await browser(origin, Role.FUNDER).get(PAGE)).status_code == 403


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
