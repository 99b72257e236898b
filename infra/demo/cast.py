"""Everybody who acts in the demo, each with an own login."""

from __future__ import annotations

import asyncio
import time
from uuid import UUID

import httpx2

from infra.demo.actors import SERVICES, Actor, Coordinator, Funder, Guest, Municipality, TokenSource, Trainer
from shared.web.operations import PositionShown

POLL_SECONDS = 0.1
QUIET_POLLS = 2


class NotSettledError(Exception):
    """Something written has not arrived, or could not be applied."""


class Cast:
    """Makes each actor once. `tokens` gives the bearer tokens of the development issuer."""

    def __init__(self, client: httpx2.AsyncClient, tokens: TokenSource) -> None:
        self._client = client
        self._tokens = tokens
        self._municipalities: dict[str, Municipality] = {}
        self._trainers: dict[UUID, Trainer] = {}
        self.coordinator = Coordinator(client, tokens("coordinator", None, None))
        self.funder = Funder(client, tokens("funder", None, None))
        self.guest = Guest(client)

    def municipality(self, code: str) -> Municipality:
        if code not in self._municipalities:
            self._municipalities[code] = Municipality(self._client, self._tokens("municipality", code, None))
        return self._municipalities[code]

    def trainer(self, trainer_id: UUID) -> Trainer:
        if trainer_id not in self._trainers:
            self._trainers[trainer_id] = Trainer(self._client, self._tokens("trainer", None, trainer_id))
        return self._trainers[trainer_id]

    async def settle(self, within: float = 120.0) -> None:
        """Waits until everything written has arrived everywhere. Raises NotSettledError.

        A service that has sent its last event does not see what another is about to send: all must be still twice.
        """
        await settled(self.coordinator, within)


async def settled(actor: Actor, within: float) -> None:
    """Polls the three positions until all are zero, twice in a row."""
    deadline = time.monotonic() + within
    quiet = 0
    while quiet < QUIET_POLLS:
        positions = {name: await actor.position(name) for name in SERVICES}
        _refuse_dead_letters(positions)
        quiet = quiet + 1 if all(map(_is_still, positions.values())) else 0
        if quiet < QUIET_POLLS and time.monotonic() > deadline:
            raise NotSettledError(f"after {within:.0f} s this is still under way: {_described(positions)}")
        await asyncio.sleep(POLL_SECONDS)


def _is_still(position: PositionShown) -> bool:
    return not any(position.model_dump().values())


def _refuse_dead_letters(positions: dict[str, PositionShown]) -> None:
    """Waiting does not help against a dead letter."""
    dead = {name: position.dead_letters for name, position in positions.items() if position.dead_letters}
    if dead:
        raise NotSettledError(f"events could not be applied ({dead}): see `kursnav dead-letters list`")


def _described(positions: dict[str, PositionShown]) -> str:
    unsettled = {name: position for name, position in positions.items() if not _is_still(position)}
    return "; ".join(f"{name}: {position.model_dump(exclude_defaults=True)}" for name, position in unsettled.items())
