"""The calls of the office about months and signatures."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query
from sqlalchemy import RowMapping, text

from services.attendance.people.contacts import names_of
from services.attendance.people.merged import person_of
from services.attendance.signatures.ask import next_month
from services.attendance.signatures.bodies import MonthShown, PaperBody, SignatureShown
from services.attendance.signatures.enter import REFUSED, enter_signature, month_to_sign
from services.attendance.signatures.queries import months_in
from services.attendance.signatures.rules import Month, State
from shared.clock import day_start
from shared.web.cursors import Listing, Paging
from shared.web.openapi import problems
from shared.web.problems import not_found
from shared.web.routing import Role, Unit, Versioned, allow, service_router

router = service_router(tag="signatures")
ONE = text(
    """
    SELECT *, (SELECT sum(minutes) FROM signed_items WHERE signature_id = signatures.id) AS minutes
      FROM signatures WHERE id = :id
    """
)


@router.get("/v1/months")
async def list_months(
    month: Annotated[str, Query(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")],
    page: Paging,
    participant_id: UUID | None = None,
    state: State | None = None,
    unit: Unit = allow(Role.COORDINATOR),
) -> Listing[MonthShown]:
    """A month of everybody who has attested hours in it or signed it, in order of their ids."""
    found = await find_months(unit, month, participant_id, state)
    after = page.last(UUID)
    rows = [own for own in found if after is None or own.participant_id > after][: page.fetch]
    names = await names_of(unit, [own.participant_id for own in rows])
    return page.answer(rows, lambda own: [own.participant_id], lambda own: _month(own, names.get(own.participant_id)))


async def find_months(unit: Unit, month: str, participant_id: UUID | None, state: State | None) -> list[Month]:
    """A month of everybody, or of one, in order of their ids."""
    first = date.fromisoformat(f"{month}-01")
    found = await months_in(unit, month, day_start(first), day_start(next_month(first)))
    person = participant_id and await person_of(unit, participant_id)
    return [own for own in found if person in (None, own.participant_id) and state in (None, own.state)]


@router.post("/v1/signatures", status_code=201, responses={409: problems(*REFUSED)})
async def post_signature(body: PaperBody, unit: Unit = allow(Role.COORDINATOR)) -> SignatureShown:
    """Enters a signature on paper, also when it is too late to sign by code."""
    async with unit.as_system():
        person = await person_of(unit, body.participant_id)
        month = await month_to_sign(unit, person, body.month, body.document_hash)
        signature_id = await enter_signature(unit, month, "paper", signed_by=unit.actor, document_ref=body.document_ref)
    return (await _signature(unit, signature_id))[0]


@router.get("/v1/signatures/{signature_id}")
async def show_signature(signature_id: UUID, unit: Unit = allow(Role.COORDINATOR)) -> Versioned[SignatureShown]:
    """One signature."""
    return Versioned(*await _signature(unit, signature_id))


async def _signature(unit: Unit, signature_id: UUID) -> tuple[SignatureShown, int]:
    row = await unit.found(ONE, {"id": signature_id}, missing=not_found("Underskriften", "The signature"))
    return _shown(row), 1 + (row["ended_at"] is not None)


def _shown(row: RowMapping) -> SignatureShown:
    columns = {name: row[name] for name in SignatureShown.model_fields if name != "voided_at"}
    return SignatureShown(**columns, voided_at=row["ended_at"] if row["void_cause"] else None)


def _month(month: Month, name: str | None) -> MonthShown:
    is_signed = month.state == "signed"
    return MonthShown(
        participant_id=month.participant_id,
        name=name,
        month=month.month,
        minutes=month.minutes,
        document_hash=month.document_hash,
        state=month.state,
        signed_at=month.signed_at if is_signed else None,
        method=month.method if is_signed else None,
    )
