"""When a clock is wrong enough to matter, and when an issuer can be used."""

import asyncio

import asyncpg
import httpx2
import pytest

from infra.doctor import databases, issuer
from infra.doctor.configuration import Configuration
from infra.doctor.findings import Level, clock
from infra.settings import SERVICES
from tests.support import tokens


@pytest.mark.parametrize(
    ("skew", "uncertain", "level"),
    [
        (0.2, 0.0, Level.OK),
        (-0.9, 0.0, Level.OK),
        (3.0, 0.0, Level.WARNING),
        (-3.0, 2.5, Level.OK),  # a slow network proves nothing
        (45.0, 1.0, Level.ERROR),
        (-45.0, 1.0, Level.ERROR),
    ],
)
def test_a_clock_is_judged_by_what_the_network_cannot_explain(skew: float, uncertain: float, level: Level) -> None:
    assert clock("somewhere", skew, uncertain).level is level


async def test_without_an_issuer_nobody_can_log_in() -> None:
    [finding] = await issuer.examine(Configuration({}))
    assert finding.level is Level.ERROR
    assert "KURSNAV_JWKS_URL" in finding.advice


async def test_an_address_without_keys_is_an_error() -> None:
    address = str(httpx2.URL(tokens.jwks_url()).copy_with(port=9))
    findings = await issuer.examine(Configuration({"KURSNAV_ISSUER": tokens.ISSUER, "KURSNAV_JWKS_URL": address}))
    assert findings[0].level is Level.ERROR
    assert "gives no keys" in findings[0].text


async def test_an_issuer_out_of_reach_is_only_a_warning() -> None:
    """Inside a container the name that browsers use may lead nowhere; the keys are what is needed."""
    chosen = {"KURSNAV_ISSUER": "http://127.0.0.1:9/identity", "KURSNAV_JWKS_URL": tokens.jwks_url()}
    levels = {finding.level for finding in await issuer.examine(Configuration(chosen))}
    assert levels == {Level.OK, Level.WARNING}


async def test_databases_of_a_silent_server_are_waited_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    urls = {f"{service.upper()}_DATABASE_URL": f"postgresql://{service}@db.example.se/x" for service in SERVICES}
    together = asyncio.Barrier(len(SERVICES))
    waited: list[str] = []

    async def silence(url: str, **_: object) -> None:
        async with asyncio.timeout(5):
            await together.wait()
        waited.append(url)
        raise TimeoutError

    monkeypatch.setattr(asyncpg, "connect", silence)
    findings = await databases.examine(Configuration(urls))
    assert len(waited) == len(SERVICES), "one was asked only after another had not answered"
    assert [finding.part for finding in findings] == [f"database of {service}" for service in SERVICES]
    assert {finding.text for finding in findings} == {"cannot be reached: TimeoutError"}
