"""What the services answer, as far as an actor uses it. A missing or misshaped field fails at once."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class Answer(BaseModel):
    """Fields beyond these are welcome: the contract may grow."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Position(Answer):
    """How much of what was written is still under way in one service."""

    outbox_unsent: int
    lag: int
    held: int
    parked: int
    dead_letters: int

    @property
    def settled(self) -> bool:
        return not any((self.outbox_unsent, self.lag, self.held, self.parked, self.dead_letters))


class ImportedRow(Answer):
    row: int
    outcome: Literal["create", "update", "unchanged", "error"]
    id: UUID | None = None
    participant_id: UUID | None = None
    errors: list[Any] = Field(default_factory=list)


class Imported(Answer):
    rows: list[ImportedRow]
    totals: dict[str, int]


class StaffMember(Answer):
    id: UUID
    participant_id: UUID
    employment_id: UUID
    municipality: str


class ScheduledOccasion(Answer):
    occasion_id: UUID
    starts_at: datetime
    ends_at: datetime
    break_minutes: int


class SeatCounts(Answer):
    capacity: int
    confirmed: int
    held: int
    free: int
    waitlisted: int


class ScheduledSession(Answer):
    id: UUID
    course: str
    state: str
    occasions: list[ScheduledOccasion]
    seats: SeatCounts


class RegistrationResult(Answer):
    staff: UUID
    outcome: Literal["confirmed", "waitlisted", "rejected"]
    registration_id: UUID | None = None
    position: int | None = None
    problem: Any = None


class Registered(Answer):
    results: list[RegistrationResult]


class RegistrationState(Answer):
    id: UUID
    staff: UUID
    status: str


class Cancelled(Answer):
    late: bool


class QueueEntry(Answer):
    position: int
    municipality: str
    why_not_yet: Any = None


class QueueDecision(Answer):
    at: datetime
    decision: Literal["promoted", "skipped", "moved"]
    reason: str


class Queue(Answer):
    entries: list[QueueEntry]
    decisions: list[QueueDecision]


class RollMark(Answer):
    occasion_id: UUID
    status: Literal["present", "absent"]
    minutes: int


class RollPerson(Answer):
    participant_id: UUID
    name: str | None = None
    masked: bool
    municipality: str | None = None
    marks: list[RollMark]


class Roll(Answer):
    roll_version: int
    content_hash: str
    state: Literal["open", "attested", "reopened"]
    people: list[RollPerson]

    @property
    def marked(self) -> set[tuple[UUID, UUID]]:
        """Who is marked already, on which occasion."""
        return {(person.participant_id, mark.occasion_id) for person in self.people for mark in person.marks}


class MarkResult(Answer):
    mark_id: UUID
    outcome: Literal["accepted", "duplicate", "held", "conflict", "rejected"]
    problem: Any = None


class Marked(Answer):
    results: list[MarkResult]
    roll_version: int


class Attested(Answer):
    sealed_hash: str
    attested_at: datetime


class Conflict(Answer):
    id: UUID
    session_id: UUID


class Report(Answer):
    id: UUID
    version: int
    state: Literal["queued", "building", "frozen", "failed"]
    hash: str | None = None


class Verified(Answer):
    reconciles: bool
    hash_matches: bool
    problems: list[Any]
