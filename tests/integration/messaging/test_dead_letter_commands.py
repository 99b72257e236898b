"""`kursnav dead-letters`, in a process of its own."""

import asyncio
import json
import os
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from uuid import uuid4

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

import shared.service
from infra.commands.dead_letters_client import PAGE
from infra.local import ports
from infra.local.stack import kursnav
from shared.messaging import dead_letters
from shared.messaging.replay import Replay
from shared.security.roles import Role
from tests.support import tokens
from tests.support.events import record
from tests.support.mechanisms import SERVICE
from tests.support.notes import Notes


@dataclass(frozen=True)
class Commands:
    """`kursnav dead-letters` in a process of its own, with a token of one role."""

    origin: str

    async def run(self, what: str, *rest: str, role: Role = Role.OPERATOR) -> "subprocess.CompletedProcess[str]":
        access = tokens.token(role, municipality="1884", iat=0)  # the clock of these notes stands still
        return await asyncio.to_thread(
            subprocess.run,
            kursnav("dead-letters", what, SERVICE, *rest),
            env={**os.environ, "KURSNAV_URL": self.origin, "KURSNAV_TOKEN": access},
            capture_output=True,
            text=True,
            timeout=120,
        )


class TestCommands:
    """`kursnav dead-letters` against this service, by people of several roles."""

    @pytest.fixture
    async def commands(self, at_work: Notes) -> AsyncIterator[Commands]:
        listener = ports.listen(0)
        server = uvicorn.Server(
            uvicorn.Config(Starlette(routes=[Mount(f"/{SERVICE}", app=at_work.service.app)]), log_config=None)
        )
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield Commands(f"http://127.0.0.1:{listener.getsockname()[1]}")
        finally:
            server.should_exit = True
            await serving

    async def test_operators_and_coordinators_list_show_replay_and_discard(
        self, at_work: Notes, commands: Commands
    ) -> None:
        at_work.broken = {2, 12}
        await at_work.write(uuid4(), 1, 2, 3)
        await at_work.write(uuid4(), 12)
        await at_work.caught_up()
        letters = {dict(letter["headers"])["ce_sequence"]: letter["id"] for letter in await at_work.letters()}

        listed = await commands.run("list")
        assert listed.stdout.splitlines()[-2].startswith("Open: 2 dead, 1 parked. Decided: 0 replayed, 0 discarded.")
        assert all(letter in listed.stdout for letter in letters.values())
        assert max(map(len, listed.stdout.splitlines())) <= 100
        shown = await commands.run("show", letters["2"])
        for said in ("ValueError", "the rule is missing", "ce_sequence", f"replay {SERVICE} {letters['2']}"):
            assert said in shown.stdout
        assert f"waits behind {letters['2']}" in unwrapped(await commands.run("show", letters["3"]))
        assert json.loads((await commands.run("show", letters["2"], "--json")).stdout)["reason"] == "ValueError"

        refused = await commands.run("discard", letters["2"], "--reason", "mine", role=Role.MUNICIPALITY)
        assert (refused.returncode, "403" in refused.stderr) == (1, True)
        too_early = await commands.run("replay", letters["2"])
        assert (too_early.returncode, "409" in too_early.stderr) == (1, True)
        assert f"what to do: kursnav dead-letters show {SERVICE} ID" in unwrapped(too_early)
        at_work.broken.clear()
        replayed = await commands.run("replay", letters["2"], role=Role.COORDINATOR)
        assert (replayed.returncode, replayed.stdout) == (0, "Applied: 2. Still failing: 0.\n")
        discarded = await commands.run("discard", letters["12"], "--reason", "entered twice", "--json")
        assert json.loads(discarded.stdout)[0]["decision_reason"] == "entered twice"

        assert await at_work.effects() == [1, 2, 3]
        nothing = await commands.run("list")
        assert nothing.stdout == "Open: 0 dead, 0 parked. Decided: 2 replayed, 1 discarded.\n"
        everything = await commands.run("list", "--state", "all")
        assert all(letter in everything.stdout for letter in letters.values())
        assert "entered twice" in everything.stdout

    async def test_the_list_goes_through_all_pages_and_filters(self, at_work: Notes, commands: Commands) -> None:
        session, other = uuid4(), uuid4()
        async with at_work.service.units.system() as unit:
            for offset in range(1, PAGE + 11):
                await dead_letters.bury(unit, "rolls", record(session, offset), "broken-json", "is not JSON")
            await dead_letters.bury(unit, "seats", record(other, PAGE + 20), "parked", "waits", state="parked")
        listed = json.loads((await commands.run("list", "--json")).stdout)
        assert [letter["offset"] for letter in listed["items"][:-1]] == list(range(1, PAGE + 11))
        assert listed["counts"] == {"dead": PAGE + 10, "parked": 1, "replayed": 0, "discarded": 0}
        for filters in (("--key", str(other)), ("--consumer", "seats"), ("--state", "parked")):
            [letter] = json.loads((await commands.run("list", "--json", *filters)).stdout)["items"]
            assert letter["key"] == str(other)

    async def test_all_that_are_open_each_key_until_the_first_that_still_fails(
        self, at_work: Notes, commands: Commands, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A call applies one event here, as if each took 20 s: the command goes on with what waits."""
        monkeypatch.setattr(shared.service, "Replay", partial(Replay, seconds=0))
        mended, broken = uuid4(), uuid4()
        at_work.broken = {1, 11, 13}
        await at_work.write(mended, 1, 2, 3)
        await at_work.write(broken, 11, 12, 13, 14)
        await at_work.caught_up()
        at_work.broken = {13}

        outcome = await commands.run("replay", "--all-open", "--json")
        said = json.loads(outcome.stdout)
        assert (outcome.returncode, said["applied"], len(said["failed"])) == (1, 5, 1)
        assert sorted(await at_work.effects()) == [1, 2, 3, 11, 12]
        left = {letter["id"]: letter for letter in await at_work.letters() if letter["state"] == "parked"}
        assert dict(left[said["failed"][0]["dead_letter"]]["headers"])["ce_sequence"] == "13"

        discarded = await commands.run("discard", said["failed"][0]["dead_letter"], "--reason", "never happened")
        assert f"1 events of its key still wait: kursnav dead-letters replay {SERVICE}" in discarded.stdout
        by_key = await commands.run("replay", "--key", str(broken))
        assert (by_key.returncode, by_key.stdout) == (0, "Applied: 1. Still failing: 0.\n")
        assert sorted(await at_work.effects()) == [1, 2, 3, 11, 12, 14]
        nothing = await commands.run("replay", "--key", str(broken))
        assert (nothing.returncode, unwrapped(nothing).startswith("Nothing of that consumer or key is open")) == (
            0,
            True,
        )

    async def test_what_cannot_be_understood_is_refused_with_advice(self, commands: Commands) -> None:
        said = {
            ("list", "--state", "gone"): "States: open, dead, parked, replayed, discarded, all.",
            ("replay",): "Name what to replay: the id of one, or --key KEY, or --all-open.",
            ("replay", str(uuid4()), "--all-open"): "Name what to replay",
            ("show", str(uuid4())): "404: The dead letter does not exist.",
            ("show", "17"): f"no id of a dead letter. Those that are: kursnav dead-letters list {SERVICE}",
            ("discard", "17", "--reason", "x"): "no id of a dead letter",
            ("discard", str(uuid4()), "--reason", " "): "/reason",
        }
        for words, advice in said.items():
            refused = await commands.run(*words)
            assert (refused.returncode, advice in refused.stderr) == (1, True), (words, refused.stderr)


def unwrapped(ended: "subprocess.CompletedProcess[str]") -> str:
    return " ".join(ended.stdout.split())
