"""Checking in: a participant is marked present by the code on the screen, once at each occasion."""

from sqlalchemy import RowMapping, insert, text

from services.attendance.cells.rules import PRESENT, Kind
from services.attendance.cells.settle import entered, settle
from services.attendance.cells.tables import MarkRow
from services.attendance.check_in.bodies import CheckedInShown
from services.attendance.check_in.problems import checked_in_already, sealed
from services.attendance.check_in.try_code import Tried
from services.attendance.people.merged import person_of
from services.attendance.rolls.lock import ATTESTED, lock_roll, raise_version
from shared.database.unit_of_work import Unit

BY_CODE = "qr"
MARKED = text(
    "SELECT 1 FROM current_marks WHERE session_id = :session_id AND participant_id = :person "
    "AND occasion_id = :occasion_id AND source = 'qr' AND kind = 'mark'"
)
WHERE = text("SELECT starts_at, ends_at FROM occasions WHERE occasion_id = :occasion_id")


async def check_in(unit: Unit, tried: Tried) -> CheckedInShown:
    """Records the mark. Without a time of arrival it is worth the whole occasion, until the trainer says otherwise.

    Raises why the code was refused; 409 when the person has checked in already or the roll is sealed.
    """
    if tried.refusal is not None or tried.session_id is None or tried.occasion_id is None:
        raise tried.refusal or checked_in_already()
    async with unit.as_system():
        roll = await lock_roll(unit, tried.session_id)
        # Asked for again: since the code was tried, somebody may have found that two are one person.
        key = (tried.session_id, await person_of(unit, tried.holder.participant_id), tried.occasion_id)
        if await unit.scalar(MARKED, dict(zip(("session_id", "person", "occasion_id"), key, strict=True))):
            raise checked_in_already()
        if roll["state"] == ATTESTED:
            raise sealed()
        mark = entered(unit, roll, key, Kind.MARK) | {
            "device_id": "check-in",
            "source": BY_CODE,
            "status": PRESENT,
            "recorded_by": tried.holder.subject,
        }
        await unit.execute(insert(MarkRow), mark)
        settled = await settle(unit, [key], {tried.session_id: mark["version"]})
        await raise_version(unit, roll, content_changed=bool(settled.changed))
        occasion = await unit.one(WHERE, {"occasion_id": tried.occasion_id})
    return _shown(roll, occasion, mark)


def _shown(roll: RowMapping, occasion: RowMapping, mark: dict[str, object]) -> CheckedInShown:
    return CheckedInShown(
        **{name: roll[name] for name in ("session_id", "course_title", "venue")},
        **{name: occasion[name] for name in ("starts_at", "ends_at")},
        **{name: mark[name] for name in ("mark_id", "occasion_id")},
        checked_in_at=mark["marked_at"],
    )
