"""What the project office enters beside the facts, and what is counted with it: one running service, a noun a test."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio

import infra.demo
from services.reporting.retention import forget_old
from shared.contracts import catalogue_v1
from shared.security.roles import Role
from tests.integration.booking.test_import import as_csv, as_xlsx
from tests.integration.reporting.publishing import reporting_of
from tests.support.answers import Json, if_match, ok, refused
from tests.support.services import Origin
from tests.support.stack import Stack
from tests.support.story import Story, at, employment

pytestmark = pytest.mark.asyncio(loop_scope="module")

V1 = "/reporting/v1"
UNTOLD = {"covers_from": "", "covers_to": ""}
TABLE_2025 = (Path(infra.demo.__file__).parent / "data" / "economy-2025.csv").read_bytes()


def a_year() -> Story:
    """Ada and Cia (on placement) of Nora began in March, Bo of Lindesberg in October; Dan, a nurse, was never there."""
    story = Story()
    story.project(("retention.audit_days", 365, "2025-01-01"))
    story.municipality("1884", name="Nora")
    story.municipality("1885", name="Lindesberg")
    for code in ("TR1", "TR2"):
        story.event(
            catalogue_v1.CourseChanged(code=code, title=code, duration_minutes=180, categories=("base",), requires=())
        )
    story.event(catalogue_v1.TitleChanged(title="nurse", category="licensed", step=5, required_courses=()))
    story.event(catalogue_v1.TitleChanged(title="assistant_nurse", category="base", step=3, required_courses=("TR1",)))
    story.person("Ada", birth_year=1980)
    story.person("Bo", employment("Bo", "1885"), gender="man", birth_year=2000)
    story.person("Cia", employment("Cia", kind="placement"), birth_year=1965)
    story.person("Dan", employment("Dan", title="nurse", category="licensed"), gender="man")
    march, october = story.session("march", (at("2025-03-03"), 180)), story.session("october", (at("2025-10-06"), 180))
    story.attest(march, ("Ada", 180), ("Cia", 100))
    story.attest(october, ("Ada", 180), ("Bo", 180))
    return story


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def origin(stack: Stack) -> AsyncIterator[Origin]:
    async with reporting_of(stack, a_year().told) as started:
        yield started


@pytest.fixture
def office(origin: Origin) -> httpx2.AsyncClient:
    return origin.client(Role.COORDINATOR)


@pytest.fixture
def funder(origin: Origin) -> httpx2.AsyncClient:
    return origin.client(Role.FUNDER)


async def sent(by: httpx2.AsyncClient, path: str, content: bytes, *, dry_run: bool = False) -> Json:
    answer = await by.post(V1 + path, files={"file": ("tabell.csv", content)}, params={"dry_run": str(dry_run).lower()})
    return dict(ok(answer))


async def audited(office: httpx2.AsyncClient, target: str) -> list[str]:
    found = ok(await office.get(f"{V1}/audit", params={"target": target}))
    return [entry["action"] for entry in found["items"]]


async def test_the_economy_of_2025_balances_but_for_one_krona_and_says_which_months_it_lacks(
    origin: Origin, office: httpx2.AsyncClient, funder: httpx2.AsyncClient
) -> None:
    dry = await sent(office, "/economy/import", TABLE_2025, dry_run=True)
    assert (dry["totals"]["create"], dry["totals"]["written"]) == (8, 0)
    assert ok(await funder.get(f"{V1}/economy", params={"year": 2025}))["costs"] == "0.00"

    refused(await funder.post(f"{V1}/economy/import", files={"file": ("x.csv", TABLE_2025)}), 403, "forbidden")
    assert (await sent(office, "/economy/import", TABLE_2025))["totals"]["written"] == 8
    again = await sent(office, "/economy/import", TABLE_2025)
    assert (again["totals"]["unchanged"], again["totals"]["written"]) == (8, 0)
    assert ok(await funder.get(f"{V1}/economy", params={"year": 2025})) == {
        "income": "4279856.00",
        "costs": "4215152.00",
        "carry_over": "64703.00",
        "balance": "1.00",
        "coverage": {
            "income": {"from": "2025-01-01", "to": "2025-10-31", "missing": ["2025-11", "2025-12"]},
            "costs": {"from": "2025-01-01", "to": "2025-11-30", "missing": ["2025-12"]},
        },
        "by_category": {
            "Projektpersonal": "3327214.00",
            "Bilar": "132755.00",
            "Utrustning": "553426.00",
            "Konferenser": "73674.00",
            "Utbildning": "125396.00",
            "Lokaler": "2687.00",
        },
    }
    assert await audited(office, "economy/2025") == ["economy-imported"] * 8
    assert (
        await origin.client(Role.MUNICIPALITY, municipality="1884").get(f"{V1}/economy?year=2025")
    ).status_code == 403


async def test_one_bad_row_of_money_stores_nothing_and_a_correction_is_a_row_with_a_minus(
    office: httpx2.AsyncClient,
) -> None:
    good = {"date": "2026-01-31", "kind": "cost", "category": "Lokaler", "amount": "4 000,50"} | UNTOLD
    bad = [
        good,
        good | {"date": "31/1"},
        good | {"kind": "gift"},
        good | {"covers_from": "2026-02-01", "covers_to": "2026-01-01"},
    ]
    found = await sent(office, "/economy/import", as_csv(bad))
    assert [row["outcome"] for row in found["rows"]] == ["create", "error", "error", "error"]
    assert [row["errors"][0]["pointer"] for row in found["rows"][1:]] == ["/date", "/kind", "/covers_to"]
    assert ok(await office.get(f"{V1}/economy?year=2026"))["costs"] == "0.00"

    less = good | {"amount": "-1000", "covers_from": "2026-01-01", "covers_to": "2026-01-31"}
    assert (await sent(office, "/economy/import", as_xlsx([good, less])))["totals"]["written"] == 2
    assert ok(await office.get(f"{V1}/economy?year=2026"))["by_category"] == {"Lokaler": "3000.50"}
    told = good | {"covers_from": "2026-01-01", "covers_to": "2026-01-31"}
    assert (await sent(office, "/economy/import", as_csv([told])))["totals"]["update"] == 1
    assert ok(await office.get(f"{V1}/economy?year=2026"))["costs"] == "3000.50"

    answer = await office.post(f"{V1}/economy/import", files={"file": ("x.csv", as_csv([{"date": "2026-01-01"}]))})
    assert {error["code"] for error in refused(answer, 422, "validation")["errors"]} == {"column-missing"}


async def test_a_scenario_shares_the_cost_to_the_last_ore(office: httpx2.AsyncClient) -> None:
    body = {"members": ["1885", "1884"], "fixed_costs": "1000.01", "cost_per_session": "10.00", "sessions": 3}
    assert ok(await office.post(f"{V1}/scenarios", json=body)) == {
        "total": "1030.01",
        "members": [
            {"code": "1885", "employees": 100, "price": "515.00"},
            {"code": "1884", "employees": 100, "price": "515.01"},
        ],
    }
    problem = refused(
        await office.post(f"{V1}/scenarios", json=body | {"members": ["1884", "0180"]}), 422, "validation"
    )
    assert [error["pointer"] for error in problem["errors"]] == ["/members/1"]


async def test_indicators_count_who_began_in_the_period(office: httpx2.AsyncClient, funder: httpx2.AsyncClient) -> None:
    async def total(period: str, name: str = "EECO01") -> int:
        return int(ok(await funder.get(f"{V1}/indicators", params={"period": period}))[name]["total"])

    quarters = [await total(f"2025Q{number}") for number in (1, 2, 3, 4)]
    assert (quarters, await total("2025"), await total("project"), await total("2026")) == ([2, 0, 0, 1], 3, 3, 0)
    found = ok(await office.get(f"{V1}/indicators?period=2025-03"))
    assert found["EECO05"] == {"woman": 1, "man": 0, "non_binary": 0, "unknown": 0, "total": 1}
    assert (found["EECO08"]["woman"], await total("2025-10", "EECO07")) == (1, 1)
    refused(await office.get(f"{V1}/indicators?period=2025Q5"), 422, "validation")


async def test_goals_show_what_their_figures_say_now(office: httpx2.AsyncClient, funder: httpx2.AsyncClient) -> None:
    assert ok(await office.get(f"{V1}/goals")) == []
    measured = {"name": "Deltagare", "target": 1000, "figure": "unique_participants.total"}
    stated = {"name": "Metod", "target": "införd i alla kommuner", "value": "införd i 4"}
    attained = {"name": "Timmar", "target": 1.0, "figure": "cofinancing.project.attainment"}
    goal: Json = {"goal": "Stärkt kompetens", "level": "individ", "indicators": [measured, stated, attained]}
    wrong = goal | {"indicators": [measured | {"figure": "participants"}]}
    problem = refused(await office.put(f"{V1}/goals", json=[wrong]), 422, "validation")
    assert [(one["pointer"], one["code"]) for one in problem["errors"]] == [
        ("/0/indicators/0/figure", "unknown-figure")
    ]

    answer = await office.put(f"{V1}/goals", json=[goal])
    [shown] = ok(answer, 201)
    assert [indicator["value"] for indicator in shown["indicators"]] == [3, "införd i 4", 0.0053]  # 640 of 120,000
    read = await funder.get(f"{V1}/goals")
    assert (read.json(), read.headers["ETag"]) == ([shown], answer.headers["ETag"])
    refused(await office.put(f"{V1}/goals", json=[]), 428, "if-match-required")
    ok(await office.put(f"{V1}/goals", json=read.json(), headers=if_match(read)))
    refused(await office.put(f"{V1}/goals", json=[], headers=if_match(read)), 412, "stale-if-match")
    refused(await funder.put(f"{V1}/goals", json=[]), 403, "forbidden")


async def test_a_years_competence_is_entered_whole_or_cell_by_cell(
    office: httpx2.AsyncClient, funder: httpx2.AsyncClient
) -> None:
    path = f"{V1}/competence/2025"
    assert ok(await funder.get(path)) == {"rows": []}
    nurse = {"organisation": "Nora", "occupation": "Sjuksköterska", "level": "shortage", "comment": "akut"}
    answer = await office.put(path, json={"rows": [nurse]})
    assert ok(answer, 201) == {"rows": [nurse]}
    refused(await office.put(path, json={"rows": []}), 428, "if-match-required")
    refused(await office.put(path, json={"rows": [nurse, nurse]}, headers=if_match(answer)), 422, "validation")

    cells = [
        nurse | {"level": "Sårbart", "comment": "två går i pension"},
        nurse | {"organisation": "Laxå", "level": "brist"},
    ]
    dry = await sent(office, "/competence/2025/import", as_csv(cells), dry_run=True)
    assert [row["outcome"] for row in dry["rows"]] == ["update", "create"]
    await sent(office, "/competence/2025/import", as_csv(cells))
    read = await funder.get(path)
    assert [(row["organisation"], row["level"]) for row in read.json()["rows"]] == [
        ("Nora", "vulnerable"),
        ("Laxå", "shortage"),
    ]
    refused(await office.put(path, json={"rows": []}, headers=if_match(answer)), 412, "stale-if-match")
    assert await audited(office, "competence/2025") == ["competence-entered"] * 2


async def test_coverage_is_of_the_employments_in_force_today(origin: Origin, office: httpx2.AsyncClient) -> None:
    def said(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
        return [
            tuple(row[name] for name in ("title", "course", "required", "employments", "trained", "share"))
            for row in rows
        ]

    whole = ok(await office.get(f"{V1}/coverage"))
    assert said(whole["rows"]) == [
        ("assistant_nurse", "TR1", True, 3, 3, 1.0),
        ("assistant_nurse", "TR2", False, 3, 0, 0.0),
        ("nurse", "TR1", False, 1, 0, 0.0),
        ("nurse", "TR2", False, 1, 0, 0.0),
    ]
    nora = origin.client(Role.MUNICIPALITY, municipality="1884")
    own = ok(await nora.get(f"{V1}/coverage", params={"course": "tr1"}))
    assert said(own["rows"]) == [("assistant_nurse", "TR1", True, 2, 2, 1.0), ("nurse", "TR1", False, 1, 0, 0.0)]
    refused(await nora.get(f"{V1}/coverage", params={"municipality": "1885"}), 403, "forbidden")


async def test_activities_are_added_corrected_and_taken_away(
    office: httpx2.AsyncClient, funder: httpx2.AsyncClient
) -> None:
    breakfast = {"date": "2025-05-20", "theme": "Språk", "audience": "chefer", "count": 40, "approximate": True}
    later = breakfast | {"date": "2025-11-18", "rating": {"mean": 4.4, "n": 31}}
    answer = await office.post(f"{V1}/activities", json=breakfast)
    first = ok(answer, 201)
    second = ok(await office.post(f"{V1}/activities", json=later), 201)
    assert (first["rating"], second["rating"]) == (None, {"mean": 4.4, "n": 31})
    listing = ok(await office.get(f"{V1}/activities", params={"limit": 1}))
    assert listing["items"] == [second]
    rest = ok(await office.get(f"{V1}/activities", params={"limit": 1, "cursor": listing["next"]}))
    assert (rest["items"], rest["next"]) == ([first], None)

    one = f"{V1}/activities/{first['id']}"
    refused(await office.patch(one, json={"count": 42}), 428, "if-match-required")
    changed = await office.patch(one, json={"count": 42, "approximate": False}, headers=if_match(answer))
    assert ok(changed) == first | {"count": 42, "approximate": False}
    refused(await office.delete(one, headers=if_match(answer)), 412, "stale-if-match")
    few = refused(
        await office.patch(one, json={"rating": {"mean": 5, "n": 4}}, headers=if_match(changed)), 422, "validation"
    )
    assert few["errors"][0]["pointer"] == "/rating/n"
    ok(await office.delete(one, headers=if_match(changed)), 204)
    refused(await office.get(one), 404, "not-found")
    refused(await funder.get(f"{V1}/activities"), 403, "forbidden")
    figures = ok(await office.get(f"{V1}/figures", params={"from": "2025-01-01", "to": "2025-12-31"}))
    assert (figures["unique_participants"]["total"], figures["approximate"]["head_counts"]) == (3, 0)


async def test_the_audit_goes_when_the_projects_days_are_over(origin: Origin, office: httpx2.AsyncClient) -> None:
    breakfast = {"date": "2025-05-20", "theme": "Språk", "audience": "chefer", "count": 40, "approximate": True}
    old, young = [ok(await office.post(f"{V1}/activities", json=breakfast), 201)["id"] for _ in range(2)]
    for one, days in ((old, 366), (young, 364)):
        aged = f"UPDATE audit SET at = now() - interval '{days} days' WHERE target = $1"
        await origin.rows("reporting", aged, f"activity/{one}")
    await forget_old(origin.services["reporting"].units)
    assert await audited(office, f"activity/{old}") == []
    assert await audited(office, f"activity/{young}") == ["activity-added"]
