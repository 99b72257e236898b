"""The booking half of the year: project, catalogue, staff, sessions, registrations, cancellations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from infra.demo import payloads
from infra.demo.api import ApiError
from infra.demo.book import SessionBook
from infra.demo.catalogue import YEAR, Course, Municipality, courses_after
from infra.demo.plan import (
    Cancelling,
    Moving,
    PlannedSession,
    Registering,
    Reserving,
    StaffRow,
    Substituting,
    TrainerPlan,
)
from infra.demo.stage import Member, Stage, each
from services.booking.registrations.bodies import ResultsShown
from shared.clock import local_day

# Staff that each municipality adds one by one, after its file.
ENTERED_BY_HAND = 2


async def enter_project(stage: Stage) -> None:
    """Project, titles, municipalities, courses and trainers."""
    year, office = stage.year, stage.cast.coordinator
    courses = (*year.courses, *courses_after(YEAR))
    total = 2 + len(year.municipalities) + len(courses) + len(year.trainers)
    with stage.steps.step("Project, courses, trainers", total) as step:
        await office.set_project(payloads.project(local_day(stage.began)))
        step.advance()
        # One after the other: each new municipality changes the shares of the others.
        for member in year.municipalities:
            await office.set_municipality(payloads.municipality(member))
            step.advance()

        async def add_course(course: Course) -> None:
            await office.add_course(payloads.course(course), key=stage.key("course", course.code))
            step.advance()

        async def add_trainer(plan: TrainerPlan) -> None:
            key = stage.key("trainer", plan.key)
            stage.trainers[plan.key] = await office.add_trainer(payloads.trainer(plan), key=key)
            step.advance()

        await each(courses, add_course)
        await office.set_titles([payloads.title(title) for title in year.titles])
        step.advance()
        await each(year.trainers, add_trainer)


async def enter_staff(stage: Stage) -> None:
    """Every municipality imports its own staff, and adds the last few by hand."""
    with stage.steps.step("Staff", len(stage.year.staff)) as step:

        async def import_of(member: Municipality) -> None:
            rows = [row for row in stage.year.staff.values() if row.municipality == member.code]
            await _import(stage, member, rows[:-ENTERED_BY_HAND])
            for row in rows[-ENTERED_BY_HAND:]:
                actor = stage.cast.municipality(member.code)
                added = await actor.add_staff(payloads.staff(row), key=stage.key("staff", row.key))
                stage.staff[row.key] = Member(added.id, added.participant_id)
            step.advance(len(rows))

        await each(stage.year.municipalities, import_of)
    _one_participant_per_person(stage)


async def _import(stage: Stage, member: Municipality, rows: Sequence[StaffRow]) -> None:
    """A dry run first: it must promise what the import then does."""
    if not rows:
        return
    actor = stage.cast.municipality(member.code)
    file = payloads.staff_file(rows, dialect=int(member.code))
    promised = await actor.import_staff(file, dry_run=True)
    imported = await actor.import_staff(file, key=stage.key("import", member.code))
    stage.book.expect(f"import {member.code} rows", len(rows), len(imported.rows))
    stage.book.expect(f"import {member.code} errors", [], [row for row in promised.rows if row.outcome == "error"])
    for row, answer in zip(rows, sorted(imported.rows, key=lambda answer: answer.row), strict=True):
        if answer.id is None or answer.participant_id is None:
            raise ValueError(f"import of {member.name}: row {answer.row} was not taken: {answer.errors}")
        stage.staff[row.key] = Member(answer.id, answer.participant_id)


def _one_participant_per_person(stage: Stage) -> None:
    """The same personal number is the same participant everywhere, and different ones are different."""
    pairs = {(row.person.number, stage.staff[key].participant_id) for key, row in stage.year.staff.items()}
    stage.book.expect("participants of the people", stage.year.people, len(pairs))
    stage.book.expect("people of the participants", stage.year.people, len({who for _, who in pairs}))


async def enter_sessions(stage: Stage, plans: Sequence[PlannedSession], step_name: str) -> None:
    """Every session is scheduled some weeks before it begins."""
    with stage.steps.step(step_name, len(plans)) as step:

        async def schedule(plan: PlannedSession) -> None:
            scheduled = await stage.cast.coordinator.schedule(
                payloads.session(plan, stage.trainers),
                key=stage.key("session", plan.key),
                occurred_at=stage.dated(plan.planned_at),
            )
            occasions = sorted(scheduled.occasions, key=lambda occasion: occasion.starts_at)
            stage.book.open(plan, scheduled.id, [occasion.occasion_id for occasion in occasions])
            step.advance()

        await each(plans, schedule)


async def enter_registrations(stage: Stage, plans: Sequence[PlannedSession], step_name: str) -> None:
    """What people did about each session, in the order in which it happened."""
    total = sum(len(call.staff) for plan in plans for call in plan.registrations)
    total += sum(len(plan.cancellations) for plan in plans)
    with stage.steps.step(step_name, total) as step:

        async def run(plan: PlannedSession) -> None:
            session = _OneSession(stage, stage.book.sessions[plan.key])
            for number, call in enumerate(plan.registrations):
                await session.register(number, call)
                step.advance(len(call.staff))
            for cancelling in plan.cancellations:
                await session.cancel(cancelling)
                step.advance()
            for substituting in plan.substitutions:
                await session.substitute(substituting)
            for reserving in plan.reservations:
                await session.reserve(reserving)
            for staff in plan.walk_ins:
                await session.walk_in(staff)
            await session.call_off()
            await session.compare()

        await each(plans, run)
        for plan in plans:  # one after the other: two sessions change with each
            for moving in plan.moves:
                await _move(stage, stage.book.sessions[plan.key], moving)


async def _move(stage: Stage, book: SessionBook, call: Moving) -> None:
    target = stage.book.sessions[call.to]
    if not book.move(call, target):
        return
    booker, staff = stage.booker(call.staff, call.at), stage.staff[call.staff].staff_id
    *_, left = await booker.registrations(session=str(book.session_id), staff=str(staff))
    key = stage.key("move", book.plan.key, call.staff)
    moved = await booker.move(left.id, target.session_id, key=key, occurred_at=stage.dated(call.at))
    stage.book.expect(f"{book.plan.key} {call.staff} to {call.to}", (staff, "confirmed"), (moved.staff, moved.status))


class _OneSession:
    """Enters what happens to the seats of one session, and compares each answer with the book."""

    def __init__(self, stage: Stage, book: SessionBook) -> None:
        self._stage = stage
        self._book = book
        self._plan = book.plan
        self._registrations: dict[str, UUID] = {}

    async def register(self, number: int, call: Registering) -> None:
        expected = self._book.register(call)
        if expected is None and self._stage.repeated:
            # Refusals are not kept with their key: sent again, the call might find a seat that was freed since.
            return
        found = await self._outcomes(number, call)
        self._stage.book.expect(f"{self._plan.key} registration {number + 1}", expected, found)

    async def _outcomes(self, number: int, call: Registering) -> dict[str, str] | None:
        staff = {self._stage.staff[key].staff_id: key for key in call.staff}
        try:
            answer = await self._stage.booker(call.staff[0], call.at).register(
                self._book.session_id,
                list(staff),
                policy=call.policy,
                at_least=call.at_least,
                waitlist=call.waitlist,
                support_needs={self._stage.staff[key].staff_id: ["language_support"] for key in call.support_needs},
                key=self._stage.key("registration", self._plan.key, number),
                occurred_at=self._stage.dated(call.at),
            )
        except ApiError as error:
            if error.name != "session-full":
                raise
            return None
        return self._note(answer, staff)

    def _note(self, answer: ResultsShown, staff: Mapping[UUID, str]) -> dict[str, str]:
        for result in answer.results:
            if result.registration_id is not None:
                self._registrations[staff[result.staff]] = result.registration_id
        return {staff[result.staff]: result.outcome for result in answer.results}

    async def cancel(self, call: Cancelling) -> None:
        expected = self._book.cancel(call)
        if expected is None:
            return
        answer = await self._stage.booker(call.staff, call.at).cancel(
            self._registrations[call.staff],
            call.reason,
            key=self._stage.key("cancel", self._plan.key, call.staff),
            occurred_at=self._stage.dated(call.at),
        )
        self._stage.book.expect(f"{self._plan.key} {call.staff} late", expected.late, answer.late)

    async def substitute(self, call: Substituting) -> None:
        if not self._book.substitute(call):
            return
        staff = self._stage.staff[call.by].staff_id
        taken = await self._stage.booker(call.staff, call.at).substitute(
            self._registrations[call.staff],
            staff,
            key=self._stage.key("substitute", self._plan.key, call.staff),
            occurred_at=self._stage.dated(call.at),
        )
        self._registrations[call.by] = taken.id
        found = (taken.staff, taken.status)
        self._stage.book.expect(f"{self._plan.key} {call.by} instead", (staff, "confirmed"), found)

    async def reserve(self, call: Reserving) -> None:
        """Seats are held, and some of them named."""
        actor = self._stage.cast.municipality(call.municipality)
        key = self._stage.key("reservation", self._plan.key, call.municipality)
        reservation = await actor.reserve(self._book.session_id, call.seats, call.name_by, key=key)
        self._book.reserve(call)
        if not call.named:
            return
        staff = {self._stage.staff[key].staff_id: key for key in call.named}
        found = self._note(await actor.name(reservation, list(staff)), staff)
        self._stage.book.expect(f"{self._plan.key} named", dict.fromkeys(call.named, "confirmed"), found)

    async def walk_in(self, staff: str) -> None:
        """Somebody unregistered came and told the trainer the personal number."""
        trainer = self._stage.cast.trainer(self._stage.trainers[self._plan.trainers[0]])
        who, walk_in = self._stage.year.staff[staff], payloads.mark_id(self._book.session_id, "walk-in", staff)
        taken = await trainer.walk_in(
            self._book.session_id, walk_in, municipality=who.municipality, personal_number=who.person.number
        )
        self._book.walk_in(staff)
        self._stage.book.expect(f"{self._plan.key} walk-in of {staff}", "confirmed", taken.state)
        if taken.registration_id is not None:
            self._registrations[staff] = taken.registration_id

    async def call_off(self) -> None:
        if self._plan.cancelled is None:
            return
        moment, cause = self._plan.cancelled
        key = self._stage.key("call-off", self._plan.key)
        await self._stage.cast.coordinator.call_off(
            self._book.session_id, cause, key=key, occurred_at=self._stage.dated(moment)
        )
        self._book.called_off = True

    async def compare(self) -> None:
        """Who has a seat and who waits, as booking says, against the book."""
        if self._book.called_off:
            return
        seen: dict[str, set[str]] = {"confirmed": set(), "waitlisted": set()}
        keys = {self._stage.staff[key].staff_id: key for key in self._registrations}
        for state in await self._stage.cast.coordinator.registrations(session=str(self._book.session_id)):
            seen.setdefault(state.status, set()).add(keys[state.staff])
        self._stage.book.expect(f"{self._plan.key} confirmed", set(self._book.confirmed), seen["confirmed"])
        self._stage.book.expect(f"{self._plan.key} waiting", set(self._book.waiting), seen["waitlisted"])
