"""What the figures cannot place, for the project office."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request

from services.reporting.facts.bodies import UnmatchedShown
from services.reporting.facts.load import reader_of
from services.reporting.facts.unmatched import Unmatched, key, unmatched
from shared.database.unit_of_work import Unit
from shared.security.roles import Role
from shared.web.cursors import Listing, Paging
from shared.web.routing import allow, service_router

router: APIRouter = service_router(tag="facts")


@router.get("/v1/unmatched", summary="Facts that wait for their counterpart, hours without an employment in force")
async def read_unmatched(
    request: Request, page: Paging, unit: Unit = allow(Role.COORDINATOR)
) -> Listing[UnmatchedShown]:
    """Pseudonymous: a participant id leads to a name in booking only."""
    facts = await reader_of(request).current(unit)
    lines = await asyncio.to_thread(unmatched, facts)
    after = page.key(str, str, str, str)
    following = [line for line in lines if after is None or key(line) > tuple(after)]
    return page.answer(following[: page.fetch], key, _shown)


def _shown(line: Unmatched) -> UnmatchedShown:
    return UnmatchedShown(
        reason=line.reason,
        session_id=line.session_id,
        participant_id=line.participant_id,
        occasion_id=line.occasion_id,
        day=line.day,
        minutes=line.minutes,
    )
