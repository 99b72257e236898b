"""Taking what a phone noted on several sessions. Everything has an id of the phone's, so that again means nothing."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog

from services.attendance.head_counts.bodies import HeadCountBody
from services.attendance.head_counts.record import record_head_count
from services.attendance.marks.batch import Noted, Taken, take_rolls
from services.attendance.marks.bodies import MarksBody, MarksShown
from services.attendance.marks.read_mark import id_in, read
from services.attendance.marks.record import record_on
from services.attendance.phone.bodies import SyncBody, SyncedSessionShown, SyncResultShown, SyncSessionBody, SyncShown
from services.attendance.phone.problems import noted_by_another
from services.attendance.walk_ins.bodies import WalkInBody
from services.attendance.walk_ins.record import record_walk_in
from shared.database.unit_of_work import Unit
from shared.web.errors import FAULT, problem_of
from shared.web.problems import Problem

log = structlog.get_logger(__name__)

VERSIONS = "SELECT session_id, roll_version FROM rolls WHERE session_id = ANY ($1)"


@dataclass(frozen=True)
class Call:
    """What a phone sent, and for whom."""

    body: SyncBody
    language: str
    on_behalf_of: UUID | None

    def marks_of(self, sent: SyncSessionBody) -> MarksBody:
        """The marks of one session as a batch."""
        device = {"device_id": self.body.device_id, "device_time": self.body.device_time}
        return MarksBody(**device, on_behalf_of=self.on_behalf_of, marks=sent.marks)


async def sync(unit: Unit, body: SyncBody, language: str) -> SyncShown:
    """Records all of it, each session by itself. Raises 403 when another trainer than the caller noted it."""
    if body.trainer_id not in (None, unit.trainer_id):
        raise noted_by_another()
    return await record_all(unit, body, language)


async def record_all(unit: Unit, body: SyncBody, language: str, on_behalf_of: UUID | None = None) -> SyncShown:
    """The same for the trainer `on_behalf_of`, whose phone could not send it."""
    call = Call(body, language, on_behalf_of)
    async with unit.as_system():
        taken = await take_rolls(unit, {each.session_id for each in body.sessions}, on_behalf_of)
        answers = await _all_at_once(unit, call, taken)
        if answers is None:
            answers = await _as_they_stand(unit, [await _by_itself(unit, call, sent) for sent in body.sessions])
    return SyncShown(server_time=unit.recorded_at, sessions=answers)


async def _all_at_once(
    unit: Unit, call: Call, taken: Mapping[UUID, Taken | Problem]
) -> list[SyncedSessionShown] | None:
    """All sessions in the same few statements.

    None, with nothing written, when something failed or a session came twice: then each goes by itself.
    """
    if len(taken) < len(call.body.sessions):
        return None
    try:
        async with unit.attempt() as attempt:
            answers = await _record(unit, call, call.body.sessions, taken)
            attempt.keep()
            return answers
    except Exception as error:
        log.warning("sync_failed_as_one", exc_info=error)
        return None


async def _by_itself(unit: Unit, call: Call, sent: SyncSessionBody) -> SyncedSessionShown:
    try:
        async with unit.attempt() as attempt:
            taken = await take_rolls(unit, [sent.session_id], call.on_behalf_of)
            [answer] = await _record(unit, call, [sent], taken)
            attempt.keep()
            return answer
    except Exception as error:
        problem = problem_of(error, "POST")
        if problem is None:
            log.error("session_of_sync_failed", session_id=str(sent.session_id), exc_info=error)
            problem = FAULT
        return _refused(sent.session_id, problem, call.language)


async def _as_they_stand(unit: Unit, answers: Sequence[SyncedSessionShown]) -> list[SyncedSessionShown]:
    """With the versions of the rolls in the end: a later session may have changed an earlier one."""
    taken = [each.session_id for each in answers if each.roll_version is not None]
    versions = {row["session_id"]: row["roll_version"] for row in await unit.fetch(VERSIONS, taken)}
    return [each.model_copy(update={"roll_version": versions.get(each.session_id)}) for each in answers]


async def _record(
    unit: Unit, call: Call, sessions: Sequence[SyncSessionBody], taken: Mapping[UUID, Taken | Problem]
) -> list[SyncedSessionShown]:
    others = await beside_marks(unit, sessions, taken, call.language)
    noted = [
        Noted(unit, roll, call.marks_of(sent), call.language)
        for sent in sessions
        if isinstance(roll := taken[sent.session_id], Taken)
    ]
    marks = dict(zip(others, await record_on(unit, noted), strict=True))
    return [answer_of(taken[sent.session_id], sent, others, marks, call.language) for sent in sessions]


async def beside_marks(
    unit: Unit, sessions: Sequence[SyncSessionBody], taken: Mapping[UUID, Taken | Problem], language: str
) -> dict[UUID, list[SyncResultShown]]:
    """Records the walk-ins and head counts of the sessions whose rolls are taken."""
    return {
        sent.session_id: await _walk_ins_and_counts(unit, roll, sent, language)
        for sent in sessions
        if isinstance(roll := taken[sent.session_id], Taken)
    }


def answer_of(
    taken: Taken | Problem,
    sent: SyncSessionBody,
    others: Mapping[UUID, Sequence[SyncResultShown]],
    marks: Mapping[UUID, MarksShown],
    language: str,
) -> SyncedSessionShown:
    """What a phone is told of one session, with what became of its marks and of all else."""
    if isinstance(taken, Problem):
        return _refused(sent.session_id, taken, language)
    return _recorded(taken, others[sent.session_id], marks[sent.session_id])


def _recorded(taken: Taken, others: Sequence[SyncResultShown], marks: MarksShown) -> SyncedSessionShown:
    came = any(one.walk_in_id and one.outcome == "accepted" for one in others)
    return SyncedSessionShown(
        session_id=taken.roll["session_id"],
        status=200,
        results=[*others, *(SyncResultShown(**vars(result)) for result in marks.results)],
        roll_version=max(marks.roll_version, taken.roll["roll_version"] + came),
    )


def _refused(session_id: UUID, problem: Problem, language: str) -> SyncedSessionShown:
    said = problem.body(language)
    return SyncedSessionShown(session_id=session_id, status=problem.status, problem=said, results=[], roll_version=None)


async def _walk_ins_and_counts(unit: Unit, taken: Taken, sent: SyncSessionBody, language: str) -> list[SyncResultShown]:
    walk_ins = await _walk_ins(unit, taken, sent.walk_ins, language)
    return [*walk_ins, *await _head_counts(unit, taken, sent.head_counts, language)]


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
