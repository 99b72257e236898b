"""What the calls about months and signatures take and return."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from services.attendance.fields import Digest
from services.attendance.signatures.rules import State
from shared.contracts.signatures_v1 import SigningMethod
from shared.contracts.types import Month
from shared.web.bodies import Body
from shared.web.fields import Line
from shared.web.times import ShownTime


class MonthShown(BaseModel):
    """What is attested for a person in a calendar month, and whether they have certified it.

    `name` is null for a protected identity, and for somebody erased.
    """

    participant_id: UUID
    name: str | None
    month: Month
    minutes: int
    document_hash: Digest
    state: State
    signed_at: ShownTime | None
    method: SigningMethod | None


class PaperBody(Body):
    """A signature on paper: the document that was signed, and where the paper is kept."""

    participant_id: UUID
    month: Month
    method: Literal["paper"]
    document_ref: Line
    document_hash: Digest


class SignatureShown(BaseModel):
    """A signature. `voided_at`: something that it certified has changed since."""

    id: UUID
    participant_id: UUID
    month: Month
    minutes: int
    document_hash: Digest
    method: SigningMethod
    document_ref: str | None
    signed_at: ShownTime
    voided_at: ShownTime | None
    void_cause: str | None
