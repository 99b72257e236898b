"""What the calls of checking in take and return."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, StringConstraints

from shared.web.bodies import Body
from shared.web.times import ShownTime

PRINTED = r"^[^\x00]+$"


class CheckInCodeShown(BaseModel):
    """A code that everybody in the room may use, each once. With `seed` (base32) a device makes the next ones itself:
    TOTP (RFC 6238), HMAC-SHA-256, 8 digits, a new one every `period_seconds`.
    """

    code: str
    valid_until: ShownTime
    seed: str
    period_seconds: int
    occasion_id: UUID


class CheckInBody(Body):
    """The code on the screen, and the token at the end of the participant's own link."""

    code: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20, pattern=PRINTED)]
    token: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=PRINTED)]


class CheckedInShown(BaseModel):
    """Where the person is: marked present on this occasion. The trainer's mark goes before it."""

    mark_id: UUID
    session_id: UUID
    occasion_id: UUID
    course_title: str
    venue: str
    starts_at: ShownTime
    ends_at: ShownTime
    checked_in_at: ShownTime


class OwnCheckInBody(Body):
    """The form on a participant's phone; the link only where the browser does not know it yet."""

    code: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20, pattern=PRINTED)]
    link: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500, pattern=PRINTED)] | None = None
