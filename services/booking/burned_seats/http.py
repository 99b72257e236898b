"""The call about burned seats."""

from typing import Annotated

from fastapi import Query

from services.booking.burned_seats.bodies import BurnedSeatsListShown
from services.booking.burned_seats.queries import burned_seats
from shared.web.fields import Day
from shared.web.routing import Role, Unit, allow, service_router

router = service_router(tag="burned seats")


@router.get("/v1/burned-seats")
async def list_burned_seats(
    first: Annotated[Day, Query(alias="from", description="First local day of a last occasion.")],
    last: Annotated[Day, Query(alias="to", description="Last local day of a last occasion.")],
    unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR),
) -> BurnedSeatsListShown:
    """Seats that were left empty, by municipality: given back late, not used, or neutral."""
    return BurnedSeatsListShown(items=await burned_seats(unit, first, last))
