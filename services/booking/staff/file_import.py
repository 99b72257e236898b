"""An import as a call: answered at once, or above 1,000 rows by a job whose result is that same answer."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from services.booking.staff.bodies import JobBegunShown
from services.booking.staff.vault import Vault
from shared.database.unit_of_work import Unit
from shared.imports.reader import FileReader, Upload
from shared.imports.reading import Expected
from shared.imports.table import Table, column_missing
from shared.jobs.job import Job
from shared.jobs.queue import enqueue
from shared.jobs.worker import Kind
from shared.web.problems import invalid, language_of

JOB_ABOVE_ROWS = 1000

Progress = Callable[[int], Awaitable[None]]
"""Told how many rows have been looked at."""
Shown = TypeVar("Shown", bound=BaseModel, covariant=True)


class Carries(Protocol[Shown]):
    """What becomes of each row; writes all of them, or none."""

    async def __call__(
        self, unit: Unit, vault: Vault, table: Table, *, dry_run: bool, language: str, progress: Progress
    ) -> Shown: ...


@dataclass(frozen=True)
class FileImport(Generic[Shown]):
    """`missing` names the columns that every row needs and that are not among those of a file."""

    job: str
    expected: Expected
    missing: Callable[[Unit, Collection[str]], list[str]]
    carry_out: Carries[Shown]

    def check(self, unit: Unit, table: Table) -> None:
        """Raises 422 for a file without the columns that every row needs."""
        if missing := self.missing(unit, table.columns):
            raise invalid(*map(column_missing, missing))

    async def take(
        self, unit: Unit, vault: Vault, upload: Upload, request: Request, response: Response, *, dry_run: bool
    ) -> Shown | JobBegunShown:
        """The answer to an upload."""
        table, language = upload.table, language_of(request)
        self.check(unit, table)
        if len(table.rows) <= JOB_ABOVE_ROWS:
            return await self.carry_out(unit, vault, table, dry_run=dry_run, language=language, progress=_silent)
        wanted = {"dry_run": dry_run, "language": language}
        job = await enqueue(unit, self.job, wanted, total=len(table.rows), content=upload.content, cipher=vault.cipher)
        response.status_code = 202
        return JobBegunShown(job=job)

    def kind(self, vault: Vault, files: FileReader) -> Kind:
        """Runs the job that a long import became."""

        async def run(job: Job) -> None:
            assert job.content is not None
            table = await files.table(job.content, self.expected)
            wanted = job.request
            async with job.effect() as unit:
                self.check(unit, table)
                job.result = await self.carry_out(
                    unit, vault, table, dry_run=wanted["dry_run"], language=wanted["language"], progress=job.progress
                )

        return Kind(self.job, run)


async def _silent(_: int) -> None:
    """Nobody waits for the progress of a short import."""
