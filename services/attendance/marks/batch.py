"""A batch of marks with what is known about its roll."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text

from services.attendance.marks.bodies import MarkBody, MarksBody
from services.attendance.marks.problems import no_trainer_of_the_session
from services.attendance.marks.read_mark import Malformed, read_mark
from services.attendance.occasions.queries import OccasionOnRoll, occasions_of
from services.attendance.people.merged import became_of
from services.attendance.rolls.lock import ATTESTED, lock_roll
from services.attendance.rolls.problems import unknown_session
from services.attendance.rolls.registrations import KNOWN_TO_THE_ROLL
from shared.database.unit_of_work import Unit
from shared.security.roles import Role
from shared.web.problems import Problem

KNOWN = text("SELECT * FROM current_marks WHERE mark_id = ANY (CAST(:marks AS uuid[]))")
ENTRIES = text(
    "SELECT participant_id, registration FROM roll_people WHERE session_id = :session_id "
    "AND participant_id = ANY (CAST(:people AS uuid[]))"
)
LINKS = text(
    "SELECT walk_in_id, participant_id FROM walk_in_links WHERE session_id = :session_id "
    "AND walk_in_id = ANY (CAST(:walk_ins AS uuid[]))"
)


@dataclass(frozen=True)
class Taken:
    """A roll that is locked for a batch. `until`: when its trainer was replaced; later marks are not theirs to make."""

    roll: RowMapping
    until: datetime | None = None


@dataclass
class Batch:
    """A batch under way: what is known about the roll, and what has been decided about its marks."""

    unit: Unit
    taken: Taken
    body: MarksBody
    marks: list[MarkBody | Malformed]
    occasions: dict[UUID, OccasionOnRoll]
    people: dict[UUID, str]
    walk_ins: dict[UUID, UUID]
    became: dict[UUID, UUID]
    known: dict[UUID, dict[str, Any]]
    new: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)

    @property
    def roll(self) -> RowMapping:
        return self.taken.roll

    @property
    def session_id(self) -> UUID:
        return UUID(str(self.roll["session_id"]))

    @property
    def version(self) -> int:
        """The roll version that will hold these marks."""
        return int(self.roll["roll_version"]) + 1

    @property
    def sealed(self) -> bool:
        return bool(self.roll["state"] == ATTESTED)

    def person(self, mark: MarkBody) -> UUID | None:
        """Whom a mark is about, None for a walk-in that booking has not identified yet."""
        named = self.walk_ins.get(mark.walk_in_id) if mark.walk_in_id is not None else mark.participant_id
        return self.became.get(named, named) if named is not None else None

    def is_on_roll(self, person: UUID | None) -> bool:
        return person is not None and self.people.get(person) in KNOWN_TO_THE_ROLL

    def of_standing(self, standing: str) -> list[dict[str, Any]]:
        """The new marks that stand so."""
        return [row for row in self.new if row["standing"] == standing]


async def take_roll(unit: Unit, session_id: UUID, on_behalf_of: UUID | None) -> Taken:
    """Locks the roll for marks. A trainer who was replaced delivers marks made before; so does who sends theirs.

    Raises 404 for a session that is not the caller's, 422 when `on_behalf_of` is no trainer of the session.
    """
    trainer = unit.caller.trainer_id if unit.caller and unit.role is Role.TRAINER else None
    try:
        roll = await lock_roll(unit, session_id)
    except Problem:
        if trainer is None:
            raise
        async with unit.as_system():
            roll = await lock_roll(unit, session_id)
        if str(trainer) not in roll["former_trainers"]:
            raise unknown_session() from None
    sender = str(trainer or on_behalf_of)
    if on_behalf_of is not None and not (str(on_behalf_of) == sender and _teaches(roll, sender)):
        raise no_trainer_of_the_session()
    left = roll["former_trainers"].get(sender)
    return Taken(roll, datetime.fromisoformat(left) if left else None)


def _teaches(roll: RowMapping, trainer: str) -> bool:
    return trainer in roll["trainers"] or trainer in roll["former_trainers"]


async def load(unit: Unit, taken: Taken, body: MarksBody) -> Batch:
    """What has to be known about the marks of a batch."""
    session_id = taken.roll["session_id"]
    marks = [read_mark(sent, number) for number, sent in enumerate(body.marks)]
    good = [mark for mark in marks if isinstance(mark, MarkBody)]
    walk_ins = await _walk_ins(unit, session_id, sorted({mark.walk_in_id for mark in good if mark.walk_in_id}))
    named = {mark.participant_id for mark in good if mark.participant_id} | set(walk_ins.values())
    became = await became_of(unit, named)
    entries = await unit.all(ENTRIES, {"session_id": session_id, "people": sorted(named | set(became.values()))})
    known = await unit.all(KNOWN, {"marks": sorted({mark.mark_id for mark in good})})
    return Batch(
        unit,
        taken,
        body,
        marks,
        occasions=await occasions_of(unit, [session_id]),
        people={row["participant_id"]: row["registration"] for row in entries},
        walk_ins=walk_ins,
        became=became,
        known={row["mark_id"]: dict(row) for row in known},
    )


async def _walk_ins(unit: Unit, session_id: UUID, walk_ins: list[UUID]) -> dict[UUID, UUID]:
    if not walk_ins:
        return {}
    rows = await unit.all(LINKS, {"session_id": session_id, "walk_ins": walk_ins})
    return {row["walk_in_id"]: row["participant_id"] for row in rows}
