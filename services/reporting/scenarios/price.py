"""Pricing a scenario."""

from datetime import date
from typing import Final

from sqlalchemy import text

from services.reporting.figures.asking import counting
from services.reporting.scenarios.bodies import MemberShown, ScenarioBody, ScenarioShown
from services.reporting.scenarios.rules import prices, total_cost
from shared.clock import local_day
from shared.database.unit_of_work import Unit
from shared.web.problems import FieldError, invalid

# The number that is in force, else the first one to come.
_MEMBERS: Final = """
    SELECT DISTINCT ON (code) data ->> 'code' AS code, data ->> 'name' AS name,
           CAST(one ->> 'employees' AS integer) AS employees
      FROM {at}.catalogue CROSS JOIN jsonb_array_elements(data -> 'commitments') AS one
     WHERE natural_key LIKE 'municipality/%'
     ORDER BY code, CAST(one ->> 'valid_from' AS date) > :today,
              CASE WHEN CAST(one ->> 'valid_from' AS date) <= :today THEN one ->> 'valid_from' END DESC NULLS LAST,
              one ->> 'valid_from'
"""


async def members(unit: Unit, today: date) -> dict[str, tuple[str, int]]:
    """The municipalities of the project by code: name and employees on this day."""
    at = await counting(unit)
    async with unit.as_system():
        rows = await unit.all(text(_MEMBERS.replace("{at}", at)), {"today": today})
    return {row["code"]: (row["name"], row["employees"]) for row in rows}


async def price_scenario(unit: Unit, body: ScenarioBody) -> ScenarioShown:
    """What each member would pay. Raises 422 for one that is not of the project."""
    known = await members(unit, local_day(unit.clock.now()))
    unknown = [place for place, code in enumerate(body.members) if code not in known]
    if unknown:
        raise invalid(*map(_unknown, unknown))
    employees = {code: known[code][1] for code in body.members}
    total = total_cost(body.fixed_costs, body.cost_per_session, body.sessions)
    parts = prices(total, employees)
    shown = [MemberShown(code=code, employees=employees[code], price=parts[code]) for code in body.members]
    return ScenarioShown(total=total, members=shown)


def _unknown(place: int) -> FieldError:
    return FieldError(
        f"/members/{place}",
        "unknown-municipality",
        "Kommunen är inte med i projektet. Kontrollera koden.",
        "The municipality is not in the project. Check the code.",
    )
