"""The session of a browser: an encrypted cookie that each service reads alone. No shared table, no call.

Signing out is remembered here at once and in the other services when the event arrives (`signouts`).
"""

import base64
import binascii
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from starlette.requests import Request
from starlette.responses import Response

from shared.database.unit_of_work import Units
from shared.security.cipher import NONCE_BYTES, Box, Cipher, CipherError
from shared.security.roles import Caller, Role
from shared.web.problems import Problem, forbidden
from shared.web.sign_in.signouts import is_signed_out

LONGEST: Final = timedelta(hours=8)
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
SESSION, KEPT, IN_BETWEEN, HINT = "session", "kept", "sign-in", "id-token"
"""What a sealed value is for: one does not pass for another."""
CHUNK, CHUNKS = 3800, 4  # bytes of a cookie; cookies that a form may take
KEPT_FOR: Final = timedelta(hours=1)
KeptForm = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Session:
    """Who is signed in, until when. `sid` names the session to whoever ends it."""

    sid: UUID
    caller: Caller
    until: datetime


class Sessions:
    """Seals and reads the cookies of our pages. Without keys nobody can sign in with a browser; tokens go on."""

    def __init__(self, keys: str, *, secure: bool, units: Units) -> None:
        self.secure = secure
        self.cookie = "__Host-kursnav" if secure else "kursnav"
        self.usable = bool(keys)
        self._cipher = Cipher.from_setting(keys) if keys else None
        self._units = units

    # --- sealing -----------------------------------------------------------------------------------------------------

    def seal(self, purpose: str, value: Any) -> str:
        """A value as a cookie can hold it, readable by us alone."""
        assert self._cipher is not None, "somebody signed in"
        packed = zlib.compress(json.dumps(value, default=str).encode(), 9)
        box = self._cipher.encrypt(packed, purpose.encode())
        return f"{box.kid}.{base64.urlsafe_b64encode(box.nonce + box.box).decode().rstrip('=')}"

    def unseal(self, purpose: str, text: str | None) -> Any:
        """The value, None for what we did not seal for this purpose."""
        kid, dot, rest = (text or "").partition(".")
        if not dot or self._cipher is None:
            return None
        try:
            raw = base64.urlsafe_b64decode(rest + "=" * (-len(rest) % 4))
            packed = self._cipher.decrypt(Box(kid, raw[:NONCE_BYTES], raw[NONCE_BYTES:]), purpose.encode())
            return json.loads(zlib.decompress(packed))
        except (CipherError, binascii.Error, ValueError, zlib.error):
            return None

    # --- the session -------------------------------------------------------------------------------------------------

    async def caller_of(self, request: Request) -> Caller | None:
        """Who is signed in; None without a session that holds. Raises 403 for a write that another site began."""
        session = self.session_of(request)
        if session is None or session.until <= self._units.clock.now():
            return None
        if request.method not in SAFE:
            refuse_cross_site(request)
        async with self._units.system() as unit:
            return None if await is_signed_out(unit, session.sid) else session.caller

    def session_of(self, request: Request) -> Session | None:
        """The session of the cookie, also when it has ended."""
        return _session(self.unseal(SESSION, request.cookies.get(self.cookie)))

    def begin(self, response: Response, caller: Caller) -> Session:
        """Signs somebody in: for this window of time, and until the browser is closed."""
        session = Session(uuid4(), caller, self._units.clock.now() + LONGEST)
        self._set(response, self.cookie, self.seal(SESSION, _told(session)))
        return session

    def end(self, response: Response) -> None:
        """Takes the cookie away; that the session has ended is for `signouts` to remember."""
        response.delete_cookie(self.cookie, secure=self.secure, httponly=True, samesite="lax")

    def put(self, response: Response, purpose: str, value: Any, path: str, lasts: timedelta) -> None:
        """Keeps something in the browser for the addresses below a path."""
        name = f"kursnav-{purpose}"
        self._set(response, name, self.seal(purpose, value), path=path, max_age=int(lasts.total_seconds()))

    def take(self, request: Request, purpose: str) -> Any:
        """What is kept in the browser for a purpose."""
        return self.unseal(purpose, request.cookies.get(f"kursnav-{purpose}"))

    def _set(self, response: Response, name: str, text: str, path: str = "/", max_age: int | None = None) -> None:
        response.set_cookie(name, text, path=path, max_age=max_age, secure=self.secure, httponly=True, samesite="lax")

    # --- a form that outlives its session ----------------------------------------------------------------------------

    def keep(self, request: Request, response: Response, values: KeptForm) -> None:
        """Keeps what was written until the same person has signed in again; too much for cookies is not kept."""
        if self._cipher is None:
            return
        fields = {name: list(parts) for name, parts in values.items() if not name.startswith("_")}
        session = self.session_of(request)
        text = self.seal(KEPT, [request.url.path, session.caller.identity if session else "", fields])
        chunks = [text[at : at + CHUNK] for at in range(0, len(text), CHUNK)]
        if len(chunks) <= CHUNKS:
            for number, chunk in enumerate(chunks):
                lasts = int(KEPT_FOR.total_seconds())
                self._set(response, f"kursnav-kept-{number}", chunk, path=request.url.path, max_age=lasts)

    def kept(self, request: Request) -> KeptForm | None:
        """What was written on this page before the sign-in, None when there is nothing, or another person's."""
        text = "".join(request.cookies.get(f"kursnav-kept-{number}", "") for number in range(CHUNKS))
        found = self.unseal(KEPT, text) if text else None
        session = self.session_of(request)
        if found is None or session is None or found[0] != request.url.path:
            return None
        values: KeptForm = found[2]
        return values if found[1] in ("", session.caller.identity) else None

    def forget_kept(self, request: Request, response: Response) -> None:
        for number in range(CHUNKS):
            if (name := f"kursnav-kept-{number}") in request.cookies:
                response.delete_cookie(name, path=request.url.path)


def refuse_cross_site(request: Request) -> None:
    """Raises 403 when the browser says that another site sent this, or does not say at all."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        ours = site in ("same-origin", "none")
    else:
        ours = urlsplit(request.headers.get("origin", "")).netloc == request.headers.get("host")
    if not ours:
        raise _cross_site()


def _cross_site() -> Problem:
    return forbidden(
        "Det här skickades från en annan webbplats. Öppna sidan hos oss och försök igen.",
        "This was sent from another site. Open the page here and try again.",
    )


def _told(session: Session) -> dict[str, Any]:
    caller = session.caller
    return {
        "sid": session.sid,
        "until": session.until.isoformat(),
        "sub": caller.subject,
        "name": caller.name,
        "roles": sorted(caller.roles),
        "municipality": caller.municipality,
        "trainer": caller.trainer_id,
        "iss": caller.issuer,
    }


def _session(told: Any) -> Session | None:
    if not isinstance(told, dict):
        return None
    caller = Caller(
        subject=told["sub"],
        name=told["name"],
        roles=frozenset(Role(role) for role in told["roles"] if role in set(Role)),
        municipality=told["municipality"],
        trainer_id=UUID(told["trainer"]) if told["trainer"] else None,
        issuer=told["iss"],
    )
    return Session(UUID(told["sid"]), caller, datetime.fromisoformat(told["until"]))
