"""The trainer's phone page: a shell without anything of anybody, which its own script fills from the phone's store."""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import File, UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from services.attendance.catalogue.queries import municipality_names
from services.attendance.phone.import_file import import_file
from shared.web.admission import anybody
from shared.web.pages import Done, View, _, page_router
from shared.web.pages.languages import SHARED
from shared.web.pages.rendering import Pages
from shared.web.problems import language_of
from shared.web.routing import ANY, Role, Unit, allow

router = page_router()

OK: Final = 200
PAGE: Final = "/narvaro/telefon"
SHELL: Final = (
    *("app.css", "app.js", "govuk-frontend.min.js", "idb.js", "qr.js", "favicon.svg", "emblem.svg"),
    *("source-sans-3-latin.woff2", "source-sans-3-latin-ext.woff2"),
)
"""What the page loads beside the files of its own folder."""
WORKER: Final = "phone/worker.js"


@router.get(PAGE)
async def phone_page(unit: Unit = allow(*ANY, by=anybody)) -> View:
    """For everybody: who is not signed in is told so by the calls, and loses nothing that was noted."""
    return View("phone/page.html", municipalities=await municipality_names(unit))


@router.get(f"{PAGE}-fil")
async def phone_file(unit: Unit = allow(Role.COORDINATOR)) -> View:
    """For the office: what a trainer saved as a file because it could not be sent."""
    return View("phone/file.html")


@router.post(f"{PAGE}-fil")
async def take_in_file(
    file: Annotated[UploadFile, File()], request: Request, unit: Unit = allow(Role.COORDINATOR)
) -> Done:
    answer = await import_file(unit, await file.read(), language_of(request))
    outcomes = [result.outcome for session in answer.sessions for result in session.results]
    refused = outcomes.count("rejected")
    said = {"taken": len(outcomes) - refused, "refused": refused}
    said["sessions"] = sum(session.status != OK for session in answer.sessions)
    notice = _("Taken in: %(taken)s. Refused: %(refused)s. Sessions that took nothing: %(sessions)s.")
    return Done(f"{PAGE}-fil", notice, **said)


@router.get(f"{PAGE}.js")
async def worker(request: Request, unit: Unit = allow(*ANY, by=anybody)) -> Response:
    """The service worker, for the version of the files that this process serves."""
    pages: Pages = request.app.state.pages
    names = {*SHELL, *(name for name in pages.files.contents if name.startswith("phone/"))} - {WORKER}
    files = [f"/attendance/static/{pages.files.digest}/{name}" for name in sorted(names)]
    said = {"VERSION": version(pages.files.digest), "PAGE": PAGE, "FILES": [*files, f"{PAGE}.webmanifest"]}
    head = "".join(f"const {name} = {json.dumps(value)}\n" for name, value in said.items())
    script = head.encode() + pages.files.contents[WORKER]
    return Response(script, media_type="text/javascript", headers={"Cache-Control": "no-cache"})


@cache
def version(files: str) -> str:
    """Another one whenever anything of the shell is another: its files, its templates or its texts."""
    folders = (Path(__file__).parent / "templates", SHARED)
    parts = [path.read_bytes() for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    return hashlib.sha256(b"".join([files.encode(), *parts])).hexdigest()[:12]


@router.get(f"{PAGE}.webmanifest")
async def manifest(request: Request, unit: Unit = allow(*ANY, by=anybody)) -> Response:
    """What makes the page installable."""
    pages: Pages = request.app.state.pages
    static = f"/attendance/static/{pages.files.digest}"
    said: dict[str, Any] = {
        "name": "Närvaro",
        "short_name": "Närvaro",
        "lang": "sv",
        "id": PAGE,
        "start_url": PAGE,
        "scope": PAGE,
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#14284b",
        "icons": [
            {"src": f"{static}/phone/icon.png", "sizes": "512x512", "type": "image/png", "purpose": "any maskable"},
            {"src": f"{static}/favicon.svg", "sizes": "any", "type": "image/svg+xml"},
        ],
    }
    return JSONResponse(said, media_type="application/manifest+json", headers={"Cache-Control": "no-cache"})
