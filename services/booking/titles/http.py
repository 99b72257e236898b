"""The calls of titles: everybody with a token reads, the coordinator writes."""

from typing import Annotated

from fastapi import Body
from starlette.requests import Request

from services.booking.titles import queries
from services.booking.titles.bodies import TitleBody, TitlesShown
from services.booking.titles.replace import ONE_EDITOR, replace_titles
from shared.web.etags import require_if_match
from shared.web.openapi import created
from shared.web.routing import ANY, Role, Unit, Versioned, allow, service_router

router = service_router(tag="catalogue")


@router.get("/v1/titles")
async def list_titles(unit: Unit = allow(*ANY)) -> Versioned[TitlesShown]:
    """The differentiation model, in its order; one resource that is edited as a whole."""
    titles, revision = await queries.titles(unit)
    return Versioned(TitlesShown(items=titles), revision)


@router.put("/v1/titles", responses=created(TitlesShown))
async def put_titles(
    titles: Annotated[list[TitleBody], Body(max_length=1000)], request: Request, unit: Unit = allow(Role.COORDINATOR)
) -> Versioned[TitlesShown]:
    """Replaces the differentiation model (201 the first time)."""
    await unit.execute(ONE_EDITOR)
    present, before = await queries.titles(unit)
    if before is not None:
        require_if_match(request, before)
    shown, revision = await replace_titles(unit, present, before, titles)
    return Versioned(TitlesShown(items=shown), revision, created=before is None)
