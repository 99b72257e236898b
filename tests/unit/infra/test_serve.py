"""What `kursnav serve` refuses before it starts, and what stands at the top of the origin."""

from urllib.parse import urlsplit

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from infra import serve
from infra.commands.addresses import chosen
from infra.local.errors import StackError
from shared.contracts.booking_v1 import SessionScheduled
from shared.web import errors

NOT_FOR_PRODUCTION = "development-only:a3Vyc25hdi1kZXZlbG9wbWVudC1wZW9wbGUta2V5LTE="


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A production environment that lacks nothing."""
    values = {
        "KURSNAV_ENVIRONMENT": "production",
        "KURSNAV_ISSUER": "https://login.example.se",
        "KURSNAV_JWKS_URL": "https://login.example.se/jwks",
        "KURSNAV_PEOPLE_KEYS": "",
        "KURSNAV_URL": "https://kurser.example.se",
        "KURSNAV_SESSION_KEYS": "a:bm9ib2R5LWtub3dzLXRoaXMta2V5LW9mLXRoaXJ0eS0=",
        "REPORTING_DATABASE_URL": "postgresql://reporting_app:secret@db.example.se/reporting",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_a_service_that_does_not_exist_is_named_with_those_that_do() -> None:
    with pytest.raises(StackError, match=r"no service bokning\. Services: booking, attendance, reporting"):
        chosen(["booking", "bokning"])


def test_without_names_all_services_are_meant() -> None:
    assert chosen(None) == ["booking", "attendance", "reporting"]


def test_production_without_an_issuer_is_refused(production: pytest.MonkeyPatch) -> None:
    production.delenv("KURSNAV_ISSUER")
    with pytest.raises(StackError, match="set KURSNAV_ISSUER and KURSNAV_JWKS_URL"):
        serve.create("reporting")


def test_production_without_keys_for_the_browsers_session_is_refused(production: pytest.MonkeyPatch) -> None:
    production.delenv("KURSNAV_SESSION_KEYS")
    with pytest.raises(StackError, match="set KURSNAV_SESSION_KEYS and KURSNAV_URL"):
        serve.create("reporting")


def test_production_with_a_development_secret_is_refused(production: pytest.MonkeyPatch) -> None:
    production.setenv("KURSNAV_PEOPLE_KEYS", NOT_FOR_PRODUCTION)
    with pytest.raises(StackError, match="for development only, set your own: KURSNAV_PEOPLE_KEYS"):
        serve.create("reporting")


def test_a_process_without_a_name_takes_the_machines(production: pytest.MonkeyPatch) -> None:
    """One name for all would let two machines send at once and take each other's partitions."""
    production.delenv("KURSNAV_INSTANCE", raising=False)
    production.setattr("socket.gethostname", lambda: "kurs-2.example.se")
    assert serve.create("reporting").settings.instance == "kurs-2.example.se"
    production.setenv("KURSNAV_INSTANCE", "reporting-1")
    assert serve.create("reporting").settings.instance == "reporting-1"


def test_production_on_a_machine_without_a_name_is_refused(production: pytest.MonkeyPatch) -> None:
    production.delenv("KURSNAV_INSTANCE", raising=False)
    production.setattr("socket.gethostname", lambda: "localhost.localdomain")
    with pytest.raises(StackError, match="set KURSNAV_INSTANCE"):
        serve.create("reporting")


def test_production_has_neither_issuer_nor_mail_sink(production: pytest.MonkeyPatch) -> None:
    assert serve.development_routes([], 8000) == []


def test_even_alone_a_service_stands_under_its_prefix(production: pytest.MonkeyPatch) -> None:
    application = serve.origin([serve.create("reporting")])
    assert [route.path for route in application.routes if isinstance(route, Mount)] == ["/reporting"]


SCHEMA = "/schemas/se.kursnav.booking.session-scheduled.v1/0"
PATHS = [
    SCHEMA,
    "/schemas/nothing/0",
    "/asyncapi.json",
    "/reporting/health/live",
    "/reporting/openapi.json",
    "/reporting/nothing",
    "/reporting/",
    "/reporting",
    "/",
]


@pytest.mark.parametrize("path", [*PATHS, "/nothing", "/reportingx/health/live", "//reporting/health/live"])
@pytest.mark.parametrize("root_path", ["", "/behind"])
async def test_the_short_way_to_a_service_answers_as_the_mounts_do(
    production: pytest.MonkeyPatch, path: str, root_path: str
) -> None:
    application = serve.origin([serve.create("reporting")])
    answers = []
    plain = Starlette(routes=application.routes)
    plain.router.redirect_slashes = False
    errors.install(plain)
    for app in (application, plain):
        transport = httpx2.ASGITransport(app, root_path=root_path)
        async with httpx2.AsyncClient(transport=transport, base_url="http://kursnav.test") as client:
            answers.append(await client.get(root_path + path))
    short, mounted = answers
    assert (short.status_code, short.text) == (mounted.status_code, mounted.text)
    assert short.headers.get("location") == mounted.headers.get("location")


@pytest.mark.parametrize("root_path", ["", "/behind"])
async def test_events_are_described_where_their_dataschema_says(production: pytest.MonkeyPatch, root_path: str) -> None:
    transport = httpx2.ASGITransport(serve.origin([serve.create("reporting")]), root_path=root_path)
    async with httpx2.AsyncClient(transport=transport, base_url="http://kursnav.test") as client:
        schema = await client.get(root_path + urlsplit(SessionScheduled.dataschema).path)
        assert schema.json()["title"] == "SessionScheduled"
        assert (await client.get(root_path + "/asyncapi.json")).json()["asyncapi"] == "3.0.0"
        unknown = await client.get(root_path + "/schemas/nothing/0")
        assert (unknown.status_code, unknown.headers["content-type"]) == (404, "application/problem+json")


def test_an_origin_may_stand_without_a_service() -> None:
    assert serve.origin([]).routes == []
