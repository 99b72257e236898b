"""What is published about a trainer: qualifications for everybody, name and address on the encrypted topic."""

from services.booking.trainers.bodies import TrainerShown
from shared.contracts.catalogue_v1 import Qualification, TrainerChanged
from shared.contracts.people_v1 import TrainerContactChanged
from shared.database.unit_of_work import Unit


def publish_trainer(unit: Unit, trainer: TrainerShown) -> None:
    """Both events of a trainer, as it is now."""
    unit.emit(
        TrainerChanged(
            trainer_id=trainer.id,
            qualifications=tuple(
                Qualification(code=each.code, obtained_on=each.obtained_on) for each in trainer.qualifications
            ),
            home_municipality=trainer.home_municipality,
            active_from=trainer.active_from,
            active_to=trainer.active_to,
        )
    )
    unit.emit(TrainerContactChanged(name=trainer.name, email=trainer.email), key=f"trainer/{trainer.id}")
