"""The pages of checking in: the code on the trainer's screen, and the participant's own phone.

The participant is known by the personal link, which the browser keeps in a cookie once it has been opened or pasted.
"""

from typing import Final
from uuid import UUID

import segno
from starlette.requests import Request
from starlette.responses import Response

from services.attendance.check_in.bodies import CheckInBody, OwnCheckInBody
from services.attendance.check_in.check_in import check_in
from services.attendance.check_in.show_code import code_now
from services.attendance.check_in.try_code import Tried, tried_by
from services.attendance.rolls.http import show_session
from shared.security.roles import ANY
from shared.web.admission import by_link
from shared.web.pages import Done, View, _, page_router
from shared.web.pages.formatting import when
from shared.web.problems import FieldError, invalid
from shared.web.routing import Role, Unit, allow, beforehand

router = page_router()

CHECK_IN = "/incheckning"
COOKIE: Final = "kursnav-link"
KEPT_SECONDS: Final = 90 * 24 * 3600
QUIET_ZONE, MODULE = 4, 10


async def try_own_code(request: Request) -> tuple[Tried, str]:
    """Judges the code of a form by the link in it, else by the one that the browser keeps. Raises 422 without any."""
    body: OwnCheckInBody = await request.json()
    token = (body.link or request.cookies.get(COOKIE, "")).rstrip("/").rpartition("/")[2]
    if not token:
        sv, en = (
            "Öppna länken i ditt mejl om kurserna på den här telefonen, eller klistra in den här.",
            "Open the link of your mail about the courses on this phone, or paste it here.",
        )
        raise invalid(FieldError("/link", "link-missing", sv, en))
    return await tried_by(request, CheckInBody(code=body.code, token=token)), token


def remember(request: Request, response: Response, token: str) -> None:
    """Lets this browser check in by the link from now on."""
    secure = request.app.state.sessions.secure
    response.set_cookie(
        COOKIE, token, max_age=KEPT_SECONDS, path=CHECK_IN, httponly=True, samesite="lax", secure=secure
    )


@router.get(CHECK_IN)
async def checking_in(request: Request, unit: Unit = allow(*ANY, by=by_link)) -> View:
    return View("check_in/own.html", code="", known=COOKIE in request.cookies)


@router.get(f"{CHECK_IN}/{{code}}")
async def scanned(code: str, request: Request, unit: Unit = allow(*ANY, by=by_link)) -> View:
    """What the code on the screen leads to."""
    return View("check_in/own.html", code=code, known=COOKIE in request.cookies)


@router.post(CHECK_IN)
async def enter_code(
    body: OwnCheckInBody,
    request: Request,
    tried: tuple[Tried, str] = beforehand(try_own_code),
    unit: Unit = allow(*ANY, by=by_link),
) -> Done:
    return await _checked_in(unit, request, *tried)


@router.post(f"{CHECK_IN}/{{code}}")
async def enter_scanned(
    code: str,
    body: OwnCheckInBody,
    request: Request,
    tried: tuple[Tried, str] = beforehand(try_own_code),
    unit: Unit = allow(*ANY, by=by_link),
) -> Done:
    return await _checked_in(unit, request, *tried)


async def _checked_in(unit: Unit, request: Request, tried: Tried, token: str) -> Done:
    shown = await check_in(unit, tried)
    done = Done(
        CHECK_IN,
        _("You are checked in: %(course)s, %(when)s, %(where)s."),
        course=shown.course_title,
        when=when(shown),
        where=shown.venue,
    )
    remember(request, done, token)
    return done


@router.get("/narvaro/listor/{session_id}/kod")
async def screen(
    session_id: UUID, request: Request, occasion_id: UUID | None = None, unit: Unit = allow(Role.TRAINER)
) -> View:
    """The code of now, large enough for a room; the page fetches the next one by itself."""
    session = (await show_session(session_id, unit)).value
    shown = await code_now(unit, session_id, occasion_id)
    address = f"{request.app.state.mailing.site}{CHECK_IN}/{shown.code}"
    picture = segno.make(address, micro=False, error="m")
    return View(
        "check_in/screen.html",
        session=session,
        shown=shown,
        address=address,
        picture=picture.svg_inline(scale=MODULE, border=QUIET_ZONE, omitsize=True, svgclass="app-code", lineclass=None),
    )
