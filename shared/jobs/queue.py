"""Queueing: a job is enqueued in the transaction of what it follows from, and runs once that is committed."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import RowMapping, text
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.unit_of_work import Unit
from shared.messaging.outbox import Cause
from shared.security.cipher import Cipher
from shared.security.roles import SYSTEM, Caller, Role, Scope, scope_of
from shared.turns import in_turns

ADD = text(
    """
    INSERT INTO jobs (id, kind, state, done, total, owner, began, request, content, run_at, attempt, queued_at)
    VALUES (:id, :kind, 'queued', 0, :total, :owner, CAST(:began AS jsonb), CAST(:request AS jsonb), :content, :run_at,
            0, :queued_at)
    """
)
OWN = text("SELECT id, state, done, total, result, began FROM jobs WHERE id = :id AND owner = :owner").columns(
    result=JSONB, began=JSONB
)
# A recurring job that this version no longer has waits for nobody.
STANDING = text(
    """
    SELECT count(*) AS open, coalesce(extract(epoch FROM CAST(:now AS timestamptz) - min(run_at)), 0) AS age
      FROM jobs WHERE state IN ('queued', 'running') AND run_at <= :now
                  AND (kind = ANY(CAST(:kinds AS text[])) OR NOT recurring)
    """
)


async def enqueue(
    unit: Unit,
    kind: str,
    request: Mapping[str, Any],
    *,
    total: int = 0,
    run_at: datetime | None = None,
    content: bytes | None = None,
    cipher: Cipher | None = None,
) -> UUID:
    """Queues a job, due at `run_at` or at once. It runs under the caller, role and business time of this transaction.

    `content` may hold anything: it is encrypted, and deleted when the job ends. Without a cipher, in reporting, which
    is blind to names and has no key, it is kept as it is.
    """
    [job_id] = await enqueue_all(unit, kind, [(request, content)], total=total, run_at=run_at, cipher=cipher)
    return job_id


async def enqueue_all(
    unit: Unit,
    kind: str,
    wanted: Sequence[tuple[Mapping[str, Any], bytes | None]],
    *,
    total: int = 0,
    run_at: datetime | None = None,
    cipher: Cipher | None = None,
) -> list[UUID]:
    """Queues jobs of one kind, each a request with its content, in one round trip. They are taken in this order."""
    common = {
        "kind": kind,
        "total": total,
        "owner": unit.caller.identity if unit.caller else "",
        "began": beginner_of(unit),
        "run_at": run_at or unit.recorded_at,
        "queued_at": unit.recorded_at,
    }
    ids = sorted(unit.ids.uuid7() for _ in wanted)  # those of one millisecond have no order
    own = in_turns(zip(ids, wanted, strict=True))
    rows = [{**common, **_own_columns(job_id, *each, cipher)} async for job_id, each in own]
    if rows:
        async with unit.as_system():
            await unit.execute(ADD, rows)
    return ids


def _own_columns(
    job_id: UUID, request: Mapping[str, Any], content: bytes | None, cipher: Cipher | None
) -> dict[str, Any]:
    if cipher and content is not None:
        content = cipher.encrypt(content, job_id.bytes).to_json()
    return {"id": job_id, "request": to_json(request).decode(), "content": content}


async def own(unit: Unit, job_id: UUID) -> RowMapping | None:
    """A job of the caller: the same login, acting for the same municipality, who still has the role it was begun in."""
    assert unit.caller is not None
    async with unit.as_system():
        row = await unit.one_or_none(OWN, {"id": job_id, "owner": unit.caller.identity})
    return row if row is not None and row["began"]["role"] in unit.caller.roles else None


def beginner_of(unit: Unit) -> str:
    """Who begins a job in this transaction, as the table keeps it."""
    caller, role = unit.caller, unit.role
    began = {
        "subject": caller.subject if caller else None,
        "name": caller.name if caller else None,
        "issuer": caller.issuer if caller else "",
        "municipality": caller.municipality if caller else None,
        "trainer_id": caller.trainer_id if caller else None,
        "role": role,
        "occurred_at": unit.occurred_at if unit.back_dated else None,
        "cause": asdict(unit.cause),
    }
    return to_json(began).decode()


@dataclass(frozen=True)
class Beginner:
    """Under whom and when a job acts: as whoever enqueued it did, else as the service itself."""

    caller: Caller | None
    role: Role | None
    occurred_at: datetime | None
    cause: Cause

    @classmethod
    def of(cls, began: Mapping[str, Any]) -> "Beginner":
        role = Role(began["role"]) if began["role"] else None
        trainer, occurred_at = began["trainer_id"], began["occurred_at"]
        caller = None
        if began["subject"] is not None and role is not None:
            caller = Caller(
                began["subject"],
                began["name"],
                frozenset({role}),
                began["municipality"],
                UUID(trainer) if trainer else None,
                began["issuer"],
            )
        return cls(caller, role, datetime.fromisoformat(occurred_at) if occurred_at else None, Cause(**began["cause"]))

    @property
    def scope(self) -> Scope:
        return scope_of(self.caller, self.role) if self.caller and self.role else SYSTEM
