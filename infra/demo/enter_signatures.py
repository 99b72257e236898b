"""Who certifies hours: on paper in the year's spring, by personal link and code around today; and the certificates."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from infra.demo import payloads
from infra.demo.api import ApiError
from infra.demo.book import Hours, SessionBook
from infra.demo.catalogue import YEAR
from infra.demo.fortnight import HOME
from infra.demo.outbox import CODE, link_to, mailed
from infra.demo.plan import Mark
from infra.demo.stage import Stage, each
from services.attendance.check_in.rules import is_open

LAST_ON_PAPER = f"{YEAR}-06"
CERTIFICATES = 4
OWN_PAGE = link_to("min")


async def sign_on_paper(stage: Stage) -> None:
    """One municipality's people signed their spring on paper; the office enters what lies in the binder."""
    months = {key: hours for key, hours in stage.book.months(HOME).items() if key[1] <= LAST_ON_PAPER}
    with stage.steps.step("Signatures on paper", len(months)) as step:
        for month in sorted({month for _, month in months}):
            own = {number: hours for (number, name), hours in months.items() if name == month}
            await _enter_papers(stage, month, own)
            step.advance(len(own))
    stage.book.signed_on_paper = len(months)


async def _enter_papers(stage: Stage, month: str, people: Mapping[str, Sequence[Hours]]) -> None:
    """A month's papers, by the personal number of who signed."""
    office = stage.cast.coordinator
    listed = {one.participant_id: one for one in await office.months(month)}

    async def enter(number: str) -> None:
        hours = people[number]
        who, staff = stage.staff[hours[0].staff].participant_id, hours[0].staff
        shown = listed[who]
        stage.book.expect(f"{staff} {month} minutes", sum(one.minutes for one in hours), shown.minutes)
        if shown.state != "signed":
            await office.sign_on_paper(shown, f"Pärm {month[5:]}", key=stage.key("paper", month, who))
        stage.book.sign(hours)

    await each(people, enter)


async def certify(stage: Stage) -> None:
    """Managers fetch certificates of a course in the spring that was signed."""
    reachable = _reachable(stage)
    signed = [
        (book, [staff for staff in book.present if staff in reachable and book.is_signed(staff)])
        for book in stage.book.sessions.values()
        if book.signed
    ]
    book, people = max(signed, key=lambda one: (len(one[1]), one[0].plan.key))
    await _fetch_certificates(stage, book, people)


async def sign_by_code(stage: Stage) -> None:
    """Some of those who were on the last course get a link, and sign the month with a code; the others have not yet."""
    assert stage.fortnight is not None
    [held] = [book for plan in stage.fortnight.sessions if (book := stage.book.sessions[plan.key]).attested]
    reachable = _reachable(stage)
    signers = [staff for staff in held.present if staff in reachable]
    with stage.steps.step("Signatures by link and code", len(signers)) as step:

        async def sign(staff: str) -> None:
            await _sign(stage, staff)
            step.advance()

        await each(signers, sign)
    await _fetch_certificates(stage, held, signers)
    await _refused_unsigned(stage, held, [staff for staff in held.present if not held.is_signed(staff)][:1])


async def check_in(stage: Stage) -> None:
    """While today's session is on, somebody checks in by the code on the screen."""
    assert stage.fortnight is not None
    plan = next(plan for plan in stage.fortnight.sessions if plan.first_day == stage.fortnight.today)
    book, occasion = stage.book.sessions[plan.key], plan.occasions[0]
    if not is_open(occasion.starts_at, occasion.ends_at, datetime.now(UTC)):
        return
    reachable = _reachable(stage)
    [staff, *_] = [one for one in book.confirmed if one in reachable]
    token, trainer = await _link_of(stage, staff), stage.cast.trainer(stage.trainers[plan.trainers[0]])
    shown = await stage.cast.guest.check_in(token, await trainer.check_in_code(book.session_id, book.occasion_ids[0]))
    stage.book.expect(f"{plan.key} checked in", book.occasion_ids[0], shown.occasion_id)
    book.mark(staff, 0, Mark(True))


async def _sign(stage: Stage, staff: str) -> None:
    guest, token = stage.cast.guest, await _link_of(stage, staff)
    number = stage.year.staff[staff].person.number
    await guest.ask_for_code(token)
    [*_, code] = await mailed(stage.cast.coordinator, CODE, to=_address(stage, staff))
    [shown, *_] = (await guest.own_page(token)).months
    hours = stage.book.months(HOME)[number, shown.month]
    stage.book.expect(f"{staff} {shown.month} minutes", sum(one.minutes for one in hours), shown.minutes)
    stage.book.expect(f"{staff} {shown.month}", "signed", (await guest.sign(token, shown, code)).state)
    stage.book.sign(hours)
    stage.book.signed_by_code += 1


async def _link_of(stage: Stage, staff: str) -> str:
    await stage.cast.coordinator.send_link(stage.staff[staff].participant_id)
    [*_, token] = await mailed(stage.cast.coordinator, OWN_PAGE, to=_address(stage, staff))
    return token


async def _fetch_certificates(stage: Stage, book: SessionBook, people: Sequence[str]) -> None:
    """Their manager fetches them, and each is genuine."""
    manager, people = stage.cast.municipality(HOME), people[:CERTIFICATES]
    files = [await manager.certificate(stage.staff[staff].participant_id, book.session_id) for staff in people]
    digests = [_hash(stage, book, staff) for staff in people]
    genuine = await asyncio.gather(*map(stage.cast.guest.is_genuine, digests))
    stage.book.expect(f"{book.plan.key} certificates", len(people), sum(file.startswith(b"%PDF") for file in files))
    stage.book.expect(f"{book.plan.key} genuine certificates", len(people), sum(genuine))
    stage.book.certificates += len(people)


async def _refused_unsigned(stage: Stage, book: SessionBook, people: Sequence[str]) -> None:
    """Where the project demands signatures, hours without one have no certificate."""
    for staff in people:
        try:
            await stage.cast.coordinator.certificate(stage.staff[staff].participant_id, book.session_id)
            said = "issued"
        except ApiError as error:
            said = error.name
        stage.book.expect(f"{book.plan.key} certificate of {staff}", "hours-not-signed", said)


def _hash(stage: Stage, book: SessionBook, staff: str) -> str:
    """What must stand on the paper: the SHA-256 of who attended what for how long, as canonical JSON."""
    occasions = [
        {"occasion_id": str(book.occasion_ids[one.index]), "day": one.day.isoformat(), "minutes": one.minutes}
        for one in sorted(book.hours(staff), key=lambda one: one.index)
    ]
    statement = {
        "participant_id": str(stage.staff[staff].participant_id),
        "session_id": str(book.session_id),
        "course_title": book.plan.course.title,
        "occasions": occasions,
    }
    return hashlib.sha256(json.dumps(statement, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _reachable(stage: Stage) -> set[str]:
    """People of HOME alone, whose mail goes to an address of their own."""
    employed = Counter(row.person.number for row in stage.year.staff.values())
    return {
        key
        for key, row in stage.year.staff.items()
        if row.municipality == HOME and employed[row.person.number] == 1 and not row.person.protected
    }


def _address(stage: Stage, staff: str) -> str:
    return str(payloads.staff(stage.year.staff[staff])["email"])
