"""The calls about walk-ins: a trainer takes them in, municipality and coordinator say who they were."""

from uuid import UUID

from sqlalchemy import RowMapping

from services.booking.staff.vault import TheVault
from services.booking.walk_ins.bodies import IdentifyBody, WalkInBody, WalkInShown, WalkInState
from services.booking.walk_ins.identify import identify
from services.booking.walk_ins.queries import walk_in_row, walk_in_shown, walk_ins_page
from services.booking.walk_ins.take_in import take_in
from shared.web.cursors import Listing, Paging
from shared.web.openapi import problems
from shared.web.routing import Role, Unit, Versioned, allow, service_router

router = service_router(tag="walk-ins")


@router.post(
    "/v1/sessions/{session_id}/walk-ins",
    status_code=201,
    responses={409: problems("session-cancelled", "session-not-begun", "walk-in-id-taken")},
)
async def post_walk_in(
    session_id: UUID, body: WalkInBody, vault: TheVault, unit: Unit = allow(Role.TRAINER, Role.COORDINATOR)
) -> Versioned[WalkInShown]:
    """Takes in who came, also beyond capacity; without a number that is known, to be identified afterwards."""
    return _shown(await take_in(unit, vault, session_id, body))


@router.get("/v1/walk-ins")
async def list_walk_ins(
    page: Paging,
    session: UUID | None = None,
    state: WalkInState | None = None,
    unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR),
) -> Listing[WalkInShown]:
    """The walk-ins, in the order in which they were entered; a municipality sees its own."""
    found = await walk_ins_page(unit, session, state, page)
    return page.answer(found, lambda each: [each.id], lambda each: each)


@router.get("/v1/walk-ins/{walk_in}")
async def show_walk_in(
    walk_in: UUID, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)
) -> Versioned[WalkInShown]:
    """One walk-in."""
    return _shown(await walk_in_row(unit, walk_in))


@router.post(
    "/v1/walk-ins/{walk_in}/identify",
    responses={409: problems("session-cancelled", "walk-in-identified")},
)
async def post_identify(
    walk_in: UUID, body: IdentifyBody, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)
) -> Versioned[WalkInShown]:
    """Says who it was: the person is on the roll, and the marks made for the walk-in are that person's."""
    return _shown(await identify(unit, walk_in, body.staff))


def _shown(row: RowMapping) -> Versioned[WalkInShown]:
    return Versioned(walk_in_shown(row), row["revision"])
