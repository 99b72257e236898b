"""What the call about jobs returns."""

from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel


class JobShown(BaseModel):
    """How far a job is; `result` when it is done, the problem when it failed."""

    id: UUID
    state: Literal["queued", "running", "done", "failed"]
    done: int
    total: int
    result: dict[str, Any] | None = None
