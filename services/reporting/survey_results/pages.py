"""The page of what was answered: by course, and by session where a course is chosen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Query

from services.reporting.figures.asking import counting
from services.reporting.figures.surveys import confidence, helped, language_support
from services.reporting.survey_results.queries import Asked, answers_given, sessions_asked
from services.reporting.survey_results.rules import Block, blocks, summed
from shared.database.unit_of_work import Unit
from shared.security.roles import Role
from shared.web.fields import Named
from shared.web.pages import View, page_router
from shared.web.routing import allow

router = page_router()

Audience = Literal["participant", "manager"]
Year = Annotated[int | None, Query(ge=2000, le=2199)]
Results = Mapping[str, Mapping[str, Any]]
SHOWN: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "helped": helped,
    "confidence": lambda question: confidence(question, 1),
    "language_support": language_support,
}


@dataclass(frozen=True)
class Row:
    """A course, or a session of it: how many were asked and answered, and what, where five have answered a question."""

    name: str
    course: str
    session: Asked | None
    invited: int
    answered: int
    results: Results


@router.get("/uppfoljning/enkater")
async def survey_results(
    audience: Audience = "participant",
    year: Year = None,
    course: Named | None = None,
    unit: Unit = allow(Role.COORDINATOR),
) -> View:
    at = await counting(unit)
    every, told = await sessions_asked(unit, at, audience), blocks(await answers_given(unit, at, audience))
    asked = [one for one in every if year in (None, one.day.year) and course in (None, one.course)]
    told = [block for block in told if year in (None, block.year) and course in (None, block.course)]
    return View(
        "survey_results/results.html",
        audience=audience,
        year=year,
        course=course,
        courses=dict(sorted({one.course: one.title for one in every}.items(), key=lambda pair: pair[1])),
        years=sorted({one.day.year for one in every}, reverse=True),
        rows=_of_sessions(asked, told) if course else _of_courses(asked, told),
        whole=_row("", "", None, asked, told),
    )


def _of_courses(asked: Sequence[Asked], told: Sequence[Block]) -> list[Row]:
    titles = {one.course: one.title for one in asked}
    return [
        _row(title, code, None, [o for o in asked if o.course == code], [b for b in told if b.course == code])
        for code, title in sorted(titles.items(), key=lambda pair: pair[1])
    ]


def _of_sessions(asked: Sequence[Asked], told: Sequence[Block]) -> list[Row]:
    return [
        _row("", one.course, one, [one], [block for block in told if block.session_id == one.session_id])
        for one in asked
    ]


def _row(name: str, course: str, session: Asked | None, asked: Sequence[Asked], told: Iterable[Block]) -> Row:
    values = summed(told)
    results = {question: _shown(question, values.get(question, Counter())) for question in SHOWN}
    return Row(name, course, session, sum(one.invited for one in asked), sum(one.answered for one in asked), results)


def _shown(question: str, values: Counter[str]) -> dict[str, Any]:
    return {**SHOWN[question](_question(values)), "told": values.total()}


def _question(values: Counter[str]) -> dict[str, Any]:
    """As the figures read what was answered to a question."""
    grades = {int(value): n for value, n in values.items() if value.isdecimal()}
    weight = sum(grade * n for grade, n in grades.items())
    return {"n": values.total(), "grades": sum(grades.values()), "sum": weight, "values": values}
