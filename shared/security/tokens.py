"""Access tokens: who the caller is. OIDC access tokens as JWT; issuer, audience and algorithms are pinned."""

import asyncio
import re
import time
from collections import OrderedDict
from typing import Any, Protocol
from uuid import UUID

import httpx2
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from starlette.requests import Request

from shared.clock import Clock
from shared.security.roles import Caller, Role
from shared.web.problems import Problem, busy

ALGORITHMS = ["RS256", "ES256", "PS256"]
REFETCH_SECONDS = (
    5.0  # an unknown key id asks the issuer again at most this often: rotation is seen, floods are not passed on
)
REFRESH_SECONDS = 300.0  # a key that the issuer withdrew is forgotten after this time
REMEMBERED = 4096  # verified tokens kept, so that a busy client's token is verified once
REMEMBERED_SECONDS = 60.0
LEEWAY_SECONDS = 30
MUNICIPALITY = re.compile(r"[0-9]{4}")
# What the library and its JSON parser raise for a token that is none, however it is made.
NO_TOKEN = (JoseError, ValueError, TypeError, LookupError, AttributeError, RecursionError)


class KeySource(Protocol):
    """Where the issuer's public keys come from."""

    async def keys(self, *, newer_than: float | None = None) -> tuple[KeySet, float]:
        """The keys and when they were fetched; `newer_than` asks for a later fetch if one is allowed by now."""


class PublishedKeys:
    """The issuer's JWKS document over HTTP."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._keys = KeySet([])
        self._fetched = float("-inf")
        self._lock = asyncio.Lock()

    async def keys(self, *, newer_than: float | None = None) -> tuple[KeySet, float]:
        age = time.monotonic() - self._fetched
        if age > REFRESH_SECONDS or (newer_than is not None and self._fetched <= newer_than and age > REFETCH_SECONDS):
            async with self._lock:
                if time.monotonic() - self._fetched > REFETCH_SECONDS:
                    await self._fetch()
        return self._keys, self._fetched

    async def _fetch(self) -> None:
        try:
            async with httpx2.AsyncClient(timeout=5) as client:
                answer = await client.get(self.url)
                answer.raise_for_status()
            self._keys = KeySet.import_key_set(answer.json())
        except (httpx2.HTTPError, ValueError, JoseError) as error:
            if self._fetched == float("-inf"):
                raise busy(
                    "Inloggningstjänsten svarar inte. Försök igen om en stund.",
                    "The identity provider does not answer. Try again shortly.",
                    seconds=5,
                ) from error
        self._fetched = time.monotonic()


def unauthorized(sv: str, en: str) -> Problem:
    """401 with what to do about it."""
    return Problem("unauthorized", 401, sv, en, headers={"WWW-Authenticate": 'Bearer realm="kursnav"'})


class Tokens:
    """Turns the `Authorization` header of a request into a caller."""

    def __init__(self, source: KeySource, *, issuer: str, audience: str, clock: Clock) -> None:
        self.source = source
        self.clock = clock
        self._claims = jwt.JWTClaimsRegistry(
            now=lambda: int(clock.now().timestamp()),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            sub={"essential": True},
        )
        self._verified: OrderedDict[str, tuple[Caller, float]] = OrderedDict()

    async def caller_of(self, request: Request) -> Caller:
        """The caller of a request. Raises 401 when there is no valid token."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise unauthorized(
                "Inloggning saknas. Skicka en åtkomsttoken i huvudet Authorization: Bearer.",
                "No access token. Send one in the header Authorization: Bearer.",
            )
        return await self.caller_of_token(token.strip())

    async def caller_of_token(self, token: str) -> Caller:
        known = self._verified.get(token)
        if known is not None and known[1] > self.clock.now().timestamp():
            return known[0]
        claims = await self._verify(token)
        caller = caller_from(claims)
        until = min(float(claims["exp"]), self.clock.now().timestamp() + REMEMBERED_SECONDS)
        self._verified[token] = (caller, until)
        while len(self._verified) > REMEMBERED:
            self._verified.popitem(last=False)
        return caller

    async def decoded(self, token: str) -> jwt.Token:
        """A token that the issuer signed, whomever it is for. Raises 401."""
        keys, fetched = await self.source.keys()
        try:
            return self._decode(token, keys)
        except NO_TOKEN:
            # Perhaps the issuer rotated its keys since we asked.
            keys, _ = await self.source.keys(newer_than=fetched)
            try:
                return self._decode(token, keys)
            except NO_TOKEN as error:
                raise unauthorized(
                    "Åtkomsttoken är inte giltig här (fel utfärdare, mottagare eller signatur). Logga in igen.",
                    "The access token is not valid here (wrong issuer, audience or signature). Log in again.",
                ) from error

    async def _verify(self, token: str) -> dict[str, Any]:
        decoded = await self.decoded(token)
        try:
            self._claims.validate(decoded.claims)
        except NO_TOKEN as error:
            expired = type(error).__name__ == "ExpiredTokenError"
            raise unauthorized(
                "Åtkomsttoken har gått ut. Logga in igen."
                if expired
                else "Åtkomsttoken gäller inte här. Logga in igen.",
                "The access token has expired. Log in again."
                if expired
                else "The access token is not meant for this service. Log in again.",
            ) from error
        return dict(decoded.claims)

    @staticmethod
    def _decode(token: str, keys: KeySet) -> jwt.Token:
        return jwt.decode(token, keys, algorithms=ALGORITHMS)


def caller_from(claims: dict[str, Any]) -> Caller:
    """The caller that the claims describe; unknown roles are ignored, a role without its claim sees nothing.

    An issuer's mapping may put anything into a claim: what is not of the claim's own kind is not there. Raises 401
    without a subject.
    """
    subject, roles = claims["sub"], claims.get("roles")
    if not isinstance(subject, str) or not subject:
        raise unauthorized(
            "Åtkomsttoken säger inte vem den gäller (sub). Logga in igen.",
            "The access token does not say whose it is (sub). Log in again.",
        )
    named = [role for role in roles if isinstance(role, str)] if isinstance(roles, list) else []
    municipality = _text(claims, "municipality")
    return Caller(
        subject=subject,
        name=_text(claims, "name") or subject,
        roles=frozenset(Role(role) for role in named if role in set(Role)),
        municipality=municipality if municipality and MUNICIPALITY.fullmatch(municipality) else None,
        trainer_id=_id(_text(claims, "trainer_id")),
        issuer=_text(claims, "iss") or "",
    )


def _text(claims: dict[str, Any], name: str) -> str | None:
    value = claims.get(name)
    return value if isinstance(value, str) else None


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
