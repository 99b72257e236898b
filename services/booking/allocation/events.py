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
    RegistrationMovedOut,
    RegistrationSubstituted,
    RegistrationWaitlisted,
)
from shared.contracts.people_v1 import SupportNoted
from shared.database.unit_of_work import Unit


def confirmed(
    registration_id: UUID,
    session_id: UUID,
    who: Candidate,
    via: ConfirmedVia,
    *,
    from_session: UUID | None = None,
    replaces: UUID | None = None,
    walk_in_id: UUID | None = None,
) -> RegistrationConfirmed:
    whose = _whose(registration_id, session_id, who)
    links = {"from_session": from_session, "replaces": replaces, "walk_in_id": walk_in_id}
    return RegistrationConfirmed(**whose, via=via, **links)


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
    return RegistrationCancelled(**_whose_row(row), was=was, late=late, neutral=neutral, by=by)


def moved_out(row: RowMapping, to_session: UUID, *, late: bool) -> RegistrationMovedOut:
    """`row` is the registration that was left."""
    return RegistrationMovedOut(**_whose_row(row), to_session=to_session, late=late)


def substituted(row: RowMapping, by_registration: UUID) -> RegistrationSubstituted:
    """`row` is the registration of the one replaced."""
    return RegistrationSubstituted(**_whose_row(row), by_registration=by_registration)


def _whose_row(row: RowMapping) -> dict[str, Any]:
    names = ("session_id", "participant_id", "municipality", "employment_id")
    return {"registration_id": row["id"], **{name: row[name] for name in names}}


def note_support(unit: Unit, registration_id: UUID, session_id: UUID, needs: Sequence[str]) -> None:
    """Publishes what a person needs on a session, encrypted; nothing when nothing is needed."""
    if needs:
        data = SupportNoted(session_id=session_id, needs=tuple(needs))
        unit.emit(data, key=f"support/{registration_id}")


def forget_support(unit: Unit, registration_id: UUID) -> None:
    """Erases what was noted of a registration's needs."""
    unit.emit_tombstone(SupportNoted, key=f"support/{registration_id}")
