"""The development OIDC issuer: discovery, keys, tokens for demo users of every role. Stateless: it keeps only a key.

It gives a token to anyone who asks, and therefore refuses to exist outside development mode.
"""

import os
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from infra.local.errors import StackError

if TYPE_CHECKING:
    from joserfc.jwk import ECKey
    from starlette.applications import Starlette
    from starlette.requests import Request

ALGORITHM = "ES256"
AUDIENCE = "kursnav"
TOKEN_HOURS = 12
PASSWORD = "kursnav"  # noqa: S105 - of every demo user, on this machine only


@dataclass(frozen=True)
class DemoUser:
    """A user of the development stack and the claims of the token."""

    username: str
    name: str
    role: str
    municipality: str | None = None
    trainer_id: str | None = None

    def claims(self) -> dict[str, Any]:
        optional = {"municipality": self.municipality, "trainer_id": self.trainer_id}
        given = {name: value for name, value in optional.items() if value}
        # The user of another municipality is another user: the audit tells them apart.
        subject = "-".join((self.username, *given.values()))
        return {"sub": subject, "name": self.name, "roles": [self.role], **given}


DEMO_USERS = (
    DemoUser("samordnare", "Sam Samordnare", "coordinator"),
    DemoUser("kommun", "Kim Kommunsson", "municipality", municipality="1880"),
    DemoUser("utbildare", "Uno Utbildningsledare", "trainer"),
    DemoUser("finansiar", "Fia Finansiär", "funder"),
    DemoUser("utvarderare", "Uma Utvärderare", "evaluator"),
    DemoUser("driftare", "Dag Driftare", "operator"),
)


def require_development() -> None:
    """Raises `StackError` unless this is a development environment."""
    if os.environ.get("KURSNAV_ENVIRONMENT") != "development":
        raise StackError(
            "The development issuer gives tokens to anyone and runs in development only.\n"
            "In production name your own issuer: KURSNAV_ISSUER, KURSNAV_AUDIENCE and KURSNAV_JWKS_URL."
        )


def load_key(data: Path) -> "ECKey":
    """The issuer's key, made on first use and kept in `.data/identity.pem`."""
    from joserfc.jwk import ECKey

    path = data / "identity.pem"
    if not path.exists():
        data.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f"identity.{os.getpid()}.unfinished")
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(ECKey.generate_key("P-256").as_pem(private=True))
        try:
            os.link(unfinished, path)  # who comes second takes the first one's key
        except FileExistsError:
            pass
        finally:
            unfinished.unlink()
    return ECKey.import_key(path.read_text("ascii"))


def issue(key: "ECKey", issuer: str, user: DemoUser, hours: float = TOKEN_HOURS, **more: str) -> str:
    """A token of the user, valid `hours` from now; `more` are claims of this token alone."""
    from joserfc import jwt

    now = int(time.time())
    life = {"iss": issuer, "aud": AUDIENCE, "iat": now, "exp": now + int(hours * 3600)}
    return jwt.encode(
        {"alg": ALGORITHM, "kid": key.thumbprint()}, {**life, **user.claims(), **more}, key, algorithms=[ALGORITHM]
    )


def demo_user(username: str, *, municipality: str | None = None, trainer_id: str | None = None) -> DemoUser | None:
    """The demo user of that name or role, with other claims where given."""
    for user in DEMO_USERS:
        if username in (user.username, user.role):
            return replace(
                user, municipality=municipality or user.municipality, trainer_id=trainer_id or user.trainer_id
            )
    return None


def app(data: Path, issuer: str) -> "Starlette":
    """The issuer's endpoints, to be mounted at `/identity`. Raises `StackError` outside development."""
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    from infra.local import code_flow

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
