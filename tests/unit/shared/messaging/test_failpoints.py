"""Failpoints kill on purpose: only where a test armed them, and never in production."""

import os
import signal
import subprocess
import sys

import pytest

from shared.messaging.failpoints import Failpoint

PASS = "from shared.messaging.failpoints import Failpoint, reach; {}; print('alive')"
REACH = "reach(Failpoint.BEFORE_COMMIT)"


def run(code: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "KURSNAV_ENVIRONMENT": "development", **variables}
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=30)


def test_unarmed_it_does_nothing() -> None:
    assert run(PASS.format(REACH)).stdout == "alive\n"


def test_armed_it_kills_at_once() -> None:
    ended = run(PASS.format(REACH), KURSNAV_FAILPOINT="before-commit")
    assert (ended.returncode, ended.stdout) == (-signal.SIGKILL, "")


def test_another_place_passes() -> None:
    assert run(PASS.format(REACH), KURSNAV_FAILPOINT="after-inbox").stdout == "alive\n"


def test_the_nth_passage() -> None:
    assert run(PASS.format(f"{REACH}; {REACH}"), KURSNAV_FAILPOINT="before-commit:3").stdout == "alive\n"
    ended = run(PASS.format(f"{REACH}; {REACH}; {REACH}"), KURSNAV_FAILPOINT="before-commit:3")
    assert ended.returncode == -signal.SIGKILL


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"KURSNAV_FAILPOINT": "before-commit", "KURSNAV_ENVIRONMENT": "production"}, "refused outside development"),
        ({"KURSNAV_FAILPOINT": "before-lunch"}, "unknown"),
    ],
)
def test_what_it_refuses(variables: dict[str, str], told: str) -> None:
    ended = run(PASS.format(REACH), **variables)
    assert ended.returncode == 1
    assert told in ended.stderr


def test_every_place_has_a_name_of_its_own() -> None:
    assert len({place.value for place in Failpoint}) == len(Failpoint)
