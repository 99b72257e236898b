"""GET /v1/drill: who may see the rows behind a figure, page by page, and how it refuses."""

from typing import Any
from uuid import uuid4

import httpx2

from shared.security.roles import Role
from tests.integration.reporting.ordering import finished, ordered
from tests.integration.reporting.publishing import publish
from tests.integration.reporting.test_figures import YEAR, a_year
from tests.support.answers import answered
from tests.support.browsers import browser
from tests.support.services import Origin, running
from tests.support.stack import Stack
from tests.support.story import at

DRILL, REPORTS = "/reporting/v1/drill", "/uppfoljning/rapporter"


async def drilled(origin: Origin, figure: str, role: Role = Role.FUNDER, **query: str) -> dict[str, Any]:
    days = {} if "report" in query else YEAR
    return answered(await origin.client(role).get(DRILL, params=days | {"figure": figure} | query))


async def refused(origin: Origin, role: Role = Role.COORDINATOR, **query: str) -> tuple[int, str]:
    answer = await origin.client(role, municipality="1884").get(DRILL, params=YEAR | query)
    problem = answer.json()
    return answer.status_code, next((one["code"] for one in problem.get("errors", ())), problem["type"])


async def test_the_rows_behind_a_figure_are_shown_pseudonymously_to_office_and_funder(stack: Stack) -> None:
    async with running(stack, ["reporting"]) as origin:
        await publish(origin, a_year().told)

        people = await drilled(origin, "unique_participants.by_municipality.1885")
        assert (people["value"], len(people["items"]), people["next"]) == (3, 3, None)
        assert set(people["items"][0]) == {"participant_id", "gender", "age_group"}
        hours = await drilled(origin, "minutes.attested", Role.COORDINATOR, municipality="1884", limit="4")
        rest = await drilled(
            origin, "minutes.attested", Role.COORDINATOR, municipality="1884", limit="4", cursor=hours["next"]
        )
        assert sum(one["minutes"] for one in [*hours["items"], *rest["items"]]) == hours["value"] == 7 * 180
        assert rest["next"] is None
        assert {one["day"] for one in hours["items"]} == {"2025-03-03"}
        assert (await drilled(origin, "seats.offered"))["items"][0]["capacity"] == 20

        assert await refused(origin, figure="minutes.sold") == (422, "unknown-figure")
        assert await refused(origin, figure="seats.fill_rate") == (422, "share-has-no-rows")
        assert await refused(origin, figure="surveys.participant.helped.high") == (422, "figure-not-told")
        assert await refused(origin, figure="seats.offered", municipality="1884") == (422, "figure-not-told")
        for role in (Role.MUNICIPALITY, Role.EVALUATOR, Role.TRAINER):
            assert (await refused(origin, role, figure="minutes.attested"))[0] == 403, role


async def test_a_report_is_drilled_into_its_own_rows(stack: Stack) -> None:
    async with running(stack, ["reporting"]) as origin:
        story = a_year()
        await publish(origin, story.told)
        report = (await finished(origin, (await ordered(origin))["id"]))["id"]
        rounded = (await finished(origin, (await ordered(origin, kind="evaluation"))["id"]))["id"]
        before = len(story.told)
        later = story.session("later", (at("2025-05-05"), 60))
        story.attest(later, ("nora 1", 60))
        await publish(origin, story.told[before:])

        for figure, then, now in (
            ("minutes.attested", 1800, 1860),
            ("cofinancing.project.attested_minutes", 1800, 1860),
            ("cofinancing.municipalities.1885.claimable_minutes", 540, 540),
            ("sessions.held", 1, 2),
            ("EECO01.total", 10, 10),
        ):
            frozen, today = await drilled(origin, figure, report=report), await drilled(origin, figure)
            assert (frozen["value"], today["value"]) == (then, now), figure
        first = await drilled(origin, "minutes.attested", report=report, limit="4")
        rest = await drilled(origin, "minutes.attested", report=report, limit="100", cursor=first["next"])
        assert sum(row["minutes"] for row in [*first["items"], *rest["items"]]) == 1800
        assert {row["participant_id"] for row in first["items"]}.isdisjoint(r["participant_id"] for r in rest["items"])

        asked = {"figure": "minutes.attested", "report": report}
        funder = origin.client(Role.FUNDER)
        assert errors(await funder.get(DRILL, params=asked | YEAR)) == ["/query/from", "/query/to"]
        assert errors(await funder.get(DRILL, params={"figure": "minutes.attested"})) == ["/query/from", "/query/to"]
        for wrong in ({"report": rounded}, {"figure": "seats.fill_rate"}, {"figure": "minutes.sold"}):
            assert errors(await funder.get(DRILL, params=asked | wrong)) == ["/query/figure"], wrong
        untold = "surveys.participant.helped.high"
        assert errors(await funder.get(DRILL, params=asked | {"figure": untold})) == ["/query/figure"]
        assert (await funder.get(DRILL, params=asked | {"report": str(uuid4())})).status_code == 404
        await on_pages(origin, report, rounded)


async def on_pages(origin: Origin, report: str, rounded: str) -> None:
    """From the report to its figures, to their rows, to a file."""
    pages = browser(origin, Role.FUNDER)
    assert f"{REPORTS}/{report}/siffror" in (await pages.get(f"{REPORTS}/{report}")).text
    figures = (await pages.get(f"{REPORTS}/{report}/siffror")).text
    assert f"{REPORTS}/{report}/underlag?figure=cofinancing.municipalities.1885.attested_minutes" in figures
    rows = (await pages.get(f"{REPORTS}/{report}/underlag?figure=minutes.attested")).text
    assert "1\u00a0800 minuter, 30\u00a0timmar" in rows
    assert rows.count('scope="row"') == 10
    file = await pages.get(f"{REPORTS}/{report}/underlag.csv?figure=minutes.attested")
    assert len(file.text.splitlines()) == 1 + 10
    assert "underlag?" not in (await pages.get(f"{REPORTS}/{rounded}/siffror")).text
    assert (await browser(origin, Role.EVALUATOR).get(f"{REPORTS}/{rounded}/siffror")).status_code == 200
    stranger = browser(origin, Role.MUNICIPALITY, municipality="1884")
    assert (await stranger.get(f"{REPORTS}/{report}/siffror")).status_code == 404
    assert (await stranger.get(f"{REPORTS}/{report}/underlag?figure=minutes.attested")).status_code == 403


def errors(answer: httpx2.Response) -> list[str]:
    """Where a refusal points."""
    assert answer.status_code == 422, answer.text
    return [one["pointer"] for one in answer.json()["errors"]]
