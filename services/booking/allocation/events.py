"""What registrations publish. A reason or a support need is in none of these but the encrypted `support-noted`."""

from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import RowMapping

from services.booking.allocation.lock import Candidate
from shared.contracts.booking_v1 import (
    CancelledBy,
    ConfirmedVia,
    RegistrationCancelled,
    RegistrationConfirmed,
    RegistrationWaitlisted,
)
from shared.contracts.people_v1 import SupportNoted
from shared.database.unit_of_work import Unit


def confirmed(registration_id: UUID, session_id: UUID, who: Candidate, via: ConfirmedVia) -> RegistrationConfirmed:
    return RegistrationConfirmed(**_whose(registration_id, session_id, who), via=via)


def waitlisted(registration_id: UUID, session_id: UUID, who: Candidate, position: int) -> RegistrationWaitlisted:
    return RegistrationWaitlisted(**_whose(registration_id, session_id, who), position=position)


def _whose(registration_id: UUID, session_id: UUID, who: Candidate) -> dict[str, Any]:
    return {
        "registration_id": registration_id,
        "session_id": session_id,
        "participant_id": who.participant_id,
        "municipality": who.municipality,
        "employment_id": who.employment_id,
    }


def cancelled(
    row: RowMapping, *, was: Literal["confirmed", "waitlisted"], late: bool, neutral: bool, by: CancelledBy
) -> RegistrationCancelled:
    """`row` is the registration's."""
    return RegistrationCancelled(
        registration_id=row["id"],
        session_id=row["session_id"],
        participant_id=row["participant_id"],
        municipality=row["municipality"],
        employment_id=row["employment_id"],
        was=was,
        late=late,
        neutral=neutral,
        by=by,
    )


def note_support(unit: Unit, registration_id: UUID, session_id: UUID, needs: Sequence[str]) -> None:
    """Publishes what a person needs on a session, encrypted; nothing when nothing is needed."""
    if needs:
        data = SupportNoted(session_id=session_id, needs=tuple(needs))
        unit.emit(data, key=f"support/{registration_id}")
