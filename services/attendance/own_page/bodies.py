"""What the calls of the participant's page take and return."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, StringConstraints

from services.attendance.fields import Digest
from services.attendance.signatures.rules import State
from shared.contracts.types import Month
from shared.web.bodies import Body
from shared.web.times import ShownTime

Code = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9]{6}$")]


class SignBody(Body):
    """What is signed, as it was seen (`document_hash`), and the code out of the mail."""

    month: Month
    code: Code
    document_hash: Digest


class CodeSentShown(BaseModel):
    """The code went by mail."""

    expires_at: ShownTime


class OwnOccasionShown(BaseModel):
    """One dated part of a session. `minutes`: attested ones, null as long as the roll is not attested."""

    occasion_id: UUID
    starts_at: ShownTime
    ends_at: ShownTime
    minutes: int | None


class OwnSessionShown(BaseModel):
    """A session that the participant is registered on or has attended. `certificate`: there is one to fetch."""

    session_id: UUID
    course_title: str
    venue: str
    cancelled: bool
    occasions: list[OwnOccasionShown]
    minutes: int
    attested: bool
    certificate: bool


class OwnMonthShown(BaseModel):
    """The attested minutes of a calendar month. `required`: the project counts them only when they are signed.

    `signing_ends_at`: until then it can be signed by code.
    """

    month: Month
    minutes: int
    document_hash: Digest
    state: State
    required: bool
    signed_at: ShownTime | None
    signing_ends_at: ShownTime | None

    @property
    def first(self) -> date:
        """Its first day, for pages."""
        return date.fromisoformat(f"{self.month}-01")


class OwnPageShown(BaseModel):
    """What the holder of a link sees."""

    expires_at: ShownTime
    name: str | None
    sessions: list[OwnSessionShown]
    months: list[OwnMonthShown]
