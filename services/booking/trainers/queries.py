"""Reading trainers."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import RowMapping, cast, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import col

from services.booking.catalogue.queries import qualification_codes
from services.booking.trainers.bodies import TrainerShown
from services.booking.trainers.tables import Trainer
from shared.database.conditions import among, by_id
from shared.database.unit_of_work import Unit
from shared.sorting import swedish_order
from shared.web.cursors import Page
from shared.web.problems import not_found


def trainer_shown(row: RowMapping) -> TrainerShown:
    return TrainerShown.model_validate(dict(row))


async def trainer_row(unit: Unit, trainer_id: UUID, *, lock: bool = False) -> RowMapping:
    """One trainer. Raises 404."""
    missing = not_found("Utbildningsledaren", "The trainer")
    return await unit.found(by_id(Trainer, trainer_id, lock=lock), missing=missing)


async def trainers_page(unit: Unit, page: Page, *, qualification: str | None = None) -> Sequence[RowMapping]:
    """Trainers in the order in which they were added; with `qualification` those who have it, from any day on."""
    statement = select(Trainer)
    if qualification is not None:
        held = [{"code": (await qualification_codes(unit)).of(qualification)}]
        statement = statement.where(cast(col(Trainer.qualifications), JSONB).contains(held))
    return await unit.all(page.cut(statement, col(Trainer.id)))


async def trainer_names(unit: Unit, trainers: Sequence[UUID]) -> dict[UUID, str]:
    rows = await unit.all(select(col(Trainer.id), col(Trainer.name)).where(among(col(Trainer.id), trainers)))
    return {row["id"]: row["name"] for row in rows}


async def teaching_on(unit: Unit, day: date) -> list[TrainerShown]:
    """The trainers who are active on a day or begin later, in order of name."""
    rows = await unit.all(select(Trainer).where(or_(col(Trainer.active_to).is_(None), col(Trainer.active_to) > day)))
    return sorted(map(trainer_shown, rows), key=lambda one: swedish_order(one.name))
