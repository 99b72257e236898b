"""Who the caller is: issuer, audience and algorithms are pinned, keys may rotate, nothing else gets in."""

import base64
import contextlib
import functools
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey

from shared.security import tokens as module
from shared.security.roles import Role
from shared.security.tokens import PublishedKeys, Tokens
from shared.web.problems import Problem
from tests.support.clock import FixedClock
from tests.support.tokens import StaticKeys

ISSUER, AUDIENCE = "https://issuer.test", "kursnav"
NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)
KEY, OTHER = ECKey.generate_key("P-256"), ECKey.generate_key("P-256")


def signed(key: ECKey = KEY, *, without: str = "", **claims: Any) -> str:
    default = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "anna",
        "roles": ["coordinator"],
        "exp": int((NOW + timedelta(hours=1)).timestamp()),
    }
    chosen = {name: value for name, value in {**default, **claims}.items() if name != without}
    return jwt.encode({"alg": "ES256", "kid": key.thumbprint()}, chosen, key, algorithms=["ES256"])


def public(*keys: ECKey) -> dict[str, Any]:
    return {"keys": [{**key.as_dict(private=False), "kid": key.thumbprint()} for key in keys]}


def key_set(*keys: ECKey) -> KeySet:
    return KeySet.import_key_set(public(*keys))  # type: ignore[arg-type]  # a JWKS document as it is published


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def tokens(clock: FixedClock) -> Tokens:
    return Tokens(StaticKeys(key_set(KEY)), issuer=ISSUER, audience=AUDIENCE, clock=clock)


async def refused(tokens: Tokens, token: str) -> Problem:
    with pytest.raises(Problem) as problem:
        await tokens.caller_of_token(token)
    assert problem.value.status == 401
    return problem.value


async def test_a_valid_token_names_its_caller(tokens: Tokens) -> None:
    trainer = uuid4()
    caller = await tokens.caller_of_token(
        signed(name="Anna", roles=["trainer", "municipality"], municipality="1884", trainer_id=str(trainer))
    )
    assert (caller.subject, caller.name, caller.municipality, caller.trainer_id) == ("anna", "Anna", "1884", trainer)
    assert caller.roles == {Role.TRAINER, Role.MUNICIPALITY}


class TestRefused:
    @pytest.mark.parametrize(
        "claims",
        [
            {"iss": "https://elsewhere.test"},
            {"aud": "another-service"},
            {"exp": int((NOW - timedelta(minutes=5)).timestamp())},
            {"nbf": int((NOW + timedelta(minutes=5)).timestamp())},
        ],
        ids=["issuer", "audience", "expired", "not yet valid"],
    )
    async def test_wrong_claims(self, tokens: Tokens, claims: dict[str, Any]) -> None:
        await refused(tokens, signed(**claims))

    @pytest.mark.parametrize("claim", ["iss", "aud", "exp", "sub"])
    async def test_missing_claims(self, tokens: Tokens, claim: str) -> None:
        await refused(tokens, signed(without=claim))

    async def test_anothers_signature(self, tokens: Tokens) -> None:
        await refused(tokens, signed(OTHER))

    async def test_changed_after_signing(self, tokens: Tokens) -> None:
        head, body, signature = signed().split(".")
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        forged = base64.urlsafe_b64encode(json.dumps({**claims, "sub": "bo"}).encode()).decode().rstrip("=")
        await refused(tokens, f"{head}.{forged}.{signature}")

    async def test_no_algorithm(self, tokens: Tokens) -> None:
        head = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
        await refused(tokens, f"{head}.{signed().split('.')[1]}.")

    async def test_the_public_key_used_as_a_password(self, tokens: Tokens) -> None:
        """A symmetric algorithm with what everybody can read."""
        password = OctKey.import_key(json.dumps(public(KEY)))
        claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "anna", "exp": int(NOW.timestamp()) + 60}
        header = {"alg": "HS256", "kid": KEY.thumbprint()}
        await refused(tokens, jwt.encode(header, claims, password, algorithms=["HS256"]))

    @pytest.mark.parametrize("token", ["", "x", "a.b.c", "a.b", "é.é.é", "...."])
    async def test_what_is_no_token(self, tokens: Tokens, token: str) -> None:
        await refused(tokens, token)

    async def test_a_remembered_token_once_it_expires(self, tokens: Tokens, clock: FixedClock) -> None:
        token = signed(exp=int((NOW + timedelta(seconds=20)).timestamp()))
        await tokens.caller_of_token(token)
        clock.advance(timedelta(minutes=2))
        problem = await refused(tokens, token)
        assert "expired" in problem.en


class TestRoles:
    async def test_an_unknown_role_is_no_role(self, tokens: Tokens) -> None:
        assert (await tokens.caller_of_token(signed(roles=["admin", "root"]))).roles == frozenset()

    @pytest.mark.parametrize("roles", ["coordinator", None, {"coordinator": True}, 7])
    async def test_roles_that_are_no_list_are_none(self, tokens: Tokens, roles: object) -> None:
        assert (await tokens.caller_of_token(signed(roles=roles))).roles == frozenset()

    async def test_a_trainer_id_that_is_none_is_absent(self, tokens: Tokens) -> None:
        assert (await tokens.caller_of_token(signed(trainer_id="17"))).trainer_id is None


