"""The pages of what concerns every employer of a person: another number, merging, erasing. The coordinator's alone."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from services.booking.catalogue.queries import municipality_names
from services.booking.participants.bodies import EraseBody, MergeBody, NewNumberBody, ReasonBody
from services.booking.participants.change_number import change_number
from services.booking.participants.erase import erase, erasure_shown, evidence_until, find_erasure
from services.booking.participants.merge import collisions, merge
from services.booking.participants.problems import participant_not_found
from services.booking.staff.bodies import NumberBody, StaffShown
from services.booking.staff.find_by_number import find_by_number
from services.booking.staff.problems import nobody_has_number
from services.booking.staff.queries import Wanted, staff_page
from services.booking.staff.vacate import registrations_shown
from services.booking.staff.vault import TheVault
from shared.web.cursors import Page
from shared.web.pages import Done, View, _, page_router
from shared.web.routing import Role, Unit, allow

router = page_router()

ONE = "/boka/deltagare/{participant_id}"
STAFF = "/boka/personal"
EMPLOYMENTS = Page(100, None)
SESSIONS = text(
    """
    SELECT s.id, c.title, s.starts_at, s.ends_at FROM sessions s JOIN courses c ON c.code = s.course
     WHERE s.id = ANY(CAST(:ids AS uuid[])) ORDER BY s.starts_at
    """
)


async def employments(unit: Unit, participant_id: UUID) -> Sequence[StaffShown]:
    """Who it is. Raises 404 for one without any employment."""
    found = await staff_page(unit, Wanted(participant_id=participant_id), EMPLOYMENTS)
    if not found:
        raise participant_not_found()
    return found


@router.get(f"{ONE}/nummer")
async def another_number(participant_id: UUID, unit: Unit = allow(Role.COORDINATOR)) -> View:
    return View("participants/number.html", person=(await employments(unit, participant_id))[-1])


@router.post(f"{ONE}/nummer")
async def give_number(
    participant_id: UUID, body: NewNumberBody, vault: TheVault, unit: Unit = allow(Role.COORDINATOR)
) -> Done:
    shown = await change_number(unit, vault, participant_id, body)
    return Done(f"{STAFF}/{shown.staff[-1]}", _("The person has another personal number."))


@router.get(f"{ONE}/sammanfoga")
async def choose_other(participant_id: UUID, unit: Unit = allow(Role.COORDINATOR)) -> View:
    return View("participants/other.html", person=(await employments(unit, participant_id))[-1])


@router.post(f"{ONE}/sammanfoga")
async def find_other(
    participant_id: UUID, body: NumberBody, vault: TheVault, unit: Unit = allow(Role.COORDINATOR)
) -> Done:
    """The number stands in the body: it never stands in an address."""
    found = await find_by_number(unit, vault, body.personal_number, EMPLOYMENTS)
    if not found:
        raise nobody_has_number()
    return Done(f"/boka/deltagare/{participant_id}/sammanfoga/{found[0].participant_id}")


@router.get(f"{ONE}/sammanfoga/{{into}}")
async def check_merge(participant_id: UUID, into: UUID, unit: Unit = allow(Role.COORDINATOR)) -> View:
    """Both beside each other, and what stands against their being one."""
    pairs = await collisions(unit, participant_id, into)
    sessions = {pair[side] for pair in pairs for side in ("session", "other_session")}
    return View(
        "participants/merge.html",
        both=[await employments(unit, participant_id), await employments(unit, into)],
        colliding=await unit.all(SESSIONS, {"ids": list(sessions)}) if sessions else [],
        municipalities=await municipality_names(unit),
    )


@router.post(f"{ONE}/sammanfoga/{{into}}")
async def merge_both(
    participant_id: UUID, into: UUID, body: ReasonBody, vault: TheVault, unit: Unit = allow(Role.COORDINATOR)
) -> Done:
    shown = await merge(unit, vault, participant_id, MergeBody(into=into, reason=body.reason))
    return Done(f"{STAFF}/{shown.staff[-1]}", _("The two are one participant now."))


@router.get(f"{ONE}/radera")
async def before_erasing(participant_id: UUID, unit: Unit = allow(Role.COORDINATOR)) -> View:
    """What is forgotten, what stays, and until when."""
    found = await employments(unit, participant_id)
    return View(
        "participants/erase.html",
        person=found[-1],
        employments=found,
        cancelled=await registrations_shown(unit, dict.fromkeys((each.id for each in found), unit.recorded_at)),
        evidence_until=await evidence_until(unit),
    )


@router.post(f"{ONE}/radera")
async def erase_person(participant_id: UUID, body: EraseBody, unit: Unit = allow(Role.COORDINATOR)) -> Done:
    row, _is_new = await erase(unit, participant_id, body.reason)
    return Done(f"/boka/raderingar/{row['id']}")


@router.get("/boka/raderingar/{erasure_id}")
async def erasure(erasure_id: UUID, unit: Unit = allow(Role.COORDINATOR)) -> View:
    """How far an erasure has come."""
    shown = await erasure_shown(unit, await find_erasure(unit, erasure_id))
    return View("participants/erasure.html", erasure=shown.value)
