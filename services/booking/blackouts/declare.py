"""A municipality declares when it can send nobody, and takes it back."""

from uuid import UUID

from sqlalchemy import delete, insert
from sqlmodel import col
from starlette.requests import Request

from services.booking.blackouts.bodies import BlackoutBody, BlackoutShown
from services.booking.blackouts.queries import blackout_row, blackout_shown
from services.booking.blackouts.tables import Blackout
from services.booking.catalogue.queries import municipality_row
from shared.audit.record import record
from shared.database.unit_of_work import Unit
from shared.web.etags import require_if_match
from shared.web.problems import FieldError, invalid


async def declare(unit: Unit, body: BlackoutBody) -> BlackoutShown:
    """A new blackout. Raises 422 for another municipality than the caller's, or one that is not of the project."""
    municipality = await _municipality(unit, body.municipality)
    blackout = BlackoutShown(
        id=unit.ids.uuid7(), municipality=municipality, from_=body.from_, to=body.to, reason=body.reason
    )
    days = {"from_day": blackout.from_, "to_day": blackout.to}
    row = {"id": blackout.id, "municipality": municipality, "reason": blackout.reason, **days, "revision": 1}
    await unit.execute(insert(Blackout).values(row))
    await record(unit, "blackout-declared", f"blackout/{blackout.id}", after=blackout.model_dump(exclude={"id"}))
    return blackout


async def _municipality(unit: Unit, stated: str | None) -> str:
    code = stated or unit.municipality
    if unit.municipality not in (None, code):
        raise _wrong(
            "not-your-municipality",
            "Ni kan bara ange spärrtider för er egen kommun.",
            "You can only declare blackouts of your own municipality.",
        )
    if code is None:
        raise _wrong("missing", "Ange kommunens kod.", "Give the municipality's code.")
    if await municipality_row(unit, code) is None:
        raise _wrong("unknown-municipality", "Kommunen är inte med i projektet.", "It is not in the project.")
    return code


def _wrong(code: str, sv: str, en: str) -> Exception:
    return invalid(FieldError("/municipality", code, sv, en))


async def withdraw(unit: Unit, request: Request, blackout_id: UUID) -> None:
    """Deletes a blackout. Raises 404, 412 and 428."""
    row = await blackout_row(unit, blackout_id, lock=True)
    require_if_match(request, row["revision"])
    await unit.execute(delete(Blackout).where(col(Blackout.id) == blackout_id))
    before = blackout_shown(row).model_dump(exclude={"id"})
    await record(unit, "blackout-withdrawn", f"blackout/{blackout_id}", before=before)
