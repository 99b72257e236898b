"""Counting the common output indicators in the current state.

A person belongs to the period of the first attended occasion in the project, so periods add up; employed is who has an
employment in force on that day that is no placement. `recompute.indicators` says the same of a report's rows.
"""

from typing import Any, Final

from services.reporting.figures.asking import Question, Statement, ask
from services.reporting.figures.basis import basis, counts
from services.reporting.figures.people import DESCRIBED, GENDERS
from shared.database.unit_of_work import Unit

INDICATORS: Final = {
    "EECO01": "true",
    "EECO05": "employed",
    "EECO06": "age_group = 'under_18'",
    "EECO07": "age_group = '18_29'",
    "EECO08": "age_group = '55_plus'",
}
"""All participants; of them the employed, those under 18, of 18 to 29, and of 55 years or more."""
_FOUND: Final = ", ".join(
    f"{counts('gender', f'newcomer WHERE {condition}')} AS {name}" for name, condition in INDICATORS.items()
)
NEWCOMERS: Final = """
    at_work AS MATERIALIZED (
        SELECT DISTINCT person FROM described JOIN employment USING (person)
         WHERE employment.kind = 'employed' AND day BETWEEN valid_from AND valid_to
    ),
    newcomer AS MATERIALIZED (
        SELECT person, day, gender, age_group, at_work.person IS NOT NULL AS employed
          FROM described LEFT JOIN at_work USING (person) WHERE day >= {first}
    )"""
"""After `DESCRIBED`: those whose first attended day of the project lies in the period."""
_STATEMENT: Final = Statement([*basis("attested"), DESCRIBED, NEWCOMERS], f"SELECT {_FOUND}")


async def indicators(unit: Unit, at: str, question: Question) -> dict[str, dict[str, int]]:
    """Each indicator of these days by gender, and in all."""
    [found] = await ask(unit, at, _STATEMENT, question)
    return {name: _shown(found[name.lower()]) for name in INDICATORS}


def _shown(counted: dict[str, Any]) -> dict[str, int]:
    return {gender: counted.get(gender, 0) for gender in GENDERS} | {"total": sum(counted.values())}
