"""What the rows of a file ask for: who, on which session."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import col

from services.booking.allocation.lock import Candidate
from services.booking.registration_imports.problems import row_error
from services.booking.staff import queries
from services.booking.staff.entry import parsed_number
from services.booking.staff.import_staff import municipality_code
from services.booking.staff.people import Employment, Person
from services.booking.staff.rules import employer, in_force
from services.booking.staff.tables import Participant
from services.booking.staff.vault import Vault
from shared.clock import local_day
from shared.codes import code_key
from shared.database.conditions import among
from shared.database.unit_of_work import Unit
from shared.imports.table import Row
from shared.security.personal_numbers import PersonalNumber
from shared.web.problems import FieldError

ON_DAY = text(
    """
    SELECT s.id, s.starts_at, c.code_key,
           array_agg(DISTINCT CAST(o.starts_at AT TIME ZONE 'Europe/Stockholm' AS date)) AS days, s.state
      FROM sessions s JOIN courses c ON c.code = s.course JOIN occasions o ON o.session_id = s.id
     WHERE s.id = ANY(CAST(:ids AS uuid[])) OR (s.state = 'scheduled' AND EXISTS (
           SELECT FROM unnest(CAST(:codes AS text[]), CAST(:days AS date[])) AS asked (code, day)
             JOIN occasions t ON t.session_id = s.id
              AND CAST(t.starts_at AT TIME ZONE 'Europe/Stockholm' AS date) = asked.day
            WHERE asked.code = c.code_key))
     GROUP BY s.id, c.code_key
    """
)


@dataclass(frozen=True)
class Asked:
    """A row that can be read: a session by id, or by course and day."""

    row: int
    number: PersonalNumber
    municipality: str | None
    session_id: UUID | None
    course: str = ""
    day: date | None = None


@dataclass(frozen=True)
class Wanted:
    """A person on a session."""

    row: int
    session_id: UUID
    who: Candidate


Wrong = list[FieldError]


def asked(unit: Unit, row: Row) -> Asked | Wrong:
    """What a row asks for, or what is wrong with it in itself."""
    cells, errors = row.cells, list(row.errors)
    text = cells.get("personal_number")
    number = row_error("personal_number", "missing") if text is None else parsed_number(unit, text)
    code = municipality_code(cells["municipality"]) if "municipality" in cells else None
    if unit.municipality not in (None, code) and code is not None:
        errors.append(row_error("municipality", "not-your-municipality"))
    session = _session(cells)
    errors += [each for each in (number, session) if isinstance(each, FieldError)]
    if errors or isinstance(number, FieldError) or isinstance(session, FieldError):
        named: dict[str, FieldError] = {}
        for error in errors:
            named.setdefault(error.pointer, error)  # a cell that cannot be read is not said to be missing too
        return list(named.values())
    return Asked(row.number, number, code, *session)


def _session(cells: Mapping[str, str]) -> tuple[UUID | None, str, date | None] | FieldError:
    """A session's id, else course and day."""
    if "session_id" in cells:
        try:
            return UUID(cells["session_id"]), "", None
        except ValueError:
            return row_error("session_id", "not-an-id")
    for name in ("course", "date"):
        if name not in cells:
            return row_error(name if "course" in cells or "date" in cells else "session_id", "missing")
    try:
        return None, code_key(cells["course"]), date.fromisoformat(cells["date"])
    except ValueError:
        return row_error("date", "not-a-date")


class Register:
    """What is known of the sessions and people of a file."""

    def __init__(self) -> None:
        self.starts: dict[UUID, date] = {}
        self.by_day: dict[tuple[str, date | None], list[UUID]] = defaultdict(list)
        self.people: dict[PersonalNumber, Person] = {}

    def wanted(self, row: Asked) -> Wanted | Wrong:
        """Who is to be on which session, or what is wrong."""
        session = self._session(row)
        if isinstance(session, FieldError):
            return [session]
        who = self._who(row, self.starts[session])
        return [who] if isinstance(who, FieldError) else Wanted(row.row, session, who)

    def _session(self, row: Asked) -> UUID | FieldError:
        if row.session_id is not None:
            return row.session_id if row.session_id in self.starts else row_error("session_id", "unknown-session")
        found = self.by_day[row.course, row.day]
        if len(found) == 1:
            return found[0]
        return row_error("date", "several-sessions-that-day" if found else "no-session-that-day")

    def _who(self, row: Asked, day: date) -> Candidate | FieldError:
        """On behalf of which employment; one that is not in force that day is refused by the rule of seats."""
        person = self.people.get(row.number)
        every = person.employments if person else ()
        employments = [each for each in every if row.municipality in (None, each.municipality)]
        if person is None or not employments:
            return row_error("personal_number", "unknown-person")
        holding = [(each.municipality, each) for each in employments if in_force(each.periods, day)]
        found = employer(holding, row.municipality) if holding else max(employments, key=_begin)
        if found is None:
            return row_error("municipality", "several-employers")
        return Candidate(found.id, person.participant_id, found.employment_id, found.municipality)


def _begin(employment: Employment) -> tuple[date, UUID]:
    return employment.begin.valid_from, employment.id


async def load_register(unit: Unit, vault: Vault, rows: Sequence[Asked]) -> Register:
    """The sessions, and of the people those employments that the caller may see."""
    register = Register()
    await _load_sessions(unit, register, rows)
    numbers = {row.number for row in rows}
    async with unit.as_system():
        holders = await vault.holders(unit, numbers)
    found = await unit.all(select(Participant).where(among(col(Participant.participant_id), set(holders.values()))))
    people = await queries.persons(unit, found)
    register.people = {number: people[holder] for number, holder in holders.items() if holder in people}
    return register


async def _load_sessions(unit: Unit, register: Register, rows: Iterable[Asked]) -> None:
    ids = {row.session_id for row in rows if row.session_id}
    days = {(row.course, row.day) for row in rows if row.day}
    asked_for = {"ids": list(ids), "codes": [code for code, _ in days], "days": [day for _, day in days]}
    for row in await unit.all(ON_DAY, asked_for):
        register.starts[row["id"]] = local_day(row["starts_at"])
        for day in row["days"] if row["state"] == "scheduled" else ():
            register.by_day[row["code_key"], day].append(row["id"])