class Issuer:
    """An issuer whose published keys change; counts how often it is asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.keys: tuple[ECKey, ...] = (KEY,)
        self.asked, self.down, self.now = 0, False, 1000.0
        client: Callable[..., httpx2.AsyncClient] = functools.partial(
            httpx2.AsyncClient, transport=httpx2.MockTransport(self.answer)
        )
        monkeypatch.setattr(module, "httpx2", SimpleNamespace(AsyncClient=client, HTTPError=httpx2.HTTPError))
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: self.now))

    def answer(self, _: httpx2.Request) -> httpx2.Response:
        self.asked += 1
        return httpx2.Response(503) if self.down else httpx2.Response(200, json=public(*self.keys))


class TestRotation:
    @pytest.fixture
    def issuer(self, monkeypatch: pytest.MonkeyPatch) -> Issuer:
        return Issuer(monkeypatch)

    @pytest.fixture
    def tokens(self, issuer: Issuer, clock: FixedClock) -> Tokens:
        return Tokens(PublishedKeys("https://issuer.test/jwks"), issuer=ISSUER, audience=AUDIENCE, clock=clock)

    async def test_a_new_key_is_fetched_when_it_is_first_seen(self, tokens: Tokens, issuer: Issuer) -> None:
        await tokens.caller_of_token(signed())
        issuer.keys = (OTHER,)
        issuer.now += 10
        assert (await tokens.caller_of_token(signed(OTHER))).subject == "anna"

    async def test_forged_tokens_do_not_make_us_flood_the_issuer(self, tokens: Tokens, issuer: Issuer) -> None:
        for _ in range(20):
            await refused(tokens, signed(OTHER))
        assert issuer.asked <= 2

    async def test_a_withdrawn_key_is_forgotten(self, tokens: Tokens, issuer: Issuer) -> None:
        await tokens.caller_of_token(signed())
        issuer.keys = (OTHER,)
        issuer.now += module.REFRESH_SECONDS + 1
        await refused(tokens, signed(sub="bo"))

    async def test_an_issuer_that_is_away_is_no_reason_to_refuse_whom_we_know(
        self, tokens: Tokens, issuer: Issuer
    ) -> None:
        await tokens.caller_of_token(signed())
        issuer.down = True
        issuer.now += module.REFRESH_SECONDS + 1
        assert (await tokens.caller_of_token(signed(sub="bo"))).subject == "bo"

    async def test_before_the_first_keys_it_is_503_with_retry_after(self, tokens: Tokens, issuer: Issuer) -> None:
        issuer.down = True
        with pytest.raises(Problem) as problem:
            await tokens.caller_of_token(signed())
        assert (problem.value.status, "Retry-After" in problem.value.headers) == (503, True)
        issuer.down = False
        assert (await tokens.caller_of_token(signed())).subject == "anna"


ODD: list[Any] = [None, 0, 1.5, True, "", "x" * 5000, {}, [], [{}], [[]], [None, 1, True, ["coordinator"]], {"a": [{}]}]


@pytest.mark.parametrize("value", ODD, ids=lambda value: repr(value)[:20])
@pytest.mark.parametrize("claim", ["roles", "municipality", "trainer_id", "name"])
async def test_a_claim_of_another_kind_is_not_there(tokens: Tokens, claim: str, value: Any) -> None:
    caller = await tokens.caller_of_token(signed(**{claim: value}))
    assert (caller.municipality, caller.trainer_id) == (None, None)
    assert caller.roles == (frozenset() if claim == "roles" else {Role.COORDINATOR})
    assert isinstance(caller.name, str)


@pytest.mark.parametrize("value", ODD, ids=lambda value: repr(value)[:20])
@pytest.mark.parametrize("claim", ["sub", "exp", "aud", "iss", "iat", "nbf"])
async def test_a_token_whose_own_claims_are_of_another_kind_is_no_fault_of_ours(
    tokens: Tokens, claim: str, value: Any
) -> None:
    with contextlib.suppress(Problem):
        assert (await tokens.caller_of_token(signed(**{claim: value}))).roles == {Role.COORDINATOR}


async def test_what_is_a_role_among_what_is_none_counts(tokens: Tokens) -> None:
    caller = await tokens.caller_of_token(signed(roles=[{}, "coordinator", ["operator"], *["x"] * 2000]))
    assert caller.roles == {Role.COORDINATOR}


@pytest.mark.parametrize(
    "head", [b"[" * 9000, b'{"alg": []}', b'{"alg": {}}', b"[]", b"null", b'{"alg": "ES256", "kid": {}}']
)
async def test_a_head_that_is_none_is_401(tokens: Tokens, head: bytes) -> None:
    encoded = base64.urlsafe_b64encode(head).decode().rstrip("=")
    assert (await refused(tokens, f"{encoded}.e30.AA")).status == 401
