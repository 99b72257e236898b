"""Reading the audit."""

from typing import Annotated

from fastapi import Query
from sqlalchemy import RowMapping

from shared.audit.bodies import AuditShown
from shared.audit.queries import Wanted, entries
from shared.web.cursors import Listing, Paging
from shared.web.fields import Day, Line
from shared.web.routing import Role, Unit, allow, service_router

router = service_router(tag="audit")


def _shown(row: RowMapping) -> AuditShown:
    return AuditShown.model_validate(dict(row))


@router.get("/v1/audit")
async def list_audit(
    page: Paging,
    actor: Line | None = None,
    target: Annotated[Line | None, Query(description="The row, as `staff/<id>`.")] = None,
    from_: Annotated[Day | None, Query(alias="from", description="First local day.")] = None,
    to: Annotated[Day | None, Query(description="Last local day.")] = None,
    unit: Unit = allow(Role.COORDINATOR),
) -> Listing[AuditShown]:
    """Who did what to which row, latest first; personal numbers and contact data are not in it."""
    wanted = Wanted(None if actor is None else [actor], None if target is None else [target], from_=from_, to=to)
    rows = await entries(unit, wanted, page)
    return page.answer(rows, lambda row: [row["id"]], _shown)
