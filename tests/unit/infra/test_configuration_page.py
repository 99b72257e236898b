"""The page of all settings says what the classes say, and leaves nothing out."""

import re

from infra.configuration_page import PAGE, page
from infra.settings import ROOT

VARIABLE = re.compile(r"\"((?:KURSNAV|KAFKA|BOOKING|ATTENDANCE|REPORTING|KC)_[A-Z_]+)\"")
# How supervisor and benchmark speak to their own children.
INTERNAL = {
    "KURSNAV_BEGIN_FD",
    "KURSNAV_FLOOR_DATABASE_URL",
    "KURSNAV_READY_FILE",
    "KURSNAV_REPORT_FD",
    "KURSNAV_SOCKET_FD",
}


def test_the_page_is_current() -> None:
    assert PAGE.read_text("utf-8") == page(), (
        "run .venv/bin/python -m infra.configuration_page, read the diff, commit it"
    )


def test_every_setting_has_a_meaning() -> None:
    rows = [line for line in page().splitlines() if line.startswith("| `")]
    assert len(rows) > 30
    assert [row for row in rows if row.endswith("|  |")] == []


def test_every_variable_that_the_code_names_is_on_the_page() -> None:
    files = [path for folder in ("infra", "shared", "services") for path in (ROOT / folder).rglob("*.py")]
    named = {name for path in files for name in VARIABLE.findall(path.read_text("utf-8"))} - INTERNAL
    text = page()
    assert sorted(name for name in named if f"`{name}`" not in text) == []


def test_compose_sets_only_variables_that_are_on_the_page() -> None:
    """A misspelt variable would be ignored in silence."""
    text = page()
    compose = (ROOT / "docker-compose.yml").read_text("utf-8")
    told = set(re.findall(r"^ +((?:KURSNAV|BOOKING|ATTENDANCE|REPORTING)_[A-Z_]+):", compose, re.MULTILINE))
    images = {"KURSNAV_OWNER_PASSWORD", "KURSNAV_APP_PASSWORD", "KURSNAV_SITE"}  # of PostgreSQL's script and Caddyfile
    assert sorted(name for name in told - images if f"`{name}`" not in text) == []
