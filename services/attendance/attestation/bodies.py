"""What the calls of attesting and correcting take and return."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.attendance.fields import Reason
from services.attendance.rolls.rules import Line
from shared.contracts.attendance_v1 import CorrectionReason
from shared.web.bodies import Body
from shared.web.times import ShownTime


class SealShown(BaseModel):
    """One sealed version of a roll. `minutes`: the attested minutes of all its lines. `reason` stays in the project."""

    id: int
    roll_version: int
    sealed_hash: str
    attested_at: ShownTime
    attested_by: str
    attested_as: str
    on_behalf_of: str | None
    reason: str | None
    people: int
    minutes: int


@dataclass(frozen=True)
class SealedLineShown(Line):
    """A person on an occasion, as sealed."""


class SealedContentShown(BaseModel):
    """What was sealed. An occasion: its id, when it starts and ends, and its scheduled minutes."""

    session_id: UUID
    occasions: list[tuple[UUID, datetime, datetime, int]]
    lines: list[SealedLineShown]


class VerifiedSealShown(SealShown):
    """A seal with its hash recomputed from the content that it keeps."""

    recomputed_hash: str
    hash_matches: bool


class VerificationShown(BaseModel):
    """`hash_matches`: of every seal.

    `roll_matches`: the roll still says what its last seal says (null: not sealed).
    """

    hash_matches: bool
    roll_matches: bool | None
    seals: list[VerifiedSealShown]


class CorrectionShown(BaseModel):
    """A correction. `replaces`: the mark that counted before, null when nobody had marked the person."""

    id: UUID
    participant_id: UUID
    occasion_id: UUID
    minutes: int
    reason: str
    reason_code: CorrectionReason
    replaces: UUID | None
    corrected_at: ShownTime
    corrected_by: str
    roll_version: int
    state: Literal["reopened", "attested"]


class CorrectionBody(Body):
    """What it should have been. The free text `reason` stays in attendance; `reason_code` is published."""

    participant_id: UUID
    occasion_id: UUID
    minutes: int = Field(ge=0, lt=2**31)
    reason: Reason
    reason_code: CorrectionReason = "other"


class AttestBody(Body):
    """The version that the trainer certifies.

    With `content_hash` the same content passes although the version rose. A coordinator says for which trainer of the
    session (`on_behalf_of`) and why. `leave_held` seals without the marks that wait for a registration, and says why.
    """

    roll_version: int = Field(ge=0)
    content_hash: str | None = Field(default=None, max_length=200)
    on_behalf_of: UUID | None = None
    reason: Reason | None = None
    leave_held: bool = False


class AttestedShown(BaseModel):
    """The seal."""

    sealed_hash: str
    attested_at: ShownTime
    roll_version: int
