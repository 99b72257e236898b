"""Sign-outs. Key: the session's id, which says nothing of the person. No evidence: forgotten after a day."""

from uuid import UUID

from shared.contracts.registry import EventData, event
from shared.contracts.topics import SIGNOUTS


@event("signouts.signed-out.v1", topic=SIGNOUTS, key="{sid}", traced=False)
class SignedOut(EventData):
    """The browser's session has ended: its cookie is good no more."""

    sid: UUID
