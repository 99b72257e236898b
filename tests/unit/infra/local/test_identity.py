"""The development issuer: tokens for every role, and none outside development."""

from pathlib import Path

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from starlette.applications import Starlette
from starlette.routing import Mount

from infra.commands import token as command
from infra.local import identity
from infra.local.errors import StackError
from infra.local.issuer import app
from shared.security.roles import Role

ISSUER = "http://127.0.0.1:8000/identity"


@pytest.fixture
def development(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("KURSNAV_ENVIRONMENT", "development")
    monkeypatch.setenv("KURSNAV_DATA", str(tmp_path))
    monkeypatch.delenv("KURSNAV_ISSUER", raising=False)
    return tmp_path


def client(data: Path) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(Starlette(routes=[Mount("/identity", app(data, ISSUER))]))
    return httpx2.AsyncClient(transport=transport, base_url=ISSUER)


async def test_discovery_leads_to_keys_that_verify_a_token(development: Path) -> None:
    async with client(development) as issuer:
        discovery = (await issuer.get("/.well-known/openid-configuration")).json()
        keys = KeySet.import_key_set((await issuer.get("/jwks")).json())
        form = {"grant_type": "password", "username": "kommun", "password": identity.PASSWORD, "municipality": "1884"}
        answer = (await issuer.post("/token", data=form)).json()
    claims = jwt.decode(answer["access_token"], keys, algorithms=[identity.ALGORITHM]).claims
    assert discovery["issuer"] == claims["iss"] == ISSUER
    assert claims["roles"] == ["municipality"]
    assert claims["municipality"] == "1884"


async def test_a_wrong_password_gets_no_token(development: Path) -> None:
    async with client(development) as issuer:
        form = {"grant_type": "password", "username": "kommun", "password": "guess"}
        answer = await issuer.post("/token", data=form)
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_grant"})


async def test_the_private_key_is_never_published(development: Path) -> None:
    async with client(development) as issuer:
        assert "d" not in (await issuer.get("/jwks")).json()["keys"][0]


def test_there_is_a_demo_user_of_every_role() -> None:
    assert {user.role for user in identity.DEMO_USERS} == set(Role)


@pytest.mark.parametrize("environment", ["production", ""])
def test_it_refuses_to_exist_outside_development(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environment: str
) -> None:
    monkeypatch.setenv("KURSNAV_ENVIRONMENT", environment)
    with pytest.raises(StackError, match="in development only"):
        app(tmp_path, ISSUER)


def test_the_command_makes_no_token_in_production(development: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KURSNAV_ENVIRONMENT", "production")
    with pytest.raises(StackError, match="production"):
        command.make("coordinator")


def test_the_command_names_the_roles_when_there_is_no_such_one(development: Path) -> None:
    with pytest.raises(StackError, match="coordinator, municipality, trainer"):
        command.make("boss")


def test_the_key_stays_the_same_and_is_only_its_owners_to_read(development: Path) -> None:
    first = identity.load_key(development).thumbprint()
    assert identity.load_key(development).thumbprint() == first
    assert (development / "identity.pem").stat().st_mode & 0o077 == 0
