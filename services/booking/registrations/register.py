"""Registering one or several persons on a session, in one request with one policy (product rules 1, 4, 5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import insert, text

from services.booking.allocation import events
from services.booking.allocation.act import SessionAct, session_act
from services.booking.allocation.blackouts import BlackedOut
from services.booking.allocation.checks import ensure_open, ensure_within_project
from services.booking.allocation.eligibility import Obstacle, Refusal, refusal
from services.booking.allocation.lock import Candidate, LockedSession
from services.booking.allocation.seats import SeatRequest, Seats, decide
from services.booking.allocation.situation import Situation, load_situation
from services.booking.allocation.tables import WaitingEntry
from services.booking.registrations import problems
from services.booking.registrations.policy import Group, Outcome, Policy, Verdict, judge
from shared.audit.record import Act, row_of
from shared.contracts.booking_v1 import ConfirmedVia
from shared.database.unit_of_work import Unit
from shared.web.problems import Problem

QUEUE_END = text(
    "SELECT count(*) AS entries, coalesce(max(place), 0) AS place FROM waiting_entries WHERE session_id = :session"
)


@dataclass(frozen=True)
class Application:
    """What is asked for. `override_reason`: the coordinator sets target group, prerequisites and opening time aside."""

    session_id: UUID
    staff: Sequence[UUID]
    policy: Policy = Policy.ALL
    at_least: int = 1
    waitlist: bool = True
    support_needs: Mapping[UUID, Sequence[str]] = field(default_factory=dict)
    override_reason: str | None = None
    from_file: bool = False

    @property
    def via(self) -> ConfirmedVia:
        if self.from_file:
            return "import"
        return "single" if len(self.staff) == 1 else "group"

    @property
    def overridden(self) -> bool:
        return self.override_reason is not None


ResultOutcome = Literal["confirmed", "waitlisted", "rejected"]


@dataclass(frozen=True)
class Result:
    """What became of one person; `problem` says why of a rejected one, `blackouts` what speaks against the day."""

    staff_id: UUID
    participant_id: UUID
    registration_id: UUID | None = None
    position: int | None = None
    problem: Problem | None = None
    blackouts: Sequence[BlackedOut] = ()

    @property
    def outcome(self) -> ResultOutcome:
        if self.problem is not None:
            return "rejected"
        return "confirmed" if self.position is None else "waitlisted"


@dataclass(frozen=True)
class Ruling:
    """The decision about an application: who may take part, and what each gets."""

    candidates: Sequence[Candidate]
    refusals: Sequence[Refusal | None]
    group: Group
    verdict: Verdict

    @property
    def queues(self) -> bool:
        """Whether anybody comes into the queue."""
        return any(outcome in (Outcome.WAITING, Outcome.GROUPED) for outcome in self.verdict.outcomes)


@dataclass(frozen=True)
class Seated:
    """What became of each candidate, and the rows of registrations, of the queue and of the audit that say so."""

    results: list[Result]
    rows: Sequence[Mapping[str, Any]]
    acts: Sequence[Mapping[str, Any]]
    entries: Sequence[Mapping[str, Any]]


async def register(unit: Unit, application: Application) -> list[Result]:
    """Register the persons under the session's lock; one result each, in the order of the request.

    Raises 404 for persons that the caller may not see, 409 when the session takes no registrations, or when the policy
    fails and nobody is to wait.
    """
    async with session_act(unit, application.session_id, staff=application.staff) as act:
        seated = await seat(act, application, in_order(application.staff, act.candidates))
        if seated.rows:
            # With their lines in the audit and their events in one statement: the call that the whole county makes.
            await unit.store({"registrations": seated.rows, "audit": seated.acts})
        return seated.results


async def seat(act: SessionAct, application: Application, candidates: Sequence[Candidate]) -> Seated:
    """Decide about the candidates, who are locked; what is returned has to be stored. Raises 409."""
    unit = act.unit
    ensure_open(act.session, act.at, opening_overridden=application.overridden)
    situation = await load_situation(unit, act.session, candidates, act.at)
    ensure_within_project(act.session, situation.project_period)
    seats = await act.serve_queue(situation)
    ruling = rule(application, candidates, situation, seats, seen_by=unit.municipality)
    ahead, last_place = 0, 0
    if ruling.queues and situation.waiting:
        end = await unit.one(QUEUE_END, {"session": act.session.id})
        ahead, last_place = end["entries"], end["place"]
    seated = carry_out(unit, act.session, application, ruling, situation, ahead=ahead, last_place=last_place)
    if seated.entries:
        await unit.execute(insert(WaitingEntry), seated.entries)
    return seated


def carry_out(
    unit: Unit,
    session: LockedSession,
    application: Application,
    ruling: Ruling,
    situation: Situation,
    *,
    ahead: int,
    last_place: int,
) -> Seated:
    """What the ruling makes of each: rows to be stored, and events. So many entries are in the queue ahead."""
    line = _Line(unit, session, application, ruling, ahead, last_place)
    results = [line.take(index) for index in range(len(ruling.candidates))]
    return Seated(_warned(results, ruling.candidates, situation.blackouts), line.rows, line.acts, line.entries)


def _warned(
    results: Sequence[Result], candidates: Sequence[Candidate], blackouts: Sequence[BlackedOut]
) -> list[Result]:
    """The results with the blackouts of each person's municipality."""
    return [
        replace(result, blackouts=[each for each in blackouts if each.municipality == who.municipality])
        for result, who in zip(results, candidates, strict=True)
    ]


