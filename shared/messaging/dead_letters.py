"""Dead letters: what could not be applied, kept as a row with its bytes and headers as they came (events.md,
guarantee 5).

A dead letter blocks nothing and never vanishes: it is listed, replayed, or discarded with a reason.
"""

import base64
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError

from shared.contracts.envelope import event_id_of
from shared.database.errors import sqlstate
from shared.database.unit_of_work import Unit
from shared.messaging.delivery import Event, Record

QUOTE_NO_VALUE = ("23", "42")  # classes of SQLSTATE: constraints by name; names of tables and columns

BURY = text(
    'INSERT INTO dead_letters (id, consumer, identity, topic, partition, "offset", key, value, headers, '
    "reason, detail, state, received_at) "
    "VALUES (:id, :consumer, :identity, :topic, :partition, :offset, :key, :value, :headers, "
    ":reason, :detail, :state, :received_at) "
    "ON CONFLICT (consumer, identity) DO NOTHING"
).bindparams(bindparam("headers", type_=JSONB))
DECIDE = text(
    "UPDATE dead_letters SET state = :state, decided_at = :at, decided_by = :by, decision_reason = :reason "
    "WHERE id = :id AND state IN ('dead', 'parked')"
)
COUNT = text(  # the open ones only, which an index holds: asked for every two seconds
    "SELECT count(*) FILTER (WHERE state = 'dead') AS dead, count(*) FILTER (WHERE state = 'parked') AS parked "
    "FROM dead_letters WHERE state IN ('dead', 'parked')"
)
ANY_BURIED = text("SELECT EXISTS (SELECT FROM dead_letters WHERE consumer = :consumer)")
BURIED = text(
    "SELECT identity FROM dead_letters WHERE consumer = :consumer AND identity = ANY(CAST(:identities AS text[]))"
)
FIND = text("SELECT * FROM dead_letters WHERE id = :id")
TALLY = text(
    "SELECT state, count(*) AS letters FROM dead_letters "
    "WHERE (CAST(:consumer AS text) IS NULL OR consumer = :consumer) "
    "AND (CAST(:key AS bytea) IS NULL OR key = :key) GROUP BY state"
)
# Oldest first; those of one batch, which came at the same time, as they stand on their topic.
LIST = text(
    "SELECT * FROM dead_letters WHERE (CAST(:consumer AS text) IS NULL OR consumer = :consumer) "
    "AND (CAST(:key AS bytea) IS NULL OR key = :key) AND (CAST(:states AS text[]) IS NULL OR state = ANY(:states)) "
    'AND (CAST(:id AS uuid) IS NULL OR (received_at, topic, partition, "offset", id) '
    "> (CAST(:received_at AS timestamptz), :topic, CAST(:partition AS bigint), CAST(:offset AS bigint), :id)) "
    'ORDER BY received_at, topic, partition, "offset", id LIMIT :limit'
)
WAITING = text(
    "SELECT count(*) FROM dead_letters WHERE consumer = :consumer AND topic = :topic AND key = :key "
    "AND state = 'parked' AND id <> :id"
)
ZERO, SHOWN = "\x00", "\ufffd"  # PostgreSQL keeps no zero byte in a text: it is shown as a replacement character


async def bury(unit: Unit, consumer: str, record: Record, reason: str, detail: str, *, state: str = "dead") -> None:
    """Keeps a record that cannot be applied (or, `parked`, not yet). The same record again changes nothing."""
    event_id = event_id_of(record.headers)
    await unit.execute(
        BURY,
        {
            "id": unit.ids.uuid7(),
            "consumer": consumer,
            "identity": str(event_id) if event_id else f"{record.topic}/{record.partition}/{record.offset}",
            "topic": record.topic,
            "partition": record.partition,
            "offset": record.offset,
            "key": record.key,
            "value": record.value,
            "headers": [(without_zeros(name), _encoded(value or b"")) for name, value in record.headers],
            "reason": reason,
            "detail": without_zeros(detail),
            "state": state,
            "received_at": unit.recorded_at,
        },
    )


def without_zeros(text: str) -> str:
    """The text as the database can hold it."""
    return text.replace(ZERO, SHOWN)


def _encoded(value: bytes) -> str:
    return base64.b64encode(value).decode()


async def without_buried(unit: Unit, consumer: str, events: Sequence[Event]) -> Sequence[Event]:
    """The events that are no dead letter of this consumer, whatever was decided about it."""
    if not await unit.scalar(ANY_BURIED, {"consumer": consumer}):  # nearly always, and a tenth of the other's work
        return events
    found = await unit.execute(BURIED, {"consumer": consumer, "identities": [str(event.id) for event in events]})
    buried = set(found.scalars())
    return [event for event in events if str(event.id) not in buried] if buried else events


def record_of(row: Mapping[str, Any]) -> Record:
    """The record that a row keeps, byte for byte; only a zero byte in a header's name is replaced."""
    headers = tuple((str(name), base64.b64decode(value)) for name, value, *_ in row["headers"])
    return Record(row["topic"], row["partition"], row["offset"], row["key"], row["value"], headers)


async def decide(unit: Unit, letter: UUID, state: str, reason: str, *, by: str | None = None) -> bool:
    """Closes a dead letter as `replayed` or `discarded`; False when it is not open any more."""
    result = await unit.execute(
        DECIDE, {"id": letter, "state": state, "at": unit.recorded_at, "by": by or unit.actor, "reason": reason}
    )
    return result.rowcount > 0


async def waiting(unit: Unit, row: Mapping[str, Any]) -> int:
    """How many other events of its key are parked."""
    where = {"consumer": row["consumer"], "topic": row["topic"], "key": row["key"], "id": row["id"]}
    return int(await unit.scalar(WAITING, where))


def one_line(error: Exception) -> str:
    """What went wrong, without the values: of the database's errors only those speak that quote none in their first
    line.
    """
    said: BaseException = error
    if isinstance(error, DBAPIError) and error.orig is not None:
        said = error.orig.__cause__ or error.orig  # the driver's own, not the one that SQLAlchemy puts around it
        state = sqlstate(error) or "none"
        if not state.startswith(QUOTE_NO_VALUE):
            return f"{type(said).__name__}, SQLSTATE {state}"
    text = str(said).splitlines()
    return (text[0] if text else type(error).__name__)[:300]
