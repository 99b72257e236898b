"""What the reservations' calls take and answer."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from services.booking.fields import Unique
from services.booking.registrations.bodies import MOST_PERSONS
from services.booking.reservations.rules import State
from shared.contracts.types import MunicipalityCode
from shared.web.bodies import Body
from shared.web.fields import Moment
from shared.web.times import ShownTime


class ReservationBody(Body):
    """Seats to hold, and until when they get names. The coordinator says for which `municipality`."""

    seats: Annotated[int, Field(ge=1, le=10_000)]
    name_by: Moment
    municipality: MunicipalityCode | None = None


class NamesBody(Body):
    """Who gets held seats now; who was named before may stand there again."""

    staff: Annotated[list[UUID], Field(min_length=1, max_length=MOST_PERSONS), Unique]


class ReservationShown(BaseModel):
    """Held seats: `named` of them have become registrations, `held` wait for a name."""

    id: UUID
    session: UUID
    municipality: str
    seats: int
    named: int
    held: int
    name_by: ShownTime
    state: State
