"""Working out what cells say after something changed, and publishing it.

`settle` is the only writer of cells. A mark is published when it becomes the one that counts; when marks begin to
contradict each other, what had been published is taken back until a person has decided.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import RowMapping

from services.attendance.cells.contradictions import Contradiction, note_conflicts, open_conflicts
from services.attendance.cells.overlaps import (
    NOTHING_SHARED,
    Key,
    Shared,
    shared_with,
    stand_on_two_rolls,
    stay,
    stays_elsewhere,
    take_turns,
    wait_for_unsealed,
    yielding,
)
from services.attendance.cells.rules import Kind, Mark, agree, device_order, extent, heads, spokesman
from services.attendance.cells.stays import Stay, overlap
from services.attendance.cells.versions import raise_versions
from services.attendance.occasions.queries import OccasionOnRoll, occasions_of
from services.attendance.occasions.rules import Schedule
from shared.contracts.attendance_v1 import AttendanceCorrected, AttendanceRecorded
from shared.database.unit_of_work import Unit
from shared.messaging.outbox import Cause
from shared.security.roles import Role

MARKS = """
    SELECT ARRAY(SELECT mark FROM current_marks AS mark WHERE standing = 'recorded'
              AND session_id = ANY ($1) AND participant_id = ANY ($2) AND occasion_id = ANY ($3)) AS marks,
           ARRAY(SELECT cell FROM current_cells AS cell
            WHERE session_id = ANY ($1) AND participant_id = ANY ($2) AND occasion_id = ANY ($3)) AS cells
"""
CELLS = """
    SELECT * FROM current_cells
     WHERE session_id = ANY ($1) AND participant_id = ANY ($2) AND occasion_id = ANY ($3)
"""
STORE = """
    WITH mark AS (
        INSERT INTO marks SELECT * FROM json_populate_recordset(CAST(NULL AS marks), CAST(CAST($2 AS text) AS json))
    ), roll AS (
        UPDATE rolls SET roll_version = given.version,
               content_version = CASE WHEN given.changed THEN given.version ELSE content_version END
          FROM unnest(CAST($3 AS uuid[]), CAST($4 AS integer[]), CAST($5 AS boolean[])) AS given (id, version, changed)
         WHERE session_id = given.id
    )
    INSERT INTO cells SELECT * FROM json_populate_recordset(CAST(NULL AS cells), CAST(CAST($1 AS text) AS json))
        ON CONFLICT (session_id, participant_id, occasion_id) DO UPDATE
       SET mark_id = excluded.mark_id, status = excluded.status, minutes = excluded.minutes,
           scheduled_minutes = excluded.scheduled_minutes, absence_reason = excluded.absence_reason,
           contested = excluded.contested, version = excluded.version
