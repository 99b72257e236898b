"""GET /v1/drill: who may see the rows behind a figure, page by page, and how it refuses."""

from typing import Any

from shared.security.roles import Role
from tests.integration.reporting.publishing import publish
from tests.integration.reporting.test_figures import YEAR, a_year
from tests.support.answers import answered
from tests.support.services import Origin, running
from tests.support.stack import Stack

DRILL = "/reporting/v1/drill"


async def drilled(origin: Origin, figure: str, role: Role = Role.FUNDER, **query: str) -> dict[str, Any]:
    return answered(await origin.client(role).get(DRILL, params=YEAR | {"figure": figure} | query))


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
