"""Taking in the file of a phone that could not send: by the office, for the trainer who noted it."""

from datetime import timedelta

from pydantic import ValidationError

from services.attendance.phone.bodies import PhoneFileBody, SyncBody, SyncShown
from services.attendance.phone.problems import no_file_of_a_phone
from services.attendance.phone.sync import record_all
from shared.database.unit_of_work import Unit
from shared.web.texts import check_body, composed_body


async def import_file(unit: Unit, content: bytes, language: str) -> SyncShown:
    """Records it as `sync` would have done; the times are corrected by what the phone knew of its clock.

    Raises 422 for what is no such file, and for a personal number in it.
    """
    content = composed_body(content)
    try:
        saved = PhoneFileBody.model_validate_json(content)
        body = SyncBody(
            device_id=saved.device_id,
            device_time=unit.recorded_at - timedelta(milliseconds=saved.clock_off),
            sessions=saved.sessions,
        )
    except (ValidationError, ValueError) as error:
        raise no_file_of_a_phone() from error
    await check_body(content, valid=True)
    return await record_all(unit, body, language, on_behalf_of=saved.trainer_id)
