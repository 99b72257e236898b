"""What the call of the audit returns."""

from typing import Any

from pydantic import BaseModel

from shared.web.times import ShownTime


class AuditShown(BaseModel):
    """One write. `at` is the real time; `occurred_at` differs from it for what was entered afterwards.

    `actor` is the subject of the token, `actor_name` the name in it; null for the system, and of old.
    """

    at: ShownTime
    occurred_at: ShownTime
    actor: str
    actor_name: str | None
    actor_role: str
    action: str
    target: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
