"""The lease: one relay per service sends at a time, whatever number of processes run.

Two relays at once would break the order per key. Time is the database's clock; the epoch rises with each taking and
fences off a relay that slept through its lease (its events then go out twice, which the inbox takes).
"""

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncEngine

LEASE_SECONDS = 5.0

TAKE = text(
    """
    INSERT INTO relay_lease AS lease (name, holder, epoch, expires_at)
    VALUES (:name, :holder, 1, clock_timestamp() + make_interval(secs => :seconds))
    ON CONFLICT (name) DO UPDATE
       SET holder = excluded.holder, epoch = lease.epoch + 1, expires_at = excluded.expires_at
     WHERE lease.expires_at < clock_timestamp() OR lease.holder = excluded.holder
    RETURNING epoch
    """
)
RENEW = text(
    """
    UPDATE relay_lease SET expires_at = clock_timestamp() + make_interval(secs => :seconds)
     WHERE name = :name AND holder = :holder AND epoch = :epoch
    RETURNING epoch
    """
)
RELEASE = text(
    """
    UPDATE relay_lease SET expires_at = clock_timestamp()
     WHERE name = :name AND holder = :holder AND epoch = :epoch
    RETURNING epoch
    """
)


class Lease:
    """This process's claim to be the relay of a service."""

    def __init__(self, engine: AsyncEngine, name: str, holder: str, seconds: float = LEASE_SECONDS) -> None:
        # Each statement is its own transaction: whoever falls asleep between it and a COMMIT would lock the others out.
        self.engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self.name = name
        self.holder = holder
        self.seconds = seconds
        self.epoch: int | None = None

    @property
    def held(self) -> bool:
        return self.epoch is not None

    async def take(self) -> bool:
        """Takes the lease if it is free, expired, or was this instance's own before a restart."""
        self.epoch = await self._run(TAKE)
        return self.held

    async def renew(self) -> bool:
        """Renews it; False when another process has it by now."""
        if self.epoch is not None:
            self.epoch = await self._run(RENEW, epoch=self.epoch)
        return self.held

    async def release(self) -> None:
        """Gives it up at shutdown, so that the next process need not wait for it to expire."""
        epoch, self.epoch = self.epoch, None
        if epoch is not None:
            await self._run(RELEASE, epoch=epoch)

    async def _run(self, statement: TextClause, **more: object) -> int | None:
        parameters = {"name": self.name, "holder": self.holder, "seconds": self.seconds, **more}
        async with self.engine.connect() as connection:
            epoch: int | None = await connection.scalar(statement, parameters)
            return epoch
