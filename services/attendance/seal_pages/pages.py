"""The pages of certifying a roll: attesting, correcting, and its history."""

from typing import Any
from uuid import UUID

from starlette.requests import Request

from services.attendance.attestation.attest import attest
from services.attendance.attestation.bodies import AttestBody, CorrectionBody
from services.attendance.attestation.correct import correct
from services.attendance.attestation.http import verify_seals
from services.attendance.catalogue.queries import municipality_names
from services.attendance.roll_pages.pages import LIST, ONE
from services.attendance.roll_pages.queries import session_and_roll, trainer_names
from services.attendance.rolls.content import Content, content_of
from services.attendance.seal_pages.history import history_of
from shared.web.pages import Done, View, _, page_router
from shared.web.problems import not_found
from shared.web.routing import Role, Unit, allow

router = page_router()


@router.get(f"{ONE}/attestera")
async def attesting(session_id: UUID, request: Request, unit: Unit = allow(Role.COORDINATOR, Role.TRAINER)) -> View:
    """What attesting means, in numbers."""
    session, shown = await session_and_roll(unit, request, session_id)
    return View(
        "seal_pages/attest.html",
        session=session,
        roll=shown,
        numbers=_numbers(await content_of(unit, session_id)),
        trainers=await trainer_names(unit, session.trainers),
    )


@router.post(f"{ONE}/attestera")
async def attest_roll(session_id: UUID, body: AttestBody, unit: Unit = allow(Role.COORDINATOR, Role.TRAINER)) -> Done:
    await attest(unit, session_id, body)
    return Done(f"{LIST}/{session_id}", _("The roll is attested and sealed. Its hours count."))


def _numbers(content: Content) -> dict[str, int]:
    """What a seal of this content says: hours, and who gets which."""
    by_person: dict[UUID, list[Any]] = {}
    for line in content.lines:
        by_person.setdefault(line.participant_id, []).append(line)
    absent = [lines for lines in by_person.values() if not any(line.minutes for line in lines)]
    return {
        "people": len(by_person),
        "attended": len(by_person) - len(absent),
        "minutes": sum(line.minutes for line in content.lines),
        "excused": sum(all(line.excused for line in lines) for lines in absent),
        "no_show": sum(not all(line.excused for line in lines) for lines in absent),
        "unmarked": sum(line.status is None for line in content.lines),
    }


@router.get(f"{ONE}/ratta")
async def correcting(
    session_id: UUID,
    participant_id: UUID,
    occasion_id: UUID,
    request: Request,
    unit: Unit = allow(Role.COORDINATOR, Role.TRAINER),
) -> View:
    """The form of a correction of one person on one occasion."""
    session, shown = await session_and_roll(unit, request, session_id)
    people = [one for one in shown.people if one.participant_id == participant_id]
    occasions = [one for one in shown.occasions if one.occasion_id == occasion_id]
    if not people or not occasions:
        raise not_found("Personen på listan", "The person on the roll")
    now = next((one for one in people[0].marks if one.occasion_id == occasion_id), None)
    return View(
        "seal_pages/correct.html",
        session=session,
        roll=shown,
        person=people[0],
        occasion=occasions[0],
        mark=now,
        municipalities=await municipality_names(unit),
    )


@router.post(f"{ONE}/ratta")
async def correct_roll(
    session_id: UUID, body: CorrectionBody, unit: Unit = allow(Role.COORDINATOR, Role.TRAINER)
) -> Done:
    await correct(unit, session_id, body)
    return Done(f"{LIST}/{session_id}", _("Corrected. The roll must be attested again before its hours count."))


@router.get(f"{ONE}/historik")
async def history(session_id: UUID, request: Request, unit: Unit = allow(Role.COORDINATOR, Role.TRAINER)) -> View:
    """Everything that happened to a roll, in order, and whether its seals hold."""
    session, shown = await session_and_roll(unit, request, session_id)
    story = await history_of(unit, session_id)
    trainers = await trainer_names(unit, sorted({act.trainer for act in story if act.trainer}))
    return View(
        "seal_pages/history.html",
        session=session,
        roll=shown,
        story=story,
        trainers={trainer: name for trainer, name in trainers if name != str(trainer)},
        names={person.participant_id: person.name for person in shown.people},
        occasions={one.occasion_id: one for one in shown.occasions},
        verified=await verify_seals(session_id, unit),
    )
