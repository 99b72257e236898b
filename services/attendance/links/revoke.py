"""Ending links before their time."""

from uuid import UUID

from sqlalchemy import RowMapping, text

from services.attendance.links.tables import Link
from shared.database.conditions import by_id
from shared.database.unit_of_work import Unit
from shared.web.problems import not_found

REVOKE = text("UPDATE links SET revoked_at = :at, revoked_by = :by WHERE id = :id AND revoked_at IS NULL")


async def revoke_link(unit: Unit, link_id: UUID) -> RowMapping:
    """Ends a link; one that has ended stays as it is. Raises 404."""
    await unit.execute(REVOKE, {"id": link_id, "at": unit.recorded_at, "by": unit.actor})
    return await find_link(unit, link_id)


async def find_link(unit: Unit, link_id: UUID) -> RowMapping:
    """A link. Raises 404."""
    return await unit.found(by_id(Link, link_id), missing=not_found("Länken", "The link"))
