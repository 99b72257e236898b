"""The calls of goals: the project office enters them, the funder reads them too."""

from typing import Annotated

from fastapi import Body
from starlette.requests import Request

from services.reporting.goals.bodies import GoalBody, GoalShown
from services.reporting.goals.queries import goals
from services.reporting.goals.replace import replace_goals
from shared.web.openapi import created
from shared.web.routing import Role, Unit, Versioned, allow, service_router

router = service_router(tag="goals")


@router.get("/v1/goals")
async def show_goals(unit: Unit = allow(Role.COORDINATOR, Role.FUNDER)) -> Versioned[list[GoalShown]]:
    """The goals of the project, each with its indicators and what has been reached."""
    return Versioned(*await goals(unit))


@router.put("/v1/goals", responses=created(list[GoalShown]))
async def put_goals(
    wanted: Annotated[list[GoalBody], Body(max_length=100)], request: Request, unit: Unit = allow(Role.COORDINATOR)
) -> Versioned[list[GoalShown]]:
    """Replaces the goals (201 the first time)."""
    shown, revision = await replace_goals(unit, request, wanted)
    return Versioned(shown, revision, created=revision == 1)
