"""What is signed, and what of it still holds. Pure: no framework, no clock."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Literal, NamedTuple
from uuid import UUID

from services.attendance.project.rules import Settings

State = Literal["unsigned", "signed", "voided"]


class Item(NamedTuple):
    """Attested minutes of a person on an occasion, its local day, and since when they are attested."""

    session_id: UUID
    occasion_id: UUID
    minutes: int
    day: date
    starts_at: datetime
    ends_at: datetime
    course_title: str
    attested_at: datetime


@dataclass(frozen=True)
class Month:
    """A person's month: what is attested in it now, and what of it is signed (minutes by occasion).

    `voided`: of the signature that came last, something has changed since. `last`: that signature's id, `method` and
    time, whatever became of it.
    """

    participant_id: UUID
    month: str
    items: tuple[Item, ...] = ()
    signed: Mapping[UUID, int] = field(default_factory=dict)
    voided: bool = False
    last: UUID | None = None
    method: str | None = None
    signed_at: datetime | None = None

    @property
    def minutes(self) -> int:
        return sum(item.minutes for item in self.items)

    @cached_property
    def state(self) -> State:
        """Signed when everything attested is, with the same minutes."""
        covered = all(self.signed.get(item.occasion_id) == item.minutes for item in self.items)
        if covered and (self.items or (self.signed and not self.voided)):
            return "signed"
        return "voided" if self.voided else "unsigned"

    @property
    def document(self) -> bytes:
        """What is certified, as canonical JSON (sorted keys, no spaces).

        It holds what the event of a signature holds: whoever has the event can check the hash.
        """
        lines = sorted((str(item.session_id), str(item.occasion_id), item.minutes) for item in self.items)
        content = {
            "participant_id": str(self.participant_id),
            "month": self.month,
            "items": [dict(zip(("session_id", "occasion_id", "minutes"), line, strict=True)) for line in lines],
        }
        return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()

    @property
    def document_hash(self) -> str:
        """SHA-256 of the document."""
        return hashlib.sha256(self.document).hexdigest()

    def is_demanded(self, settings: Settings) -> bool:
        """Whether the project counts some of the minutes only when they are signed."""
        return any(settings.signature_required(item.day) for item in self.items)

    def signing_ends(self, settings: Settings) -> datetime | None:
        """Until when it can be signed by code: what was attested last says. None without anything to sign."""
        ends = [item.attested_at + settings.signing_window(item.day) for item in self.items]
        return max(ends, default=None)


def is_certifiable(month: Month, settings: Settings) -> bool:
    """Whether there are certificates of what was attended in a month: signed, where the project demands it."""
    return month.state == "signed" or not month.is_demanded(settings)
