"""Access tokens for every role, signed with a key of this test run, and the address where services fetch that key."""

import json
import threading
import time
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from uuid import UUID

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, KeySetSerialization

from shared.security.roles import Role

ISSUER = "https://issuer.test"
AUDIENCE = "kursnav"
ALGORITHM = "ES256"


@cache
def key() -> ECKey:
    """The signing key of this run."""
    return ECKey.generate_key("P-256")


def public_keys() -> dict[str, Any]:
    """The issuer's JWKS document."""
    return {"keys": [{**key().as_dict(private=False), "kid": key().thumbprint(), "use": "sig", "alg": ALGORITHM}]}


class StaticKeys:
    """Keys given by hand."""

    def __init__(self, keys: KeySet) -> None:
        self._keys = keys

    async def keys(self, *, newer_than: float | None = None) -> tuple[KeySet, float]:
        return self._keys, 0.0


def issuer_keys() -> StaticKeys:
    """The issuer's keys for a service that is built in the test's own process."""
    return StaticKeys(KeySet.import_key_set(cast(KeySetSerialization, public_keys())))


def token(
    *roles: Role | str,
    municipality: str | None = None,
    trainer_id: UUID | str | None = None,
    subject: str = "",
    signed_by: ECKey | None = None,
    **claims: Any,
) -> str:
    """A token with these roles; `claims` replace any claim, `signed_by` another key makes it a foreign one."""
    now = int(time.time())
    known = {"municipality": municipality, "trainer_id": str(trainer_id) if trainer_id else None}
    default = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "iat": now,
        "exp": now + 3600,
        "sub": subject or "-".join(map(str, roles)) or "nobody",
        "roles": [str(role) for role in roles],
        **{name: value for name, value in known.items() if value},
    }
    signer = signed_by or key()
    header = {"alg": ALGORITHM, "kid": signer.thumbprint()}
    return jwt.encode(header, {**default, **claims}, signer, algorithms=[ALGORITHM])


def bearer(*roles: Role | str, **claims: Any) -> dict[str, str]:
    """The header of a caller with these roles; arguments as for `token`."""
    return {"Authorization": f"Bearer {token(*roles, **claims)}"}


@cache
def jwks_url() -> str:
    """The address of the keys, served by a thread of this process until it ends."""

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(public_keys()).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Keys)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/jwks"
