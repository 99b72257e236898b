"""Signing in and out: the same pages for everybody, served by one service, good for all of them."""

from datetime import timedelta
from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from shared.security.roles import ANY
from shared.web.admission import anybody
from shared.web.fields import Named
from shared.web.pages import Done, View, page_router
from shared.web.pages.languages import _
from shared.web.problems import Problem
from shared.web.routing import Unit, allow
from shared.web.sign_in.bodies import DemoUserBody
from shared.web.sign_in.oidc import Issuer, refused
from shared.web.sign_in.sessions import HINT, IN_BETWEEN, LONGEST, Sessions, refuse_cross_site
from shared.web.sign_in.signouts import sign_out

PATIENCE: Final = timedelta(minutes=15)
IN, BACK, OUT = "/logga-in", "/logga-in/svar", "/logga-ut"

router = page_router()
Till = Annotated[Named, Query(description="Where to go then.")]


@router.get(IN)
async def sign_in_page(request: Request, till: Till = "/", unit: Unit = allow(*ANY, by=anybody)) -> View | Response:
    """To the issuer; in development, where it names its demo users, a button for each of them."""
    usable(request)
    users = await demo_users(request)
    if not users:
        return await begun(request, till)
    return View("sign_in.html", users=users, till=own(till))


@router.post(IN)
async def begin_sign_in(
    body: DemoUserBody, request: Request, till: Till = "/", unit: Unit = allow(*ANY, by=anybody)
) -> Response:
    refuse_cross_site(request)
    usable(request)
    return await begun(request, till, body.user)


@router.get(BACK)
async def come_back(
    request: Request,
    state: Named = "",
    code: Named = "",
    error: Named = "",
    error_description: Named = "",
    session_state: Named = "",
    iss: Named = "",
    unit: Unit = allow(*ANY, by=anybody),
) -> Response:
    """The browser returns from the issuer. Raises 400 when this is no answer to what it was sent with."""
    sessions: Sessions = request.app.state.sessions
    issuer: Issuer = request.app.state.issuer
    sent = sessions.take(request, IN_BETWEEN)
    if error == "access_denied":
        return Done(IN, _("You were not signed in."))
    if not code or not sent or not state or state != sent["state"]:
        raise refused()
    known = await issuer.complete(origin(request) + BACK, code, sent["nonce"], sent["verifier"])
    response = RedirectResponse(own(sent["till"]), 303)
    sessions.begin(response, known.caller)
    sessions.put(response, HINT, known.id_token, OUT, LONGEST)
    response.delete_cookie(f"kursnav-{IN_BETWEEN}", path=IN)
    return response


@router.get(OUT)
async def sign_out_page(unit: Unit = allow(*ANY, by=anybody)) -> View:
    return View("sign_out.html")


@router.post(OUT)
async def end_session(request: Request, unit: Unit = allow(*ANY, by=anybody)) -> Response:
    """Ends the session here at once, in the other services within moments, and at the issuer."""
    refuse_cross_site(request)
    sessions: Sessions = request.app.state.sessions
    session = sessions.session_of(request)
    if session is not None:
        await sign_out(unit, session.sid)
    response = RedirectResponse(await farewell(request), 303)
    sessions.end(response)
    response.delete_cookie(f"kursnav-{HINT}", path=OUT)
    return response


async def farewell(request: Request) -> str:
    """The issuer's address that ends the session there; its silence keeps nobody signed in here."""
    sessions: Sessions = request.app.state.sessions
    issuer: Issuer = request.app.state.issuer
    home = origin(request) + "/"
    try:
        return await issuer.sign_out(sessions.take(request, HINT), home) or home
    except Problem:
        return home


async def begun(request: Request, till: str, hint: str = "") -> Response:
    """To the issuer, with what must come back kept in the browser."""
    sessions: Sessions = request.app.state.sessions
    issuer: Issuer = request.app.state.issuer
    sign_in = await issuer.begin(origin(request) + BACK, hint)
    response = RedirectResponse(sign_in.address, 303)
    kept = {"state": sign_in.state, "nonce": sign_in.nonce, "verifier": sign_in.verifier, "till": own(till)}
    sessions.put(response, IN_BETWEEN, kept, IN, PATIENCE)
    return response


async def demo_users(request: Request) -> list[dict[str, str]]:
    """The demo users that the development issuer names, none outside development."""
    if request.app.state.settings.environment != "development":
        return []
    issuer: Issuer = request.app.state.issuer
    users: list[dict[str, str]] = (await issuer.description()).get("kursnav_demo_users", [])
    return users


def usable(request: Request) -> None:
    """Raises 503 without keys for cookies."""
    if not request.app.state.sessions.usable:
        raise Problem(
            "busy",
            503,
            "Inloggningen på sidorna är inte inställd. Ange KURSNAV_SESSION_KEYS och starta om.",
            "Signing in to the pages is not set up. Set KURSNAV_SESSION_KEYS and start again.",
        )


def origin(request: Request) -> str:
    """The address that browsers use: as set, in development as asked for."""
    url: str = request.app.state.settings.url
    return url.rstrip("/") or f"{request.url.scheme}://{request.url.netloc}"


def own(address: str) -> str:
    """An address of ours to go to, the start page for any other: nobody is led elsewhere by a link to the sign-in."""
    parts = urlsplit(address)
    fine = address.startswith("/") and not address.startswith(("//", "/\\")) and not (parts.scheme or parts.netloc)
    return address if fine and "\\" not in address and parts.path not in (IN, OUT, BACK) else "/"
