"""Naming the columns of a file, and having its rows checked: nothing of it is written yet."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from shared.database.unit_of_work import Unit
from shared.jobs.queue import enqueue
from shared.security.cipher import Cipher
from shared.uploads import problems
from shared.uploads.kinds import FileKind
from shared.uploads.queries import Kept, upload
from shared.uploads.rules import NOT_READ, twice
from shared.uploads.tables import ColumnMapping, Upload
from shared.web.pages.languages import LANGUAGE
from shared.web.problems import invalid


async def check(unit: Unit, cipher: Cipher, kind: FileKind, upload_id: UUID, chosen: Sequence[str | None]) -> None:
    """Remembers which column is which, and begins the dry run. Raises 404, 409, and 422 for a choice that is none."""
    kept = await upload(unit, cipher, kind, upload_id, lock=True)
    if kept.row["content"] is None or (kept.confirmed and kept.runs):
        raise problems.upload_expired()
    names = [name or NOT_READ for name in chosen]
    _check_choice(unit, kind, kept, names)
    columns = dict(zip(kept.peek.names, names, strict=True))
    await _remember(unit, kind, columns)
    await begin(
        unit, kind, kept, columns={name: field for name, field in columns.items() if field != NOT_READ}, report=None
    )


async def confirm(unit: Unit, cipher: Cipher, kind: FileKind, upload_id: UUID) -> None:
    """Begins the import of a file that was checked. Raises 404, and 409 for one that is not, or has errors."""
    kept = await upload(unit, cipher, kind, upload_id, lock=True)
    if kept.confirmed and kept.failure is None:
        return  # from another window
    if not kept.is_good and not (kept.confirmed and kept.failure):
        raise problems.not_checked()
    await begin(unit, kind, kept, confirmed=True)


async def begin(unit: Unit, kind: FileKind, kept: Kept, *, confirmed: bool = False, **changes: object) -> None:
    wanted = {"upload": kept.id, "about": kind.about, "dry_run": not confirmed, "language": LANGUAGE.get()}
    job = await enqueue(unit, kind.name, wanted, total=kept.peek.rows)
    values = {"job": job, "confirmed": confirmed, **changes}
    async with unit.as_system():
        await unit.execute(update(Upload).where(col(Upload.id) == kept.id).values(**values))


def _check_choice(unit: Unit, kind: FileKind, kept: Kept, names: Sequence[str]) -> None:
    known = {field.name for field in kind.fields} | {NOT_READ}
    if len(names) != len(kept.peek.columns) or not known.issuperset(names):
        raise invalid(problems.other_columns())
    errors = [problems.chosen_twice(place, kind.field(names[place])) for place in twice(names)]
    if missing := kind.missing(unit, names):
        errors.insert(0, problems.column_not_chosen(map(kind.field, missing)))
    if errors:
        raise invalid(*errors)


async def _remember(unit: Unit, kind: FileKind, columns: dict[str, str]) -> None:
    row = {"municipality": unit.municipality or "", "kind": kind.name, "columns": columns}
    statement = insert(ColumnMapping).values(row)
    await unit.execute(
        statement.on_conflict_do_update(
            index_elements=["municipality", "kind"],
            set_={"columns": col(ColumnMapping.columns).op("||")(statement.excluded.columns)},
        )
    )
