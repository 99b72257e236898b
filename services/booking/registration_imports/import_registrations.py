"""Importing registrations from a table: each row for itself, and all of them or nothing."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import insert, text

from services.booking.allocation.act import SessionAct, session_acts
from services.booking.allocation.lock import lock_persons
from services.booking.allocation.tables import Registration
from services.booking.registration_imports.bodies import (
    RegistrationRowShown,
    RegistrationsImportShown,
    RegistrationTotalsShown,
    RowOutcome,
)
from services.booking.registration_imports.problems import twice
from services.booking.registration_imports.rows import Asked, Wanted, Wrong, asked, load_register
from services.booking.registrations.policy import Policy
from services.booking.registrations.register import Application, Result, seat
from services.booking.staff.file_import import Progress
from services.booking.staff.vault import Vault
from shared.audit.tables import AuditEntry
from shared.database.unit_of_work import Unit
from shared.imports.bodies import errors_shown, notes_shown
from shared.imports.reading import Expected
from shared.imports.table import Table
from shared.web.problems import FieldError, Problem

EXPECTED = Expected(personal_numbers=frozenset({"personal_number"}), dates=frozenset({"date"}))
COLUMNS = ("session_id", "course", "date", "personal_number", "municipality")
STANDING = text(
    """
    SELECT id, participant_id, municipality FROM registrations
     WHERE session_id = :session AND participant_id = ANY(CAST(:people AS uuid[]))
       AND status IN ('confirmed', 'waitlisted')
    """
)


@dataclass
class Fate:
    """What becomes of one row."""

    row: int
    outcome: RowOutcome
    registration_id: UUID | None = None
    errors: list[FieldError] = field(default_factory=list)


def missing_columns(_: Unit, columns: Collection[str]) -> list[str]:
    """The columns that a file lacks to say who is registered, or for which session."""
    by_day = "session_id" not in columns and ("course" in columns or "date" in columns)
    names = ["personal_number", *(("course", "date") if by_day else ("session_id",))]
    return [name for name in names if name not in columns]


async def import_registrations(
    unit: Unit, vault: Vault, table: Table, *, dry_run: bool, language: str, progress: Progress
) -> RegistrationsImportShown:
    """The fate of each row; written only when this is no dry run and no row is wrong."""
    wanted, fates = await _read(unit, vault, table)
    # A dry run, or one wrong row, takes back what was done to know it.
    async with unit.attempt() as attempt:
        if wanted:
            fates += await _carry_out(unit, wanted, progress)
        written = not dry_run and all(fate.outcome != "error" for fate in fates)
        if written:
            attempt.keep()
    return _shown(sorted(fates, key=lambda fate: fate.row), table, language, written=written)


async def _read(unit: Unit, vault: Vault, table: Table) -> tuple[list[Wanted], list[Fate]]:
    """The rows that say who is to be on which session, and the fates of the others."""
    read = {row.number: asked(unit, row) for row in table.rows}
    register = await load_register(unit, vault, [each for each in read.values() if isinstance(each, Asked)])
    first_at: dict[tuple[UUID, UUID], int] = {}
    wanted, fates = [], []
    for number, each in read.items():
        found: Wanted | Wrong = register.wanted(each) if isinstance(each, Asked) else each
        if isinstance(found, Wanted):
            earlier = first_at.setdefault((found.session_id, found.who.participant_id), number)
            found = found if earlier == number else [twice(earlier)]
        if isinstance(found, Wanted):
            wanted.append(found)
        else:
            fates.append(Fate(number, "error", errors=found))
    return wanted, fates


async def _carry_out(unit: Unit, wanted: Sequence[Wanted], progress: Progress) -> list[Fate]:
    """Registers session by session, with all sessions locked in order, and then all persons."""
    by_session: dict[UUID, list[Wanted]] = defaultdict(list)
    for each in wanted:
        by_session[each.session_id].append(each)
    fates: list[Fate] = []
    async with session_acts(unit, by_session) as acts:
        await lock_persons(unit, {each.who.participant_id for each in wanted})
        for session_id in sorted(by_session):
            fates += await _on_session(acts[session_id], by_session[session_id])
            await progress(len(fates))
    return fates


async def _on_session(act: SessionAct, rows: Sequence[Wanted]) -> list[Fate]:
    standing = await _standing(act, rows)
    fates = [Fate(each.row, "unchanged", standing[each.row]) for each in rows if each.row in standing]
    new = [each for each in rows if each.row not in standing]
    if not new:
        return fates
    application = Application(act.session.id, [each.who.staff_id for each in new], Policy.ANY, from_file=True)
    try:
        seated = await seat(act, application, [each.who for each in new])
    except Problem as problem:  # the session takes no registrations: nothing was written for it
        return fates + [Fate(each.row, "error", errors=[_error("session_id", problem)]) for each in new]
    if seated.rows:
        await act.unit.execute(insert(Registration), seated.rows)
        await act.unit.execute(insert(AuditEntry), seated.acts)
    return fates + [_fate(each.row, result) for each, result in zip(new, seated.results, strict=True)]


async def _standing(act: SessionAct, rows: Sequence[Wanted]) -> Mapping[int, UUID]:
    """The registrations that are there already, by row; one of another municipality is that one's own business."""
    people = [each.who.participant_id for each in rows]
    found = await act.unit.all(STANDING, {"session": act.session.id, "people": people})
    known = {(row["participant_id"], row["municipality"]): row["id"] for row in found}
    places = {each.row: known.get((each.who.participant_id, each.who.municipality)) for each in rows}
    return {row: registration for row, registration in places.items() if registration is not None}


def _fate(row: int, result: Result) -> Fate:
    if result.problem is not None:
        return Fate(row, "error", errors=[_error("personal_number", result.problem)])
    return Fate(row, "confirmed" if result.position is None else "waitlisted", result.registration_id)


def _error(name: str, problem: Problem) -> FieldError:
    return FieldError(f"/{name}", problem.name, problem.sv, problem.en)


def _shown(fates: Sequence[Fate], table: Table, language: str, *, written: bool) -> RegistrationsImportShown:
    outcomes = [fate.outcome for fate in fates]
    new = outcomes.count("confirmed") + outcomes.count("waitlisted")
    return RegistrationsImportShown(
        rows=[_row_shown(fate, language, written=written) for fate in fates],
        totals=RegistrationTotalsShown(
            rows=len(fates),
            confirmed=outcomes.count("confirmed"),
            waitlisted=outcomes.count("waitlisted"),
            unchanged=outcomes.count("unchanged"),
            error=outcomes.count("error"),
            written=new if written else 0,
        ),
        ignored_columns=[name for name in table.columns if name not in COLUMNS],
        notes=notes_shown(table, language),
    )


def _row_shown(fate: Fate, language: str, *, written: bool) -> RegistrationRowShown:
    exists = written or fate.outcome == "unchanged"
    errors = errors_shown(fate.errors, language)
    registration = fate.registration_id if exists else None
    return RegistrationRowShown(row=fate.row, outcome=fate.outcome, registration_id=registration, errors=errors)
