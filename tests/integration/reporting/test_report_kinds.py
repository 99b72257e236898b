"""Every kind of report on real Kafka and PostgreSQL: SQL and rows agree, booking adds the names."""

import json
from typing import Any

import pytest

from services.reporting.reports.kinds.register import KINDS
from shared.security.roles import Role
from tests.integration.reporting.ordering import REPORTS, a_year, files, finished
from tests.integration.reporting.publishing import publish
from tests.support.answers import if_match, ok, refused
from tests.support.services import Origin, running
from tests.support.stack import Stack
from tests.support.story import at, employment
from tests.support.verapdf import inaccessible

pytestmark = pytest.mark.asyncio(loop_scope="module")

TEMPLATE = "/reporting/v1/templates/statistics-file"
COLUMNS = [
    {"name": "Pnr", "source": "personal_number"},
    {"name": "Kön", "source": "gender", "codes": {"man": "1"}},
    {"name": "Timmar", "source": "hours"},
]


async def test_every_kind_is_frozen_verified_and_named(stack: Stack) -> None:
    story, _ = a_year()
    crowd = story.session("crowd", (at("2025-05-05"), 180), course="AKUT", capacity=20)
    for number in range(11):
        story.person(f"p{number}", employment(f"p{number}", "1884"), gender=("woman", "man")[number % 2])
        story.confirmed(crowd, f"p{number}", at_employer="1884")
    story.attest(crowd, *((f"p{number}", 100 + number) for number in range(11)))
    async with running(stack, ["reporting", "booking"]) as origin:
        await publish(origin, story.told)
        office = origin.client(Role.COORDINATOR)
        await the_template_is_data(origin)
        reports = {kind: await frozen(origin, kind) for kind in KINDS}
        await origin.settled()
        written = {kind: (await files(office, report["id"]))["pdf"] for kind, report in reports.items()}
        assert inaccessible(written) == []
        for kind, report in reports.items():
            found = ok(await office.get(f"{REPORTS}/{report['id']}/verify"))
            assert found == {"reconciles": True, "hash_matches": True, "problems": []}, kind
            await is_read_by_whom_it_is_for(origin, report)
        released = json.loads((await files(office, reports["evaluation"]["id"]))["json"])
        assert released["figures"]["unique_participants"]["total"] == 15
        question = {"from": "2025-01-01", "to": "2025-12-31"}
        told = (await origin.client(Role.EVALUATOR).get("/reporting/v1/figures", params=question)).json()
        assert released["figures"] == told
        for kind in ("attendance-certificates", "participants", "statistics-file"):
            content = (await files(office, reports[kind]["id"]))["xlsx"]
            copy = await office.post("/booking/v1/named-copies", files={"file": ("r.xlsx", content)})
            assert copy.status_code == 200, copy.text
            altered = await office.post("/booking/v1/named-copies", files={"file": ("r.xlsx", content + b" ")})
            refused(altered, 422, "report-altered")


async def frozen(origin: Origin, kind: str) -> dict[str, Any]:
    body = {"kind": kind, "period": "2025"} | ({"municipality": "1884"} if KINDS[kind].of_one_municipality else {})
    answer = await origin.client(Role.COORDINATOR).post(REPORTS, json=body)
    report = await finished(origin, ok(answer, 202)["id"], Role.COORDINATOR)
    assert report["state"] == "frozen", report["reason"]
    return report


async def the_template_is_data(origin: Origin) -> None:
    office = origin.client(Role.COORDINATOR)
    dry = {"kind": "statistics-file", "period": "2025"}
    checked = ok(await office.post(f"{REPORTS}?dry_run=true", json=dry))
    assert (checked["template"], checked["ready"], checked["to_fix"]) == ("1", True, [])
    first = ok(await office.get(TEMPLATE))
    assert first["versions"][0]["columns"][0]["source"] == "personal_number"
    versions = {"versions": [{"version": "2025-2", "valid_from": "2025-06-01", "columns": COLUMNS}]}
    entered = await office.put(TEMPLATE, json=versions)
    assert entered.status_code == 201, entered.text
    refused(await office.put(TEMPLATE, json=versions), 428, "if-match-required")
    assert (await office.put(TEMPLATE, json=versions, headers=if_match(entered))).status_code == 200
    checked = ok(await office.post(f"{REPORTS}?dry_run=true", json=dry))
    assert (checked["template"], checked["ready"]) == ("2025-2", False)
    assert {(one["field"], one["reason"]) for one in checked["to_fix"]} == {("Kön", "no-code")}
    assert len(checked["to_fix"]) == 3 + 6  # the women
    before = await office.post(f"{REPORTS}?dry_run=true", json=dry | {"period": "2025-03"})
    assert [error["code"] for error in before.json()["errors"]] == ["no-template"]
    other = await office.post(f"{REPORTS}?dry_run=true", json={"kind": "progress", "period": "2025"})
    assert [error["pointer"] for error in other.json()["errors"]] == ["/query/dry_run"]
    for role in (Role.FUNDER, Role.EVALUATOR, Role.MUNICIPALITY):
        assert (await origin.client(role, municipality="1884").get(TEMPLATE)).status_code == 403


async def is_read_by_whom_it_is_for(origin: Origin, report: dict[str, Any]) -> None:
    readers = {
        "funder": origin.client(Role.FUNDER),
        "evaluator": origin.client(Role.EVALUATOR),
        "own municipality": origin.client(Role.MUNICIPALITY, municipality="1884"),
        "other municipality": origin.client(Role.MUNICIPALITY, municipality="1885"),
    }
    wanted = {"statistics-file": set(), "municipality": {"funder", "own municipality"}}
    wanted |= {"evaluation": {"funder", "evaluator"}}
    for name, client in readers.items():
        expected = 200 if name in wanted.get(report["kind"], {"funder"}) else 404
        for path in ("", "/file.csv", "/verify"):
            answer = await client.get(f"{REPORTS}/{report['id']}{path}")
            assert answer.status_code == expected, (report["kind"], name, path)
        if expected == 200:
            shown = (await client.get(f"{REPORTS}/{report['id']}")).json()
            assert (shown["cut_off"] == {}) == (report["kind"] == "evaluation")
