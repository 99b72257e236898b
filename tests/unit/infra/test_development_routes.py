"""The development issuer stands only where tokens come from it, and writes nothing elsewhere."""

from pathlib import Path

import pytest

from infra.serve import development_routes


@pytest.fixture(autouse=True)
def _data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KURSNAV_DATA", str(tmp_path))
    monkeypatch.setenv("KURSNAV_ENVIRONMENT", "development")
    monkeypatch.delenv("KURSNAV_ISSUER", raising=False)


def paths() -> list[str]:
    return [getattr(route, "path", "") for route in development_routes([], 8000)]


def test_without_another_issuer_it_is_there() -> None:
    assert paths() == ["/identity", "/dev/mail", "/dev/mail/{id}", "/dev/sweep"]


def test_its_own_name_on_another_host_is_still_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KURSNAV_ISSUER", "http://localhost:8100/identity")
    assert "/identity" in paths()


def test_another_issuer_keeps_it_out_and_the_disk_untouched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KURSNAV_ISSUER", "http://localhost:8000/identity/realms/kursnav")
    assert paths() == ["/dev/mail", "/dev/mail/{id}", "/dev/sweep"]
    assert list(tmp_path.iterdir()) == []


def test_production_has_neither(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KURSNAV_ENVIRONMENT", "production")
    assert paths() == []
