"""What the figures cannot place, for the project office."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter

from services.reporting.unmatched.bodies import UnmatchedShown
from services.reporting.unmatched.queries import unmatched
from shared.database.unit_of_work import Unit
from shared.security.roles import Role
from shared.web.cursors import Listing, Paging
from shared.web.routing import allow, service_router

router: APIRouter = service_router(tag="facts")


@router.get("/v1/unmatched", summary="Facts that wait for their counterpart, hours without an employment in force")
async def read_unmatched(page: Paging, unit: Unit = allow(Role.COORDINATOR)) -> Listing[UnmatchedShown]:
    """Pseudonymous: a participant id leads to a name in booking only."""
    return page.answer(await unmatched(unit, page.key(str, str, str, str), page.fetch), _key, _shown)


def _key(row: Mapping[str, Any]) -> tuple[str, str, str, str]:
    return row["reason"], row["session_id"], row["participant_id"], row["occasion_id"]


def _shown(row: Mapping[str, Any]) -> UnmatchedShown:
    return UnmatchedShown.model_validate(row)
