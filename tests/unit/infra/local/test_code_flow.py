"""The development issuer gives a code for a sign-in of this machine, and tokens for that code, verifier and address."""

import base64
import hashlib
import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.testclient import TestClient

from infra.local import identity
from infra.local.code_flow import CLAIMS_OF_DEMO
from infra.local.issuer import app

ISSUER = "http://127.0.0.1:8000/identity"
VERIFIER = "a-verifier-that-nobody-guesses"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
BACK = "http://localhost:8000/logga-in/svar"
ASKED = {
    "response_type": "code",
    "client_id": "kursnav",
    "redirect_uri": BACK,
    "state": "s",
    "nonce": "n",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
    "login_hint": "kommun",
}
ANOTHER = [{"code_verifier": "another"}, {"redirect_uri": "http://localhost:9/x"}, {"code": "x"}]
NOT_OURS = [
    {"code_challenge_method": "plain"},
    {"code_challenge": ""},
    {"redirect_uri": "https://evil.example/"},
    {"client_id": "x"},
]


@pytest.fixture
def issuer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setenv("KURSNAV_ENVIRONMENT", "development")
    return TestClient(app(tmp_path, ISSUER), follow_redirects=False)


def code_of(issuer: TestClient) -> str:
    back = issuer.get("/authorize", params=ASKED).headers["location"]
    return parse_qs(urlsplit(back).query)["code"][0]


def exchanged(issuer: TestClient, **fields: str) -> int:
    form = {"grant_type": "authorization_code", "code_verifier": VERIFIER, "redirect_uri": BACK, **fields}
    return issuer.post("/token", data=form).status_code


def test_a_code_is_changed_for_tokens(issuer: TestClient) -> None:
    assert exchanged(issuer, code=code_of(issuer)) == 200


@pytest.mark.parametrize(
    "wrong", [{"code_verifier": "another"}, {"redirect_uri": "http://localhost:9/x"}, {"code": "x"}]
)
def test_a_code_is_good_for_its_own_sign_in_only(issuer: TestClient, wrong: dict[str, str]) -> None:
    assert exchanged(issuer, **{"code": code_of(issuer), **wrong}) == 400


def test_an_access_token_is_no_code(issuer: TestClient) -> None:
    form = {"grant_type": "password", "username": "kommun", "password": identity.PASSWORD}
    assert exchanged(issuer, code=issuer.post("/token", data=form).json()["access_token"]) == 400


@pytest.mark.parametrize("wrong", NOT_OURS)
def test_what_is_no_sign_in_of_ours_gets_no_code(issuer: TestClient, wrong: dict[str, str]) -> None:
    assert issuer.get("/authorize", params={**ASKED, **wrong}).status_code == 400


def test_nobody_is_nobody(issuer: TestClient) -> None:
    back = issuer.get("/authorize", params={**ASKED, "login_hint": "nobody"}).headers["location"]
    assert parse_qs(urlsplit(back).query)["error"] == ["access_denied"]


def test_who_the_demos_trainer_is_follows_from_the_demo(issuer: TestClient, tmp_path: Path) -> None:
    trainer = "0194d2c0-0000-7000-8000-000000000001"
    (tmp_path / CLAIMS_OF_DEMO).write_text(json.dumps({"utbildare": {"trainer_id": trainer}}), "utf-8")
    form = {"grant_type": "authorization_code", "code_verifier": VERIFIER, "redirect_uri": BACK}
    back = issuer.get("/authorize", params={**ASKED, "login_hint": "utbildare"}).headers["location"]
    answer = issuer.post("/token", data={**form, "code": parse_qs(urlsplit(back).query)["code"][0]}).json()
    payload = answer["access_token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert claims["trainer_id"] == trainer