"""
RECORDED = "recorded"
CONTENT = ("status", "minutes", "scheduled_minutes", "absence_reason", "contested")


@dataclass(frozen=True)
class Verdict:
    """What the marks of a cell say: the mark that counts with its minutes, or the marks that contradict each other."""

    schedule: Schedule
    mark: Mapping[str, Any] | None
    minutes: int
    contradiction: Contradiction | None

    def row(self, key: Key) -> dict[str, Any]:
        """The cell as it is stored."""
        session_id, participant_id, occasion_id = key
        return {
            "session_id": session_id,
            "participant_id": participant_id,
            "occasion_id": occasion_id,
            "mark_id": self.mark and self.mark["mark_id"],
            "status": self.mark and self.mark["status"],
            "minutes": self.minutes,
            "scheduled_minutes": self.schedule.scheduled_minutes,
            "absence_reason": self.mark and self.mark["absence_reason"],
            "contested": self.contradiction is not None,
        }


@dataclass(frozen=True)
class Settled:
    """What became of the cells.

    `contested`: per cell the marks that contradict; `changed`: sessions with new content.
    """

    contested: Mapping[Key, frozenset[UUID]]
    changed: frozenset[UUID]


@dataclass(frozen=True)
class Fresh:
    """New marks, which are stored with the cells, and all occasions of their rolls.

    `versions`: what these rolls get; those of `raised` in any case, the others when they have new content. `units`: who
    sends them. `apart`: it is known that nobody of them stands on another roll at the time of theirs.
    """

    marks: Sequence[Mapping[str, Any]] = ()
    versions: Mapping[UUID, int] = field(default_factory=dict)
    raised: frozenset[UUID] = frozenset()
    occasions: Mapping[UUID, OccasionOnRoll] | None = None
    units: Mapping[UUID, Unit] = field(default_factory=dict)
    apart: bool = False


NOTHING_FRESH = Fresh()


async def settle(
    unit: Unit,
    keys: Collection[Key],
    versions: Mapping[UUID, int],
    causes: Mapping[UUID, Cause] | None = None,
    fresh: Fresh = NOTHING_FRESH,
) -> Settled:
    """Works out the cells from all their recorded marks, stores and publishes what is new.

    The caller holds the locks of the rolls; `versions` are the roll versions that the changes belong to,
    `causes` the events behind them (by session) when there are several.
    """
    if not keys:
        await _store(unit, [], fresh, frozenset())
        return Settled({}, frozenset())
    double = () if fresh.apart else await stand_on_two_rolls(unit, {key[:2] for key in keys})
    await take_turns(unit, {row["participant_id"] for row in double})
    shared = await shared_with(unit, keys, versions) if double else NOTHING_SHARED
    keys, versions = {*keys, *shared.theirs}, {**versions, **shared.versions}
    occasions = fresh.occasions
    if occasions is None or shared.theirs:
        occasions = await occasions_of(unit, {key[0] for key in keys})
    marks, before = await _marks_and_cells(unit, keys, fresh)
    verdicts = {key: _verdict(marks[key], occasions[key[2]].schedule) for key in keys if key in marks}
    if double:
        await _keep_apart(unit, verdicts, shared)
    rows = {key: verdict.row(key) for key, verdict in verdicts.items()}
    changed = {key: verdict for key, verdict in verdicts.items() if _differs(before.get(key), rows[key])}
    content = {key[0] for key in changed if _content_differs(before.get(key), rows[key])}
    await _store(unit, [rows[key] | {"version": versions[key[0]]} for key in changed], fresh, content)
    await _announce(unit, verdicts, changed, before, versions, causes or {}, fresh.units)
    await raise_versions(unit, content & shared.versions.keys())
    given_up = {key for key in changed if key in before and before[key]["minutes"] > rows[key]["minutes"]}
    await _give_back(unit, {theirs for ours, theirs in shared.pairs if ours in given_up} - shared.theirs)
    return Settled(
        {key: frozenset(verdict.contradiction.marks) for key, verdict in verdicts.items() if verdict.contradiction},
        frozenset(content - shared.versions.keys()),
    )


async def _give_back(unit: Unit, keys: Collection[Key]) -> None:
    """Works out cells that share time with minutes given up, on rolls that somebody else was changing: nobody would
    come back to what they had yielded.
    """
    versions = await wait_for_unsealed(unit, {key[0] for key in keys})
    if versions:
        settled = await settle(unit, {key for key in keys if key[0] in versions}, versions)
        await raise_versions(unit, settled.changed)
    if sealed := {key for key in keys if key[0] not in versions}:
        await _ask_about_sealed(unit, sealed)


async def _ask_about_sealed(unit: Unit, keys: Collection[Key]) -> None:
    """What was sealed stays as it is: whether what had yielded counts now, a person decides."""
    marks, cells = await _marks_and_cells(unit, keys, NOTHING_FRESH)
    occasions = await occasions_of(unit, {key[0] for key in keys})
    found = {key: _verdict(marks[key], occasions[key[2]].schedule) for key in keys if key in marks}
    less = {key: one.mark for key, one in found.items() if one.mark and cells[key]["minutes"] < one.minutes}
    await open_conflicts(unit, {key: Contradiction("after-seal", (mark["mark_id"],)) for key, mark in less.items()})


async def _announce(
    unit: Unit,
    verdicts: Mapping[Key, Verdict],
    changed: Mapping[Key, Verdict],
    before: Mapping[Key, Mapping[str, Any]],
    versions: Mapping[UUID, int],
    causes: Mapping[UUID, Cause],
    units: Mapping[UUID, Unit],
) -> None:
    """Opens and closes conflicts, and publishes what is new."""
    conflicts = await note_conflicts(
        unit,
        {key: verdict.contradiction for key, verdict in verdicts.items()},
        {key: verdict.mark["mark_id"] for key, verdict in verdicts.items() if verdict.mark is not None},
        were_open={key for key, row in before.items() if row["contested"]},
        units=units,
    )
    own = unit.cause  # of what gives way on a roll that no event of the batch is about
    for key, verdict in changed.items():
        unit.cause = causes.get(key[0], own)
        _publish(units.get(key[0], unit), key, before.get(key), verdict, versions[key[0]], conflicts.get(key))
    unit.cause = own


def _places(keys: Collection[Key]) -> list[list[UUID]]:
    """Sessions, participants, occasions."""
    return [sorted(set(ids)) for ids in zip(*keys, strict=True)]


async def _marks_and_cells(
    unit: Unit, keys: Collection[Key], fresh: Fresh
) -> tuple[Mapping[Key, list[Mapping[str, Any]]], Mapping[Key, Mapping[str, Any]]]:
    [found] = await unit.fetch(MARKS, *_places(keys))
    marks: defaultdict[Key, list[Mapping[str, Any]]] = defaultdict(list)
    for row in (*found["marks"], *(row for row in fresh.marks if row["standing"] == RECORDED)):
        marks[key_of(row)].append(row)
    return marks, {key_of(row): row for row in found["cells"]}


async def cells_at(unit: Unit, keys: Collection[Key]) -> dict[Key, Mapping[str, Any]]:
    """The cells that are stored, by their keys."""
    return {key_of(row): row for row in await unit.fetch(CELLS, *_places(keys))}


def key_of(row: Mapping[str, Any] | RowMapping) -> Key:
    """The cell that a row is about."""
    return row["session_id"], row["participant_id"], row["occasion_id"]


def entered(unit: Unit, roll: RowMapping, key: Key, kind: Kind) -> dict[str, Any]:
    """The row of a mark that somebody enters away from the session, without what it says: a correction, a decision."""
    session_id, participant_id, occasion_id = key
    now = unit.recorded_at
    return {
        "mark_id": unit.ids.uuid7(),
        "session_id": session_id,
        "participant_id": participant_id,
        "occasion_id": occasion_id,
        "kind": kind.value,
        "standing": "recorded",
        "device_id": kind.value,
        "base_version": roll["roll_version"],
        "version": int(roll["roll_version"]) + 1,
        "source": "trainer" if unit.role is Role.TRAINER else "coordinator",
        **dict.fromkeys(("marked_at", "device_marked_at", "device_time", "received_at"), now),
        "recorded_by": unit.actor,
        "after_seal": False,
    }


def _content_differs(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> bool:
    return before is None or any(before[column] != after[column] for column in CONTENT)


def _differs(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> bool:
    return _content_differs(before, after) or (before is not None and before["mark_id"] != after["mark_id"])


async def _keep_apart(unit: Unit, verdicts: dict[Key, Verdict], shared: Shared) -> None:
    """No person's minutes overlap with those of another roll: what gives way changes its verdict."""
    attended = {key: verdict for key, verdict in verdicts.items() if verdict.mark is not None and verdict.minutes}
    others: defaultdict[UUID, list[Stay]] = defaultdict(list)
    for key, known in await stays_elsewhere(unit, {key[:2] for key in attended}):
        if key not in verdicts:
            others[key[1]].append(known)
    for key in sorted(attended, key=lambda key: (attended[key].schedule.starts_at, key)):
        verdict = attended[key]
        if verdict.mark is None:
            continue
        mine = stay(verdict.schedule, verdict.mark, verdict.minutes)
        there = others[key[1]]
        if key in shared.cells and not _times_are_stated(verdict.mark):
            mine = yielding(verdict.schedule, mine, [known for known in there if overlap(mine, known)])
        if overlap(mine, *there):
            clash = Contradiction("overlap", (verdict.mark["mark_id"],))
            verdicts[key] = Verdict(verdict.schedule, None, 0, clash)
        else:
            verdicts[key] = replace(verdict, minutes=mine.minutes)
            there.append(mine)


