"""The job that checks a file, and the one that takes it in: the same, with and without a dry run."""

import json
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from shared.imports.reader import FileReader
from shared.jobs.job import Job, JobFailed
from shared.jobs.worker import Kind
from shared.security.cipher import Cipher
from shared.uploads.kinds import Carries, FileKind
from shared.uploads.queries import content, peeked, sealed
from shared.uploads.report import called, report_of
from shared.uploads.tables import Upload

FILE = "SELECT id, content, columns, peek FROM uploads WHERE id = :id"


def file_job(kind: FileKind, carry_out: Carries, cipher: Cipher | None, files: FileReader) -> Kind:
    """Its result is kept with the upload, encrypted: it tells what stands in the file. Without a cipher nobody can sign
    in to send one.
    """

    async def run(job: Job) -> None:
        assert cipher is not None
        upload_id, about = UUID(job.request["upload"]), job.request.get("about", "")
        dry_run, language = job.request["dry_run"], job.request["language"]
        async with job.units.system() as unit:
            row = await unit.one_or_none(FILE, {"id": upload_id})
        if row is None:
            raise JobFailed("the file has had its time")
        table = await files.table(content(cipher, row), kind.expected, row["columns"])
        async with job.effect() as unit:
            answer = await carry_out(unit, table, about, dry_run=dry_run, language=language, progress=job.progress)
            told = answer.model_dump(mode="json")
            names = called(kind, peeked(cipher, row), row["columns"], language)
            report = report_of(told, table, names, kind.plain, language)
            values: dict[str, object] = {"report": sealed(cipher, upload_id, json.dumps(report).encode())}
            if told["totals"]["error"]:
                values["confirmed"] = False
            elif not dry_run:
                values["content"] = None
            async with unit.as_system():
                await unit.execute(update(Upload).where(col(Upload.id) == upload_id).values(**values))

    return Kind(kind.name, run)
