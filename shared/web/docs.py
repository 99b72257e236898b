"""The page of a service's calls, `/docs`: Swagger UI from our own address. A network without internet is normal."""

from typing import Final

from fastapi import APIRouter, FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from shared.assets import FOLDER
from shared.web.problems import not_found
from shared.web.routing import OpenRoute

FILES: Final = ("swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png")
SCRIPT, STYLE, ICON = (f"docs/{name}" for name in FILES)

router = APIRouter(route_class=OpenRoute, include_in_schema=False)


@router.get("/docs")
async def page(request: Request) -> Response:
    app: FastAPI = request.app
    return get_swagger_ui_html(
        openapi_url="openapi.json",
        title=app.title,
        swagger_js_url=SCRIPT,
        swagger_css_url=STYLE,
        swagger_favicon_url=ICON,
        swagger_ui_parameters={"validatorUrl": None},  # by default a picture of another host's opinion
    )


@router.get("/docs/{name}")
async def file(name: str) -> Response:
    if name not in FILES:
        raise not_found("Filen", "The file")
    return FileResponse(FOLDER / "swagger-ui-dist" / name, headers={"Cache-Control": "public, max-age=86400"})
