"""Importing staff from a table: first the fate of every row, then all of it or nothing."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from services.booking.allocation.lock import lock_persons
from services.booking.staff import queries
from services.booking.staff.add_staff import same_employment
from services.booking.staff.bodies import ImportShown, RowShown, StaffBody, TotalsShown
from services.booking.staff.entry import Entry, checked, parsed_number, start_of
from services.booking.staff.file_import import Progress
from services.booking.staff.people import Change, Contact, Employment, Person
from services.booking.staff.problems import beyond_the_caller
from services.booking.staff.queries import Reference
from services.booking.staff.rules import EmploymentRuleBrokenError, Period, changed, ended, started
from services.booking.staff.save import save
from services.booking.staff.vacate import Cancelled, later_registrations, vacate
from services.booking.staff.vault import Vault
from shared.clock import local_day
from shared.database.conditions import parts
from shared.database.unit_of_work import Unit
from shared.imports.bodies import Outcome, errors_shown, notes_shown
from shared.imports.reading import Expected
from shared.imports.rows import read_row
from shared.imports.table import Row, Table
from shared.security.personal_numbers import PersonalNumber
from shared.security.roles import Role
from shared.web.errors import CONCURRENT
from shared.web.problems import FieldError

CHUNK = 250
CODE_DIGITS = 4
MOST_ENDINGS = 2_000  # persons are locked one by one, and a server has room for some thousands of locks
EXPECTED = Expected(
    personal_numbers=frozenset({"personal_number"}),
    telephones=frozenset({"phone"}),
    dates=frozenset({"valid_from", "valid_to"}),
)
REQUIRED = ("personal_number", "given_name", "family_name", "workplace", "title", "category")
YES = frozenset({"true", "1", "ja", "yes", "x"})
NO = frozenset({"false", "0", "nej", "no"})
WORDS = {
    "gender": {"kvinna": "woman", "ickebinär": "non_binary", "icke-binär": "non_binary", "okänt": "unknown"},
    "category": {
        **dict.fromkeys(("bas", "baspersonal"), "base"),
        **dict.fromkeys(("legitimerad", "legitimerade", "legitimerad personal"), "licensed"),
        **dict.fromkeys(("övrig", "övriga", "annan"), "other"),
    },
    "kind": {"anställd": "employed", "anställning": "employed", "praktik": "placement", "praktikant": "placement"},
}
"""What a person would write for them."""


@dataclass
class Fate:
    """What becomes of one row."""

    row: int
    outcome: Outcome
    employment: Employment | None = None
    participant_id: UUID | None = None
    errors: list[FieldError] = field(default_factory=list)


def missing_columns(unit: Unit, columns: Collection[str]) -> list[str]:
    """The columns that every row needs and that a file lacks."""
    wanted = REQUIRED if unit.role is Role.MUNICIPALITY else (*REQUIRED, "municipality")
    return [name for name in wanted if name not in columns]


async def import_staff(
    unit: Unit, vault: Vault, table: Table, *, dry_run: bool, language: str, progress: Progress
) -> ImportShown:
    """The fate of each row; written only when this is no dry run and no row is wrong.

    Raises 409 when somebody changed the same people meanwhile.
    """
    async with unit.as_system():
        reference = await queries.reference(unit)
        file = _File(unit, vault, reference, await _checked_rows(unit, table, reference, progress))
        plan = await file.carried_out(dry_run=dry_run)
        cancelled: Cancelled = {}
        if plan.last_days:
            if dry_run or plan.wrong:
                cancelled = await later_registrations(unit, plan.last_days)
            else:
                plan, cancelled = await file.carried_out_with_endings(plan)
    return await _shown(plan, table, cancelled, language)


@dataclass(frozen=True)
class _File:
    """Rows to be carried out, all or none."""

    unit: Unit
    vault: Vault
    reference: Reference
    entries: Mapping[int, Entry | Fate]

    async def carried_out(self, *, dry_run: bool, vacated: Collection[UUID] = ()) -> "_Plan":
        """What the rows make of the people; written unless one is wrong, or ends an employment that is not `vacated`.

        People who are new are entered to be decided about; what is not written takes them back, and their locks.
        """
        good = {number: entry for number, entry in self.entries.items() if isinstance(entry, Entry)}
        async with self.unit.attempt() as attempt:
            rows = await self.vault.enter(self.unit, list(dict.fromkeys(entry.number for entry in good.values())))
            before: dict[UUID, Person] = {}
            for part in parts(list(rows.values())):
                before |= await queries.persons(self.unit, part)
            plan = _Plan(self.unit, self.reference, rows, before)
            plan.fates += [fate for fate in self.entries.values() if isinstance(fate, Fate)]
            await plan.decide(good)
            if not dry_run and not plan.wrong and plan.last_days.keys() <= set(vacated):
                for some in parts(plan.changes_by_person):
                    now = {person: plan.now[person] for person, _ in some}
                    await save(self.unit, before, now, [change for _, changes in some for change in changes])
                attempt.keep()
                plan.written = len(plan.changes)
        return plan

    async def carried_out_with_endings(self, first: "_Plan") -> tuple["_Plan", Cancelled]:
        """The same once the seats of those who leave are given back: sessions are locked first, then persons.

        Nobody books those persons meanwhile. Raises 409 when the rows mean something else by now.
        """
        cancelled = await vacate(self.unit, first.last_days)
        await lock_persons(self.unit, {change.participant_id for change in first.endings})
        plan = await self.carried_out(dry_run=False, vacated=first.last_days)
        if plan.written < len(plan.changes) or await later_registrations(self.unit, plan.last_days):
            raise CONCURRENT
        return plan, cancelled


async def _checked_rows(unit: Unit, table: Table, reference: Reference, progress: Progress) -> dict[int, Entry | Fate]:
    """Each row as a checked entry, or as the fate of a wrong one; a person twice for one employer is wrong."""
    entries: dict[int, Entry | Fate] = {}
    first_at: dict[tuple[PersonalNumber, str], int] = {}
    for place, row in enumerate(table.rows):
        if place % CHUNK == 0:
            await progress(place)
        entry = _entry(unit, row, reference)
        if isinstance(entry, Entry):
            earlier = first_at.setdefault((entry.number, entry.municipality), row.number)
            if earlier != row.number:
                entry = Fate(row.number, "error", errors=[_twice(earlier)])
        entries[row.number] = entry
    return entries


def _entry(unit: Unit, row: Row, reference: Reference) -> Entry | Fate:
    body, errors = read_row(row, StaffBody, _values(row))
    if body is None:
        return Fate(row.number, "error", errors=errors + _wrong_number(unit, row, errors))
    entry = checked(unit, body, reference)
    if isinstance(entry, Entry) and not errors:
        return entry
    return Fate(row.number, "error", errors=errors + (entry if isinstance(entry, list) else []))


def _wrong_number(unit: Unit, row: Row, errors: Sequence[FieldError]) -> list[FieldError]:
    """What is wrong with the number of a row with other errors: all of them are mended at once."""
    text = row.cells.get("personal_number")
    if text is None or any(error.pointer == "/personal_number" for error in errors):
        return []
    number = parsed_number(unit, text)
    return [number] if isinstance(number, FieldError) else []


def _values(row: Row) -> dict[str, Any]:
    """A row's cells as the staff body has them; what a person would write for yes, no and the codes is understood."""
    values: dict[str, Any] = {name: cell for name, cell in row.cells.items() if name in StaffBody.model_fields}
    protected = values.get("protected_identity", "").casefold()
    if protected in YES | NO:
        values["protected_identity"] = protected in YES
    if "municipality" in values:
        values["municipality"] = municipality_code(values["municipality"])
    for name in WORDS.keys() & values.keys():
        word = values[name].casefold()
        values[name] = WORDS[name].get(word, word)
    return values


