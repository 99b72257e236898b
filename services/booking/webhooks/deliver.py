"""Sending one delivery: a job an attempt, which queues the next one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import RowMapping, Select, select, text, update
from sqlmodel import col

from services.booking.webhooks.rules import PAUSES, Fate, fate
from services.booking.webhooks.secrets import secrets_of, signed
from services.booking.webhooks.tables import Delivery, Webhook
from shared.database.unit_of_work import Unit
from shared.jobs.job import Job
from shared.jobs.queue import enqueue
from shared.jobs.worker import Kind
from shared.security.cipher import Cipher
from shared.web.outgoing import NotAllowed, Unreachable, post, target_of

DELIVER = "deliver-webhook"
ABREAST = 4  # a receiver that hangs holds one of them for 15 s

PENDING: Select[*tuple[Any, ...]] = (
    select(Webhook, col(Delivery.id).label("delivery"), col(Delivery.body))
    .join(Delivery, col(Delivery.webhook_id) == col(Webhook.id))
    .where(col(Delivery.state) == "pending")
)
NOTE = text(
    """
    UPDATE webhook_deliveries
       SET attempts = attempts || CAST(:attempt AS jsonb), state = :state, next_attempt_at = :next, ended_at = :ended,
           turn = turn + 1
     WHERE id = :id AND turn = :turn AND state = 'pending' RETURNING turn
    """
)


@dataclass(frozen=True)
class Answer:
    status: int | None
    error: str | None = None


@dataclass(frozen=True)
class Sender:
    """Sends deliveries. `loopback` allows http://127.0.0.1: in development."""

    cipher: Cipher
    loopback: bool

    @property
    def kind(self) -> Kind:
        return Kind(DELIVER, self._deliver, lane="webhooks", abreast=ABREAST)

    async def _deliver(self, job: Job) -> None:
        async with job.units.system() as unit:
            wanted = PENDING.where(col(Delivery.id) == UUID(job.request["delivery"]))
            row = await unit.one_or_none(wanted.where(col(Delivery.turn) == job.request["turn"]))
        if row is None:
            return  # deleted, or sent by a replay meanwhile
        now = job.units.clock.now()
        answer = await self._sent(row, now) if row["state"] == "active" else Answer(None, "webhook-disabled")
        async with job.effect() as unit, unit.as_system():
            await _note(unit, job.request, row, answer, now)

    async def _sent(self, row: RowMapping, now: datetime) -> Answer:
        headers = signed(row["delivery"], row["body"], now, secrets_of(row, self.cipher, now))
        try:
            target = await target_of(row["url"], loopback=self.loopback)
            return Answer(await post(target, row["body"].encode(), {**headers, "Content-Type": "application/json"}))
        except NotAllowed as error:
            return Answer(None, error.code)
        except Unreachable as error:
            return Answer(None, str(error))


async def queue(unit: Unit, delivery_id: UUID, *, turn: int, attempt: int = 0, run_at: datetime | None = None) -> None:
    """Queues an attempt with this transaction."""
    await enqueue(unit, DELIVER, {"delivery": delivery_id, "turn": turn, "attempt": attempt}, run_at=run_at)


async def _note(unit: Unit, request: Mapping[str, Any], row: RowMapping, answer: Answer, now: datetime) -> None:
    """Keeps what an attempt brought, and queues the next one."""
    number = request["attempt"]
    decided = fate(answer.status, number) if row["state"] == "active" else Fate.FAILED
    again = now + PAUSES[number] if decided is Fate.AGAIN else None
    noted = {
        "id": row["delivery"],
        "turn": request["turn"],
        "attempt": to_json([{"at": now, "status": answer.status, "error": answer.error}]).decode(),
        "state": Fate.FAILED if decided is Fate.UNWANTED else decided,
        "next": again,
        "ended": None if again else now,
    }
    turn = await unit.scalar(NOTE, noted)
    if turn is not None and again is not None:
        await queue(unit, row["delivery"], turn=turn, attempt=number + 1, run_at=again)
    if decided is Fate.UNWANTED:
        disabled = {"state": "disabled", "disabled_at": now, "revision": Webhook.revision + 1}
        await unit.execute(update(Webhook).where(col(Webhook.id) == row["id"]).values(disabled))
