"""Failpoints kill where a test armed them, and each names a call that production still has."""

import signal
import subprocess
import sys

import pytest

from tests.support.failpoints import PLACES, Failpoint, found

PASS = """
import asyncio
from shared.messaging.lease import Lease
from tests.support.failpoints import arm

arm({armed!r})
lease = Lease.__new__(Lease)
lease.epoch = None
for _ in range(2):
    asyncio.run(lease.renew())
print("alive")
"""


def passing_twice(armed: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", PASS.format(armed=armed)]
    return subprocess.run(command, capture_output=True, text=True, timeout=30)


@pytest.mark.parametrize("armed", ["during-lease-renewal", "during-lease-renewal:2"])
def test_armed_it_kills_at_the_passage(armed: str) -> None:
    ended = passing_twice(armed)
    assert (ended.returncode, ended.stdout) == (-signal.SIGKILL, ""), ended.stderr


@pytest.mark.parametrize("armed", ["after-inbox", "during-lease-renewal:3"])
def test_elsewhere_and_before_it_passes(armed: str) -> None:
    assert passing_twice(armed).stdout == "alive\n"


@pytest.mark.parametrize("failpoint", Failpoint)
def test_every_failpoint_is_a_call_of_its_own(failpoint: Failpoint) -> None:
    owner, call, _ = found(failpoint)
    assert callable(getattr(owner, call))
    assert [other for other, place in PLACES.items() if place == PLACES[failpoint]] == [failpoint]
