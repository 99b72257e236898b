"""The development stack's mail server: takes every message and keeps it as a file; nothing leaves the machine."""

import asyncio
import email
import re
import time
import uuid
from collections.abc import Mapping
from email.message import EmailMessage
from email.policy import default
from functools import lru_cache
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

MESSAGE_ID = re.compile(r"\d{13}-[0-9a-f]{8}")


class Keeper:
    """aiosmtpd's handler: one `.eml` file a message, named by its time of arrival."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        name = f"{time.time_ns() // 1_000_000:013d}-{uuid.uuid4().hex[:8]}"
        unfinished = self.folder / f"{name}.unfinished"
        unfinished.write_bytes(envelope.original_content)
        unfinished.rename(self.folder / f"{name}.eml")
        return "250 kept"


async def start(folder: Path, port: int) -> asyncio.Server:
    """Listens on 127.0.0.1 and keeps messages in `folder`."""
    from aiosmtpd.smtp import SMTP

    folder.mkdir(parents=True, exist_ok=True)
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: SMTP(Keeper(folder), enable_SMTPUTF8=True), "127.0.0.1", port)


def routes(folder: Path) -> list[Route]:
    """`GET /dev/mail?to=` lists caught mails, oldest first; `GET /dev/mail/{id}` gives one. None where mail goes
    elsewhere: an empty list would say that nothing was mailed.
    """
    if not folder.is_dir():
        return []

    async def listed(request: Request) -> JSONResponse:
        wanted = request.query_params.get("to", "").lower()
        mails = [_shown(path) for path in sorted(folder.glob("*.eml"))]
        return JSONResponse({"items": [dict(mail) for mail in mails if wanted in mail["to"].lower()], "next": None})

    async def one(request: Request) -> Response:
        path = folder / f"{request.path_params['id']}.eml"
        if not MESSAGE_ID.fullmatch(request.path_params["id"]) or not path.exists():
            return JSONResponse({"title": "No such mail", "status": 404}, 404, media_type="application/problem+json")
        return JSONResponse(dict(_shown(path)))

    return [Route("/dev/mail", listed), Route("/dev/mail/{id}", one)]


TEXTS = {"text/plain": "text", "text/html": "html", "text/calendar": "calendar"}


@lru_cache(maxsize=2000)
def _shown(path: Path) -> Mapping[str, str]:
    """One mail, with the texts that it has. It never changes; who waits for one asks for all again and again."""
    message = email.message_from_bytes(path.read_bytes(), policy=default)
    shown = {"id": path.stem, **{name: str(message.get(name, "")) for name in ("from", "to", "subject", "date")}}
    for part in message.walk():
        if name := TEXTS.get(part.get_content_type()):
            shown[name] = _text(part)
        if name == "calendar" and (method := part.get_param("method")):
            shown["calendar_method"] = str(method)
    return shown


def _text(part: EmailMessage) -> str:
    content = part.get_content()
    return content if isinstance(content, str) else bytes(content).decode("utf-8", "replace")
