"""The job that checks a file, and the one that takes it in: the same, with and without a dry run."""

import json
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from services.booking.staff.vault import Vault
from services.booking.uploads.kinds import FileKind
from services.booking.uploads.queries import content, sealed
from services.booking.uploads.report import report_of
from services.booking.uploads.tables import Upload
from shared.imports.reader import FileReader
from shared.jobs.worker import Job, JobFailed, Kind

FILE = "SELECT id, content, columns FROM uploads WHERE id = :id"


def job(kind: FileKind, vault: Vault, files: FileReader) -> Kind:
    """Its result is kept with the upload, encrypted: it tells what stands in the file."""

    async def run(job: Job) -> None:
        upload_id, dry_run, language = UUID(job.request["upload"]), job.request["dry_run"], job.request["language"]
        async with job.units.system() as unit:
            row = await unit.one_or_none(FILE, {"id": upload_id})
        if row is None:
            raise JobFailed("the file has had its time")
        table = await files.table(content(vault, row), kind.imports.expected, row["columns"])
        async with job.effect() as unit:
            answer = await kind.imports.carry_out(
                unit, vault, table, dry_run=dry_run, language=language, progress=job.progress
            )
            report = report_of(answer.model_dump(mode="json"), table, row["columns"], language)
            values: dict[str, object] = {"report": sealed(vault, upload_id, json.dumps(report).encode())}
            if answer.totals.error:
                values["confirmed"] = False
            elif not dry_run:
                values["content"] = None
            async with unit.as_system():
                await unit.execute(update(Upload).where(col(Upload.id) == upload_id).values(**values))

    return Kind(kind.name, run)
