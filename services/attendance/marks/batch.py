"""Batches of marks with what is known about their rolls, which is read for all of them at once."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from services.attendance.cells.held import HELD
from services.attendance.marks.bodies import MarkBody, MarksBody
from services.attendance.marks.problems import no_trainer_of_the_session
from services.attendance.marks.read_mark import Malformed, read_marks
from services.attendance.occasions.queries import OccasionOnRoll, occasions_of
from services.attendance.rolls.lock import ATTESTED
from services.attendance.rolls.problems import unknown_session
from services.attendance.rolls.registrations import KNOWN_TO_THE_ROLL
from shared.database.unit_of_work import Unit
from shared.web.problems import Problem

# Each by whom it is asked for: the sender, or all rolls for a coordinator.
ROLLS = """
    SELECT session_id, cancelled, state, roll_version, former_trainers ->> sender AS replaced_at,
           sender = ANY (trainers) OR jsonb_exists(former_trainers, sender) AS teaches
      FROM unnest(CAST($1 AS uuid[]), CAST($2 AS text[]), CAST($3 AS boolean[])) AS asked (session_id, sender, every)
      JOIN rolls USING (session_id)
     WHERE every OR sender = ANY (trainers) OR jsonb_exists(former_trainers, sender)
     ORDER BY session_id
"""
# In one order, and before anything is written: two phones with the same sessions never wait for each other.
LOCKED = ROLLS + "FOR UPDATE OF rolls"
FREE = LOCKED + " SKIP LOCKED"
# Whom ended ids stand for now, who of all of them stands how on the rolls, and which of the marks came before.
KNOWN = """
    SELECT ARRAY(SELECT merged FROM merged_participants AS merged WHERE ended = ANY ($2)) AS merged,
           ARRAY(SELECT person FROM roll_people AS person WHERE session_id = ANY ($1) AND participant_id = ANY (
                 $2 || ARRAY(SELECT became FROM merged_participants WHERE ended = ANY ($2)))) AS people,
           ARRAY(SELECT mark FROM current_marks AS mark WHERE mark_id = ANY ($3)) AS marks
