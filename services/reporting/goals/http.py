"""The calls of goals: the project office enters them, the funder reads them too."""

from typing import Annotated, Any, Final

from fastapi import Body
from starlette.requests import Request
from starlette.responses import Response

from services.reporting.goals.bodies import GoalBody, GoalShown
from services.reporting.goals.queries import goals
from services.reporting.goals.replace import replace_goals
from shared.web.routing import Role, Unit, Versioned, allow, service_router

router = service_router(tag="goals")
CREATED: Final[dict[int | str, dict[str, Any]]] = {201: {"model": list[GoalShown], "description": "Created"}}


@router.get("/v1/goals")
async def show_goals(unit: Unit = allow(Role.COORDINATOR, Role.FUNDER)) -> Versioned[list[GoalShown]]:
    """The goals of the project, each with its indicators and what has been reached."""
    return Versioned(*await goals(unit))


@router.put("/v1/goals", responses=CREATED)
async def put_goals(
    wanted: Annotated[list[GoalBody], Body(max_length=100)],
    request: Request,
    response: Response,
    unit: Unit = allow(Role.COORDINATOR),
) -> Versioned[list[GoalShown]]:
    """Replaces the goals (201 the first time)."""
    shown, revision = await replace_goals(unit, request, wanted)
    if revision == 1:
        response.status_code = 201
    return Versioned(shown, revision)
