"""What a participant sees of themselves. Only in system scope: every statement names the person."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text

from services.attendance.links.admission import Holder
from services.attendance.own_page.bodies import OwnMonthShown, OwnOccasionShown, OwnPageShown, OwnSessionShown
from services.attendance.people.contacts import contact_of
from services.attendance.project.queries import settings
from services.attendance.project.rules import Settings
from services.attendance.signatures.queries import months_of
from services.attendance.signatures.rules import Month, is_certifiable
from shared.database.unit_of_work import Unit

# Without those that the person gave up, unless they came all the same.
SESSIONS = text(
    """
    SELECT roll.session_id, roll.course_title, roll.venue, roll.cancelled, roll.state,
           (SELECT json_agg(json_build_object('occasion_id', occasion_id, 'starts_at', occasions.starts_at,
                                              'ends_at', occasions.ends_at) ORDER BY occasions.starts_at, occasion_id)
              FROM occasions WHERE occasions.session_id = roll.session_id AND NOT dropped) AS occasions
      FROM roll_people AS entry JOIN rolls AS roll USING (session_id)
     WHERE entry.session_id = ANY (ARRAY(
           SELECT session_id FROM roll_entries WHERE participant_id = :person OR participant_id = ANY (ARRAY(
                  SELECT ended FROM merged_participants WHERE became = :person))))
       AND entry.participant_id = :person
       AND (entry.registration = 'confirmed' OR EXISTS (
            SELECT FROM current_cells AS cell WHERE cell.session_id = entry.session_id
               AND cell.participant_id = :person AND cell.minutes > 0))
     ORDER BY roll.starts_at DESC, roll.session_id
    """
)


async def own_page(unit: Unit, link: Holder) -> OwnPageShown:
    """Everything that the holder of a link sees."""
    rules, months = await settings(unit), await own_months(unit, link.participant_id)
    contact = await contact_of(unit, link.participant_id, link.employment_id)
    attested = {item.occasion_id: item.minutes for month in months for item in month.items}
    certified = {item.session_id for month in months for item in month.items if is_certifiable(month, rules)}
    rows = await unit.all(SESSIONS, {"person": link.participant_id})
    return OwnPageShown(
        expires_at=link.expires_at,
        name=contact.name if contact else None,
        sessions=[_session(row, attested, certified) for row in rows],
        months=[shown_month(month, rules) for month in months],
    )


async def own_months(unit: Unit, person: UUID) -> list[Month]:
    """The person's months, the last one first."""
    found = await months_of(unit, [person])
    return [found[key] for key in sorted(found, reverse=True)]


def shown_month(month: Month, rules: Settings) -> OwnMonthShown:
    """A month as its participant sees it."""
    return OwnMonthShown(
        month=month.month,
        minutes=month.minutes,
        document_hash=month.document_hash,
        state=month.state,
        required=month.is_demanded(rules),
        signed_at=month.signed_at if month.state == "signed" else None,
        signing_ends_at=month.signing_ends(rules),
    )


def _session(row: RowMapping, attested: Mapping[UUID, int], certified: set[UUID]) -> OwnSessionShown:
    is_attested = row["state"] == "attested"
    occasions = [_occasion(one, attested, is_attested) for one in row["occasions"] or []]
    minutes = sum(one.minutes or 0 for one in occasions)
    return OwnSessionShown(
        **{name: row[name] for name in ("session_id", "course_title", "venue", "cancelled")},
        occasions=occasions,
        minutes=minutes,
        attested=is_attested,
        certificate=minutes > 0 and row["session_id"] in certified,
    )


def _occasion(one: Mapping[str, Any], attested: Mapping[UUID, int], is_attested: bool) -> OwnOccasionShown:
    minutes = attested.get(UUID(one["occasion_id"]), 0) if is_attested else None
    return OwnOccasionShown(**one, minutes=minutes)