def in_order(staff: Sequence[UUID], found: Sequence[Candidate]) -> list[Candidate]:
    """Those who were found as they were asked for. Raises 404 when somebody is missing."""
    by_id = {candidate.staff_id: candidate for candidate in found}
    if len(by_id) < len(staff):
        raise problems.staff_missing(staff, list(by_id))
    return [by_id[staff_id] for staff_id in staff]


def rule(
    application: Application,
    candidates: Sequence[Candidate],
    situation: Situation,
    seats: Seats,
    *,
    seen_by: str | None,
) -> Ruling:
    """The decision, by what is known and the seats that are left to newcomers. Raises 409 when the policy fails and
    nobody is to wait.
    """
    found = refusals_of(candidates, situation, overridden=application.overridden)
    refusals = [each and each.as_seen_by(seen_by) for each in found]
    group = Group(application.policy, [found is None for found in refusals], application.at_least)
    wanting = [who.municipality for who, found in zip(candidates, refusals, strict=True) if found is None]
    seated = decide(SeatRequest(seats, wanting, group.minimum)).granted if group.possible else ()
    ruling = Ruling(candidates, refusals, group, judge(group, seated, application.waitlist))
    if not (ruling.verdict.met or application.waitlist):
        raise _refused(ruling, seats)
    return ruling


def refusals_of(
    candidates: Sequence[Candidate], situation: Situation, *, overridden: bool = False
) -> list[Refusal | None]:
    """What keeps each from the session. Two employments of one person are one person: the second is refused."""
    found: list[Refusal | None] = []
    taken: set[UUID] = set()
    for who in candidates:
        person = situation.people[who.employment_id]
        twice = Refusal(Obstacle.ALREADY_REGISTERED) if who.participant_id in taken else None
        found.append(twice or refusal(person, situation.demands, overridden=overridden))
        if found[-1] is None:
            taken.add(who.participant_id)
    return found


def _refused(ruling: Ruling, seats: Seats) -> Problem:
    """Nobody is to wait, and the policy fails: because of who may not take part, else for want of seats."""
    if not ruling.group.possible:
        return problems.nobody_eligible(ruling.refusals)
    places = [index for index, eligible in enumerate(ruling.group.eligible) if eligible]
    fitting = decide(SeatRequest(seats, [ruling.candidates[index].municipality for index in places], 1)).granted
    return problems.session_full([index for index, fits in zip(places, fitting, strict=True) if not fits])


