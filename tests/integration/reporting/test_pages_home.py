"""Where funder, evaluator and office begin: whether the project is on plan, and what it can be trusted by."""

from shared.security.roles import Role
from tests.integration.reporting.publishing import publish
from tests.integration.reporting.test_cofinancing import two_years
from tests.support.browsers import browser
from tests.support.services import Origin, running
from tests.support.stack import Stack

HOME = "/uppfoljning"


async def page(origin: Origin, role: Role) -> str:
    answer = await browser(origin, role).get(HOME)
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_the_funder_sees_hours_time_and_figures_exactly_and_an_evaluator_released(stack: Stack) -> None:
    async with running(stack, ["reporting"]) as origin:
        await publish(origin, two_years().told)
        shown = await page(origin, Role.FUNDER)
        assert "18,3\u00a0%" in shown, "of the promise"
        assert "Når inte åtagandet" in shown
        assert "Lindesberg" in shown
        assert 'src="data:image/svg+xml;base64,' in shown
        assert "Ingen rapport" in shown
        released = await page(origin, Role.EVALUATOR)
        assert "Släppta siffror" in released
        assert "18,3" not in released, "of two persons"
        assert (await browser(origin, Role.MUNICIPALITY, municipality="1884").get(HOME)).status_code == 403
