"""Where the tests' broker and database come from: the environment, else containers, else embedded."""

from pathlib import Path

import pytest

from tests.support.stack import choice


@pytest.fixture(autouse=True)
def _nothing_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KAFKA_BOOTSTRAP_SERVERS", "KURSNAV_POSTGRES"):
        monkeypatch.delenv(name, raising=False)


def engine(monkeypatch: pytest.MonkeyPatch, folder: Path, *, status: int) -> None:
    """The only program on the path is a `docker` that ends with this status."""
    program = folder / "docker"
    program.write_text(f"#!/bin/sh\nexit {status}\n", "utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


def test_without_an_engine_they_are_embedded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert choice() == {"Kafka": "embedded", "PostgreSQL": "embedded"}


def test_an_engine_without_the_images_is_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    engine(monkeypatch, tmp_path, status=1)
    assert choice() == {"Kafka": "embedded", "PostgreSQL": "embedded"}


def test_an_engine_with_the_images_runs_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    engine(monkeypatch, tmp_path, status=0)
    assert choice() == {"Kafka": "containers", "PostgreSQL": "containers"}


def test_the_environment_wins_and_its_password_is_not_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    engine(monkeypatch, tmp_path, status=0)
    monkeypatch.setenv("KURSNAV_POSTGRES", "postgresql://kursnav:secret@db.test:5432/postgres")
    assert choice() == {"Kafka": "containers", "PostgreSQL": "environment (db.test:5432/postgres)"}
