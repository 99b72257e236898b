"""Names of the project and of municipalities, for pages."""

from collections.abc import Sequence

from sqlalchemy.dialects.postgresql import insert

from services.attendance.catalogue.tables import CatalogueName
from shared.contracts.catalogue_v1 import MunicipalityChanged, ProjectChanged
from shared.database.unit_of_work import Unit
from shared.messaging.delivery import Event


async def follow_names(unit: Unit, events: Sequence[Event]) -> None:
    """Stores the newest name of each key."""
    rows = {
        event.key: {"key": event.key, "name": event.data.name, "sequence": event.sequence}
        for event in sorted(events, key=lambda event: event.sequence)
        if isinstance(event.data, (ProjectChanged, MunicipalityChanged))
    }
    if rows:
        statement = insert(CatalogueName)
        new = statement.excluded
        newer = new["sequence"] > CatalogueName.__table__.c.sequence  # type: ignore[attr-defined]  # SQLModel does not declare it
        changes = {"name": new["name"], "sequence": new["sequence"]}
        await unit.execute(
            statement.on_conflict_do_update(index_elements=["key"], set_=changes, where=newer), list(rows.values())
        )
