"""The project as the catalogue states it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import text

from services.reporting.days import Period
from services.reporting.figures.asking import Question, counting
from shared.codes import Spellings
from shared.database.unit_of_work import Unit
from shared.web.pages.rendering import Frame

_PERIOD: Final = "SELECT data -> 'period' FROM {at}.catalogue WHERE natural_key = 'project/project'"
_GRANT: Final = "SELECT data ->> 'grant' FROM {at}.catalogue WHERE natural_key = 'project/project'"
_COURSES: Final = "SELECT DISTINCT course FROM {at}.sessions"
_KNOWS: Final = (
    "SELECT EXISTS (SELECT FROM {at}.catalogue WHERE natural_key = 'municipality/' || CAST(:code AS text) "
    "AND data IS NOT NULL)"
)
_NAMES: Final = (
    "SELECT natural_key, data ->> 'name' AS name FROM {at}.catalogue "
    "WHERE natural_key IN ('project/project', 'municipality/' || CAST(:code AS text)) AND data IS NOT NULL"
)

_WORDS: Final = """
    SELECT kind, substr(natural_key, length(kind) + 2) AS code, coalesce(data ->> 'title', data ->> 'name') AS word
      FROM {at}.catalogue CROSS JOIN LATERAL (SELECT split_part(natural_key, '/', 1)) AS of (kind)
     WHERE kind IN ('project', 'course', 'municipality') AND data IS NOT NULL
"""


async def frame(unit: Unit) -> Frame:
    """The project's name, and the municipality's for which the caller acts."""
    code, at = unit.municipality, await counting(unit)
    async with unit.as_system():
        rows = await unit.all(text(_NAMES.replace("{at}", at)), {"code": code})
    names = {row["natural_key"]: row["name"] for row in rows}
    return Frame(names.get("project/project", "kursnav"), names.get(f"municipality/{code}", code or ""))


async def names_known(unit: Unit, at: str) -> dict[str, Any]:
    """The words for codes, as a report has them: of the project, courses and municipalities."""
    async with unit.as_system():
        rows = await unit.all(text(_WORDS.replace("{at}", at)))
    words: dict[str, dict[str, str]] = {"project": {}, "course": {}, "municipality": {}}
    for row in rows:
        words[row["kind"]][row["code"]] = row["word"]
    return {
        "project": words["project"].get("project", "kursnav"),
        "courses": words["course"],
        "municipalities": words["municipality"],
    }


async def project_period(unit: Unit, at: str) -> Period | None:
    """The days of the project; None while it is not known."""
    async with unit.as_system():
        period = await unit.scalar(_PERIOD.replace("{at}", at))
    return Period(date.fromisoformat(period["from"]), date.fromisoformat(period["to"])) if period else None


async def project_grant(unit: Unit, at: str) -> Decimal | None:
    """Kronor that the project was granted; None while that is not known."""
    async with unit.as_system():
        grant = await unit.scalar(_GRANT.replace("{at}", at))
    return None if grant is None else Decimal(grant)


async def spelled(unit: Unit, at: str, question: Question) -> Question:
    """The question with its course as sessions spell it: a code may be written in any case."""
    if question.course is None:
        return question
    async with unit.as_system():
        codes = (await unit.execute(_COURSES.replace("{at}", at))).scalars().all()
    return replace(question, course=Spellings(codes).of(question.course))


async def knows_municipality(unit: Unit, at: str, code: str) -> bool:
    async with unit.as_system():
        return bool(await unit.scalar(_KNOWS.replace("{at}", at), {"code": code}))
