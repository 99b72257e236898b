"""In which blackouts a session falls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

# A part of an occasion lies within the blackout's local days.
MET: Final = """
    (SELECT jsonb_agg(jsonb_build_object('blackout_id', b.id, 'municipality', b.municipality, 'reason', b.reason)
                      ORDER BY b.from_day, b.id)
       FROM blackouts b WHERE EXISTS (
            SELECT FROM occasions o WHERE o.session_id = SESSION
               AND o.starts_at AT TIME ZONE 'Europe/Stockholm' < b.to_day + 1
               AND o.ends_at AT TIME ZONE 'Europe/Stockholm' > b.from_day))
"""


@dataclass(frozen=True)
class BlackedOut:
    """A blackout in which the session falls."""

    blackout_id: UUID
    municipality: str
    reason: str

    @classmethod
    def all(cls, found: Sequence[Mapping[str, Any]] | None) -> "tuple[BlackedOut, ...]":
        """As `blackouts_of` finds them."""
        return tuple(cls(UUID(each["blackout_id"]), each["municipality"], each["reason"]) for each in found or ())


def blackouts_of(session: str) -> str:
    """The expression that lists a session's blackouts, of all municipalities, as JSON; `session` is one of SQL."""
    return MET.replace("SESSION", session)
