"""What the registrations' calls take and answer."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from services.booking.blackouts.bodies import WarningShown
from services.booking.fields import Support, Unique
from services.booking.registrations.policy import Policy
from services.booking.registrations.problems import at_least_out_of_range, override_not_allowed
from services.booking.registrations.register import Application, Result, ResultOutcome
from services.booking.registrations.rules import Reason
from shared.security.roles import Role
from shared.web.bodies import Body
from shared.web.fields import Prose, Why
from shared.web.problems import invalid
from shared.web.sentences import wrong
from shared.web.times import ShownTime

MOST_PERSONS = 200
WhyOverride = Annotated[Why, Field(max_length=1000)]


class OverrideBody(Body):
    """Why target group and prerequisites are set aside; never seats, never two places at once."""

    reason: WhyOverride


class ChosenBody(Body):
    """Whom somebody chose on a page, perhaps nobody yet."""

    staff: Annotated[list[UUID], Field(max_length=MOST_PERSONS), Unique] = []


class RegistrationsBody(Body):
    """Persons to register in one act; `at_least` says how many must get seats at once under that policy."""

    staff: Annotated[list[UUID], Field(min_length=1, max_length=MOST_PERSONS), Unique]
    policy: Policy = Policy.ALL
    at_least: Annotated[int, Field(ge=1)] | None = None
    waitlist: bool = True
    support_needs: dict[UUID, Annotated[list[Support], Unique]] = {}
    override: OverrideBody | None = None

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if not self.support_needs.keys() <= set(self.staff):
            raise wrong(
                "not_among_staff",
                "`support_needs` nämner någon som inte står i `staff`.",
                "`support_needs` names a person who is not among `staff`.",
                at="support_needs",
            )
        return self


def application_of(role: Role | None, session_id: UUID, body: RegistrationsBody) -> Application:
    """What a body asks for. Raises 403 for an override by anybody but the office, 422 for a number out of range."""
    if body.override is not None and role is not Role.COORDINATOR:
        raise override_not_allowed()
    if body.policy is Policy.AT_LEAST and not 1 <= (body.at_least or 0) <= len(body.staff):
        raise invalid(at_least_out_of_range(len(body.staff)))
    return Application(
        session_id,
        body.staff,
        body.policy,
        body.at_least or 1,
        body.waitlist,
        body.support_needs,
        body.override.reason if body.override else None,
    )


class ResultShown(BaseModel):
    """What became of one person. `position` in the queue, counted from 1; `problem` of whoever was rejected.

    `warnings`: blackouts of the person's municipality in which the session falls.
    """

    staff: UUID
    participant_id: UUID
    registration_id: UUID | None = None
    outcome: ResultOutcome
    position: int | None = None
    problem: dict[str, Any] | None = None
    warnings: list[WarningShown] | None = None


class ResultsShown(BaseModel):
    """One result per person, in the order of the request."""

    results: list[ResultShown]


def results_shown(results: Iterable[Result], language: str) -> ResultsShown:
    """What became of each person."""
    return ResultsShown(
        results=[
            ResultShown(
                staff=result.staff_id,
                participant_id=result.participant_id,
                registration_id=result.registration_id,
                outcome=result.outcome,
                position=result.position,
                problem=result.problem.body(language) if result.problem else None,
                warnings=[WarningShown(**vars(each)) for each in result.blackouts] or None,
            )
            for result in results
        ]
    )


class ProposalShown(BaseModel):
    """A session of the same course that has a free seat and that the person can attend; nothing is held."""

    session: UUID
    course: str
    starts_at: ShownTime
    ends_at: ShownTime
    venue: str
    host_municipality: str


class ProposalsShown(BaseModel):
    """At most three, the earliest first."""

    items: list[ProposalShown]


class CancelBody(Body):
    """Why a registration is cancelled; the reason stays in booking."""

    reason: Reason
    note: Prose | None = None


class CancelledShown(BaseModel):
    late: bool


class SubstituteBody(Body):
    """Who takes the place: staff of the same municipality."""

    staff: UUID


class MoveToBody(Body):
    """The session to which the person moves."""

    session: UUID


class EndShown(BaseModel):
    """How a registration ended. Trainers do not see why.

    `attended`: an attested roll says that the person came all the same; then the cancellation counts as none, never as
    late.
    """

    at: ShownTime
    was: str
    late: bool
    attended: bool
    neutral: bool
    by: str
    reason: Reason | None = None
    note: str | None = None


class RegistrationShown(BaseModel):
    """One person on one session. `position` in the queue while `waitlisted`.

    `moved_to` and `substituted_by` are the registrations that took its place.
    """

    id: UUID
    session: UUID
    staff: UUID
    participant_id: UUID
    employment_id: UUID
    municipality: str
    status: Literal["confirmed", "waitlisted", "cancelled", "substituted"]
    via: str | None
    position: int | None
    registered_at: ShownTime
    confirmed_at: ShownTime | None
    cancelled: EndShown | None
    moved_to: UUID | None
    substituted_by: UUID | None
    support_needs: list[str]
    override_reason: str | None