"""
LINKS = "SELECT walk_in_id, participant_id, session_id FROM walk_in_links WHERE walk_in_id = ANY ($1)"


@dataclass(frozen=True)
class Taken:
    """A roll that is locked for a batch. `until`: when its trainer was replaced; later marks are not theirs to make."""

    roll: Mapping[str, Any]
    until: datetime | None = None


@dataclass(frozen=True)
class Noted:
    """Marks for a roll that is taken. `unit`: of whoever sends them."""

    unit: Unit
    taken: Taken
    body: MarksBody
    language: str


@dataclass
class Batch:
    """A batch under way: what is known about the roll, and what has been decided about its marks."""

    noted: Noted
    marks: list[MarkBody | Malformed]
    occasions: dict[UUID, OccasionOnRoll]
    registrations: dict[UUID, str]
    walk_ins: dict[UUID, UUID]
    became: dict[UUID, UUID]
    known: dict[UUID, Mapping[str, Any]]
    new: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)

    @property
    def unit(self) -> Unit:
        return self.noted.unit

    @property
    def body(self) -> MarksBody:
        return self.noted.body

    @property
    def roll(self) -> Mapping[str, Any]:
        return self.noted.taken.roll

    @cached_property
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

    @property
    def people(self) -> set[UUID]:
        """Who is marked, as far as that is known."""
        named = (self.person(mark) for mark in self.marks if isinstance(mark, MarkBody))
        return {person for person in named if person is not None}

    def is_on_roll(self, person: UUID | None) -> bool:
        return person is not None and self.registrations.get(person) in KNOWN_TO_THE_ROLL

    @property
    def raises_version(self) -> bool:
        """Whether the roll has more marks than before; those that are held are not on it yet."""
        return any(row["standing"] != HELD for row in self.new)


@dataclass(frozen=True)
class Asked:
    """A roll that somebody wants to take, for a trainer who is `on_behalf_of`."""

    session_id: UUID
    unit: Unit
    on_behalf_of: UUID | None

    @property
    def sender(self) -> str:
        return str(self.unit.trainer_id or self.on_behalf_of)


async def take_roll(unit: Unit, session_id: UUID, on_behalf_of: UUID | None) -> Taken:
    """Locks the roll for marks. Only in system scope.

    Raises 404 for a session that is not the caller's, 422 when `on_behalf_of` is no trainer of the session.
    """
    taken = (await take_rolls(unit, [session_id], on_behalf_of))[session_id]
    if isinstance(taken, Problem):
        raise taken
    return taken


async def take_rolls(
    unit: Unit, session_ids: Collection[UUID], on_behalf_of: UUID | None
) -> dict[UUID, Taken | Problem]:
    """Locks rolls for marks, or says why not. Only in system scope: the caller's own are looked for.

    A trainer who was replaced delivers marks made before; so does who sends theirs.
    """
    asked = [Asked(session_id, unit, on_behalf_of) for session_id in session_ids]
    rows = {row["session_id"]: row for row in await unit.fetch(LOCKED, *_columns(asked))}
    return {one.session_id: _taken(rows.get(one.session_id), one) for one in asked}


async def take_free_rolls(unit: Unit, asked: Collection[Asked]) -> dict[UUID, Taken | Problem | None]:
    """The same for several callers, without waiting; None for a roll that somebody else is changing."""
    rows = {row["session_id"]: row for row in await unit.fetch(FREE, *_columns(asked))}
    missed = [one for one in asked if one.session_id not in rows]
    held = {row["session_id"] for row in await unit.fetch(ROLLS, *_columns(missed))} if missed else set()
    return {one.session_id: None if one.session_id in held else _taken(rows.get(one.session_id), one) for one in asked}


def _columns(asked: Collection[Asked]) -> tuple[list[Any], ...]:
    return (
        [one.session_id for one in asked],
        [one.sender for one in asked],
        [one.unit.trainer_id is None for one in asked],
    )


def _taken(roll: Mapping[str, Any] | None, asked: Asked) -> Taken | Problem:
    if roll is None:
        return unknown_session()
    if asked.on_behalf_of is not None and (str(asked.on_behalf_of) != asked.sender or not roll["teaches"]):
        return no_trainer_of_the_session()
    return Taken(roll, datetime.fromisoformat(roll["replaced_at"]) if roll["replaced_at"] else None)


async def load(unit: Unit, noted: Sequence[Noted]) -> list[Batch]:
    """What has to be known about marks, those of one roll in one batch."""
    marks = [read_marks(one.body.marks) for one in noted]
    good = [mark for batch in marks for mark in batch if isinstance(mark, MarkBody)]
    if not good:
        return [Batch(one, read, {}, {}, {}, {}, {}) for one, read in zip(noted, marks, strict=True)]
    sessions = sorted({one.taken.roll["session_id"] for one in noted})
    walk_ins = await _walk_ins(unit, sorted({mark.walk_in_id for mark in good if mark.walk_in_id}))
    named = {mark.participant_id for mark in good if mark.participant_id}
    named |= {person for of_session in walk_ins.values() for person in of_session.values()}
    [found] = await unit.fetch(KNOWN, sessions, sorted(named), sorted({mark.mark_id for mark in good}))
    became = {row["ended"]: row["became"] for row in found["merged"]}
    known = {row["mark_id"]: row for row in found["marks"]}
    people: defaultdict[UUID, dict[UUID, str]] = defaultdict(dict)
    for row in found["people"]:
        people[row["session_id"]][row["participant_id"]] = row["registration"]
    occasions: defaultdict[UUID, dict[UUID, OccasionOnRoll]] = defaultdict(dict)
    for occasion_id, occasion in (await occasions_of(unit, sessions)).items():
        occasions[occasion.session_id][occasion_id] = occasion
    return [
        # All share what is known of marks: the id of one cannot be used again on another roll of the same call.
        Batch(one, read, occasions[key], people[key], walk_ins[key], became, known)
        for one, read in zip(noted, marks, strict=True)
        for key in [one.taken.roll["session_id"]]
    ]


async def _walk_ins(unit: Unit, walk_ins: list[UUID]) -> defaultdict[UUID, dict[UUID, UUID]]:
    """Who walk-ins turned out to be, by session."""
    found: defaultdict[UUID, dict[UUID, UUID]] = defaultdict(dict)
    for row in await unit.fetch(LINKS, walk_ins) if walk_ins else ():
        found[row["session_id"]][row["walk_in_id"]] = row["participant_id"]
    return found
