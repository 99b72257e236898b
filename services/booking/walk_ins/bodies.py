"""What the walk-ins' calls take and answer."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from shared.contracts.types import MunicipalityCode
from shared.web.bodies import Body
from shared.web.fields import Line
from shared.web.times import ShownTime

WalkInState = Literal["confirmed", "to-identify"]


class WalkInBody(Body):
    """Who came. `walk_in_id` is made by whoever takes the person in, and stands in the marks made before the answer.

    With a `personal_number` that is known the person is on the roll at once; else `name` and `municipality` help the
    one who identifies.
    """

    walk_in_id: UUID
    personal_number: str | None = None
    name: Line | None = None
    municipality: MunicipalityCode | None = None


class IdentifyBody(Body):
    """Who the walk-in was."""

    staff: UUID


class WalkInShown(BaseModel):
    """A walk-in; `name` is forgotten when it is identified."""

    id: UUID
    walk_in_id: UUID
    session: UUID
    state: WalkInState
    registration_id: UUID | None
    municipality: str | None
    name: str | None
    came_at: ShownTime
