"""Keeping a file until its columns are named and its rows are checked."""

import json
from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy import insert
from starlette.requests import Request

from shared.database.unit_of_work import Unit
from shared.imports.reader import reader_of, sent_file
from shared.imports.reading import Peek
from shared.security.cipher import Cipher
from shared.uploads.kinds import FileKind
from shared.uploads.queries import sealed
from shared.uploads.tables import Upload


@dataclass(frozen=True)
class Sent:
    """A file as it came, and what was seen of it."""

    content: bytes
    peek: Peek


async def look(request: Request) -> Sent:
    """The file of a form. Raises 413, 415, and 422 without one or without usable names of columns."""
    content = await sent_file(request)
    return Sent(content, await reader_of(request).peek(content))


async def keep(unit: Unit, cipher: Cipher, kind: FileKind, sent: Sent) -> UUID:
    """Keeps the file, encrypted; returns its id."""
    assert unit.caller is not None
    upload_id = unit.ids.uuid7()
    row = {
        "id": upload_id,
        "kind": kind.key,
        "owner": unit.caller.identity,
        "content": sealed(cipher, upload_id, sent.content),
        "peek": sealed(cipher, upload_id, json.dumps(asdict(sent.peek)).encode()),
        "kept_at": unit.recorded_at,
    }
    async with unit.as_system():
        await unit.execute(insert(Upload), row)
    return upload_id
