"""Taking what a phone noted on several sessions. Everything has an id of the phone's, so that again means nothing."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import text

from services.attendance.head_counts.bodies import HeadCountBody
from services.attendance.head_counts.record import record_head_count
from services.attendance.marks.batch import Taken, take_roll
from services.attendance.marks.bodies import MarksBody
from services.attendance.marks.read_mark import id_in, read
from services.attendance.marks.record import record_on
from services.attendance.phone.bodies import SyncBody, SyncedSessionShown, SyncResultShown, SyncSessionBody, SyncShown
from services.attendance.phone.problems import noted_by_another
from services.attendance.rolls.lock import find_roll
from services.attendance.walk_ins.bodies import WalkInBody
from services.attendance.walk_ins.record import record_walk_in
from shared.database.unit_of_work import Unit
from shared.web.errors import FAULT, problem_of
from shared.web.problems import Problem

log = structlog.get_logger(__name__)

# All at once and in one order, before anything is written: two phones with the same sessions never wait for each other.
LOCK = text(
    "SELECT session_id FROM rolls WHERE session_id = ANY (CAST(:sessions AS uuid[])) "
    "AND (:trainer = ANY (trainers) OR jsonb_exists(former_trainers, :trainer)) ORDER BY session_id FOR UPDATE"
)


async def sync(unit: Unit, body: SyncBody, language: str) -> SyncShown:
    """Records all of it, each session by itself. Raises 403 when another trainer than the caller noted it."""
    if body.trainer_id not in (None, unit.trainer_id):
        raise noted_by_another()
    return await record_all(unit, body, language)


async def record_all(unit: Unit, body: SyncBody, language: str, on_behalf_of: UUID | None = None) -> SyncShown:
    """The same for the trainer `on_behalf_of`, whose phone could not send it."""
    async with unit.as_system():
        sessions = sorted({each.session_id for each in body.sessions})
        await unit.all(LOCK, {"sessions": sessions, "trainer": str(on_behalf_of or unit.trainer_id)})
    answers = [await _session(unit, body, sent, language, on_behalf_of) for sent in body.sessions]
    return SyncShown(server_time=unit.recorded_at, sessions=answers)


async def _session(
    unit: Unit, body: SyncBody, sent: SyncSessionBody, language: str, on_behalf_of: UUID | None
) -> SyncedSessionShown:
    try:
        async with unit.attempt() as attempt:
            answer = await _record(unit, body, sent, language, on_behalf_of)
            attempt.keep()
            return answer
    except Exception as error:
        problem = problem_of(error, "POST")
        if problem is None:
            log.error("session_of_sync_failed", session_id=str(sent.session_id), exc_info=error)
            problem = FAULT
        refused = problem.body(language)
        return SyncedSessionShown(
            session_id=sent.session_id, status=problem.status, problem=refused, results=[], roll_version=None
        )


async def _record(
    unit: Unit, body: SyncBody, sent: SyncSessionBody, language: str, on_behalf_of: UUID | None
) -> SyncedSessionShown:
    taken = await take_roll(unit, sent.session_id, on_behalf_of)
    async with unit.as_system():
        walk_ins = await _walk_ins(unit, taken, sent.walk_ins, language)
        head_counts = await _head_counts(unit, taken, sent.head_counts, language)
        marks = await _marks(unit, taken, _batch(body, sent, on_behalf_of), language)
        roll = await find_roll(unit, sent.session_id)
    return SyncedSessionShown(
        session_id=sent.session_id,
        status=200,
        results=[*walk_ins, *head_counts, *marks],
        roll_version=roll["roll_version"],
    )


async def _walk_ins(unit: Unit, taken: Taken, sent: Iterable[Any], language: str) -> list[SyncResultShown]:
    async def one(number: int, raw: Any) -> bool:
        return await record_walk_in(unit, taken.roll, read(WalkInBody, raw, "walk_ins", number))

    return [await _result("walk_in_id", raw, one, number, language) for number, raw in enumerate(sent)]


async def _head_counts(unit: Unit, taken: Taken, sent: Iterable[Any], language: str) -> list[SyncResultShown]:
    async def one(number: int, raw: Any) -> bool:
        return await record_head_count(unit, taken.roll["session_id"], read(HeadCountBody, raw, "head_counts", number))

    return [await _result("head_count_id", raw, one, number, language) for number, raw in enumerate(sent)]


async def _result(
    name: str, raw: Any, record: Callable[[int, Any], Awaitable[bool]], number: int, language: str
) -> SyncResultShown:
    known_as = {name: id_in(raw, name)}
    try:
        is_new = await record(number, raw)
    except Problem as problem:
        return SyncResultShown(**known_as, outcome="rejected", problem=problem.body(language))
    return SyncResultShown(**known_as, outcome="accepted" if is_new else "duplicate")


def _batch(body: SyncBody, sent: SyncSessionBody, on_behalf_of: UUID | None) -> MarksBody:
    device = {"device_id": body.device_id, "device_time": body.device_time}
    return MarksBody(**device, on_behalf_of=on_behalf_of, marks=sent.marks)


async def _marks(unit: Unit, taken: Taken, batch: MarksBody, language: str) -> list[SyncResultShown]:
    if not batch.marks:
        return []
    found = await record_on(unit, taken, batch, language)
    return [SyncResultShown(**dict(result)) for result in found.results]