def _times_are_stated(mark: Mapping[str, Any]) -> bool:
    """Whether somebody said when or how long the person was there, instead of only that they were."""
    said = (mark["arrived_at"], mark["left_at"], mark["minutes"])
    return mark["kind"] != Kind.MARK or any(value is not None for value in said)


def _verdict(rows: Sequence[Mapping[str, Any]], schedule: Schedule) -> Verdict:
    if len(rows) == 1:  # as nearly all are: nothing to weigh
        return Verdict(schedule, rows[0], mark_of(rows[0]).minutes_on(schedule), None)
    by_id = {row["mark_id"]: row for row in rows}
    standing = heads([mark_of(row) for row in rows])
    if not agree(standing, schedule):
        return Verdict(schedule, None, 0, Contradiction("marks", tuple(mark.mark_id for mark in standing)))
    speaks = spokesman(standing)
    assert speaks is not None  # among marks something always stands
    return Verdict(schedule, by_id[speaks.mark_id], speaks.minutes_on(schedule), None)


def mark_of(row: Mapping[str, Any] | RowMapping) -> Mark:
    """The mark of a row, as the rules see it."""
    sent = {"device_time": row["device_time"], "received_at": row["received_at"]}
    return Mark(
        row["mark_id"],
        Kind(row["kind"]),
        row["device_id"],
        row["base_version"],
        row["version"],
        row["marked_at"],
        row["status"],
        row["arrived_at"],
        row["left_at"],
        row["minutes"],
        row["absence_reason"],
        device_order(row["device_marked_at"], **sent),
        by_code=row["source"] == "qr" and row["kind"] == Kind.MARK,
    )


