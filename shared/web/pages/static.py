"""What pages load: styles, fonts, scripts. From the service that serves the page, so that none needs another."""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from shared.assets import FOLDER
from shared.emblem import HEIGHT, WIDTH, stars
from shared.web.problems import not_found
from shared.web.routing import OpenRoute

OWN: Final = Path(__file__).parents[1] / "static"
FONTS: Final = FOLDER / "@fontsource-variable/source-sans-3/files"
FILES: Final[Mapping[str, Path]] = {
    "app.css": FOLDER.parent / "pages/app.css",
    "app.js": OWN / "app.js",
    "favicon.svg": OWN / "favicon.svg",
    "govuk-frontend.min.js": FOLDER / "govuk-frontend/dist/govuk/govuk-frontend.min.js",
    "hx-sse.min.js": FOLDER / "htmx.org/dist/ext/hx-sse.min.js",
    "htmx.min.js": FOLDER / "htmx.org/dist/htmx.min.js",
    "idb.js": FOLDER / "idb/build/index.js",
    "qr.js": FOLDER / "qr/index.js",
    "source-sans-3-latin.woff2": FONTS / "source-sans-3-latin-wght-normal.woff2",
    "source-sans-3-latin-ext.woff2": FONTS / "source-sans-3-latin-ext-wght-normal.woff2",
}
KINDS: Final = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
FOR_EVER, BRIEFLY = "public, max-age=31536000, immutable", "public, max-age=60"

router = APIRouter(route_class=OpenRoute, include_in_schema=False)


class Files:
    """What the pages of one service load: what all of them do, and the files of its nouns under their names."""

    def __init__(self, nouns: Mapping[str, Path]) -> None:
        own = {f"{noun}/{path.name}": path for noun, folder in nouns.items() for path in sorted(folder.iterdir())}
        self.contents = {**shared(), **{name: path.read_bytes() for name, path in own.items()}}
        # Stands in the address: a new version has another, so that browsers may keep what they have for ever.
        self.digest = hashlib.sha256(b"".join(self.contents.values())).hexdigest()[:12]


@cache
def shared() -> dict[str, bytes]:
    """What every service's pages load, read once."""
    return {**{name: path.read_bytes() for name, path in FILES.items()}, "emblem.svg": _emblem().encode()}


def _emblem() -> str:
    points = "".join(f'<polygon points="{corners}"/>' for corners in stars())
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}"'
    field = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#003399"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{field}<g fill="#FFCC00">{points}</g></svg>'


@router.get("/static/{version}/{name:path}")
async def file(version: str, name: str, request: Request) -> Response:
    files: Files = request.app.state.pages.files
    content = files.contents.get(name)
    if content is None:
        raise not_found("Filen", "The file")
    kept = FOR_EVER if version == files.digest else BRIEFLY
    return Response(content, media_type=KINDS[Path(name).suffix], headers={"Cache-Control": kept})
