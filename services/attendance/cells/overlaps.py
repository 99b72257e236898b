"""Finding minutes in other sessions at the same time."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text

from services.attendance.cells.rules import Kind
from services.attendance.cells.stays import Stay
from services.attendance.occasions.rules import Schedule
from shared.database.transaction import Fetched
from shared.database.unit_of_work import Unit

Key = tuple[UUID, UUID, UUID]
"""A cell: session, participant, occasion."""
Place = tuple[UUID, UUID]
"""Somebody on a roll: session, participant."""

# Minutes that a person fixed may lie anywhere in their occasion: they push those of the next one on, and so on.
# OFFSET 0 has each entry's occasions found by its session, however many the planner expects: everybody runs this.
ON_TWO_ROLLS = """
    WITH RECURSIVE asked AS MATERIALIZED (
        SELECT * FROM unnest(CAST($1 AS uuid[]), CAST($2 AS uuid[])) AS place (session_id, person)
    ), entries AS MATERIALIZED (
        SELECT CASE WHEN entry.participant_id = ANY ($2) THEN entry.participant_id ELSE became END AS person, session_id
          FROM roll_entries AS entry LEFT JOIN merged_participants AS merged ON merged.ended = entry.participant_id
         WHERE entry.participant_id = ANY ($2 || ARRAY(SELECT ended FROM merged_participants WHERE became = ANY ($2)))
    ), theirs AS MATERIALIZED (
        SELECT person, entries.session_id, starts_at, ends_at FROM entries CROSS JOIN LATERAL (
               SELECT starts_at, ends_at FROM occasions WHERE session_id = entries.session_id OFFSET 0) AS occasion
    ), chain AS (
        SELECT theirs.* FROM asked JOIN theirs ON theirs.person = asked.person AND theirs.session_id <> asked.session_id
          JOIN occasions AS ours ON ours.session_id = asked.session_id
           AND ours.starts_at < theirs.ends_at AND theirs.starts_at < ours.ends_at
        UNION
        SELECT further.* FROM chain JOIN theirs AS further USING (person)
         WHERE chain.starts_at < further.ends_at AND further.starts_at < chain.ends_at
    )
    SELECT DISTINCT session_id, person AS participant_id FROM chain
"""
# Held until commit: of two requests for the same person in two sessions the second sees what the first recorded.
ONE_AT_A_TIME = text(
    "SELECT pg_advisory_xact_lock(hashtextextended('minutes of ' || id, 0)) "
    "FROM unnest(CAST(:participants AS text[])) WITH ORDINALITY AS person (id, position) ORDER BY position"
)
# Somebody else's call is not waited for, it may wait for us: the whole batch comes again.
TAKE_AT_ONCE = text("SELECT FROM rolls WHERE session_id = ANY (CAST(:sessions AS uuid[])) FOR UPDATE NOWAIT")
ELSEWHERE = text(
    """
    SELECT cell.session_id, cell.participant_id, cell.occasion_id, cell.minutes, occasion.starts_at, occasion.ends_at,
           occasion.break_minutes, mark.arrived_at, mark.left_at, mark.kind, mark.minutes AS stated
      FROM current_cells AS cell
      JOIN occasions AS occasion USING (occasion_id)
      JOIN marks AS mark USING (mark_id)
     WHERE cell.session_id = ANY (CAST(:sessions AS uuid[]))
       AND cell.participant_id = ANY (CAST(:participants AS uuid[])) AND cell.minutes > 0
    """
)


# Cells that share time with ours, of people who walked in on one of the two sessions.
OVER_ANOTHER = text(
    """
    SELECT mine.session_id, mine.participant_id, mine.occasion_id,
           cell.session_id AS their_session, cell.occasion_id AS their_occasion
      FROM unnest(CAST(:sessions AS uuid[]), CAST(:participants AS uuid[]), CAST(:occasions AS uuid[]))
        AS mine (session_id, participant_id, occasion_id)
     CROSS JOIN LATERAL (SELECT array_agg(ended) || mine.participant_id AS known_as
                           FROM merged_participants WHERE became = mine.participant_id) AS person
      JOIN roll_entries AS entry ON entry.participant_id = ANY (known_as) AND entry.session_id <> mine.session_id
      JOIN walk_in_links AS link ON link.participant_id = ANY (known_as)
       AND link.session_id IN (mine.session_id, entry.session_id)
      JOIN current_cells AS cell ON cell.session_id = entry.session_id AND cell.participant_id = mine.participant_id
      JOIN occasions AS ours ON ours.occasion_id = mine.occasion_id
      JOIN occasions AS theirs ON theirs.occasion_id = cell.occasion_id
       AND ours.starts_at < theirs.ends_at AND theirs.starts_at < ours.ends_at
    """
)
UNSEALED = text(
    "SELECT * FROM rolls WHERE session_id = ANY (CAST(:sessions AS uuid[])) AND state <> 'attested' "
    "ORDER BY session_id FOR UPDATE SKIP LOCKED"
)
# The seal is looked at behind the lock: whoever had the roll may have broken it.
WAITED_FOR = text(
    "WITH taken AS MATERIALIZED (SELECT * FROM rolls WHERE session_id = ANY (CAST(:sessions AS uuid[])) "
    "ORDER BY session_id FOR UPDATE) SELECT session_id, roll_version FROM taken WHERE state <> 'attested'"
)


@dataclass(frozen=True)
class Shared:
    """Cells of people who walked in over another registration. `pairs`: who shares time with whom.

    `open`: the rolls of the others that could be taken, also those that the caller had taken before. One that is
    sealed, or that somebody else is changing, stays as it is: then a person decides. Who gives minutes up waits for it.
    `versions`: those that the caller had not taken, with the version that a change of theirs belongs to.
    """

    pairs: frozenset[tuple[Key, Key]]
    versions: Mapping[UUID, int]
    open: frozenset[UUID] = frozenset()

    @property
    def cells(self) -> frozenset[Key]:
        return frozenset(key for pair in self.pairs for key in pair)

    @property
    def theirs(self) -> frozenset[Key]:
        """The cells of the others' rolls that could be taken."""
        return frozenset(theirs for _, theirs in self.pairs if theirs[0] in self.open)


