"""The pages of staff: the list, and one employment to edit."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from services.booking.catalogue.queries import municipality_names, title_names
from services.booking.staff import queries
from services.booking.staff.bodies import StaffPatch, StaffShown
from services.booking.staff.change_staff import change_staff
from services.booking.staff.queries import Wanted
from shared.clock import local_day
from shared.contracts.types import MunicipalityCode
from shared.web.cursors import Page, Paging
from shared.web.fields import Line
from shared.web.pages import Done, View, _, page_router
from shared.web.pages.exports import csv_file
from shared.web.routing import Role, Unit, allow

router = page_router()

LIST = "/boka/personal"
ROWS, MOST_EXPORTED = 50, 50_000
Sort = Literal["name", "-name", "workplace", "-workplace"]
Ended = Annotated[Literal["true"] | None, Query()]


def wanted(unit: Unit, municipality: str | None, workplace: str | None, q: str | None, ended: str | None) -> Wanted:
    """What a list is limited to: who works today, unless those who have left are asked for too."""
    return Wanted(municipality, None, workplace, None if ended else local_day(unit.recorded_at), q)


@router.get(LIST)
async def staff_list(
    page: Paging,
    municipality: MunicipalityCode | None = None,
    workplace: Line | None = None,
    q: Line | None = None,
    ended: Ended = None,
    sort: Sort = "name",
    unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR),
) -> View:
    """The staff, filtered and sorted."""
    shorter = Page(ROWS, page.after, page.path)
    asked = wanted(unit, municipality, workplace, q, ended)
    found = await queries.sorted_page(unit, asked, shorter, sort)
    names = await municipality_names(unit)
    chosen = [("municipality", names.get(municipality or "", municipality)), ("workplace", workplace), ("q", q)]
    return View(
        "staff/list.html",
        listing=shorter.answer(found, lambda one: [one[0], one[1].id], lambda one: one[1]),
        sort=sort,
        chosen=[(name, value) for name, value in [*chosen, ("ended", ended)] if value],
        municipalities=names,
        workplaces=await queries.workplaces(unit),
        titles=await title_names(unit),
    )


@router.get(f"{LIST}.csv")
async def staff_file(
    municipality: MunicipalityCode | None = None,
    workplace: Line | None = None,
    q: Line | None = None,
    ended: Ended = None,
    sort: Sort = "name",
    unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR),
) -> Response:
    """What the list shows, with the columns that the import reads."""
    everything = Page(MOST_EXPORTED - 1, None)
    found = await queries.sorted_page(unit, wanted(unit, municipality, workplace, q, ended), everything, sort)
    return csv_file("personal", EXPORTED, ([getattr(one, name) for name in EXPORTED] for _key, one in found))


EXPORTED = (
    *("municipality", "given_name", "family_name", "email", "phone", "manager_email", "workplace"),
    *("title", "category", "kind", "valid_from", "valid_to"),
)


@router.get(f"{LIST}/{{staff_id}}")
async def one_of_staff(staff_id: UUID, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)) -> View:
    """One employment, to look at and to edit."""
    shown, revision = await queries.staff(unit, staff_id)
    return View(
        "staff/one.html",
        revision,
        person=shown,
        titles=_titles(await title_names(unit), shown),
        municipalities=await municipality_names(unit),
    )


@router.post(f"{LIST}/{{staff_id}}")
async def save_staff(
    staff_id: UUID, body: StaffPatch, request: Request, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)
) -> Done:
    changed, _revision = await change_staff(unit, request, staff_id, body)
    if changed.cancelled_registrations:
        many = len(changed.cancelled_registrations)
        return Done(f"{LIST}/{staff_id}", _("Saved. %(many)s later registrations were cancelled."), many=many)
    return Done(f"{LIST}/{staff_id}", _("Saved."))


def _titles(names: dict[str, str | None], shown: StaffShown) -> list[tuple[str, str]]:
    """The titles to choose among, and the person's own where it is another text."""
    known = [(code, name or code) for code, name in names.items()]
    return known if shown.title in names else [*known, (shown.title, shown.title)]
