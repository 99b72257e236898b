"""Taking in the file of a phone that could not send: by the office, for the trainer who noted it."""

from datetime import timedelta
from typing import Literal
from uuid import UUID

from pydantic import Field, ValidationError

from services.attendance.phone.bodies import SyncBody, SyncSessionBody, SyncShown
from services.attendance.phone.problems import no_file_of_a_phone
from services.attendance.phone.sync import record_all
from shared.database.unit_of_work import Unit
from shared.web.bodies import Body
from shared.web.fields import Moment

MOST_HOURS = 24 * 365


class PhoneFileBody(Body):
    """What a phone saved. `clock_off`: by how many milliseconds its clock was behind the server's."""

    format: Literal["kursnav-phone/1"]
    saved_at: Moment
    clock_off: int = Field(ge=-MOST_HOURS * 3_600_000, le=MOST_HOURS * 3_600_000)
    device_id: str
    trainer_id: UUID
    sessions: list[SyncSessionBody]


async def import_file(unit: Unit, content: bytes, language: str) -> SyncShown:
    """Records it as `sync` would have done; the times are corrected by what the phone knew of its clock.

    Raises 422 for what is no such file.
    """
    try:
        saved = PhoneFileBody.model_validate_json(content)
        body = SyncBody(
            device_id=saved.device_id,
            device_time=unit.recorded_at - timedelta(milliseconds=saved.clock_off),
            sessions=saved.sessions,
        )
    except (ValidationError, ValueError) as error:
        raise no_file_of_a_phone() from error
    return await record_all(unit, body, language, on_behalf_of=saved.trainer_id)
