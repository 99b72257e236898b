"""The pages of staff: the list, and one employment to edit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from services.booking.catalogue.queries import municipality_names, titles_shown
from services.booking.staff import queries
from services.booking.staff.add_staff import add_staff
from services.booking.staff.bodies import EndBody, NumberBody, StaffBody, StaffPatch, StaffShown
from services.booking.staff.change_staff import change_staff
from services.booking.staff.find_by_number import find_by_number
from services.booking.staff.problems import nobody_has_number
from services.booking.staff.queries import Wanted
from services.booking.staff.vacate import registrations_shown
from services.booking.staff.vault import TheVault
from shared.clock import day_end, local_day
from shared.contracts.types import MunicipalityCode
from shared.web.cursors import Page, Paging
from shared.web.fields import Day, Line
from shared.web.pages import Done, View, _, page_router
from shared.web.pages.exports import csv_file
from shared.web.routing import Role, Unit, allow

router = page_router()

LIST = "/boka/personal"
ROWS, MOST_EXPORTED = 50, 50_000
Sort = Literal["name", "-name", "workplace", "-workplace"]
Ended = Annotated[Literal["true"] | None, Query()]


@dataclass(frozen=True)
class Question:
    """What the list is asked for, as its address has it. Who works on `valid_on`, or today, unless those who have left
    are asked for too.
    """

    municipality: str | None
    participant_id: UUID | None
    workplace: str | None
    valid_on: date | None
    q: str | None
    ended: str | None

    def on(self, today: date) -> Wanted:
        day = self.valid_on or (None if self.ended else today)
        return Wanted(self.municipality, self.participant_id, self.workplace, day, self.q)

    def chosen(self, municipalities: Mapping[str, str]) -> list[tuple[str, Any]]:
        """What may be taken away again: parameter and what it is set to."""
        named = municipalities.get(self.municipality or "", self.municipality)
        return [(name, value) for name, value in {**vars(self), "municipality": named}.items() if value]


async def asked(
    municipality: MunicipalityCode | None = None,
    participant_id: UUID | None = None,
    workplace: Line | None = None,
    valid_on: Day | None = None,
    q: Line | None = None,
    ended: Ended = None,
) -> Question:
    """The question of a request; an empty field asks for nothing."""
    return Question(municipality, participant_id, workplace, valid_on, q, ended)


Asked = Annotated[Question, Depends(asked)]


@router.get(LIST)
async def staff_list(
    question: Asked, page: Paging, sort: Sort = "name", unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)
) -> View:
    """The staff, filtered and sorted."""
    shorter = Page(ROWS, page.after, page.path)
    found = await queries.sorted_page(unit, question.on(local_day(unit.recorded_at)), shorter, sort)
    names = await municipality_names(unit)
    return View(
        "staff/list.html",
        listing=shorter.answer(found, lambda one: [one[0], one[1].id], lambda one: one[1]),
        sort=sort,
        chosen=question.chosen(names),
        municipalities=names,
        workplaces=await queries.workplaces(unit),
        titles=await titles_shown(unit),
    )


@router.get(f"{LIST}.csv")
async def staff_file(
    question: Asked, sort: Sort = "name", unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)
) -> Response:
    """What the list shows, with the columns that the import reads."""
    everything = Page(MOST_EXPORTED - 1, None)
    found = await queries.sorted_page(unit, question.on(local_day(unit.recorded_at)), everything, sort)
    return csv_file("personal", EXPORTED, ([getattr(one, name) for name in EXPORTED] for _key, one in found))


EXPORTED = (
    *("municipality", "given_name", "family_name", "email", "phone", "manager_email", "workplace"),
    *("title", "category", "kind", "valid_from", "valid_to"),
)


@router.get(f"{LIST}/ny")
async def new_person(unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)) -> View:
    titles = list((await titles_shown(unit)).items())
    return View("staff/new.html", titles=titles, municipalities=await municipality_names(unit))


@router.post(f"{LIST}/ny")
async def add_person(body: StaffBody, vault: TheVault, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)) -> Done:
    return Done(f"{LIST}/{(await add_staff(unit, vault, body)).id}", _("Added to the staff."))


@router.get(f"{LIST}/sok")
async def ask_for_number(unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)) -> View:
    return View("staff/search.html")


@router.post(f"{LIST}/sok")
async def find_person(
    body: NumberBody, vault: TheVault, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)
) -> Done:
    """The number stands in the body: it never stands in an address."""
    found = await find_by_number(unit, vault, body.personal_number, Page(ROWS, None))
    if not found:
        raise nobody_has_number()
    if len(found) == 1:
        return Done(f"{LIST}/{found[0].id}")
    return Done(f"{LIST}?ended=true&participant_id={found[0].participant_id}")


@router.get(f"{LIST}/{{staff_id}}")
async def one_of_staff(staff_id: UUID, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)) -> View:
    """One employment, to look at and to edit."""
    shown, revision = await queries.staff(unit, staff_id)
    return View(
        "staff/one.html",
        revision,
        person=shown,
        titles=_titles(await titles_shown(unit), shown),
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


@router.get(f"{LIST}/{{staff_id}}/avsluta")
async def before_the_end(
    staff_id: UUID, valid_to: Day | None = None, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)
) -> View:
    """What the end of an employment cancels, before it does."""
    shown, revision = await queries.staff(unit, staff_id)
    last_day = valid_to or local_day(unit.recorded_at)
    cancelled = await registrations_shown(unit, {staff_id: day_end(last_day)})
    return View("staff/end.html", revision, person=shown, last_day=last_day, cancelled=cancelled)


@router.post(f"{LIST}/{{staff_id}}/avsluta")
async def end_person(
    staff_id: UUID, body: EndBody, request: Request, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)
) -> Done:
    return await save_staff(staff_id, StaffPatch(valid_to=body.valid_to), request, unit)


def _titles(names: dict[str, str], shown: StaffShown) -> list[tuple[str, str]]:
    """The titles to choose among, and the person's own where it is another text."""
    return list((names if shown.title in names else {**names, shown.title: shown.title}).items())
