"""What the calls about demand and planning take and answer."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from services.booking.allocation.rules import State
from services.booking.planning.rules import Reason
from shared.codes import code_key
from shared.web.bodies import ANSWER, Body
from shared.web.fields import Code
from shared.web.sentences import wrong
from shared.web.times import ShownTime

Seats = Annotated[int, Field(ge=0, le=10_000)]


class WishBody(Body):
    """Seats wished for on a course."""

    course: Code
    seats: Seats


def _each_once(wishes: list[WishBody]) -> list[WishBody]:
    if len({code_key(wish.course) for wish in wishes}) != len(wishes):
        raise wrong("repeated", "Varje kurs får stå en gång.", "Each course may stand only once.")
    return wishes


class DemandBody(Body):
    """All that a municipality wishes for in a term; it takes the place of what it wished before."""

    wishes: Annotated[list[WishBody], Field(max_length=500), AfterValidator(_each_once)]


class WishFieldsBody(Body):
    """A wish as a form writes it: an empty field wishes for nothing."""

    course: Code
    seats: Seats | None = None


class DemandFieldsBody(Body):
    """All courses with what is wished for of each."""

    wishes: Annotated[list[WishFieldsBody], Field(max_length=500)]

    def stated(self) -> DemandBody:
        return DemandBody(wishes=[WishBody(course=one.course, seats=one.seats) for one in self.wishes if one.seats])


class DemandShown(DemandBody):
    model_config = ANSWER


class MunicipalityDemandShown(DemandShown):
    municipality: str


class DemandsShown(BaseModel):
    """The wishes of all who have any, in order of code."""

    items: list[MunicipalityDemandShown]


class PlannedSessionShown(BaseModel):
    """A session to schedule: `seats` by municipality, on a working day on which none of these is blacked out."""

    course: str
    host_municipality: str
    date: date
    capacity: int
    seats: dict[str, int]


class CommitmentEffectShown(BaseModel):
    """What the plan would do for a municipality's commitment: attested so far, booked and not attested yet, planned."""

    municipality: str
    commitment_minutes: int
    attested_minutes: int
    booked_minutes: int
    planned_minutes: int
    attainment: float | None
    attainment_after: float | None


class UnplacedShown(BaseModel):
    """Seats that no session was found for."""

    course: str
    municipality: str
    seats: int
    reason: Reason


class PlanShown(BaseModel):
    """A proposal; nothing is scheduled by it."""

    sessions: list[PlannedSessionShown]
    commitments: list[CommitmentEffectShown]
    unplaced: list[UnplacedShown]


class BoardSessionShown(BaseModel):
    """A session as the board shows it; `free` seats are nobody's yet."""

    id: UUID
    course: str
    course_title: str
    venue: str
    starts_at: ShownTime
    ends_at: ShownTime
    state: State
    capacity: int
    free: int
    has_trainer: bool
    blacked_out: list[str]


class BoardPlaceShown(BaseModel):
    """What is held in one municipality in a week, in order of time."""

    host_municipality: str
    sessions: list[BoardSessionShown]


class BoardWeekShown(BaseModel):
    """A week (`2026-W37`) from Monday to Sunday, with its red days."""

    week: str
    monday: date
    red_days: list[date]
    places: list[BoardPlaceShown]


class BoardShown(BaseModel):
    """Weeks and places; an occasion stands in the week in which it begins."""

    weeks: list[BoardWeekShown]