async def _store(unit: Unit, cells: Sequence[Mapping[str, Any]], fresh: Fresh, content: Collection[UUID]) -> None:
    if not (cells or fresh.marks):
        return
    rolls = sorted(fresh.versions.keys() & {*fresh.raised, *content})
    given = [fresh.versions[one] for one in rolls], [one in content for one in rolls]
    await unit.fetch(STORE, to_json(cells).decode(), to_json(fresh.marks).decode(), rolls, *given)


def _publish(
    unit: Unit,
    key: Key,
    before: Mapping[str, Any] | None,
    verdict: Verdict,
    version: int,
    conflict_id: UUID | None,
) -> None:
    if verdict.mark is None:
        if before is not None and before["minutes"] and conflict_id is not None:
            _take_back(unit, key, before, version, conflict_id)
        return
    told = None if before is None or before["contested"] else (before["status"], before["minutes"])
    said = (verdict.mark["status"], verdict.minutes)
    if told != said or (before is not None and before["scheduled_minutes"] != verdict.schedule.scheduled_minutes):
        _tell(unit, key, before, verdict, verdict.mark, version)


def _tell(
    unit: Unit, key: Key, before: Mapping[str, Any] | None, verdict: Verdict, mark: Mapping[str, Any], version: int
) -> None:
    session_id, participant_id, occasion_id = key
    scheduled = verdict.schedule.scheduled_minutes
    facts = {
        "mark_id": mark["replaces"] if mark["kind"] == Kind.DECISION and mark["replaces"] else mark["mark_id"],
        "participant_id": participant_id,
        "occasion_id": occasion_id,
        "minutes": verdict.minutes,
        "scheduled_minutes": scheduled,
        "status": extent(verdict.minutes, scheduled),
        "source": mark["source"],
        "marked_at": mark["marked_at"],
        "received_at": mark["received_at"],
        "roll_version": version,
    }
    if mark["kind"] == Kind.CORRECTION:
        replaced = before and before["mark_id"]
        corrected = AttendanceCorrected(**facts, reason_code=mark["reason_code"], replaces=replaced)
        unit.emit(corrected, key=str(session_id))
    else:
        unit.emit(AttendanceRecorded(**facts), key=str(session_id), occurred_at=mark["marked_at"])


def _take_back(unit: Unit, key: Key, before: Mapping[str, Any], version: int, conflict_id: UUID) -> None:
    """What had been published does not count while it is contested."""
    session_id, participant_id, occasion_id = key
    unit.emit(
        AttendanceCorrected(
            mark_id=conflict_id,
            participant_id=participant_id,
            occasion_id=occasion_id,
            minutes=0,
            scheduled_minutes=before["scheduled_minutes"],
            status="absent",
            source="coordinator" if unit.role is None else _source(unit),
            marked_at=unit.recorded_at,
            received_at=unit.recorded_at,
            roll_version=version,
            reason_code="other",
            replaces=before["mark_id"],
        ),
        key=str(session_id),
    )


def _source(unit: Unit) -> str:
    return "trainer" if unit.role == "trainer" else "coordinator"
