"""Policies ask for the scope of a transaction once for each statement, not once for each row."""

import asyncpg
import pytest

from infra.settings import SERVICES
from shared.database.migrate import migrate
from tests.support import databases
from tests.support.stack import Stack

SINCE = {"booking": "0029", "attendance": "0020", "reporting": "0021"}
POLICIES = """
    SELECT policyname, concat_ws(' / ', qual, with_check) AS conditions
      FROM pg_policies WHERE concat(qual, with_check) LIKE '%current_setting%'
"""
OF_ONE_ROW = {"idempotency_keys_own"}
"""A kept answer is found by its whole key."""


async def conditions_in(url: str) -> dict[str, str]:
    """The conditions of each policy that asks for a setting."""
    connection = await asyncpg.connect(url)
    try:
        return {row["policyname"]: row["conditions"] for row in await connection.fetch(POLICIES)}
    finally:
        await connection.close()


def asks_for_each_row(condition: str) -> bool:
    asked_once = condition.count("SELECT current_setting(") + condition.count("SELECT (current_setting(")
    return condition.count("current_setting(") > asked_once


@pytest.mark.parametrize("service", SERVICES)
async def test_every_policy_asks_once_for_each_statement(stack: Stack, service: str) -> None:
    async with databases.cloned(stack.admin_url, service) as name:
        found = await conditions_in(databases.superuser_url(stack.admin_url, name))
    assert {policy for policy, condition in found.items() if asks_for_each_row(condition)} == OF_ONE_ROW


@pytest.mark.parametrize("service", SERVICES)
async def test_the_change_goes_back_and_forth_and_finds_all_policies_of_before(stack: Stack, service: str) -> None:
    async with databases.empty(stack.admin_url, service) as name:
        owner = databases.owner_url(stack.admin_url, service, name)
        await migrate(service, owner, SINCE[service])
        once = await conditions_in(owner)
        await migrate(service, owner, "-1")
        before = await conditions_in(owner)
        await migrate(service, owner, SINCE[service])
        assert await conditions_in(owner) == once
    assert before.keys() == once.keys()
    assert not [condition for condition in before.values() if "SELECT current_setting" in condition]
    assert all(asks_for_each_row(condition) for condition in before.values())
