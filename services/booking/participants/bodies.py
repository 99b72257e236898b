"""What the calls about participants take and answer."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, StringConstraints

from services.booking.staff.people import Person
from shared.contracts.participants_v1 import Gender
from shared.web.bodies import Body

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000, pattern=r"^[^\x00]+$")]


class NewNumberBody(Body):
    """The number that the person has from now on; `reason` stays in the audit."""

    personal_number: str
    reason: Reason


class MergeBody(Body):
    """`into` is the participant that remains; `reason` stays in the audit."""

    into: UUID
    reason: Reason


class ReasonBody(Body):
    """Why; it stays in the audit."""

    reason: Reason


class EraseBody(ReasonBody):
    """Why a person is erased; it stays in the audit."""


class ErasureBegunShown(BaseModel):
    """`evidence_until`: until when the number and the signatures are kept; without the setting they are kept on."""

    id: UUID
    evidence_until: date | None = None


class ErasureShown(BaseModel):
    """How far an erasure has come: what a service keeps no longer is `done`. `evidence`: the number, and attendance's
    signatures, which stay until the day after `evidence_until`.
    """

    id: UUID
    participant_id: UUID
    booking: Literal["pending", "done"]
    attendance: Literal["pending", "done"]
    evidence: Literal["kept", "deleted"]
    evidence_until: date | None


class ParticipantShown(BaseModel):
    """A person as every employer has it; `staff` are the employments."""

    id: UUID
    participant_id: UUID
    personal_number_hint: str | None
    gender: Gender
    birth_year: int | None
    protected_identity: bool
    staff: list[UUID]


def participant_shown(person: Person) -> ParticipantShown:
    return ParticipantShown(
        id=person.participant_id,
        participant_id=person.participant_id,
        **vars(person.attributes),
        staff=[employment.id for employment in person.employments],
    )
