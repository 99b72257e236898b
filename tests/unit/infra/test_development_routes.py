"""What only a development stack has: its issuer, its mails, and a way to let time pass."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

import httpx2
import pytest
from starlette.applications import Starlette

from infra.demo.actors import Coordinator
from infra.local import mail_sink, sweeping
from infra.serve import development_routes

if TYPE_CHECKING:
    from shared.service import Service


@pytest.fixture(autouse=True)
def _data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KURSNAV_DATA", str(tmp_path))
    monkeypatch.setenv("KURSNAV_ENVIRONMENT", "development")
    monkeypatch.delenv("KURSNAV_ISSUER", raising=False)


def paths() -> list[str]:
    return [getattr(route, "path", "") for route in development_routes([], 8000)]


def test_without_another_issuer_it_is_there() -> None:
    assert paths() == ["/identity", "/dev/sweep"]


def test_its_own_name_on_another_host_is_still_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KURSNAV_ISSUER", "http://localhost:8100/identity")
    assert "/identity" in paths()


def test_another_issuer_keeps_it_out_and_the_disk_untouched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KURSNAV_ISSUER", "http://localhost:8000/identity/realms/kursnav")
    assert paths() == ["/dev/sweep"]
    assert list(tmp_path.iterdir()) == []


def test_mails_are_shown_where_they_are_caught_and_no_empty_list_where_they_go_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "mail").mkdir()
    assert {"/dev/mail", "/dev/mail/{id}"} < set(paths())


async def test_time_passes_in_all_services_at_once_or_in_one() -> None:
    swept: list[tuple[str, datetime]] = []

    class Sweeping:
        def __init__(self, name: str) -> None:
            self.name = name

        async def run_due(self, now: datetime) -> None:
            swept.append((self.name, now))

    services = [cast("Service", Sweeping(name)) for name in ("booking", "attendance")]
    transport = httpx2.ASGITransport(Starlette(routes=sweeping.routes(services)))
    now = datetime(2026, 3, 2, 8, tzinfo=UTC)
    async with httpx2.AsyncClient(transport=transport, base_url="http://kursnav.test") as client:
        for path, names in (("", ["booking", "attendance"]), ("/attendance", ["attendance"])):
            swept.clear()
            answer = await client.post(f"/dev/sweep{path}", json={"now": now.isoformat()})
            assert answer.json()["services"] == names
            assert swept == [(name, now) for name in names]


async def test_the_demo_notices_that_mails_go_elsewhere(tmp_path: Path) -> None:
    for folder, reads in ((tmp_path, True), (tmp_path / "none", False)):
        transport = httpx2.ASGITransport(Starlette(routes=mail_sink.routes(folder)))
        async with httpx2.AsyncClient(transport=transport, base_url="http://kursnav.test") as client:
            assert await Coordinator(client, "token").may_read_mails() is reads


def test_production_has_neither(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KURSNAV_ENVIRONMENT", "production")
    assert paths() == []
