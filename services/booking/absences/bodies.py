"""What the calls about absences take and answer."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from services.booking.absences.rules import Fate
from shared.web.bodies import ANSWER, DaysBody
from shared.web.fields import Why

WhyAbsent = Annotated[Why, Field(max_length=1000)]


class AbsenceBody(DaysBody):
    """The local days on which a trainer is away."""

    reason: WhyAbsent


class CandidateShown(BaseModel):
    """Who could teach instead; `assignments`: sessions within 30 days of that one."""

    trainer_id: UUID
    name: str
    home_municipality: str
    assignments: int


class AffectedShown(BaseModel):
    """What became of a session, and who could teach it, the best first: the first has taken over where `replaced`."""

    session_id: UUID
    outcome: Fate
    candidates: list[CandidateShown]


class AbsenceShown(DaysBody):
    model_config = {**DaysBody.model_config, **ANSWER}

    id: UUID
    trainer_id: UUID
    reason: str
    affected: list[AffectedShown]
