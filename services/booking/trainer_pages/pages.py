"""The pages of trainers: who teaches, with what, and who stands in when somebody is away."""

from uuid import UUID

from starlette.requests import Request

from services.booking.absences.bodies import AbsenceBody
from services.booking.absences.queries import absence, absences_page, absences_shown
from services.booking.absences.report_absence import report_absence
from services.booking.catalogue.queries import municipality_names
from services.booking.sessions.queries import find_session
from services.booking.trainers.bodies import TrainerBody, TrainerPatch
from services.booking.trainers.change_trainer import add_trainer, change_trainer
from services.booking.trainers.queries import trainer_row, trainer_shown, trainers_page
from shared.sorting import swedish_order
from shared.web.cursors import Page
from shared.web.fields import Code
from shared.web.pages import Done, View, _, page_router
from shared.web.routing import Role, Unit, allow

router = page_router()

LIST = "/boka/utbildningsledare"
EVERYBODY = Page(500, None)


@router.get(LIST)
async def trainer_list(qualification: Code | None = None, unit: Unit = allow(Role.COORDINATOR)) -> View:
    """The trainers, in order of name."""
    found = map(trainer_shown, await trainers_page(unit, EVERYBODY, qualification=qualification))
    trainers = sorted(found, key=lambda one: swedish_order(one.name))
    return View("trainer_pages/list.html", trainers=trainers, municipalities=await municipality_names(unit))


@router.get(f"{LIST}/ny")
async def new_trainer(unit: Unit = allow(Role.COORDINATOR)) -> View:
    return View("trainer_pages/one.html", trainer=None, absences=(), municipalities=await municipality_names(unit))


@router.post(f"{LIST}/ny")
async def enter_trainer(body: TrainerBody, unit: Unit = allow(Role.COORDINATOR)) -> Done:
    added = await add_trainer(unit, body)
    return Done(f"{LIST}/{added.id}", _("Saved."))


@router.get(f"{LIST}/{{trainer_id}}")
async def one_trainer(trainer_id: UUID, unit: Unit = allow(Role.COORDINATOR)) -> View:
    """One trainer to edit, and when the trainer has been away."""
    row = await trainer_row(unit, trainer_id)
    absences = await absences_shown(unit, await absences_page(unit, trainer_id, EVERYBODY))
    names = await municipality_names(unit)
    return View(
        "trainer_pages/one.html", row["revision"], trainer=trainer_shown(row), absences=absences, municipalities=names
    )


@router.post(f"{LIST}/{{trainer_id}}")
async def save_trainer(
    trainer_id: UUID, body: TrainerPatch, request: Request, unit: Unit = allow(Role.COORDINATOR)
) -> Done:
    await change_trainer(unit, request, trainer_id, body)
    return Done(f"{LIST}/{trainer_id}", _("Saved."))


@router.get(f"{LIST}/{{trainer_id}}/franvaro")
async def absence_form(trainer_id: UUID, unit: Unit = allow(Role.COORDINATOR)) -> View:
    return View("trainer_pages/absence.html", trainer=trainer_shown(await trainer_row(unit, trainer_id)))


@router.post(f"{LIST}/{{trainer_id}}/franvaro")
async def enter_absence(trainer_id: UUID, body: AbsenceBody, unit: Unit = allow(Role.COORDINATOR)) -> Done:
    reported = await report_absence(unit, trainer_id, body)
    return Done(f"{LIST}/{trainer_id}/franvaro/{reported.id}", _("The absence is entered."))


@router.get(f"{LIST}/{{trainer_id}}/franvaro/{{absence_id}}")
async def one_absence(trainer_id: UUID, absence_id: UUID, unit: Unit = allow(Role.COORDINATOR)) -> View:
    """What became of each session, and who could teach it."""
    shown = await absence(unit, trainer_id, absence_id)
    sessions = {one.session_id: (await find_session(unit, one.session_id)).shown for one in shown.affected}
    return View(
        "trainer_pages/affected.html",
        trainer=trainer_shown(await trainer_row(unit, trainer_id)),
        absence=shown,
        sessions=sessions,
        municipalities=await municipality_names(unit),
    )
