"""Adding and changing trainers."""

from typing import Any
from uuid import UUID

from sqlalchemy import insert, update
from sqlmodel import col
from starlette.requests import Request

from services.booking.catalogue.queries import municipality_row, qualification_codes
from services.booking.trainers.bodies import TrainerBody, TrainerPatch, TrainerShown
from services.booking.trainers.events import publish_trainer
from services.booking.trainers.queries import trainer_row, trainer_shown
from services.booking.trainers.tables import Trainer
from shared.audit.record import record
from shared.database.unit_of_work import Unit
from shared.web.etags import require_if_match
from shared.web.patching import patched
from shared.web.problems import FieldError, invalid


async def add_trainer(unit: Unit, body: TrainerBody) -> TrainerShown:
    """A new trainer. Raises 422 when the home municipality is not of the project."""
    await _check_home(unit, body)
    trainer = await _as_stored(unit, TrainerShown(id=unit.ids.uuid7(), **body.model_dump()))
    await unit.execute(insert(Trainer).values(id=trainer.id, revision=1, **_columns(trainer)))
    await record(unit, "trainer-added", f"trainer/{trainer.id}", after=_audited(trainer))
    publish_trainer(unit, trainer)
    return trainer


async def change_trainer(
    unit: Unit, request: Request, trainer_id: UUID, patch: TrainerPatch
) -> tuple[TrainerShown, int]:
    """A trainer with the fields of the patch changed, and the new revision. Raises 404, 412, 428 and 422."""
    row = await trainer_row(unit, trainer_id, lock=True)
    require_if_match(request, row["revision"])
    present = trainer_shown(row)
    trainer = patched(TrainerShown, present.model_dump(), patch.model_dump(exclude_unset=True))
    await _check_home(unit, trainer)
    trainer = await _as_stored(unit, trainer)
    revision = row["revision"] + 1
    changed = update(Trainer).where(col(Trainer.id) == trainer.id).values(revision=revision, **_columns(trainer))
    await unit.execute(changed)
    before, after = _audited(present), _audited(trainer)
    await record(unit, "trainer-changed", f"trainer/{trainer.id}", before=before, after=after)
    publish_trainer(unit, trainer)
    return trainer, revision


async def _check_home(unit: Unit, body: TrainerBody) -> None:
    if await municipality_row(unit, body.home_municipality) is None:
        raise invalid(
            FieldError(
                "/home_municipality",
                "unknown-municipality",
                "Kommunen är inte med i projektet. Lägg in den först.",
                "The municipality is not in the project. Enter it first.",
            )
        )


async def _as_stored(unit: Unit, trainer: TrainerShown) -> TrainerShown:
    """The trainer with qualifications in the spelling of those that exist."""
    codes = await qualification_codes(unit)
    held = [each.model_copy(update={"code": codes.of(each.code)}) for each in trainer.qualifications]
    return trainer.model_copy(update={"qualifications": held})


def _columns(trainer: TrainerBody) -> dict[str, Any]:
    qualifications = [each.model_dump(mode="json") for each in trainer.qualifications]
    return {**trainer.model_dump(exclude={"id"}), "qualifications": qualifications}


def _audited(trainer: TrainerBody) -> dict[str, Any]:
    """The columns with the name as contact data, which the audit does not show."""
    columns = _columns(trainer)
    return {"trainer_name": columns.pop("name"), **columns}
