"""The development issuer's part of a browser's sign-in: code flow with PKCE, without a page and without a password.

Stateless as the rest of it: a code is a signed text that says for whom, for what and until when.
"""

import csv
import hashlib
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from infra.local import identity
from infra.local.identity import ALGORITHM, AUDIENCE, DemoUser

if TYPE_CHECKING:
    from joserfc.jwk import ECKey
    from starlette.requests import Request
    from starlette.responses import JSONResponse, Response
    from starlette.routing import Route

MUNICIPALITIES = Path(__file__).parents[1] / "demo" / "data" / "municipalities.csv"
CODE_SECONDS = 60
HOSTS = ("127.0.0.1", "localhost", "::1")
CLAIMS_OF_DEMO = "demo-users.json"
"""What `kursnav demo` found out about demo users: claims by username, for example which trainer the trainer is."""


def users(data: Path) -> tuple[DemoUser, ...]:
    """The demo users, with what is known of them since data was entered."""
    path = data / CLAIMS_OF_DEMO
    found: dict[str, dict[str, str]] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return tuple(
        identity.demo_user(user.username, **found.get(user.username, {})) or user for user in identity.DEMO_USERS
    )


def remember(data: Path, username: str, **claims: str) -> None:
    """From now on a browser signs the demo user in with these claims."""
    path = data / CLAIMS_OF_DEMO
    data.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({username: claims}), "utf-8")


def described(issuer: str, data: Path) -> dict[str, Any]:
    """What discovery says about this."""
    places = municipalities()
    shown = [
        {
            "user": user.username,
            "name": user.name,
            "role": user.role,
            "place": places.get(user.municipality or "", user.municipality or ""),
        }
        for user in users(data)
    ]
    return {
        "authorization_endpoint": f"{issuer}/authorize",
        "end_session_endpoint": f"{issuer}/logout",
        "code_challenge_methods_supported": ["S256"],
        "kursnav_demo_users": shown,
    }


@cache
def municipalities() -> dict[str, str]:
    """The names of the demo's municipalities by their code."""
    with MUNICIPALITIES.open(encoding="utf-8") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file)}


def routes(key: "ECKey", issuer: str, data: Path) -> "list[Route]":
    """`/authorize` and `/logout`; the code is changed at `/token`, by `exchanged`."""
    from starlette.responses import JSONResponse, RedirectResponse
    from starlette.routing import Route

    async def authorize(request: "Request") -> "Response":
        asked = request.query_params
        user = next((one for one in users(data) if one.username == asked.get("login_hint")), None)
        fault = _fault(asked)
        if fault:
            return JSONResponse({"error": "invalid_request", "error_description": fault}, 400)
        back = {"state": asked.get("state", "")}
        back |= {"code": _code(key, user, asked)} if user else {"error": "access_denied"}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(back)}", 303)

    async def logout(request: "Request") -> "Response":
        back = request.query_params.get("post_logout_redirect_uri", "")
        return RedirectResponse(back if urlsplit(back).hostname in HOSTS else "/", 303)

    return [Route("/authorize", authorize), Route("/logout", logout)]


def _fault(asked: Mapping[str, str]) -> str:
    if asked.get("response_type") != "code" or asked.get("client_id") != AUDIENCE:
        return "response_type must be code, client_id kursnav"
    if asked.get("code_challenge_method") != "S256" or not asked.get("code_challenge"):
        return "PKCE with S256 is required"
    return "" if urlsplit(asked.get("redirect_uri", "")).hostname in HOSTS else "redirect_uri must be on this machine"


def _code(key: "ECKey", user: DemoUser, asked: Mapping[str, str]) -> str:
    from joserfc import jwt

    kept = {name: asked.get(name, "") for name in ("code_challenge", "redirect_uri", "nonce")}
    claims = {"use": "code", "user": user.username, "exp": int(time.time()) + CODE_SECONDS, **kept}
    return jwt.encode({"alg": ALGORITHM}, claims, key, algorithms=[ALGORITHM])


def exchanged(key: "ECKey", issuer: str, data: Path, form: Mapping[str, str]) -> "JSONResponse":
    """Tokens for a code, when verifier and address are those that it was given for."""
    from joserfc import jwt
    from joserfc.errors import JoseError
    from starlette.responses import JSONResponse

    refused = JSONResponse({"error": "invalid_grant"}, 400)
    try:
        claims = jwt.decode(form.get("code", ""), key, algorithms=[ALGORITHM]).claims
    except (JoseError, ValueError):
        return refused
    challenge = urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=")
    user = next((one for one in users(data) if one.username == claims.get("user")), None)
    wrong = (
        claims.get("use") != "code",
        claims.get("exp", 0) < time.time(),
        claims.get("code_challenge") != challenge.decode(),
        claims.get("redirect_uri") != form.get("redirect_uri"),
    )
    if any(wrong) or user is None:
        return refused
    answer = {
        "access_token": identity.issue(key, issuer, user),
        "id_token": identity.issue(key, issuer, user, nonce=claims["nonce"]),
        "token_type": "Bearer",
        "expires_in": identity.TOKEN_HOURS * 3600,
    }
    return JSONResponse(answer, headers={"Cache-Control": "no-store"})
