"""Making a named copy: the report is known by its bytes, the names are those of now, and nothing is kept of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from sqlalchemy import RowMapping, select, text
from sqlmodel import col
from starlette.requests import Request

from services.booking.named_copies.problems import no_participants, report_altered
from services.booking.named_copies.reading import lists_in
from services.booking.named_copies.rendering import RENDERERS
from services.booking.named_copies.rules import STATISTICS, Person, Rows, ids_of, with_names
from services.booking.named_copies.tables import FrozenFile
from services.booking.staff.vault import Vault
from shared.audit.record import record
from shared.database.unit_of_work import Unit
from shared.imports.reader import FileReader, reader_of, sent_file

# The names that the newest employer uses; an erased one has none.
PEOPLE = text(
    """
    SELECT asked.id, person.participant_id, person.protected, person.erased, called.given_name, called.family_name
      FROM unnest(CAST(:ids AS uuid[])) AS asked (id)
      JOIN participants AS own ON own.participant_id = asked.id
      JOIN participants AS person ON person.participant_id = coalesce(own.merged_into, own.participant_id)
      LEFT JOIN LATERAL (
            SELECT given_name, family_name FROM staff JOIN employment_periods USING (employment_id)
             WHERE staff.participant_id = person.participant_id AND NOT staff.erased
             ORDER BY valid_from DESC, staff.id DESC LIMIT 1) AS called ON true
    """
)


@dataclass(frozen=True)
class SentReport:
    """A file that says it is a report: the digest of its bytes, and its lists of participants."""

    digest: str
    lists: tuple[Rows, ...]


@dataclass(frozen=True)
class NamedCopy:
    """The file that is handed over."""

    name: str
    media_type: str
    content: bytes


async def read_report(request: Request) -> SentReport:
    """For `beforehand`: a file is read within its limits before a connection to the database is taken."""
    content = await sent_file(request)
    return SentReport(sha256(content).hexdigest(), await reader_of(request).run(lists_in, content))


async def make_named_copy(unit: Unit, vault: Vault, files: FileReader, sent: SentReport, file_format: str) -> NamedCopy:
    """Raises 422 `report-altered` for other bytes than those of a frozen report."""
    async with unit.as_system():
        frozen = await unit.found(
            select(FrozenFile).where(col(FrozenFile.sha256) == sent.digest), missing=report_altered()
        )
        if not sent.lists:
            raise no_participants()
        statistics = frozen["kind"] == STATISTICS
        people = await _people(unit, vault, ids_of(sent.lists), with_numbers=statistics)
    named = [with_names(one, people, statistics=statistics) for one in sent.lists]
    await record(unit, "named-copy-made", f"report/{frozen['report_id']}", after=_noted(frozen, file_format, people))
    render, media_type = RENDERERS[file_format]
    title = f"{frozen['kind']} {frozen['period']}"
    content = await files.run(render, title, named, sent.lists[0].language, unit.recorded_at)
    name = f"{frozen['kind']}-{frozen['period']}-v{frozen['version']}-named.{file_format}"
    return NamedCopy(name, media_type, content)


def _noted(frozen: RowMapping, file_format: str, people: Collection[str]) -> Mapping[str, object]:
    said = {name: frozen[name] for name in ("period", "version")}
    return {"report_kind": frozen["kind"], **said, "format": file_format, "participants": len(people)}


async def _people(unit: Unit, vault: Vault, ids: Collection[str], *, with_numbers: bool) -> dict[str, Person]:
    rows: Sequence[RowMapping] = await unit.all(PEOPLE, {"ids": [UUID(one) for one in sorted(ids)]})
    asked = {row["participant_id"] for row in rows if with_numbers and not row["erased"]}
    numbers = await vault.current(unit, asked)
    return {
        str(row["id"]): Person(
            row["given_name"],
            row["family_name"],
            row["protected"],
            row["erased"],
            number.digits if (number := numbers.get(row["participant_id"])) else None,
        )
        for row in rows
    }
