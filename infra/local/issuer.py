"""The development OIDC issuer: discovery, keys, tokens for demo users of every role. Stateless: it keeps only a key.

It gives a token to anyone who asks, and therefore refuses to exist outside development mode.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from infra.local import code_flow
from infra.local.errors import StackError
from infra.local.identity import ALGORITHM, PASSWORD, TOKEN_HOURS, demo_user, issue, load_key

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request


def require_development() -> None:
    """Raises `StackError` unless this is a development environment."""
    if os.environ.get("KURSNAV_ENVIRONMENT") != "development":
        raise StackError(
            "The development issuer gives tokens to anyone and runs in development only.\n"
            "In production name your own issuer: KURSNAV_ISSUER, KURSNAV_AUDIENCE and KURSNAV_JWKS_URL."
        )


def app(data: Path, issuer: str) -> "Starlette":
    """The issuer's endpoints, to be mounted at `/identity`. Raises `StackError` outside development."""
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    require_development()
    key = load_key(data)
    public = {**key.as_dict(private=False), "kid": key.thumbprint(), "use": "sig", "alg": ALGORITHM}

    async def discovery(_: "Request") -> JSONResponse:
        return JSONResponse(_discovery(issuer) | code_flow.described(issuer, data))

    async def jwks(_: "Request") -> JSONResponse:
        return JSONResponse({"keys": [public]})

    async def token(request: "Request") -> JSONResponse:
        form = {name: str(value) for name, value in (await request.form()).items()}
        if form.get("grant_type") == "authorization_code":
            return code_flow.exchanged(key, issuer, data, form)
        user = demo_user(
            form.get("username", ""), municipality=form.get("municipality"), trainer_id=form.get("trainer_id")
        )
        if form.get("grant_type") != "password":
            return JSONResponse({"error": "unsupported_grant_type"}, 400)
        if user is None or form.get("password") != PASSWORD:
            return JSONResponse({"error": "invalid_grant"}, 400)
        answer = {"access_token": issue(key, issuer, user), "token_type": "Bearer", "expires_in": TOKEN_HOURS * 3600}
        return JSONResponse(answer, headers={"Cache-Control": "no-store"})

    return Starlette(
        routes=[
            Route("/.well-known/openid-configuration", discovery),
            Route("/jwks", jwks),
            Route("/token", token, methods=["POST"]),
            *code_flow.routes(key, issuer, data),
        ]
    )


def _discovery(issuer: str) -> dict[str, Any]:
    return {
        "issuer": issuer,
        "jwks_uri": f"{issuer}/jwks",
        "token_endpoint": f"{issuer}/token",
        "grant_types_supported": ["password", "authorization_code"],
        "response_types_supported": ["token", "code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "claims_supported": ["sub", "name", "roles", "municipality", "trainer_id"],
    }