def municipality_code(cell: str) -> str:
    """A municipality's code as it is: a sheet takes 0180 for a number."""
    return cell.zfill(CODE_DIGITS) if cell.isdecimal() else cell


def _twice(earlier: int) -> FieldError:
    return FieldError(
        "/personal_number",
        "twice-in-file",
        f"Personen står redan på rad {earlier} för samma kommun. Ta bort den ena raden.",
        f"The person already stands on row {earlier} for the same municipality. Remove one of the rows.",
    )


class _Plan:
    """Decides row by row, each on what the rows before it made of the person."""

    def __init__(
        self,
        unit: Unit,
        reference: Reference,
        rows: Mapping[PersonalNumber, RowMapping],
        before: Mapping[UUID, Person],
    ) -> None:
        self.unit = unit
        self.reference = reference
        self.ids = {number: row["participant_id"] for number, row in rows.items()}
        self.now = dict(before)
        self.fates: list[Fate] = []
        self.changes: list[Change] = []
        self.endings: list[Change] = []
        self.written = 0

    @property
    def wrong(self) -> bool:
        return any(fate.outcome == "error" for fate in self.fates)

    @property
    def last_days(self) -> dict[UUID, date]:
        """The last day of each employment that ends earlier than it would have."""
        return {change.after.id: _end_of(change.after) for change in self.endings}

    @property
    def changes_by_person(self) -> list[tuple[UUID, list[Change]]]:
        found: dict[UUID, list[Change]] = {}
        for change in self.changes:
            found.setdefault(change.participant_id, []).append(change)
        return list(found.items())

    async def decide(self, entries: Mapping[int, Entry]) -> None:
        for part in parts(list(entries.items())):
            self.fates += [self._decide(number, entry) for number, entry in part]
            await asyncio.sleep(0)  # others get a turn: bookings, the probe of life
        self.fates.sort(key=lambda fate: fate.row)

    def _decide(self, row: int, entry: Entry) -> Fate:
        known = self.now[self.ids[entry.number]]
        person = entry.of_person(known)
        if beyond := beyond_the_caller(self.unit, known, person):
            return Fate(row, "error", None, known.participant_id, beyond)
        act_day = local_day(self.unit.occurred_at)
        existing = same_employment(person, entry.municipality, (_asked(entry, act_day),))
        if existing is None:
            start = start_of(self.unit, entry, self.reference, person)
            return self._take(row, "create", person, None, entry.employment(self.unit, start))
        try:
            after = _updated(existing, entry, act_day)
        except EmploymentRuleBrokenError:
            return Fate(row, "error", existing, person.participant_id, [_not_in_force()])
        if after == existing and person == known:
            return Fate(row, "unchanged", existing, person.participant_id)
        return self._take(row, "update", person, existing, replace(after, revision=existing.revision + 1))

    def _take(self, row: int, outcome: Outcome, person: Person, before: Employment | None, after: Employment) -> Fate:
        key = person.participant_id
        self.now[key] = person.with_employment(after)
        action = "staff-added" if before is None else "staff-changed"
        self.changes.append(change := Change(action, key, before, after))
        if before is not None and _end_of(after) < _end_of(before):
            self.endings.append(change)
            if len(self.endings) > MOST_ENDINGS:
                return Fate(row, "error", before, key, [_too_many_endings()])
        return Fate(row, outcome, after, key)


