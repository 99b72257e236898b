"""The one way to read an upload: in a process with limits of memory and time, a few at once."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from fastapi import FastAPI
from starlette.datastructures import UploadFile
from starlette.requests import Request

from shared.imports.marking import marked
from shared.imports.reading import Expected, Peek, peek, read_table
from shared.imports.table import Table, too_large
from shared.web.problems import FieldError, Problem, busy, invalid
from shared.workshop import WorkerEnded, Workshop

T = TypeVar("T")
AT_ONCE: Final = 2
WAITING: Final = 6
SECONDS: Final = 120.0  # 50,000 rows take some 15 of processor time
MEMORY_BYTES: Final = 500_000_000


class FileReader:
    """Reads tables for a service: `app.state.files`."""

    def __init__(self, *, seconds: float = SECONDS, memory_bytes: int = MEMORY_BYTES) -> None:
        self._workshop = Workshop(AT_ONCE, waiting=WAITING, seconds=seconds, memory_bytes=memory_bytes)

    async def table(self, content: bytes, expected: Expected, fields: Mapping[str, str] | None = None) -> Table:
        """The table of a file. Raises 413, 415 and 422 as `read_table`, 503 while too many others are read."""
        return await self.run(read_table, content, expected, fields)

    async def peek(self, content: bytes) -> Peek:
        """What a file holds, before anybody knows what it means. Raises as `table`."""
        return await self.run(peek, content)

    async def marked(self, content: bytes, head: str, texts: Mapping[int, str]) -> bytes:
        """The file with one more column. Raises as `table`."""
        return await self.run(marked, content, head, texts)

    async def run(self, task: Callable[..., T], *args: Any) -> T:
        """The result of any reading or writing of files within the same limits. Raises as `table`."""
        try:
            return await self._workshop.run(task, *args)
        except (MemoryError, TimeoutError):
            raise _exhausting() from None
        except WorkerEnded:
            raise busy("Läsningen avbröts. Försök igen.", "The reading was interrupted. Try again.") from None

    def close(self) -> None:
        self._workshop.close()

    @asynccontextmanager
    async def running(self, app: FastAPI) -> AsyncIterator[None]:
        app.state.files = self
        async with self._workshop.running(app):
            yield


@dataclass(frozen=True)
class Upload:
    """A file that was sent, and what stands in it."""

    content: bytes
    table: Table


def reading(expected: Expected) -> Callable[[Request], Awaitable[Upload]]:
    """Reads the multipart field `file` of a request: for `beforehand`, so that no connection to the database waits for
    it. Raises 422 without a file.
    """

    async def read(request: Request) -> Upload:
        content = await sent_file(request)
        return Upload(content, await reader_of(request).table(content, expected))

    return read


async def sent_file(request: Request) -> bytes:
    """The multipart field `file` of a request. Raises 422 without one."""
    file = (await request.form()).get("file")
    if not isinstance(file, UploadFile) or not (file.filename or file.size):  # a browser sends a form without a file so
        raise invalid(FieldError("/file", "missing", "Skicka filen i fältet file.", "Send it in the field file."))
    content = await file.read()
    await file.seek(0)
    return content


def reader_of(request: Request) -> FileReader:
    reader: FileReader = request.app.state.files
    return reader


def _exhausting() -> Problem:
    return too_large(
        "Filen tar för lång tid eller för mycket minne att läsa. Dela upp den, eller spara den som CSV.",
        "The file takes too long or too much memory to read. Split it, or save it as CSV.",
    )
