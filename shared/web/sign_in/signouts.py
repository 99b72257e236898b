"""Sessions that were ended before their time: a row in each service, for as long as such a cookie could be shown."""

from datetime import timedelta
from uuid import UUID

from shared.contracts.signouts_v1 import SignedOut
from shared.contracts.topics import SIGNOUTS
from shared.database.mechanisms import Executes
from shared.database.unit_of_work import Unit, Units
from shared.messaging.delivery import Consumer, Event, each

KEPT_FOR = timedelta(days=1)
FIND = "SELECT 1 AS found FROM signouts WHERE sid = $1"
ADD = "INSERT INTO signouts (sid, at) VALUES ($1, $2) ON CONFLICT (sid) DO NOTHING"
TABLE = "CREATE TABLE signouts (sid uuid PRIMARY KEY, at timestamptz NOT NULL)"
DELETE = "DELETE FROM signouts WHERE at < $1"


async def is_signed_out(unit: Unit, sid: UUID) -> bool:
    return bool(await unit.fetch(FIND, sid))


async def sign_out(unit: Unit, sid: UUID) -> None:
    """Ends a session here at once, and in the other services when they hear of it."""
    await unit.fetch(ADD, sid, unit.recorded_at)
    unit.emit(SignedOut(sid=sid))


async def _take(unit: Unit, event: Event) -> None:
    assert isinstance(event.data, SignedOut)
    await unit.fetch(ADD, event.data.sid, event.recorded_at)


async def forget(units: Units) -> None:
    """Forgets those whose cookie has ended by itself since."""
    async with units.system() as unit:
        await unit.fetch(DELETE, unit.recorded_at - KEPT_FOR)


def consumer(service: str) -> Consumer:
    """What a service learns of sign-outs. Its rows are its inbox: told twice, a session has ended once."""
    return Consumer(f"{service}-signouts", (SIGNOUTS,), each({SignedOut: _take}), deduplicates=True)


def create(op: Executes, service: str) -> None:
    """Creates the table in a migration of the service."""
    op.execute(TABLE)
    op.execute(f"GRANT SELECT, INSERT, DELETE ON signouts TO {service}_app")
