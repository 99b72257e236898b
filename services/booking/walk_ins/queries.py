"""Reading walk-ins, in the caller's scope."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import RowMapping, select, text
from sqlmodel import col

from services.booking.walk_ins import problems
from services.booking.walk_ins.bodies import WalkInShown
from services.booking.walk_ins.tables import WalkIn
from shared.database.conditions import by_id, where_given
from shared.database.unit_of_work import Unit
from shared.web.cursors import Page

TO_IDENTIFY = text(
    """
    SELECT w.id, w.name, w.municipality, w.came_at, s.starts_at, s.ends_at, s.venue, c.title
      FROM walk_ins w
      JOIN sessions s ON s.id = w.session_id
      JOIN courses c ON c.code = s.course
     WHERE w.state = 'to-identify'
     ORDER BY w.id LIMIT 500
    """
)


async def walk_in_row(unit: Unit, walk_in: UUID) -> RowMapping:
    """The stored walk-in. Raises 404, also for one that the caller may not see."""
    return await unit.found(by_id(WalkIn, walk_in), missing=problems.walk_in_missing())


async def walk_ins_page(unit: Unit, session: UUID | None, state: str | None, page: Page) -> list[WalkInShown]:
    """Walk-ins in the order in which they were entered."""
    conditions = where_given((WalkIn.session_id, session), (WalkIn.state, state))
    statement = page.cut(select(WalkIn).where(*conditions), col(WalkIn.id))
    return [walk_in_shown(row) for row in await unit.all(statement)]


def walk_in_shown(row: RowMapping) -> WalkInShown:
    names = ("id", "walk_in_id", "state", "registration_id", "municipality", "name", "came_at")
    return WalkInShown(session=row["session_id"], **{name: row[name] for name in names})


async def to_identify(unit: Unit) -> Sequence[RowMapping]:
    """Who came and is not known yet, with the session; those who came first."""
    return await unit.all(TO_IDENTIFY)
