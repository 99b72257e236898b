"""What the calls about notices answer."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from shared.mail.message import Role
from shared.web.times import ShownTime

NoticeState = Literal["queued", "sent", "refused", "expired"]


class NoticeShown(BaseModel):
    """One mail: to whom, about what, and what became of it; `reason` is the mail server's, or `no-address`."""

    id: UUID
    kind: str
    to: str | None
    to_role: Role
    subject: str
    language: str
    session: UUID | None
    staff: UUID | None
    municipality: str | None
    state: NoticeState
    attempts: int
    reason: str | None
    queued_at: ShownTime
    ended_at: ShownTime | None
