"""Reading the audit."""

from typing import Annotated

from fastapi import Query
from sqlalchemy import RowMapping, select
from sqlmodel import col

from shared.audit.bodies import AuditShown
from shared.audit.tables import AuditEntry
from shared.clock import day_end, day_start
from shared.database.conditions import where_given
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
    statement = select(AuditEntry).where(*where_given((AuditEntry.actor, actor), (AuditEntry.target, target)))
    if from_ is not None:
        statement = statement.where(col(AuditEntry.at) >= day_start(from_))
    if to is not None:
        statement = statement.where(col(AuditEntry.at) < day_end(to))
    rows = await unit.all(page.cut(statement, col(AuditEntry.id), latest_first=True))
    return page.answer(rows, lambda row: [row["id"]], _shown)
