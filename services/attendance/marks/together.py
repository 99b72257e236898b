"""Marks of several calls in one transaction: one lock, one read, one write.

A roll has one call in a transaction, so that the next one on it reads what the first one wrote; and who stands on two
rolls at a time is left to calls alone. Nothing that one call decides is then a matter of another, but the ids of marks,
which all of them share. It never waits for a roll.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

from services.attendance.cells.overlaps import stand_on_two_rolls
from services.attendance.marks.batch import Asked, Batch, Noted, Taken, load, take_free_rolls
from services.attendance.marks.bodies import MarksBody, MarksShown
from services.attendance.marks.record import record
from shared.database.combining import Fate
from shared.database.unit_of_work import Unit
from shared.web.combined import Answer, Member, id_in_path
from shared.web.problems import Problem, language_of
from shared.web.routing import Exchange

MARKS_A_SHARE = 5
"""Marks that take as much of a transaction as one call does that has the fewest."""


PATIENCE_SECONDS = 10.0
"""A phone that gave up sends again, and nothing counts twice: rather it waits a little than all come back at once."""


class MarksTogether:
    """The kind of request (`shared.web.combined.Kind`): marks for one session."""

    patience = PATIENCE_SECONDS

    async def asked(self, exchange: Exchange) -> tuple[UUID, MarksBody] | None:
        body, session_id = await exchange.request.json(), id_in_path(exchange.request, "session_id")
        return (session_id, body) if session_id is not None and isinstance(body, MarksBody) else None

    def weight(self, asked: tuple[UUID, MarksBody]) -> int:
        return share(len(asked[1].marks))

    async def answers(self, members: Sequence[Member[tuple[UUID, MarksBody]]]) -> Sequence[Answer]:
        sent = [Sent(one.unit, language_of(one.exchange.request), dict([one.asked])) for one in members]
        async with in_system(sent):
            fates = await take_together(sent)
            ready = [one for one in sent if one not in fates]
            shown = dict(zip(ready, await record_together(ready), strict=True))
        return [fates[one] if one in fates else _answer(one, shown[one]) for one in sent]


def share(marks: int) -> int:
    """What a call with so many marks weighs."""
    return 1 + marks // MARKS_A_SHARE


def _answer(sent: "Sent", shown: Mapping[UUID, MarksShown]) -> Answer:
    [(session_id, roll)] = sent.rolls.items()
    return roll if isinstance(roll, Problem) else shown[session_id]


@dataclass(eq=False)
class Sent:
    """The marks of one call, by session. `rolls`: the caller's own, once they are taken."""

    unit: Unit
    language: str
    marks: Mapping[UUID, MarksBody]
    rolls: dict[UUID, Taken | Problem] = field(default_factory=dict)
    batches: list[Batch] = field(default_factory=list)

    @property
    def taken(self) -> dict[UUID, Taken]:
        return {session_id: roll for session_id, roll in self.rolls.items() if isinstance(roll, Taken)}


@asynccontextmanager
async def in_system(sent: Iterable[Sent]) -> AsyncIterator[None]:
    """All of their units in system scope."""
    async with AsyncExitStack() as scopes:
        for one in sent:
            await scopes.enter_async_context(one.unit.as_system())
        yield


async def take_together(sent: Sequence[Sent]) -> dict[Sent, Fate]:
    """Takes the rolls that are free and reads what has to be known. Returns the calls that cannot go with the others.

    Only in system scope.
    """
    unit, first = sent[0].unit, _first_on_their_rolls(sent)
    fates: dict[Sent, Fate] = {}
    free = await take_free_rolls(
        unit, [Asked(key, one.unit, body.on_behalf_of) for one in first for key, body in one.marks.items()]
    )
    for one in first:
        one.rolls = {key: roll for key in one.marks if (roll := free[key]) is not None}
    here = [one for one in first if len(one.rolls) == len(one.marks)]
    noted = [Noted(one.unit, roll, one.marks[key], one.language) for one in here for key, roll in one.taken.items()]
    batches = {batch.session_id: batch for batch in await load(unit, noted)}
    double = await _on_two_rolls(unit, batches)
    for one in sent:
        one.batches = [batches[key] for key in one.taken] if one in here else []
        if one not in here:
            fates[one] = Fate.AGAIN
        elif not double.isdisjoint(one.taken):
            fates[one] = Fate.ALONE
    return fates


def _first_on_their_rolls(sent: Sequence[Sent]) -> list[Sent]:
    seen: set[UUID] = set()
    first = []
    for one in sent:
        if seen.isdisjoint(one.marks):
            first.append(one)
        seen.update(one.marks)
    return first


async def _on_two_rolls(unit: Unit, batches: Mapping[UUID, Batch]) -> set[UUID]:
    """The sessions on which somebody is marked who stands on another roll at that time."""
    people = {session_id: batch.people for session_id, batch in batches.items()}
    double = await stand_on_two_rolls(unit, {(key, person) for key, marked in people.items() for person in marked})
    persons = {row["participant_id"] for row in double}
    return {session_id for session_id, marked in people.items() if not persons.isdisjoint(marked)}


async def record_together(sent: Sequence[Sent]) -> list[dict[UUID, MarksShown]]:
    """Stores the marks of calls whose rolls are taken. Returns what became of them, call by call."""
    batches = [batch for one in sent for batch in one.batches]
    if not batches:
        return [{} for _ in sent]
    shown = iter(await record(sent[0].unit, batches, apart=True))
    return [{batch.session_id: next(shown) for batch in one.batches} for one in sent]