class _Line:
    """Turns the outcomes into rows, events and results, one person after the other."""

    def __init__(
        self,
        unit: Unit,
        session: LockedSession,
        application: Application,
        ruling: Ruling,
        entries_ahead: int,
        last_place: int,
    ) -> None:
        self.unit = unit
        self.session = session
        self.application = application
        self.ruling = ruling
        self.entries_ahead = entries_ahead
        self.last_place = last_place
        self.rows: list[dict[str, Any]] = []
        self.acts: list[dict[str, Any]] = []
        self.entries: list[dict[str, Any]] = []
        self.group_entry: UUID | None = None

    def take(self, index: int) -> Result:
        outcome, who = self.ruling.verdict.outcomes[index], self.ruling.candidates[index]
        if outcome is Outcome.CONFIRMED:
            return self._confirm(who)
        if outcome in (Outcome.WAITING, Outcome.GROUPED):
            return self._wait(who, grouped=outcome is Outcome.GROUPED)
        problem = self._problem(outcome, self.ruling.refusals[index])
        return Result(who.staff_id, who.participant_id, problem=problem)

    def _problem(self, outcome: Outcome, found: Refusal | None) -> Problem:
        if found is not None:
            return problems.problem_of(found)
        return problems.session_full() if outcome is Outcome.FULL else problems.group_not_complete()

    def _confirm(self, who: Candidate) -> Result:
        registration_id = self._row(who, status="confirmed", via=self.application.via, at=self.unit.occurred_at)
        self.unit.emit(events.confirmed(registration_id, self.session.id, who, self.application.via))
        self._noted(registration_id, who)
        return Result(who.staff_id, who.participant_id, registration_id)

    def _wait(self, who: Candidate, *, grouped: bool) -> Result:
        registration_id = self.unit.ids.uuid7()
        if not grouped:
            entry_id = self._entry(registration_id, minimum=1, whole=False)
        elif self.group_entry is None:
            whole = self.ruling.group.policy is Policy.ALL
            entry_id = self.group_entry = self._entry(self.unit.ids.uuid7(), self.ruling.group.minimum, whole=whole)
        else:
            entry_id = self.group_entry
        self._row(who, registration_id, status="waitlisted", entry=entry_id)
        position = self.entries_ahead + len(self.entries)
        self.unit.emit(events.waitlisted(registration_id, self.session.id, who, position))
        self._noted(registration_id, who)
        return Result(who.staff_id, who.participant_id, registration_id, position)

    def _entry(self, entry_id: UUID, minimum: int, *, whole: bool) -> UUID:
        self.entries.append(
            {
                "id": entry_id,
                "session_id": self.session.id,
                "minimum": minimum,
                "whole": whole,
                "place": self.last_place + len(self.entries) + 1,
                "since": self.unit.occurred_at,
            }
        )
        return entry_id

    def _noted(self, registration_id: UUID, who: Candidate) -> None:
        needs = self.application.support_needs.get(who.staff_id, ())
        events.note_support(self.unit, registration_id, self.session.id, needs)

    def _row(
        self,
        who: Candidate,
        registration_id: UUID | None = None,
        *,
        status: str,
        via: str | None = None,
        at: Any = None,
        entry: UUID | None = None,
    ) -> UUID:
        registration_id = registration_id or self.unit.ids.uuid7()
        registration = {
            "id": registration_id,
            "session_id": self.session.id,
            "staff_id": who.staff_id,
            "participant_id": who.participant_id,
            "employment_id": who.employment_id,
            "municipality": who.municipality,
            "status": status,
            "via": via,
            "entry_id": entry,
            "entry_order": len(self.rows),
            "registered_at": self.unit.occurred_at,
            "confirmed_at": at,
            "support_needs": list(self.application.support_needs.get(who.staff_id, ())),
            "override_reason": self.application.override_reason,
            "session_cancelled": False,
            "revision": 1,
        }
        self.rows.append(registration)
        self.acts.append(row_of(self.unit, Act(f"registration-{status}", f"registration/{registration_id}")))
        return registration_id
