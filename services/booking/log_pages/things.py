"""What the entries of the log are about, by name: looked up when the log is read, so that who is erased has none."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import RowMapping, text

from services.booking.catalogue.queries import municipality_names, titles_shown
from shared.audit.telling import Names, Thing, id_of
from shared.database.unit_of_work import Unit
from shared.web.pages.formatting import period

ADDRESSES: Final = {
    "registration": "/boka/anmalningar",
    "session": "/boka/kurstillfallen",
    "staff": "/boka/personal",
    "reservation": "/boka/reservationer",
    "trainer": "/boka/utbildningsledare",
    "report": "/uppfoljning/rapporter",
}
"""Where things with an id are seen."""
CODED = text(
    """
    SELECT 'course' AS kind, 'course/' || code AS target, title, '/boka/kurser/' || id AS address FROM courses
    UNION ALL SELECT 'package', 'package/' || code, title, '/boka/paket/' || id FROM packages
    """
)
THINGS = text(
    """
    WITH wanted AS (SELECT unnest(CAST(:ids AS uuid[])) AS id),
    found AS (
        SELECT r.id, 'registration' AS kind, r.staff_id, r.session_id, NULL AS name
          FROM wanted JOIN registrations r USING (id)
        UNION ALL
        SELECT r.entry_id, 'entry', NULL, r.session_id, string_agg(f.given_name || ' ' || f.family_name, ', ')
          FROM wanted JOIN registrations r ON r.entry_id = wanted.id JOIN staff f ON f.id = r.staff_id
         WHERE NOT EXISTS (SELECT 1 FROM registrations alone WHERE alone.id = wanted.id)
         GROUP BY r.entry_id, r.session_id
        UNION ALL
        SELECT f.id, 'staff', f.id, NULL, NULL FROM wanted JOIN staff f USING (id)
        UNION ALL
        SELECT p.participant_id, 'participant',
               (SELECT f.id FROM staff f WHERE f.participant_id = p.participant_id ORDER BY f.id LIMIT 1), NULL, NULL
          FROM wanted JOIN participants p ON p.participant_id = wanted.id
        UNION ALL
        SELECT s.id, 'session', NULL, s.id, NULL FROM wanted JOIN sessions s USING (id)
        UNION ALL
        SELECT v.id, 'reservation', NULL, v.session_id, v.municipality FROM wanted JOIN reservations v USING (id)
        UNION ALL
        SELECT w.id, 'walk-in', r.staff_id, w.session_id, w.name
          FROM wanted JOIN walk_ins w USING (id) LEFT JOIN registrations r ON r.id = w.registration_id
        UNION ALL
        SELECT t.id, 'trainer', NULL, NULL, t.name FROM wanted JOIN trainers t USING (id)
        UNION ALL
        SELECT h.id, 'webhook', NULL, NULL, h.url FROM wanted JOIN webhooks h USING (id)
        UNION ALL
        SELECT b.id, 'blackout', NULL, NULL, b.municipality FROM wanted JOIN blackouts b USING (id)
        UNION ALL
        SELECT DISTINCT report_id, 'report', CAST(NULL AS uuid), CAST(NULL AS uuid), kind || ' ' || period
          FROM wanted JOIN frozen_files ON report_id = wanted.id
    )
    SELECT found.id, found.kind, found.name, found.staff_id, found.session_id,
           nullif(trim(f.given_name || ' ' || f.family_name), '') AS person, s.starts_at, c.title
      FROM found
      LEFT JOIN staff f ON f.id = found.staff_id
      LEFT JOIN sessions s ON s.id = found.session_id
      LEFT JOIN courses c ON c.code = s.course
    """
)
OF_PERSONS = text(
    """
    SELECT 'staff/' || id AS target FROM staff WHERE id = ANY(CAST(:staff AS uuid[]))
    UNION SELECT 'participant/' || participant_id FROM staff WHERE id = ANY(CAST(:staff AS uuid[]))
    UNION SELECT 'registration/' || id FROM registrations WHERE staff_id = ANY(CAST(:staff AS uuid[]))
    UNION SELECT 'entry/' || entry_id FROM registrations
           WHERE staff_id = ANY(CAST(:staff AS uuid[])) AND entry_id IS NOT NULL
    UNION SELECT 'walk-in/' || w.id FROM walk_ins w JOIN registrations r ON r.id = w.registration_id
           WHERE r.staff_id = ANY(CAST(:staff AS uuid[]))
    """
)
OF_A_SESSION = text(
    """
    SELECT 'session/' || CAST(:session AS uuid) AS target
    UNION SELECT 'registration/' || id FROM registrations WHERE session_id = :session
    UNION SELECT 'entry/' || entry_id FROM registrations WHERE session_id = :session AND entry_id IS NOT NULL
    UNION SELECT 'reservation/' || id FROM reservations WHERE session_id = :session
    UNION SELECT 'walk-in/' || id FROM walk_ins WHERE session_id = :session
    """
)


class BookingNames(Names):
    """Municipalities, and what they say of a term, have no row of their own."""

    def thing(self, target: str) -> Thing:
        kind, _, key = target.partition("/")
        town = self.municipalities.get(key.partition("-")[0])
        if town is None:
            return super().thing(target)
        term = key.partition("-")[2]
        return Thing(kind, f"{town}, {period(term)}") if term else Thing(kind, town, address=f"/boka/kommuner/{key}")


async def names_of(unit: Unit, ids: Iterable[UUID], _targets: Sequence[str]) -> Names:
    """What these ids stand for, and every code."""
    towns = await municipality_names(unit)
    things = {row["id"]: _thing(row, towns) for row in await unit.all(THINGS, {"ids": sorted(set(ids))})}
    coded = {row["target"]: Thing(row["kind"], row["title"], address=row["address"]) for row in await unit.all(CODED)}
    coded |= {f"title/{code}": Thing("title", name) for code, name in (await titles_shown(unit)).items()}
    return BookingNames(things, coded, towns)


def _thing(row: RowMapping, towns: Mapping[str, str]) -> Thing:
    told = {name: value for name, value in row.items() if name != "id"}
    address = f"{ADDRESSES[row['kind']]}/{row['id']}" if row["kind"] in ADDRESSES else None
    return Thing(**{**told, "name": towns.get(row["name"], row["name"]), "address": address})


async def targets_of_persons(unit: Unit, staff: Sequence[UUID]) -> list[str]:
    """Under which targets the audit tells of these employments."""
    return [row["target"] for row in await unit.all(OF_PERSONS, {"staff": list(staff)})]


async def targets_around(unit: Unit, target: str) -> list[str]:
    """A target with what belongs to it: the registrations of a session, or of an employment."""
    kind, _, key = target.partition("/")
    if kind == "session":
        return [row["target"] for row in await unit.all(OF_A_SESSION, {"session": id_of(key)})]
    return [target, *(await targets_of_persons(unit, [id_of(key)]))] if kind == "staff" else [target]
