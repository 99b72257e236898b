"""Registering persons who ask at the same moment, one after the other in one transaction: one read, one write.

The rules are those of `register`. One person by one request, not dated back and without an exception, is what comes
by the hundred when registration opens; everything else goes alone, and so does what meets something that is due.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from services.booking.allocation.checks import ensure_open, ensure_within_project
from services.booking.allocation.due import is_due
from services.booking.allocation.lock import Candidate, LockedSession, lock_free_persons, lock_free_sessions
from services.booking.allocation.promotion import Member as QueueMember
from services.booking.allocation.standing import Standing, load_standings
from services.booking.registrations.bodies import RegistrationsBody, application_of, results_shown
from services.booking.registrations.policy import Policy
from services.booking.registrations.register import Application, Seated, carry_out, in_order, rule
from shared.database.combining import LONGEST_WAIT_SECONDS, Fate
from shared.database.unit_of_work import Unit
from shared.web.combined import Answer, Member, by_scope, id_in_path
from shared.web.problems import Problem, language_of
from shared.web.routing import Exchange

Asking = Member[Application]


class RegisterTogether:
    """The kind of request (`shared.web.combined.Kind`)."""

    patience = LONGEST_WAIT_SECONDS

    async def asked(self, exchange: Exchange) -> Application | None:
        body, session_id = await exchange.request.json(), id_in_path(exchange.request, "session_id")
        simple = (
            session_id is not None
            and isinstance(body, RegistrationsBody)
            and len(body.staff) == 1
            and body.policy is not Policy.AT_LEAST
            and body.override is None
            and "kursnav-occurred-at" not in exchange.request.headers
        )
        return application_of(exchange.role, session_id, body) if simple and session_id else None

    def weight(self, asked: Application) -> int:
        return 1

    async def answers(self, members: Sequence[Asking]) -> Sequence[Answer]:
        batch = _Batch()
        await batch.load(members)
        answers = [batch.answer(member) for member in members]
        await batch.store(members[0].unit)
        return answers


@dataclass
class _Batch:
    """What is known of the sessions and persons of a batch, and what has been decided so far.

    `held` are sessions that another transaction has locked, `busy` persons that one has, or that are decided about,
    `moving` sessions to whose queue or shares one goes alone to see, before the others.
    """

    sessions: Mapping[UUID, LockedSession] = field(default_factory=dict)
    standings: Mapping[UUID, Standing] = field(default_factory=dict)
    found: dict[Asking, list[Candidate]] = field(default_factory=dict)
    held: set[UUID] = field(default_factory=set)
    busy: set[UUID] = field(default_factory=set)
    moving: set[UUID] = field(default_factory=set)
    waiting: frozenset[UUID] = frozenset()
    done: list[Seated] = field(default_factory=list)

    async def load(self, members: Sequence[Asking]) -> None:
        """Locks what is free, sessions before persons, each person as the caller may see it; then reads."""
        unit = members[0].unit
        wanted_sessions = [member.asked.session_id for member in members]
        self.sessions, self.held = await lock_free_sessions(unit, wanted_sessions)
        here = [member for member in members if member.asked.session_id in self.sessions]
        for alike in by_scope(here):
            seen, busy = await lock_free_persons(alike[0].unit, {member.asked.staff[0] for member in alike})
            self.busy |= busy
            by_id = {candidate.staff_id: candidate for candidate in seen}
            self.found |= {member: [by_id[one] for one in member.asked.staff if one in by_id] for member in alike}
        wanted = [
            (session, [who for member in here if member.asked.session_id == session.id for who in self.found[member]])
            for session in self.sessions.values()
            if not is_due(session, unit.occurred_at)
        ]
        async with unit.as_system():
            self.standings = await load_standings(unit, wanted, unit.occurred_at)
        self.waiting = frozenset().union(*(standing.waiting for standing in self.standings.values()))

    def answer(self, member: Asking) -> Answer:
        """Decides about one, behind those before it in the batch."""
        session_id, candidates = member.asked.session_id, self.found.get(member, [])
        persons = {who.participant_id for who in candidates}
        if session_id in self.held or not persons.isdisjoint(self.busy):
            return Fate.AGAIN
        standing = self.standings.get(session_id)
        if session_id in self.sessions and (standing is None or not standing.steady):
            return self._after_one_alone(session_id)
        if standing is None or not persons.isdisjoint(self.waiting):
            return Fate.ALONE
        # What the person has by this request, the next one of the same person must read.
        self.busy |= persons
        emitted = len(member.unit.outbox)
        try:
            seated = _register(member.unit, standing, member.asked, candidates)
        except Problem as problem:
            member.unit.outbox.forget_after(emitted)
            return problem
        self.done.append(seated)
        _leave(standing, seated)
        return results_shown(seated.results, language_of(member.exchange.request))

    def _after_one_alone(self, session_id: UUID) -> Fate:
        """The first settles what is due and serves the queue; all of them at once would only wait for its lock."""
        if session_id in self.moving:
            return Fate.AGAIN
        self.moving.add(session_id)
        return Fate.ALONE

    async def store(self, unit: Unit) -> None:
        """Writes everything that was decided, with its events, in one statement."""
        rows: dict[str, list[Any]] = {
            "registrations": [row for seated in self.done for row in seated.rows],
            "audit": [row for seated in self.done for row in seated.acts],
            "waiting_entries": [row for seated in self.done for row in seated.entries],
        }
        if rows["registrations"]:
            async with unit.as_system():
                await unit.store({table: found for table, found in rows.items() if found})


def _register(unit: Unit, standing: Standing, application: Application, found: Sequence[Candidate]) -> Seated:
    """As `register` does, by what was read already. Raises 404, 409."""
    candidates = in_order(application.staff, found)
    ensure_open(standing.session, unit.occurred_at)
    situation = standing.situation
    ensure_within_project(standing.session, situation.project_period)
    ruling = rule(application, candidates, situation, standing.left, seen_by=unit.municipality)
    return carry_out(
        unit,
        standing.session,
        application,
        ruling,
        situation,
        ahead=standing.entries,
        last_place=standing.last_place,
    )


def _leave(standing: Standing, seated: Seated) -> None:
    """What the next one on this session finds."""
    for row in seated.rows:
        if row["status"] == "confirmed":
            standing.seated(row["municipality"])
        else:
            standing.queued(row["entry_id"], QueueMember(row["id"], row["municipality"]))
