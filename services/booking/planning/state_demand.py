"""A municipality states the seats that it wishes for in a term."""

from sqlalchemy import insert, update
from sqlmodel import col
from starlette.requests import Request

from services.booking.catalogue.queries import prerequisites
from services.booking.planning.bodies import DemandBody, DemandShown
from services.booking.planning.queries import demand_row
from services.booking.planning.tables import Demand
from shared.audit.record import record
from shared.codes import Spellings
from shared.database.unit_of_work import Unit
from shared.web.etags import require_if_match
from shared.web.problems import FieldError, invalid


async def state_demand(
    unit: Unit, request: Request, municipality: str, term: str, body: DemandBody
) -> tuple[DemandShown, int]:
    """The wishes as stored, and their revision: 1 for the first. Raises 412, 428, and 422 for an unknown course."""
    wishes = await _as_stored(unit, body)
    row = await demand_row(unit, municipality, term, lock=True)
    if row is None:
        revision = 1
        values = {"municipality": municipality, "term": term, "wishes": wishes, "revision": revision}
        await unit.execute(insert(Demand).values(values))
    else:
        require_if_match(request, row["revision"])
        revision = row["revision"] + 1
        key = (col(Demand.municipality) == municipality, col(Demand.term) == term)
        await unit.execute(update(Demand).where(*key).values(wishes=wishes, revision=revision))
    before = {"wishes": row["wishes"]} if row else None
    await record(unit, "demand-stated", f"demand/{municipality}-{term}", before=before, after={"wishes": wishes})
    return DemandShown.model_validate({"wishes": wishes}), revision


async def _as_stored(unit: Unit, body: DemandBody) -> list[dict[str, object]]:
    """The wishes with the courses' codes as these are stored."""
    codes = await prerequisites(unit)
    spelled = Spellings(codes)
    found = [{"course": spelled.of(wish.course), "seats": wish.seats} for wish in body.wishes]
    unknown = [
        FieldError(f"/wishes/{place}/course", "unknown-course", "Kursen finns inte.", "There is no such course.")
        for place, wish in enumerate(found)
        if wish["course"] not in codes
    ]
    if unknown:
        raise invalid(*unknown)
    return found
