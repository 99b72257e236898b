"""The attendance half of the year: marks from phones, conflicts, attestation, corrections, paper surveys."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from infra.demo import payloads
from infra.demo.actors import Trainer
from infra.demo.book import SessionBook
from infra.demo.plan import Correcting, PlannedSession
from infra.demo.stage import Stage, each
from services.attendance.rolls.bodies import RollShown


async def enter_rolls(stage: Stage, plans: Sequence[PlannedSession], step_name: str) -> None:
    """Trainers mark their sessions and attest them; some correct what they attested and attest again."""
    books = [stage.book.sessions[plan.key] for plan in plans]
    sessions = [book for book in books if not book.called_off and book.confirmed]
    with stage.steps.step(step_name, len(sessions)) as step:

        async def keep(book: SessionBook) -> None:
            await _RollOf(stage, book).keep()
            step.advance()

        await each(sessions, keep)


async def enter_surveys(stage: Stage) -> None:
    """The project office types in what the participants answered on paper."""
    sessions = [book for book in stage.book.sessions.values() if book.attested and book.plan.answers]
    with stage.steps.step("Survey answers", sum(len(book.plan.answers) for book in sessions)) as step:

        async def answer(book: SessionBook) -> None:
            given, invited = book.plan.answers, len(book.present)
            key = stage.key("survey", book.plan.key)
            await stage.cast.coordinator.paper_answers(
                book.session_id, [payloads.answer(one) for one in given], invited, key=key
            )
            book.answer(len(given), invited)
            step.advance(len(given))

        await each(sessions, answer)


class _RollOf:
    """One session's roll, from the first mark to the seal."""

    def __init__(self, stage: Stage, book: SessionBook) -> None:
        self._stage = stage
        self._book = book
        self._plan: PlannedSession = book.plan
        self._trainer: Trainer = stage.cast.trainer(stage.trainers[book.plan.trainers[0]])

    async def keep(self) -> None:
        """What an earlier run of the same plan has entered is only noted in the book."""
        roll = await self._trainer.roll(self._book.session_id)
        self._compare_people(roll)
        self._note()
        if roll.state == "open":
            await self._mark(roll)
        if not self._plan.attested:
            return
        await self._attest("first")
        for number, correcting in enumerate(self._plan.corrections):
            await self._correct(number, correcting)
            await self._attest(f"after correction {number + 1}")

    def _compare_people(self, roll: RollShown) -> None:
        expected = {self._stage.staff[key].participant_id for key in self._book.confirmed}
        found = {person.participant_id for person in roll.people}
        self._stage.book.expect(f"{self._plan.key} people on the roll", expected, found)

    def _note(self) -> None:
        for key in self._book.confirmed:
            for index, mark in enumerate(self._plan.marks[key]):
                self._book.mark(key, index, mark)

    async def _mark(self, roll: RollShown) -> None:
        """Two batches in any order; a phone that lost its answer sends the first one again.

        Cells that an earlier, interrupted run has marked are left out.
        """
        marked = {(person.participant_id, mark.occasion_id) for person in roll.people for mark in person.marks}
        marks = [
            self._as_sent(key, index, "phone", roll)
            for key in self._book.confirmed
            for index in range(len(self._plan.occasions))
            if (self._stage.staff[key].participant_id, self._book.occasion_ids[index]) not in marked
        ]
        if not marks:
            return
        random.Random(self._plan.key).shuffle(marks)
        half = len(marks) // 2 if self._plan.sent_twice else len(marks)
        await self._send(marks[:half], "phone", "accepted")
        if self._plan.sent_twice:
            await self._send(marks[:half], "phone-again", "duplicate")
            await self._send(marks[half:], "phone-rest", "accepted")
        await self._contest(roll)

    def _as_sent(self, key: str, index: int, device: str, roll: RollShown) -> dict[str, Any]:
        contested = device != "phone"
        return payloads.mark(
            self._mark_id(key, index, device),
            self._stage.staff[key].participant_id,
            self._book.occasion_ids[index],
            self._plan.contested[key] if contested else self._plan.marks[key][index],
            self._plan.occasions[index],
            roll.roll_version,
        )

    def _mark_id(self, key: str, index: int, device: str) -> UUID:
        return payloads.mark_id(self._book.session_id, key, index, device)

    async def _send(self, marks: Sequence[dict[str, Any]], batch: str, outcome: str) -> None:
        if not marks:
            return
        sent_at = datetime.now(UTC)  # a year later, by a phone whose clock is right: the marks keep their own times
        answer = await self._trainer.mark(
            self._book.session_id,
            marks,
            device=f"{self._plan.key}-{batch.split('-')[0]}",
            device_time=sent_at,
            key=self._stage.key("marks", self._plan.key, batch, sent_at.isoformat()),
        )
        odd = [result for result in answer.results if result.outcome != outcome]
        self._stage.book.expect(f"{self._plan.key} marks of {batch} that are not {outcome}", [], odd)

    async def _contest(self, roll: RollShown) -> None:
        """Another phone that knew nothing of the first contradicts it; the office decides for the first."""
        contested = list(self._plan.contested)
        await self._send([self._as_sent(key, 0, "tablet", roll) for key in contested], "tablet", "conflict")
        if not contested or not self._plan.decided:
            return
        office = self._stage.cast.coordinator
        conflicts = [one for one in await office.conflicts() if one.session_id == self._book.session_id]
        self._stage.book.expect(f"{self._plan.key} conflicts", len(contested), len(conflicts))
        for conflict in conflicts:
            key = self._stage.key("conflict", self._plan.key)
            chosen = self._mark_id(contested[0], 0, "phone")
            await office.resolve(conflict.id, chosen, "Handledaren var kvar i salen till slutet", key=key)

    async def _attest(self, which: str) -> None:
        roll = await self._trainer.roll(self._book.session_id)
        if roll.state != "attested":
            key = self._stage.key("attest", self._plan.key, which)
            await self._trainer.attest(self._book.session_id, roll, key=key)
        self._book.attest()

    async def _correct(self, number: int, correcting: Correcting) -> None:
        await self._trainer.correct(
            self._book.session_id,
            self._stage.staff[correcting.staff].participant_id,
            self._book.occasion_ids[correcting.occasion],
            correcting.minutes,
            reason=correcting.reason,
            reason_code=correcting.reason_code,
            key=self._stage.key("correction", self._plan.key, number),
        )
        self._book.correct(correcting)
