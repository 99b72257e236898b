"""What the calls about links take and return. No answer has a token: the link goes by mail."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from shared.web.bodies import Body
from shared.web.fields import Moment
from shared.web.times import ShownTime


class LinkBody(Body):
    """For whom; until when, within 90 days."""

    participant_id: UUID
    expires_at: Moment | None = None


class LinkShown(BaseModel):
    """A link."""

    id: UUID
    participant_id: UUID
    made_at: ShownTime
    expires_at: ShownTime
    revoked_at: ShownTime | None
    state: Literal["live", "expired", "revoked"]
