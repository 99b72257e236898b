"""Rebuilding the facts from the topics, beside those that count, and swapping when the figures are the same.

    drop what an earlier run left -> create or go on -> load to the ends -> compare -> catch up -> swap -> drop the old

Everything that a later run must know is in the database, so a run can be killed anywhere: before the swap the live
facts are untouched and the next run goes on loading; after it the next run only drops the old version. Nothing is
published and nothing is sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.reporting.facts.versions import CONSUMER, OfVersion, active, alone, consumer_of, in_use
from services.reporting.rebuild import schemas
from services.reporting.rebuild.compare import Difference, differences, statement_of
from services.reporting.rebuild.refill import Refill, positions_of, refilling
from services.reporting.rebuild.swap import swap
from shared.clock import SystemClock
from shared.database.engine import create_engine
from shared.database.errors import LOCK_NOT_AVAILABLE, sqlstate
from shared.database.unit_of_work import Units
from shared.ids import SystemIds
from shared.messaging.pipeline import Pipeline

REBUILD_LOCK: Final = 5_226_021
LOCK_TIMEOUT: Final = "SET LOCAL lock_timeout = '2s'"  # while a swap waits for readers, everybody else waits behind it
SWAP_ATTEMPTS: Final = 30
PAUSE_SECONDS: Final = 1.0

_ONLY_ONE = text(f"SELECT pg_try_advisory_lock({REBUILD_LOCK})")
_COUNTS = OfVersion(
    "SELECT (SELECT count(*) FROM {facts}) AS facts, "
    "(SELECT count(*) FROM dead_letters WHERE consumer = :consumer AND state = 'dead') AS dead_letters"
)

Watch = Callable[[str, int, int], None]
"""Called with the step, how much of it is done, and of how much."""


class RebuildRefused(Exception):
    """The rebuild cannot begin or end now; the message says why and what to do."""


@dataclass(frozen=True)
class Outcome:
    """How a rebuild ended. `facts` and open `dead_letters` are those of `version`; without `swapped` the version before
    it still counts.
    """

    version: int
    facts: int
    dead_letters: int
    swapped: bool
    differences: list[Difference] = field(default_factory=list)


@dataclass(frozen=True)
class Rebuild:
    """A rebuild in the database whose owner's URL this is. `pipeline` is for tests."""

    owner_url: str
    bootstrap_servers: str
    prefix: str = ""
    watch: Watch = lambda step, done, total: None
    pipeline: type[Pipeline] = Pipeline

    async def run(self, *, accept: bool = False, afresh: bool = False) -> Outcome:
        """Rebuilds and swaps; with differing figures only when they are accepted. `afresh` forgets an unfinished run.

        Raises RebuildRefused when another rebuild runs or the facts stay in use too long.
        """
        async with self._units() as units, _only_one(units):
            version = await self._prepare(units, afresh=afresh)
            async with self._refilling(units, version) as refill:
                await refill.until(await refill.ends(), lambda done, total: self.watch("load", done, total))
                self.watch("compare", 0, 1)
                found = await _compare(units, version)
                self.watch("compare", 1, 1)
                if not found or accept:
                    await self._swap(units, refill, version)
            if not found or accept:
                await schemas.drop(units.engine, version - 1)
            return Outcome(version, *await _counts(units, version), not found or accept, found)

    async def abandon(self) -> int | None:
        """Drops an unfinished version; returns which, None when there is none."""
        async with self._units() as units, _only_one(units):
            unfinished = await _active(units) + 1
            if unfinished not in await schemas.existing(units.engine):
                return None
            await schemas.drop(units.engine, unfinished)
            return unfinished

    async def _prepare(self, units: Units, *, afresh: bool) -> int:
        """The version to fill: a new one, or the one that an earlier run began. What else is left over goes."""
        live, there = await _active(units), await schemas.existing(units.engine)
        version = live + 1
        keep = {live} if afresh else {live, version}
        for leftover in there - keep:
            await schemas.drop(units.engine, leftover)
        if version not in there & keep:
            await schemas.create(units.engine, version)
        await schemas.keep_discarded(units.engine, version)
        return version

    async def _swap(self, units: Units, refill: Refill, version: int) -> None:
        """Catches up, then swaps while nobody touches facts. Tries again while readers hold them."""
        for _ in range(SWAP_ATTEMPTS):
            self.watch("swap", 0, 1)
            await refill.until(await refill.ends())  # so that little is left to read while everybody waits
            try:
                await self._swap_alone(units, refill, version)
            except DBAPIError as error:
                if sqlstate(error) != LOCK_NOT_AVAILABLE:
                    raise
                await asyncio.sleep(PAUSE_SECONDS)
            else:
                self.watch("swap", 1, 1)
                return
        raise RebuildRefused("the facts were in use all the time; what is loaded stays: run it again at a quieter hour")

    async def _swap_alone(self, units: Units, refill: Refill, version: int) -> None:
        async with units.system() as unit:
            await unit.execute(LOCK_TIMEOUT)
            await alone(unit)
            # What the live consumer applied before it was kept out; it records everything later in the new version.
            await refill.until(await positions_of(units, CONSUMER))
            await swap(unit, version)

    @asynccontextmanager
    async def _units(self) -> AsyncIterator[Units]:
        engine = create_engine(self.owner_url, application="kursnav-rebuild-reporting", abandoned_seconds=0)
        try:
            yield Units("reporting", engine, SystemClock(), SystemIds())
        finally:
            await engine.dispose()

    def _refilling(self, units: Units, version: int) -> AbstractAsyncContextManager[Refill]:
        return refilling(
            units, version, bootstrap_servers=self.bootstrap_servers, prefix=self.prefix, pipeline=self.pipeline
        )


@asynccontextmanager
async def _only_one(units: Units) -> AsyncIterator[None]:
    """One rebuild at a time, whichever machine runs it; a killed one lets go by itself."""
    async with units.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        if not await connection.scalar(_ONLY_ONE):
            raise RebuildRefused("another rebuild of reporting runs: wait for it")
        yield  # the lock ends with the session, when the engine is disposed of


async def _compare(units: Units, version: int) -> list[Difference]:
    """The live version beside the rebuilt one, at the newest cut-off that both have reached."""
    live, rebuilt = await positions_of(units, CONSUMER), await positions_of(units, consumer_of(version))
    cut_off = {place: min(live[place], rebuilt[place]) for place in sorted(live.keys() & rebuilt.keys())}
    async with units.system() as unit:
        counting = await in_use(unit)
    return differences(*[await statement_of(units, one, cut_off) for one in (counting, version)])


async def _active(units: Units) -> int:
    async with units.system() as unit:
        return await active(unit)


async def _counts(units: Units, version: int) -> tuple[int, int]:
    """Facts and open dead letters of a version, whether it counts by now or not."""
    async with units.system() as unit:
        consumer = CONSUMER if await active(unit) == version else consumer_of(version)
        row = await unit.one(_COUNTS.of(version), {"consumer": consumer})
    return row["facts"], row["dead_letters"]
