"""Entering and changing a municipality and its commitment."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import RowMapping, insert, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlmodel import col

from services.booking.catalogue.bodies import MunicipalityBody
from services.booking.catalogue.rules import org_number
from services.booking.catalogue.split_commitments import split_again
from services.booking.catalogue.tables import CommitmentStatement, Municipality
from shared.audit.record import record
from shared.database.unit_of_work import Unit
from shared.web.problems import FieldError, invalid


def check_municipality(code: str, body: MunicipalityBody) -> str:
    """The organisation number in its one form. Raises 422 when it is none, or the body names another municipality."""
    errors: list[FieldError] = []
    number = org_number(body.org_number)
    if body.code is not None and body.code != code:
        errors.append(
            FieldError(
                "/code", "not-the-address", "Koden är inte den i adressen.", "The code is not that of the address."
            )
        )
    if number is None:
        errors.append(
            FieldError(
                "/org_number",
                "not-an-organisation-number",
                "Organisationsnumret är fel. Skriv det som 212000-2007; den sista siffran är en kontrollsiffra.",
                "The organisation number is wrong. Write it as 212000-2007; its last digit is a check digit.",
            )
        )
    if errors or number is None:
        raise invalid(*errors)
    return number


async def put_municipality(
    unit: Unit, project: RowMapping, code: str, row: RowMapping | None, body: MunicipalityBody
) -> None:
    """Enters a municipality (`row` None) or changes it; the project's row is locked.

    The commitment replaces the one from the same day on and leaves those of other days. All that are computed are
    split again.
    """
    columns = {
        "name": body.name,
        "org_number": check_municipality(code, body),
        "contact_email": body.contact_email,
    }
    revision = 1 if row is None else row["revision"] + 1
    if row is None:
        await unit.execute(insert(Municipality).values(code=code, revision=revision, **columns))
    else:
        await unit.execute(
            update(Municipality).where(col(Municipality.code) == code).values(revision=revision, **columns)
        )
    await _state(unit, code, body, project["period_from"])
    await _audit(unit, code, row, columns, body)
    await split_again(unit, project["commitment_minutes"], changed=code)


async def _state(unit: Unit, code: str, body: MunicipalityBody, first_day: date) -> None:
    minutes = None if body.commitment_computed else body.commitment_minutes
    entered = {"employees": body.employees, "minutes": minutes}
    statement = upsert(CommitmentStatement).values(
        municipality=code, valid_from=body.valid_from or first_day, **entered
    )
    await unit.execute(statement.on_conflict_do_update(index_elements=["municipality", "valid_from"], set_=entered))


async def _audit(
    unit: Unit, code: str, row: RowMapping | None, columns: Mapping[str, Any], body: MunicipalityBody
) -> None:
    commitment = body.model_dump(include={"employees", "commitment_minutes", "valid_from"})
    before = None if row is None else {name: row[name] for name in columns}
    action = "municipality-entered" if row is None else "municipality-changed"
    await record(unit, action, f"municipality/{code}", before=before, after={**columns, **commitment})
