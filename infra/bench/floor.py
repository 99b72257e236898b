"""The floor: the barest FastAPI + asyncpg program that books a seat and remembers to tell others.

Seat check under a lock, booking row, outbox row, commit, 201. No roles, no rules, no idempotency, no audit: what these
cost is the distance between this and the service.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import asyncpg
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

DATABASE_VARIABLE = "KURSNAV_FLOOR_DATABASE_URL"
POOL_SIZE = 20
TABLES = """
CREATE TABLE sessions (id uuid PRIMARY KEY, capacity integer NOT NULL);
CREATE TABLE bookings (id uuid PRIMARY KEY, session_id uuid NOT NULL REFERENCES sessions, person_id uuid NOT NULL,
                       created_at timestamptz NOT NULL DEFAULT now(), UNIQUE (session_id, person_id));
CREATE TABLE outbox (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key text NOT NULL, payload jsonb NOT NULL,
                     created_at timestamptz NOT NULL DEFAULT now());
"""


class Booking(BaseModel):
    """Who wants a seat where."""

    session_id: UUID
    person_id: UUID


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with asyncpg.create_pool(os.environ[DATABASE_VARIABLE], min_size=POOL_SIZE, max_size=POOL_SIZE) as pool:
        app.state.pool = pool
        yield


app = FastAPI(title="floor", lifespan=lifespan)


@app.post("/bookings", status_code=201)
async def book(booking: Booking) -> dict[str, str]:
    """One seat on one session."""
    booking_id = uuid4()
    async with app.state.pool.acquire() as connection, connection.transaction():
        capacity = await connection.fetchval(
            "SELECT capacity FROM sessions WHERE id = $1 FOR UPDATE", booking.session_id
        )
        taken = await connection.fetchval("SELECT count(*) FROM bookings WHERE session_id = $1", booking.session_id)
        if capacity is None or taken >= capacity:
            raise HTTPException(409, "full")
        await connection.execute(
            "INSERT INTO bookings (id, session_id, person_id) VALUES ($1, $2, $3)",
            booking_id,
            booking.session_id,
            booking.person_id,
        )
        payload = {"booking_id": str(booking_id), **booking.model_dump(mode="json")}
        await connection.execute(
            "INSERT INTO outbox (key, payload) VALUES ($1, $2)", str(booking.session_id), json.dumps(payload)
        )
    return {"id": str(booking_id), "outcome": "confirmed"}


async def create_tables(url: str, sessions: int, capacity: int) -> list[UUID]:
    """The floor's tables in an empty database, with that many sessions."""
    ids = [uuid4() for _ in range(sessions)]
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(TABLES)
        await connection.executemany("INSERT INTO sessions VALUES ($1, $2)", [(one, capacity) for one in ids])
    finally:
        await connection.close()
    return ids


if __name__ == "__main__":
    from infra import serve
    from infra.connections import Limits
    from infra.local import ports

    serve.run(app, ports.listen(int(sys.argv[1])), Limits(connections=500, patience=10))
