"""What the calls of walk-ins take and return."""

from uuid import UUID

from pydantic import BaseModel, Field

from services.attendance.fields import Minutes
from shared.contracts.types import MunicipalityCode
from shared.web.bodies import Body
from shared.web.times import ShownTime


class WalkInBody(Body):
    """Somebody came. The id is made by the device, and stands in the marks; name and number go to booking."""

    walk_in_id: UUID
    municipality: MunicipalityCode | None = None


class PresenceBody(Body):
    """What the form says of somebody who came; without `minutes` they attended the whole occasion."""

    occasion_id: UUID
    roll_version: int = Field(ge=0, lt=2**31)
    minutes: Minutes | None = None
    municipality: MunicipalityCode | None = None


class WalkInShown(BaseModel):
    """A walk-in; `walk_in_id` is its `id`. `participant_id`: who it turned out to be, null until booking says so."""

    id: UUID
    walk_in_id: UUID
    session_id: UUID
    municipality: str | None
    participant_id: UUID | None
    recorded_at: ShownTime
    recorded_by: str
