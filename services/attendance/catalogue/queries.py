"""Reading names of the catalogue."""

from sqlalchemy import select, text
from sqlmodel import col

from services.attendance.catalogue.tables import CatalogueName
from shared.contracts.catalogue_v1 import PROJECT_KEY
from shared.database.conditions import among
from shared.database.unit_of_work import Unit
from shared.web.pages.rendering import Frame

MUNICIPALITY = "municipality/"
MUNICIPALITIES = text("SELECT key, name FROM catalogue_names WHERE key LIKE 'municipality/%'")


async def frame(unit: Unit) -> Frame:
    """The project's name, and the municipality's for which the caller acts."""
    code = unit.municipality or ""
    wanted = among(col(CatalogueName.key), [PROJECT_KEY, MUNICIPALITY + code])
    names = {row["key"]: row["name"] for row in await unit.all(select(CatalogueName).where(wanted))}
    return Frame(names.get(PROJECT_KEY, "kursnav"), names.get(MUNICIPALITY + code, code))


async def municipality_names(unit: Unit) -> dict[str, str]:
    """What each municipality is called, by its code."""
    return {row["key"].removeprefix(MUNICIPALITY): row["name"] for row in await unit.all(MUNICIPALITIES)}
