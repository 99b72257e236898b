"""What pages load: styles, fonts, scripts. From the service that serves the page, so that none needs another."""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from fastapi import APIRouter
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
    "htmx.min.js": FOLDER / "htmx.org/dist/htmx.min.js",
    "source-sans-3-latin.woff2": FONTS / "source-sans-3-latin-wght-normal.woff2",
    "source-sans-3-latin-ext.woff2": FONTS / "source-sans-3-latin-ext-wght-normal.woff2",
}
KINDS: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2"}
FOR_EVER, BRIEFLY = "public, max-age=31536000, immutable", "public, max-age=60"

router = APIRouter(route_class=OpenRoute, include_in_schema=False)


@cache
def contents() -> dict[str, bytes]:
    """Every file, read once."""
    return {**{name: path.read_bytes() for name, path in FILES.items()}, "emblem.svg": _emblem().encode()}


@cache
def digest() -> str:
    """Stands in the address: a new version has another, so that browsers may keep what they have for ever."""
    return hashlib.sha256(b"".join(contents().values())).hexdigest()[:12]


def _emblem() -> str:
    points = "".join(f'<polygon points="{corners}"/>' for corners in stars())
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}"'
    field = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#003399"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{field}<g fill="#FFCC00">{points}</g></svg>'


@router.get("/static/{version}/{name}")
async def file(version: str, name: str) -> Response:
    content = contents().get(name)
    if content is None:
        raise not_found("Filen", "The file")
    kept = FOR_EVER if version == digest() else BRIEFLY
    return Response(content, media_type=KINDS[Path(name).suffix], headers={"Cache-Control": kept})
