"""The issuer as a browser's sign-in needs it: code flow with PKCE (S256), state and nonce."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import httpx2
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jwt

from shared.security.roles import Caller
from shared.security.tokens import NO_TOKEN, Tokens
from shared.settings import ServiceSettings
from shared.web.problems import Problem, busy

SCOPE: Final = "openid profile"
DESCRIBED_FOR: Final = 300.0  # seconds
PATIENCE: Final = 10.0
LEEWAY: Final = 30
SILENT = busy(
    "Inloggningstjänsten svarar inte. Försök igen om en stund.",
    "The identity provider does not answer. Try again shortly.",
    seconds=5,
)


@dataclass(frozen=True)
class Begun:
    """A sign-in under way: where the browser goes, and what must come back with it."""

    address: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True)
class Known:
    """Who signed in, and the issuer's word for it, by which it later knows whom to sign out."""

    caller: Caller
    id_token: str


def refused() -> Problem:
    """400: this answer belongs to no sign-in that was begun in this browser a moment ago."""
    return Problem(
        "sign-in-failed",
        400,
        "Inloggningen gick inte att slutföra. Den kan ha tagit för lång tid. Börja om från inloggningssidan.",
        "The sign-in could not be completed. It may have taken too long. Start again from the sign-in page.",
    )


class Issuer:
    """What the issuer says of itself, and what it is asked."""

    def __init__(self, settings: ServiceSettings, tokens: Tokens) -> None:
        self._settings = settings
        self._tokens = tokens
        self._described: tuple[dict[str, Any], float] = ({}, float("-inf"))
        self._lock = asyncio.Lock()

    async def description(self) -> Mapping[str, Any]:
        """The issuer's own description. Raises 503."""
        async with self._lock:
            if time.monotonic() - self._described[1] > DESCRIBED_FOR:
                self._described = (await self._describe(), time.monotonic())
        return self._described[0]

    async def _describe(self) -> dict[str, Any]:
        own = f"{self._settings.issuer}/.well-known/openid-configuration"
        try:
            async with httpx2.AsyncClient(timeout=PATIENCE) as client:
                answer = await client.get(self._settings.discovery_url or own)
                answer.raise_for_status()
            described: dict[str, Any] = answer.json()
        except (httpx2.HTTPError, ValueError) as error:
            raise SILENT from error
        return described

    def _client(self, back_to: str) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            self._settings.client_id,
            self._settings.client_secret or None,
            token_endpoint_auth_method=None if self._settings.client_secret else "none",
            scope=SCOPE,
            redirect_uri=back_to,
            code_challenge_method="S256",
            timeout=PATIENCE,
        )

    async def begin(self, back_to: str, hint: str = "") -> Begun:
        """A new sign-in; `hint` is the username, where it is known. Raises 503."""
        where = (await self.description())["authorization_endpoint"]
        nonce, verifier = generate_token(32), generate_token(64)
        asked = {"nonce": nonce, "code_verifier": verifier, **({"login_hint": hint} if hint else {})}
        async with self._client(back_to) as client:
            address, state = client.create_authorization_url(where, **asked)
        return Begun(address, state, nonce, verifier)

    async def complete(self, back_to: str, code: str, nonce: str, verifier: str) -> Known:
        """Who signed in, by the code that the browser brought. Raises 400, 503."""
        where = (await self.description())["token_endpoint"]
        try:
            async with self._client(back_to) as client:
                answer = await client.fetch_token(where, code=code, code_verifier=verifier)
            id_token, access_token = answer["id_token"], answer["access_token"]
        except OAuthError as error:
            raise refused() from error
        except (httpx2.HTTPError, ValueError, KeyError) as error:
            raise SILENT from error
        caller = await self._tokens.caller_of_token(access_token)
        await self._check(id_token, nonce, caller)
        return Known(caller, id_token)

    async def _check(self, id_token: str, nonce: str, caller: Caller) -> None:
        """Raises 400 unless the ID token was made for this sign-in and speaks of the same person."""
        wanted = {"iss": self._settings.issuer, "aud": self._settings.client_id, "nonce": nonce, "sub": caller.subject}
        rules: Any = {name: {"essential": True, "value": value} for name, value in wanted.items()}
        registry = jwt.JWTClaimsRegistry(leeway=LEEWAY, exp={"essential": True}, **rules)
        try:
            registry.validate((await self._tokens.decoded(id_token)).claims)
        except NO_TOKEN as error:
            raise refused() from error

    async def sign_out(self, id_token: str | None, back_to: str) -> str | None:
        """Where a browser goes to be signed out at the issuer too; None for an issuer that has no such address."""
        where = (await self.description()).get("end_session_endpoint")
        hint = {"id_token_hint": id_token} if id_token else {}
        asked = {"client_id": self._settings.client_id, "post_logout_redirect_uri": back_to, **hint}
        return f"{where}?{urlencode(asked)}" if where else None
