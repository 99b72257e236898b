"""Reading the goals, with the values that figures give them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import RowMapping, select

from services.reporting.figures.asking import Question, counting
from services.reporting.figures.cofinancing import cofinancing
from services.reporting.figures.figures import figures
from services.reporting.figures.paths import numbers
from services.reporting.figures.project import project_period
from services.reporting.goals.bodies import GoalBody, GoalShown
from services.reporting.goals.tables import Goals
from shared.clock import local_day
from shared.database.unit_of_work import Unit

Numbers = Mapping[str, int | float | None]


async def goals_row(unit: Unit, *, lock: bool = False) -> RowMapping | None:
    statement = select(Goals)
    return await unit.one_or_none(statement.with_for_update() if lock else statement)


async def goals(unit: Unit, known: Numbers | None = None) -> tuple[list[GoalShown], int | None]:
    """The goals with their values, and their revision (None: never entered). `known`: the figures, if asked already."""
    row = await goals_row(unit)
    if row is None:
        return [], None
    stored = [GoalBody.model_validate(goal) for goal in row["goals"]]
    return await with_values(unit, stored, known), row["revision"]


async def with_values(unit: Unit, stored: list[GoalBody], known: Numbers | None = None) -> list[GoalShown]:
    asked = known is None and any(indicator.figure for goal in stored for indicator in goal.indicators)
    found = await figures_of_the_project(unit) if asked else known or {}
    return [_shown(goal, found) for goal in stored]


async def figures_of_the_project(unit: Unit) -> Numbers:
    """Every figure over the project, and the project's co-financing, by dotted path."""
    at, today = await counting(unit), local_day(unit.clock.now())
    project = await project_period(unit, at)
    question = Question(project.first, project.last) if project else Question()
    standing = await cofinancing(unit, at, None, today)
    answer = {**await figures(unit, at, question), "cofinancing": {"project": standing["project"]}}
    return dict(numbers(answer))


def _shown(goal: GoalBody, found: Numbers) -> GoalShown:
    shown: dict[str, Any] = goal.model_dump()
    for indicator in shown["indicators"]:
        if indicator["figure"] is not None:
            indicator["value"] = found.get(indicator["figure"])
    return GoalShown.model_validate(shown)
