"""Replacing the goals: what is to be reached, and by which figures that is seen."""

from typing import Any

from sqlalchemy.dialects.postgresql import insert
from starlette.requests import Request

from services.reporting.goals.bodies import GoalBody, GoalShown
from services.reporting.goals.queries import figures_of_the_project, goals_row, with_values
from services.reporting.goals.tables import THE_ONE, Goals
from shared.audit.record import record
from shared.database.unit_of_work import Unit
from shared.web.etags import require_if_match
from shared.web.problems import FieldError, invalid


async def replace_goals(unit: Unit, request: Request, wanted: list[GoalBody]) -> tuple[list[GoalShown], int]:
    """The goals with their values, and their revision: 1 for the first. Raises 412, 428, and 422 for an unknown
    figure.
    """
    row = await goals_row(unit, lock=True)
    if row is not None:
        require_if_match(request, row["revision"])
    await _check_figures(unit, wanted)
    stored = [goal.model_dump() for goal in map(_without_found_values, wanted)]
    values: dict[str, Any] = {"goals": stored, "revision": (row["revision"] if row else 0) + 1}
    statement = insert(Goals).values(id=THE_ONE, **values)
    await unit.execute(
        statement if row is None else statement.on_conflict_do_update(index_elements=["id"], set_=values)
    )
    await record(
        unit, "goals-replaced", "goals", before={"goals": row["goals"]} if row else None, after={"goals": stored}
    )
    return await with_values(unit, wanted), values["revision"]


def _without_found_values(goal: GoalBody) -> GoalBody:
    """What a figure tells is not kept: it is another tomorrow."""
    kept = [one if one.figure is None else one.model_copy(update={"value": None}) for one in goal.indicators]
    return goal.model_copy(update={"indicators": kept})


async def _check_figures(unit: Unit, wanted: list[GoalBody]) -> None:
    named = [
        (f"/{place}/indicators/{number}/figure", indicator.figure)
        for place, goal in enumerate(wanted)
        for number, indicator in enumerate(goal.indicators)
        if indicator.figure is not None
    ]
    known = await figures_of_the_project(unit) if named else {}
    if unknown := [pointer for pointer, figure in named if figure not in known]:
        raise invalid(*map(_unknown, unknown))


def _unknown(pointer: str) -> FieldError:
    return FieldError(
        pointer,
        "unknown-figure",
        "Siffran finns inte. Skriv dess väg, till exempel unique_participants.total.",
        "There is no such figure. Write its path, for example unique_participants.total.",
    )
