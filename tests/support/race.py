"""Races with a forced pause: whoever has checked is held until the other has checked too, or waits for a lock."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import asyncpg

from tests.support.databases import superuser_url
from tests.support.eventually import eventually
from tests.support.services import Origin

T = TypeVar("T")
WAITERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


class PauseAfterCheck:
    """Wraps the function with which a party checks. `checked_together`: both checked before either wrote."""

    def __init__(self, origin: Origin, service: str, parties: int = 2) -> None:
        self._url = superuser_url(origin.stack.admin_url, origin.databases[service])
        self._parties = parties
        self._checked = 0
        self._one_waits = False
        self.checked_together = False

    def around(self, check: Callable[..., Awaitable[T]]) -> Callable[..., Awaitable[T]]:
        async def checking(*arguments: Any, **options: Any) -> T:
            result = await check(*arguments, **options)
            self._checked += 1
            if self._checked <= self._parties:
                await eventually(self._all_here_or_waiting, what="the other party checks or waits for a lock")
            return result

        return checking

    async def _all_here_or_waiting(self) -> bool:
        if self._one_waits:
            return True
        if self._checked >= self._parties:
            self.checked_together = True
            return True
        connection = await asyncpg.connect(self._url)
        try:
            self._one_waits = bool(await connection.fetchval(WAITERS))
            return self._one_waits
        finally:
            await connection.close()
