"""Where the demo's actors log in: at the development issuer, or at Keycloak, as OpenID Connect says.

The issuer stands behind the services' origin, or `KURSNAV_ISSUER` names it. Its discovery document says where tokens
are given; every actor uses an own account with a password grant.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import httpx2

from infra.demo.actors import TokenSource
from infra.demo.api import Unreachable, trusted
from infra.local.errors import StackError
from infra.local.identity import DEMO_USERS, PASSWORD

CLIENT = "kursnav"
KEYCLOAK = "/realms/"
USERNAMES = {user.role: user.username for user in DEMO_USERS}
Form = Mapping[str, str]


def tokens_of(address: str) -> TokenSource:
    """Tokens of the issuer that belongs to the services at `address`. Raises StackError, Unreachable."""
    known = os.environ.get("KURSNAV_ISSUER")
    candidates = [known] if known else [f"{address}/identity", f"{address}/identity/realms/kursnav"]
    with httpx2.Client(timeout=30, trust_env=False, verify=trusted()) as client:
        for issuer in candidates:
            answer = _sent(client, "GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
            if answer.is_success:
                endpoint = str(answer.json()["token_endpoint"])
                return _keycloak(issuer, endpoint) if KEYCLOAK in issuer else _development_issuer(endpoint)
    raise StackError(f"No issuer answers at {' or '.join(candidates)}: name it with KURSNAV_ISSUER.")


def _development_issuer(endpoint: str) -> TokenSource:
    """It gives any demo user any municipality or trainer id."""

    def token(role: str, municipality: str | None, trainer_id: UUID | None) -> str:
        claims = {"municipality": municipality, "trainer_id": str(trainer_id) if trainer_id else None}
        return _granted(endpoint, {"username": role, **{name: value for name, value in claims.items() if value}})

    return token


def _keycloak(issuer: str, endpoint: str) -> TokenSource:
    """The realm has an account of each role and municipality; trainers get theirs when the demo has made them."""
    administrator: list[Administrator] = []

    def token(role: str, municipality: str | None, trainer_id: UUID | None) -> str:
        username = f"kommun-{municipality}" if municipality else USERNAMES[role]
        if trainer_id is not None:
            username = f"{USERNAMES[role]}-{trainer_id}"
            if not administrator:
                administrator.append(Administrator(issuer))
            administrator[0].ensure_trainer(username, trainer_id)
        return _granted(endpoint, {"username": username})

    return token


class Administrator:
    """What the project office does in Keycloak by hand: gives a trainer an account with the trainer's id."""

    def __init__(self, issuer: str) -> None:
        base, _, realm = issuer.rstrip("/").partition(KEYCLOAK)
        form = {
            "client_id": "admin-cli",
            "username": os.environ.get("KC_BOOTSTRAP_ADMIN_USERNAME") or "admin",
            "password": os.environ.get("KC_BOOTSTRAP_ADMIN_PASSWORD") or "development-only-admin",
        }
        access = _granted(f"{base}{KEYCLOAK}master/protocol/openid-connect/token", form)
        self._client = httpx2.Client(
            base_url=f"{base}/admin/realms/{realm}",
            headers={"Authorization": f"Bearer {access}"},
            timeout=30,
            trust_env=False,
        )
        self._role = self._call("GET", "/roles/trainer").json()

    def ensure_trainer(self, username: str, trainer_id: UUID) -> None:
        """An account with the role trainer; one that is there already stays as it is."""
        account = {
            "username": username,
            "enabled": True,
            "firstName": "Uno",
            "lastName": "Utbildningsledare",
            "email": f"{username}@kursnav.test",
            "emailVerified": True,
            "attributes": {"trainer_id": [str(trainer_id)]},
            "credentials": [{"type": "password", "value": PASSWORD, "temporary": False}],
        }
        made = self._call("POST", "/users", account, accepted=(409,))
        if made.status_code != 409:
            account_id = made.headers["Location"].rsplit("/", 1)[-1]
            self._call("POST", f"/users/{account_id}/role-mappings/realm", [self._role])

    def _call(self, method: str, path: str, body: Any = None, accepted: tuple[int, ...] = ()) -> httpx2.Response:
        answer = _sent(self._client, method, path, json=body)
        if not answer.is_success and answer.status_code not in accepted:
            raise StackError(f"Keycloak answered {answer.status_code} to {method} {path}: {answer.text[:200]}")
        return answer


def _granted(endpoint: str, form: Form) -> str:
    """An access token by password. Raises StackError when the issuer refuses."""
    wanted = {"grant_type": "password", "client_id": CLIENT, "scope": "openid", "password": PASSWORD, **form}
    with httpx2.Client(timeout=30, trust_env=False, verify=trusted()) as client:
        answer = _sent(client, "POST", endpoint, data=wanted)
    if not answer.is_success:
        raise StackError(f"{endpoint} gave {form['username']} no token ({answer.status_code}): {answer.text[:200]}")
    return str(answer.json()["access_token"])


def _sent(client: httpx2.Client, method: str, url: str, **content: Any) -> httpx2.Response:
    try:
        return client.request(method, url, **content)
    except httpx2.TransportError as error:
        raise Unreachable(f"no answer from {client.base_url}{url} ({error!r})") from error