def _end_of(employment: Employment) -> date:
    return employment.latest.valid_to or date.max


def _asked(entry: Entry, act_day: date) -> Period:
    """The time that a row speaks of: from its `valid_from`, else from the act, to its `valid_to`."""
    start = entry.body.valid_from or min(act_day, entry.body.valid_to or act_day)
    return entry.period(start)


def _updated(employment: Employment, entry: Entry, act_day: date) -> Employment:
    """The employment as a row says it now is. Raises EmploymentRuleBrokenError.

    In a file `valid_from` is the first day of the employment, or a later day from which the row holds; otherwise a
    change of title, category, kind or employer applies from the day of the act. Empty cells change nothing.
    """
    periods, day = employment.periods, entry.body.valid_from
    if day is not None and day < employment.begin.valid_from:
        periods = started(periods, day)
    fields = {name: value for name, value in entry.dated().items() if _says(entry, name)}
    if any(getattr(periods[-1], name) != value for name, value in fields.items()):
        applies = day if day is not None and day > periods[0].valid_from else max(act_day, periods[0].valid_from)
        periods = changed(periods, applies, fields)
    if entry.body.valid_to is not None:
        periods = ended(periods, entry.body.valid_to)
    contact = {name: value for name, value in vars(entry.contact()).items() if _says(entry, name)}
    return replace(
        employment,
        contact=Contact(**{**vars(employment.contact), **contact}),
        workplace=entry.body.workplace,
        periods=periods,
    )


def _says(entry: Entry, name: str) -> bool:
    return name in entry.given


def _not_in_force() -> FieldError:
    return FieldError(
        "/valid_from",
        "after-its-end",
        "Anställningen är avslutad den dagen. Ange när den nya anställningen börjar.",
        "The employment has ended by that day. Give the day on which the new one begins.",
    )


def _too_many_endings() -> FieldError:
    return FieldError(
        "/valid_to",
        "too-many-endings",
        f"En fil avslutar högst {MOST_ENDINGS} anställningar. Dela upp den i flera filer.",
        f"A file ends at most {MOST_ENDINGS} employments. Divide it into several files.",
    )


async def _shown(plan: _Plan, table: Table, cancelled: Cancelled, language: str) -> ImportShown:
    fates = plan.fates
    rows: list[RowShown] = []
    for part in parts(fates):
        rows += [_row_shown(fate, plan.written > 0, cancelled, language) for fate in part]
        await asyncio.sleep(0)
    counts = {name: sum(fate.outcome == name for fate in fates) for name in ("create", "update", "unchanged", "error")}
    counts["cancelled_registrations"] = sum(map(len, cancelled.values()))
    ignored = [name for name in table.columns if name not in StaffBody.model_fields]
    return ImportShown(
        rows=rows,
        totals=TotalsShown(rows=len(fates), written=plan.written, **counts),
        ignored_columns=ignored,
        notes=notes_shown(table, language),
    )


def _row_shown(fate: Fate, written: bool, cancelled: Cancelled, language: str) -> RowShown:
    errors = errors_shown(fate.errors, language)
    exists = written or fate.outcome in ("update", "unchanged")
    if fate.employment is None or not exists:
        return RowShown(row=fate.row, outcome=fate.outcome, errors=errors)
    return RowShown(
        row=fate.row,
        outcome=fate.outcome,
        id=fate.employment.id,
        participant_id=fate.participant_id,
        cancelled_registrations=cancelled.get(fate.employment.id, []),
        errors=errors,
    )