NOTHING_SHARED = Shared(frozenset(), {})


async def stand_on_two_rolls(unit: Unit, places: Collection[Place]) -> Fetched:
    """Who of these people stands on another roll at the time of theirs, and on which: for nearly everybody none."""
    return await unit.fetch(ON_TWO_ROLLS, *map(list, zip(*sorted(places), strict=True))) if places else ()


async def take_turns(unit: Unit, people: Collection[UUID]) -> None:
    """Before looking at what these people share: until commit nobody else looks at it, or brings them onto a roll."""
    if people:
        await unit.execute(ONE_AT_A_TIME, {"participants": sorted(map(str, people))})


async def come_alone(unit: Unit, places: Collection[Place], locked: Collection[UUID]) -> None:
    """Before people who came onto `places` are seen there: nobody marks them on the rolls where they stand at the same
    time, for who did has not seen these.

    Raises what is transient while somebody does. The caller has `locked` the rolls of the places.
    """
    others = {row["session_id"] for row in await stand_on_two_rolls(unit, places)}.difference(locked)
    if others:
        await unit.execute(TAKE_AT_ONCE, {"sessions": sorted(others)})


async def shared_with(unit: Unit, keys: Collection[Key], locked: Collection[UUID]) -> Shared:
    """What shares time with cells whose rolls the caller has `locked`, of people with whom it takes turns."""
    if not keys:
        return NOTHING_SHARED
    ours = sorted(keys)
    columns = {
        name: [key[place] for key in ours] for place, name in enumerate(("sessions", "participants", "occasions"))
    }
    rows = await unit.all(OVER_ANOTHER, columns)
    if not rows:
        return NOTHING_SHARED
    # The caller's own are looked for too: their locks are no reason to skip them, a seal is.
    rolls = await unit.all(UNSEALED, {"sessions": sorted({row["their_session"] for row in rows})})
    pairs = {
        (
            (row["session_id"], row["participant_id"], row["occasion_id"]),
            (row["their_session"], row["participant_id"], row["their_occasion"]),
        )
        for row in rows
    }
    versions = {roll["session_id"]: int(roll["roll_version"]) + 1 for roll in rolls if roll["session_id"] not in locked}
    return Shared(frozenset(pairs), versions, frozenset(roll["session_id"] for roll in rolls))


async def wait_for_unsealed(unit: Unit, session_ids: Collection[UUID]) -> dict[UUID, int]:
    """Takes rolls that somebody else had. Returns those that are not sealed, with the version that a change belongs to.

    Raises what is transient where the other waits for us too: one of both comes again.
    """
    rows = await unit.all(WAITED_FOR, {"sessions": sorted(session_ids)}) if session_ids else ()
    return {row["session_id"]: int(row["roll_version"]) + 1 for row in rows}


async def stays_elsewhere(unit: Unit, places: Collection[Place]) -> list[tuple[Key, Stay]]:
    """Attended minutes of people who stand on another roll at the same time; from here on nobody else adds to them.

    Also of rolls that share time with that one only, and so on along the day, and on other occasions of the same roll.
    """
    double = await stand_on_two_rolls(unit, places)
    if not double:
        return []
    people = {row["participant_id"] for row in double}
    await take_turns(unit, people)
    sessions = sorted({row["session_id"] for row in double})
    rows = await unit.all(ELSEWHERE, {"participants": sorted(map(str, people)), "sessions": sessions})
    return [((row["session_id"], row["participant_id"], row["occasion_id"]), _stay_of(row)) for row in rows]


def stay(schedule: Schedule, mark: Mapping[str, Any] | RowMapping, minutes: int) -> Stay:
    """Where a mark says that the person was."""
    begin, end = schedule.clipped(mark["arrived_at"], mark["left_at"])
    decided = mark["kind"] != Kind.MARK
    return Stay(schedule.starts_at, schedule.ends_at, begin, end, minutes, decided)


def yielding(schedule: Schedule, mine: Stay, there: Collection[Stay]) -> Stay:
    """The stay without the minutes it shares with sessions that began first; those of a later one are not given up."""
    first = [known.end for known in there if known.occasion_starts <= schedule.starts_at]
    if not first:
        return mine
    begin, end = schedule.clipped(max(first), None)
    return replace(mine, begin=begin, end=end, minutes=schedule.attended_minutes(begin, None))


def _stay_of(row: RowMapping) -> Stay:
    schedule = Schedule(row["occasion_id"], row["starts_at"], row["ends_at"], row["break_minutes"])
    known = stay(schedule, row, row["minutes"])
    yielded = row["stated"] is None and row["minutes"] < schedule.attended_minutes(row["arrived_at"], row["left_at"])
    return replace(known, decided=known.decided or yielded)
