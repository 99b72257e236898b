"""What the calls of head counts take and return."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from shared.web.bodies import Body
from shared.web.times import ShownTime


class HeadCountBody(Body):
    """The id is made by the device, so that it can send the count again without harm."""

    head_count_id: UUID
    occasion_id: UUID
    count: int = Field(ge=0, le=100_000)


class HeadCountShown(BaseModel):
    """A head count; the last per occasion counts."""

    id: UUID
    occasion_id: UUID
    count: int
    approximate: Literal[True] = True
    recorded_at: ShownTime
    recorded_by: str
