"""Reading and writing reports: statements only."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, insert, select, text, true
from sqlalchemy.orm import aliased
from sqlmodel import col

from services.reporting.days import Period
from services.reporting.facts.versions import OfVersion, in_use
from services.reporting.reports.content import Content, Order, canonical, sha256
from services.reporting.reports.rows import InputRow
from services.reporting.reports.tables import Report, ReportFile
from shared.database.unit_of_work import Unit
from shared.web.cursors import Page

EVERY_REPORT: Final = true()
_NEWER = aliased(Report)
_SUPERSEDED_BY = (
    select(col(_NEWER.id))
    .where(col(_NEWER.supersedes) == col(Report.id), col(_NEWER.state) != "failed")
    .scalar_subquery()
)
_SHOWN = [
    _SUPERSEDED_BY.label("superseded_by"),
    *(
        col(getattr(Report, name))
        for name in Report.model_fields
        if name not in ("document", "created_by")  # a document is large, and read only where it is needed
    ),
]
_FOLLOWED_BY = text("SELECT id FROM reports WHERE supersedes = :id AND state <> 'failed'")
_BEGIN = text("UPDATE reports SET state = 'building', revision = revision + 1 WHERE id = :id AND state = 'queued'")
_FREEZE = text(
    "UPDATE reports SET state = 'frozen', document = CAST(:document AS jsonb), hash = :hash, "
    "cut_off = CAST(:cut_off AS jsonb), frozen_at = :frozen_at, "
    "revision = revision + 1 WHERE id = :id"
)
_FAIL = text("UPDATE reports SET state = 'failed', reason = :reason, revision = revision + 1 WHERE id = :id")
_ADD_ROWS = text(
    "INSERT INTO report_rows (report_id, number, kind, row) SELECT :id, number, kind, row "
    "FROM unnest(CAST(:kinds AS text[]), CAST(:rows AS text[])) WITH ORDINALITY AS input (kind, row, number)"
)
_ROWS = text("SELECT kind, row FROM report_rows WHERE report_id = :id ORDER BY number")
_TAKEN_AWAY = OfVersion(
    "SELECT gone.event_id, (SELECT later.event_id FROM {facts} AS later "
    "WHERE later.natural_key = gone.natural_key AND later.sequence > gone.sequence "
    "ORDER BY later.sequence LIMIT 1) AS by "
    "FROM {facts} AS gone WHERE gone.event_id = ANY(CAST(:ids AS uuid[]))"
)
_BETWEEN = OfVersion(
    """
    SELECT DISTINCT ON (natural_key) event_id
      FROM unnest(CAST(:topics AS text[]), CAST(:partitions AS integer[]), CAST(:low AS bigint[]),
                  CAST(:high AS bigint[])) AS place (topic, partition, low, high)
      JOIN {facts} AS fact USING (topic, partition)
     WHERE "offset" >= low AND "offset" < high
       AND CASE split_part(natural_key, '/', 1)
               WHEN 'participant' THEN true
               WHEN 'merge' THEN true
               WHEN 'signature' THEN data ->> 'month' < to_char(CAST(:first AS date), 'YYYY-MM')
               ELSE split_part(natural_key, '/', 1) IN ('session', 'registration', 'roll', 'mark')
                    AND key IN (SELECT CAST(session_id AS text) FROM {at}.occasions
                                 WHERE day NOT BETWEEN CAST(:first AS date) AND CAST(:last AS date)) END
     ORDER BY natural_key, sequence DESC, event_id DESC
    """
)
_FILE = text("SELECT sha256, content FROM report_files WHERE report_id = :id AND format = :format")
_DIGESTS = text(
    "SELECT format, sha256 AS then, encode(sha256(content), 'hex') AS now FROM report_files "
    "WHERE report_id = :id ORDER BY format"
)


async def report(
    unit: Unit, report_id: UUID, readable: ColumnElement[bool] = EVERY_REPORT, *, lock: bool = False
) -> RowMapping | None:
    """A report without its document. With `lock` nobody else can supersede it meanwhile."""
    statement = select(*_SHOWN).where(col(Report.id) == report_id, readable)
    return await unit.one_or_none(statement.with_for_update() if lock else statement)


async def reports(unit: Unit, readable: ColumnElement[bool], page: Page) -> Sequence[RowMapping]:
    """Newest first: ids rise with time."""
    return await unit.all(page.cut(select(*_SHOWN).where(readable), col(Report.id), latest_first=True))


async def followed_by(unit: Unit, report_id: UUID) -> UUID | None:
    """The version that supersedes this one, also one that came while the caller waited for the lock."""
    found: UUID | None = await unit.scalar(_FOLLOWED_BY, {"id": report_id})
    return found


async def add(unit: Unit, row: Mapping[str, Any]) -> None:
    await unit.execute(insert(Report), dict(row) | {"state": "queued", "revision": 1})


async def begin(unit: Unit, report_id: UUID) -> RowMapping:
    """Marks an order as being built, also when somebody began it before."""
    await unit.execute(_BEGIN, {"id": report_id})
    return await unit.one(select(*_SHOWN).where(col(Report.id) == report_id))


async def freeze(
    unit: Unit, report_id: UUID, content: Content, rows: Sequence[InputRow], files: Mapping[str, bytes]
) -> None:
    """Stores a finished report with its rows and files."""
    columns = {"kinds": [row.kind for row in rows], "rows": [row.text for row in rows]}
    await unit.execute(_ADD_ROWS, {"id": report_id, **columns})
    stored = [
        {"report_id": report_id, "format": name, "sha256": sha256(content), "content": content}
        for name, content in files.items()
    ]
    await unit.execute(insert(ReportFile), stored)
    frozen_at: datetime = unit.clock.now()
    document, cut_off = canonical(content.document()).decode(), canonical(content.order.cut_off).decode()
    values = {"document": document, "hash": content.hash, "cut_off": cut_off, "frozen_at": frozen_at}
    await unit.execute(_FREEZE, {"id": report_id, **values})


async def fail(unit: Unit, report_id: UUID, reason: str) -> None:
    await unit.execute(_FAIL, {"id": report_id, "reason": reason})


async def document(unit: Unit, report_id: UUID) -> dict[str, Any]:
    row = await unit.one(select(col(Report.document)).where(col(Report.id) == report_id))
    found: dict[str, Any] = row["document"]
    return found


async def rows(unit: Unit, report_id: UUID) -> tuple[InputRow, ...]:
    stored = await unit.execute(_ROWS, {"id": report_id})
    return tuple(InputRow(row.kind, row.row) for row in stored)


async def taken_away(unit: Unit, ids: Iterable[str]) -> dict[str, str]:
    """For events whose facts no longer count: the event that ended each."""
    async with unit.as_system():
        found = await unit.all(_TAKEN_AWAY.of(await in_use(unit)), {"ids": sorted(ids)})
    return {str(row["event_id"]): str(row["by"]) for row in found if row["by"]}


async def recorded_between(unit: Unit, old: RowMapping, new: RowMapping, days: Period) -> list[str]:
    """What two reports' cut-offs lie apart, as far as it is about persons and about sessions outside these days: the
    latest event of each thing.
    """
    topics = {topic: (old["cut_off"].get(topic, {}), new["cut_off"].get(topic, {})) for topic in new["cut_off"]}
    reach = [
        (topic, int(partition), *sorted(end.get(partition, 0) for end in ends))
        for topic, ends in topics.items()
        for partition in ends[1]
    ]
    names = ("topics", "partitions", "low", "high")
    parameters = {name: [one[number] for one in reach] for number, name in enumerate(names)}
    async with unit.as_system():
        found = await unit.all(_BETWEEN.of(await in_use(unit)), {**parameters, "first": days.first, "last": days.last})
    return sorted(str(row["event_id"]) for row in found)


async def file(unit: Unit, report_id: UUID, name: str) -> RowMapping | None:
    return await unit.one_or_none(_FILE, {"id": report_id, "format": name})


async def digests(unit: Unit, report_id: UUID) -> dict[str, tuple[str, str]]:
    """Each file's SHA-256: as stored when frozen, and of the bytes that are stored now."""
    return {row["format"]: (row["then"], row["now"]) for row in await unit.all(_DIGESTS, {"id": report_id})}


def order_of(row: RowMapping) -> Order:
    """The order that a row of `reports` states."""
    return Order(
        id=str(row["id"]),
        kind=row["kind"],
        version=row["version"],
        supersedes=str(row["supersedes"]) if row["supersedes"] else None,
        period=row["period"],
        municipality=row["municipality"],
        language=row["language"],
        texts=row["texts"],
        created_at=row["created_at"].isoformat().replace("+00:00", "Z"),
        cut_off=row["cut_off"],
    )
