"""The days around today, entered as they go on: by the municipalities and trainers, without a date where they can."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import UTC, datetime

from infra.demo import payloads
from infra.demo.actors import SERVICES
from infra.demo.catalogue import YEAR
from infra.demo.enter_bookings import enter_registrations, enter_sessions
from infra.demo.enter_rolls import enter_rolls
from infra.demo.enter_signatures import check_in, sign_by_code
from infra.demo.fortnight import HOME, plan_fortnight
from infra.demo.outbox import link_to, mailed
from infra.demo.people import Person, check_digit
from infra.demo.plan import Mark, StaffRow
from infra.demo.stage import Stage, settle
from shared.clock import local_day

ERASED_WITHIN = 60.0
POLL_SECONDS = 0.05


async def enter_fortnight(stage: Stage) -> None:
    """Nothing is entered where an earlier run has begun one: that goes on by the clock."""
    if await stage.cast.coordinator.sessions(from_=f"{YEAR + 1}-01-01"):
        return
    plan = plan_fortnight(stage.book, local_day(stage.began))
    await enter_sessions(stage, plan.sessions, "Sessions of this fortnight")
    await enter_registrations(stage, plan.sessions, "Its registrations and changes")
    stage.fortnight = plan
    stage.reads_mails = await stage.cast.coordinator.may_read_mails()
    await _keep_away(stage)
    await _look_ahead(stage)
    await settle(stage, "Bookings on their way to the rolls")
    await enter_rolls(stage, [session for session in plan.sessions if session.marks], "Rolls of the last days")
    await _somebody_unknown(stage)
    await _asked_for_their_opinion(stage)
    if stage.reads_mails:
        await sign_by_code(stage)
        await check_in(stage)
    await _somebody_is_erased(stage)
    await settle(stage, "Everything on its way to the figures")


async def _keep_away(stage: Stage) -> None:
    """A municipality sends nobody for some days; a trainer falls ill, and another takes over."""
    assert stage.fortnight is not None
    blackout, absence = stage.fortnight.blackout, stage.fortnight.absence
    municipality = stage.cast.municipality(blackout.municipality)
    await municipality.declare_blackout(
        blackout.first, blackout.last, blackout.reason, key=stage.key("blackout", blackout.municipality)
    )
    reported = await stage.cast.coordinator.report_absence(
        stage.trainers[absence.trainer],
        absence.first,
        absence.last,
        absence.reason,
        key=stage.key("absence", absence.trainer),
    )
    expected = {
        stage.book.sessions[session.key].session_id: "replaced"
        for session in stage.fortnight.sessions
        if absence.trainer in session.trainers and absence.first <= session.first_day <= absence.last
    }
    stage.book.expect("sessions of the absent", expected, {one.session_id: one.outcome for one in reported.affected})


async def _look_ahead(stage: Stage) -> None:
    """Municipalities wish for seats in the coming term: each is planned, or named as unplaced."""
    assert stage.fortnight is not None
    wishes = stage.fortnight.wishes
    for code, seats in wishes.items():
        await stage.cast.municipality(code).wish(stage.fortnight.term, seats)
    plan = await stage.cast.coordinator.plan(stage.fortnight.term)
    planned = sum(sum(session.seats.values()) for session in plan.sessions)
    unplaced = sum(one.seats for one in plan.unplaced)
    stage.book.expect("seats wished for", sum(sum(seats.values()) for seats in wishes.values()), planned + unplaced)


async def _asked_for_their_opinion(stage: Stage) -> None:
    """Who was there gets a survey by mail, and most answer by its link; what is due is done at once, so that the
    figures can be compared.
    """
    assert stage.fortnight is not None
    office, guest = stage.cast.coordinator, stage.cast.guest
    await office.sweep(datetime.now(UTC))
    for plan in stage.fortnight.sessions:
        book = stage.book.sessions[plan.key]
        if book.attested:
            answers = plan.answers if stage.reads_mails else []
            tokens = await mailed(office, link_to("enkat"), len(book.present)) if answers else []
            for token, answer in zip(tokens, answers, strict=False):
                await guest.answer(token, payloads.answer(answer))
            book.answer(len(answers), len(book.present))
    await office.sweep(datetime.now(UTC))


async def _somebody_unknown(stage: Stage) -> None:
    """Somebody walked in and was marked; who it was, the municipality has yet to say."""
    assert stage.fortnight is not None
    key, name, municipality = stage.fortnight.unknown
    book = stage.book.sessions[key]
    trainer = stage.cast.trainer(stage.trainers[book.plan.trainers[0]])
    walk_in = payloads.mark_id(book.session_id, "walk-in", name)
    taken = await trainer.walk_in(book.session_id, walk_in, name=name, municipality=municipality)
    stage.book.expect(f"{key} walk-in", "to-identify", taken.state)
    roll = await trainer.roll(book.session_id)
    mark = payloads.mark(
        payloads.mark_id(walk_in, "mark"),
        walk_in,
        book.occasion_ids[0],
        Mark(True),
        book.plan.occasions[0],
        roll.roll_version,
    )
    mark["walk_in_id"] = mark.pop("participant_id")
    answer = await trainer.mark(book.session_id, [mark], device=f"{key}-phone", device_time=datetime.now(UTC))
    stage.book.expect(f"{key} mark of the walk-in", ["held"], [result.outcome for result in answer.results])


async def _somebody_is_erased(stage: Stage) -> None:
    """A new colleague leaves at once and asks to be forgotten; how long each service needs is noted."""
    office, row = stage.cast.coordinator, _newcomer(stage)
    added = await stage.cast.municipality(HOME).add_staff(payloads.staff(row))
    await settle(stage, "Somebody new")
    began = time.monotonic()
    erasure = await office.erase(added.participant_id, "Begäran från den enskilde")
    after = {"booking": time.monotonic() - began}
    with stage.steps.step("Somebody is erased everywhere", 1):
        while (left := began + ERASED_WITHIN - time.monotonic()) > 0 and len(after) < len(SERVICES):
            if (await office.erasure(erasure)).attendance == "done":
                after.setdefault("attendance", time.monotonic() - began)
            sent = not (await office.position("booking")).outbox_unsent
            if sent and not (await office.position("reporting")).lag:
                after.setdefault("reporting", time.monotonic() - began)
            await asyncio.sleep(min(left, POLL_SECONDS))
    stage.book.expect("services that forgot somebody", set(SERVICES), set(after))
    stage.book.erased_after = after


def _newcomer(stage: Stage) -> StaffRow:
    """Born in a year in which nobody else of the demo was."""
    born = "580412980"
    person = Person(f"19{born}{check_digit(born)}", "Tove", "Tillfällig", "woman", 1958, "+46701740605", "sv", False)
    like = next(row for row in stage.year.staff.values() if row.municipality == HOME)
    return replace(like, key=f"{HOME}-newcomer", person=person, valid_from=local_day(stage.began))
