"""Reading uploads: only whoever sent one sees it, and only for some hours."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, column, delete, select, table
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import col

from shared.database.unit_of_work import Unit, Units
from shared.imports.reading import Peek
from shared.security.cipher import Box, Cipher
from shared.uploads.kinds import FileKind
from shared.uploads.problems import upload_expired, upload_not_found
from shared.uploads.tables import ColumnMapping, Upload

KEPT = timedelta(hours=4)
OF_ITS_JOB = ("id", "done", "total", "state", "result")
JOBS = table("jobs", *(column(name, JSONB if name == "result" else None) for name in OF_ITS_JOB))
# In one statement: a report read before the job's end, beside its state read after it, would be that of the check.
UPLOADS = select(Upload, *(JOBS.c[name].label(f"job_{name}") for name in OF_ITS_JOB)).outerjoin(
    JOBS, JOBS.c.id == Upload.job
)


@dataclass(frozen=True)
class Kept:
    """An upload, opened but for its file."""

    id: UUID
    peek: Peek
    columns: Mapping[str, str] | None
    confirmed: bool
    job: Mapping[str, Any] | None
    report: Mapping[str, Any] | None
    row: RowMapping

    @property
    def runs(self) -> bool:
        return self.job is not None and self.job["state"] in ("queued", "running")

    @property
    def failure(self) -> Mapping[str, Any] | None:
        """The problem for which nothing came of the check or the import."""
        return self.job["result"] if self.job is not None and self.job["state"] == "failed" else None

    @property
    def is_good(self) -> bool:
        """Checked, without a wrong row, and not yet written."""
        ready = self.report is not None and not self.confirmed and not self.runs and self.failure is None
        return ready and self.report is not None and not self.report["totals"]["error"]


async def upload(unit: Unit, cipher: Cipher, kind: FileKind, upload_id: UUID, *, lock: bool = False) -> Kept:
    """The caller's upload. Raises 404."""
    assert unit.caller is not None
    statement = UPLOADS.where(
        *(col(Upload.id) == upload_id, col(Upload.owner) == unit.caller.identity, col(Upload.kind) == kind.key),
        col(Upload.kept_at) > unit.recorded_at - KEPT,
    )
    async with unit.as_system():
        row = await unit.one_or_none(statement.with_for_update(of=Upload) if lock else statement)
    if row is None:
        raise upload_not_found()
    report = None if row["report"] is None else json.loads(opened(cipher, upload_id, row["report"]))
    job = {name: row[f"job_{name}"] for name in OF_ITS_JOB} if row["job_id"] else None
    return Kept(upload_id, peeked(cipher, row), row["columns"], row["confirmed"], job, report, row)


def peeked(cipher: Cipher, kept: RowMapping) -> Peek:
    """The file's columns, with some cells of each."""
    seen = json.loads(opened(cipher, kept["id"], kept["peek"]))
    return Peek(tuple((name, tuple(samples)) for name, samples in seen["columns"]), seen["rows"])


def content(cipher: Cipher, kept: RowMapping) -> bytes:
    """The file itself. Raises 409 when it is gone."""
    if kept["content"] is None:
        raise upload_expired()
    return opened(cipher, kept["id"], kept["content"])


async def remembered(unit: Unit, kind: FileKind) -> dict[str, str]:
    """What the caller's municipality called its columns last."""
    statement = select(col(ColumnMapping.columns)).where(
        col(ColumnMapping.municipality) == (unit.municipality or ""), col(ColumnMapping.kind) == kind.name
    )
    found: dict[str, str] | None = await unit.scalar(statement)
    return found or {}


def sealed(cipher: Cipher, upload_id: UUID, plain: bytes) -> bytes:
    return cipher.encrypt(plain, upload_id.bytes).to_json()


def opened(cipher: Cipher, upload_id: UUID, box: bytes) -> bytes:
    return cipher.decrypt(Box.from_json(box), upload_id.bytes)


async def forget_old_uploads(units: Units) -> None:
    async with units.system() as unit:
        await unit.execute(delete(Upload).where(col(Upload.kept_at) < units.clock.now() - KEPT))
