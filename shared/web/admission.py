"""Who calls, and in which role: each route says who may call it, and how callers identify themselves."""

from dataclasses import dataclass
from typing import Protocol

from starlette.requests import Request

from shared.security.roles import Caller, Role
from shared.web.problems import forbidden
from shared.web.texts import check_caller


class Admission(Protocol):
    """One way of saying who calls: an access token, a cookie of our pages, a personal link."""

    async def __call__(self, request: Request) -> Caller:
        """The caller. Raises 401."""


async def bearer(request: Request) -> Caller:
    """The caller by the access token in `Authorization: Bearer`."""
    caller: Caller = await request.app.state.tokens.caller_of(request)
    return caller


async def signed_in(request: Request) -> Caller:
    """The caller by an access token, else by the cookie of our own pages. Raises 401."""
    if "authorization" in request.headers:
        return await bearer(request)
    caller: Caller | None = await request.app.state.sessions.caller_of(request)
    return caller or await bearer(request)


async def anybody(request: Request) -> Caller:
    """Whoever is signed in, else the visitor, who has no role. Raises 401 for a token that is no good."""
    if "authorization" in request.headers:
        return await bearer(request)
    caller: Caller | None = await request.app.state.sessions.caller_of(request)
    return caller or VISITOR


async def by_link(request: Request) -> Caller:
    """Whoever holds the link, and nobody else that they may be: a sign-in of the same browser is not looked at."""
    return VISITOR


@dataclass(frozen=True)
class Guest(Caller):
    """Somebody without a login, who has no role and sees no row: the public, or the holder of a link."""


VISITOR = Guest(subject="visitor", name="", roles=frozenset())


@dataclass(frozen=True)
class Allowed:
    """The roles that may call a route, and how they are admitted."""

    roles: tuple[Role, ...] = ()
    by: Admission = signed_in

    async def admit(self, request: Request) -> tuple[Caller, Role | None]:
        """The caller and the role in which it acts; a guest has none. Raises 401, and 403 for other roles or a role
        without its claim.
        """
        caller = await self.by(request)
        if isinstance(caller, Guest):
            return caller, None
        role = self._role_of(caller)
        check_caller(caller)
        return caller, role

    def _role_of(self, caller: Caller) -> Role:
        role = caller.role_among(self.roles)
        if role is None:
            raise forbidden()
        if role is Role.MUNICIPALITY and not caller.municipality:
            raise forbidden(
                "Din inloggning saknar kommun. Be den som sköter behörigheter om den.",
                "Your login has no municipality. Ask whoever manages access for it.",
            )
        if role is Role.TRAINER and caller.trainer_id is None:
            raise forbidden(
                "Din inloggning saknar utbildningsledar-id. Be den som sköter behörigheter om det.",
                "Your login has no trainer id. Ask whoever manages access for it.",
            )
        return role
