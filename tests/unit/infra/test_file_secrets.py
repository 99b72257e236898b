"""Secrets come from variables or files; those of the repository are refused in production."""

from pathlib import Path

import pytest

from infra.file_secrets import read_files, refuse_marked
from infra.local.errors import StackError


def test_a_file_is_read_into_its_variable_and_wins(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("a:b\n", "utf-8")
    environment = {"BOOKING_VAULT_KEYS_FILE": str(tmp_path / "keys"), "BOOKING_VAULT_KEYS": "old:key"}
    read_files(environment)
    assert environment["BOOKING_VAULT_KEYS"] == "a:b"


def test_a_file_out_of_reach_is_named(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"KURSNAV_PEOPLE_KEYS_FILE=.*none cannot be read: No such file"):
        read_files({"KURSNAV_PEOPLE_KEYS_FILE": str(tmp_path / "none")})


def test_production_refuses_every_secret_of_the_repository_by_name() -> None:
    marked = {
        "BOOKING_OWNER_DATABASE_URL": "postgresql://booking_owner:development-only-owner@postgres/booking",
        "KURSNAV_PEOPLE_KEYS": "development-only:abc",
        "BOOKING_VAULT_KEYS": "mine:abc",
    }
    refuse_marked({**marked, "KURSNAV_ENVIRONMENT": "development"})
    with pytest.raises(StackError, match=r"set your own: BOOKING_OWNER_DATABASE_URL, KURSNAV_PEOPLE_KEYS$"):
        refuse_marked({**marked, "KURSNAV_ENVIRONMENT": "production"})
